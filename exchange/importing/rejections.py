"""Rejected rows: kept sealed with where and why, and given back as a file to correct."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from uuid import uuid4

from common.crypto import seal, unseal
from common.spreadsheets import guarded
from exchange.importing.chunk import Chunk
from exchange.importing.heading import REASON, Heading
from exchange.importing.masking import masked
from exchange.importing.reader import Broken, Table
from exchange.importing.reasons import Reason, reason_text
from exchange.models import ImportFile, ImportRejection

TABLE = "exchange_importrejection"
BATCH = 2_000
# A row may hold a megabyte: so much is held in memory, sealed.
BATCH_BYTES = 4_000_000
UNKNOWN = frozenset(
    {Reason.UNKNOWN_STORE, Reason.UNKNOWN_STAFF, Reason.UNKNOWN_CUSTOMER, Reason.UNKNOWN_VEHICLE,
     Reason.UNKNOWN_VISIT}
)  # fmt: skip
# How a store or a person is named by a row of any file.
EVERYWHERE = {
    "store": ("stores", ("store",)),
    "advisor": ("staff", ("advisor",)),
    "staff": ("staff", ("staff",)),
}
MAX_NOTED = 500_000


@dataclass
class Fallen:
    """The rejected rows of the files of one run, by the names other files know them by."""

    keys: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)

    def note(self, kind: str, key: tuple[str, ...]) -> None:
        if len(self.keys) < MAX_NOTED:
            self.keys.add((kind, key))


@dataclass
class Keeper:
    """Writes the rejections of one load."""

    chunk: Chunk
    heading: Heading
    record: ImportFile
    fallen: Fallen
    waiting: list[ImportRejection] = field(default_factory=list)
    waiting_bytes: int = 0

    def keep(self, table: Table) -> int:
        """Reads the file again for the rejected lines; returns how many there are."""
        ImportRejection.objects.filter(file=self.record).delete()
        count, noted = 0, _noted(self.chunk)
        waited = next(noted, None)
        if waited is None:
            return 0
        with closing(table.rows()) as rows:
            for line, cells in rows:
                if waited is None:
                    break
                if line == waited[0]:
                    self._add(*waited, [] if isinstance(cells, Broken) else cells)
                    count, waited = count + 1, next(noted, None)
                    if len(self.waiting) >= BATCH or self.waiting_bytes >= BATCH_BYTES:
                        self._write()
        self._write()
        return count

    def _add(self, line: int, column: str, reason: str, cells: list[str]) -> None:
        kind = self.chunk.kind
        if kind.known_as:
            self.fallen.note(kind.name, self._key(cells, kind.known_as))
        place = self.heading.places.get(column, -1)
        value = cells[place] if 0 <= place < len(cells) else ""
        uid = uuid4()
        row = json.dumps(cells, ensure_ascii=False, separators=(",", ":"))
        # A character that cannot be stored is not worth losing the row for.
        row = row.encode("utf-8", "replace").decode()
        self.waiting_bytes += len(row)
        self.waiting.append(
            ImportRejection(
                file=self.record,
                uid=uid,
                line=line,
                column=column,
                value_masked=masked(column, value)[:200],
                reason=self._reason(column, reason, cells),
                row_sealed=seal(TABLE, "row", uid, row),
            )
        )

    def _reason(self, column: str, reason: str, cells: list[str]) -> str:
        """Unknown, or rejected itself in this run?"""
        if reason not in UNKNOWN:
            return reason
        parents = EVERYWHERE | dict(self.chunk.kind.parents)
        kind, names = parents.get(column, ("", ()))
        is_rejected = (kind, self._key(cells, names)) in self.fallen.keys
        return Reason.PARENT_REJECTED if is_rejected else reason

    def _key(self, cells: list[str], names: Iterable[str]) -> tuple[str, ...]:
        places = [self.heading.places.get(name, -1) for name in names]
        return tuple(
            cells[place].strip().upper() if 0 <= place < len(cells) else "" for place in places
        )

    def _write(self) -> None:
        ImportRejection.objects.bulk_create(self.waiting)
        self.waiting.clear()
        self.waiting_bytes = 0


def _noted(chunk: Chunk) -> Iterator[tuple[int, str, str]]:
    """Rejected lines in the order of the file, a few at a time."""
    chunk.run("CREATE INDEX ON import_reject (line); ANALYZE import_reject")
    last = -1
    while True:
        rows = chunk.rows(
            'SELECT line, "column", reason FROM import_reject WHERE line > %(last)s'
            " ORDER BY line LIMIT 10000",
            last=last,
        )
        if not rows:
            return
        yield from rows
        last = rows[-1][0]


def row_of(rejection: ImportRejection) -> list[str]:
    """The cells of a rejected row, in the clear."""
    cells: list[str] = json.loads(unseal(TABLE, "row", rejection.uid, rejection.row_sealed))
    return cells


def rejected_rows_csv(record: ImportFile) -> Iterator[str]:
    """The file of rejected rows, line by line: the original columns and a reason.

    It begins with a byte order mark, so that spreadsheets read it as UTF-8. Corrected, it can be
    imported as it is.
    """
    width = len(record.header)
    places = [place for place, word in enumerate(record.header) if word.strip().lower() != REASON]
    yield "\ufeff" + _line([guarded(record.header[place]) for place in places] + [REASON])
    rejections = ImportRejection.objects.filter(file=record).order_by("line")
    for rejection in rejections.iterator(chunk_size=BATCH):
        cells = row_of(rejection)
        cells += [""] * (width - len(cells))
        kept = [guarded(cells[place]) for place in places]
        yield _line([*kept, reason_text(rejection.reason)])


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
