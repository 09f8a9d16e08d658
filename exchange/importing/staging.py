"""Copies the whole file into the staging table; cells that cannot be taken reject their row."""

import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from common.exceptions import Unreadable
from exchange.importing import limits, statements
from exchange.importing.cells import CLEAR, MAX_FIELD_BYTES, Bad, Parser, unguarded
from exchange.importing.chunk import Chunk
from exchange.importing.columns import Column
from exchange.importing.context import Load
from exchange.importing.heading import Heading
from exchange.importing.reader import Broken, Table
from exchange.importing.reasons import Reason
from exchange.importing.row import Row, StoreInfo

BATCH = 5_000
# Characters from which on a cell may exceed its bytes.
LONG = MAX_FIELD_BYTES // 4
NOWHERE = StoreInfo(0, 0, "", "UTC", None)  # type: ignore[arg-type]


class BadRow(Exception):  # noqa: N818 - a verdict on a row, not a fault
    """The row cannot be taken because of one column ('' for the row as a whole)."""

    def __init__(self, column: str, reason: Reason) -> None:
        super().__init__(column, reason)
        self.column = column
        self.reason = reason


@dataclass
class Staged:
    """What was read: how many rows, how many of them rejected at sight, where chunks end."""

    rows: int = 0
    rejected: int = 0
    bounds: list[int] = field(default_factory=list)


class RowParser:
    """Turns the cells of a row into a line of COPY."""

    def __init__(self, load: Load, heading: Heading) -> None:
        self.load = load
        self.row = Row(load.stores, load.staff, NOWHERE, UUID(int=0))
        self.has_store, self.has_uid = load.kind.has_store, load.kind.has_uid
        self.store_place = heading.places.get("store", 0)
        self.plan: list[tuple[int, int, Column, Parser, str]] = []
        columns = [column for column in load.kind.columns if column.staged]
        for column in columns:
            if column.name in heading.places:
                place, bit = heading.places[column.name], load.kind.bit(column.name)
                self.plan.append((place, bit, column, column.parse, column.nothing))
        self.width = max(heading.places.values()) + 1
        # What the code in a cell means, once a store.
        self.of_store: dict[str, tuple[StoreInfo, str]] = {}
        present = [pair for column in columns if column.name in heading.places
                   for pair in column.staged]  # fmt: skip
        self.columns = [name for name, _sort in statements.base_columns(load.kind) + present]

    def parse(self, line: int, cells: list[str], header_width: int) -> str:
        """Raises BadRow."""
        if len(cells) > header_width and any(cell.strip() for cell in cells[header_width:]):
            raise BadRow("", Reason.TOO_MANY_CELLS)
        if sum(map(len, cells)) * 4 > limits.MAX_ROW_BYTES:
            _check_size(cells)
        if len(cells) < self.width:
            cells = cells + [""] * (self.width - len(cells))
        head = self._head(cells)
        clears, pieces, row = 0, [], self.row
        try:
            for place, bit, column, parse, nothing in self.plan:
                cell = cells[place].strip()
                if cell[:1] == "'":
                    cell = unguarded(cell)
                if not cell or cell == CLEAR:
                    _check_empty(column, cell)
                    clears |= bit if cell else 0
                    pieces.append(nothing)
                    continue
                if len(cell) > LONG:
                    _check_length(cell)
                pieces.append(parse(cell, row))
        except Bad as verdict:
            raise BadRow(column.name, verdict.reason) from None
        return "\t".join([f"{line}\t{clears}", *head, *pieces])

    def _head(self, cells: list[str]) -> list[str]:
        head = []
        if self.has_store:
            code = cells[self.store_place].strip()
            found = self.of_store.get(code)
            if found is None:
                store = self._store(code)
                found = store, f"{store.id}\t{store.group_id}\t{store.today}"
                self.of_store[code] = found
            self.row.store = found[0]
            head.append(found[1])
        if self.has_uid:
            self.row.uid = UUID(bytes=os.urandom(16), version=4)
            head.append(str(self.row.uid))
        return head

    def _store(self, code: str) -> StoreInfo:
        if not code:
            raise BadRow("store", Reason.REQUIRED)
        store = self.load.stores.get(unguarded(code))
        if store is None:
            raise BadRow("store", Reason.UNKNOWN_STORE)
        if self.load.allowed is not None and store.code not in self.load.allowed:
            raise BadRow("store", Reason.OTHER_STORE)
        return store


def _check_length(cell: str) -> None:
    if len(cell.encode("utf-8", "replace")) > MAX_FIELD_BYTES:
        raise Bad(Reason.FIELD_TOO_LONG)


def _check_size(cells: list[str]) -> None:
    if sum(len(cell.encode("utf-8", "replace")) for cell in cells) > limits.MAX_ROW_BYTES:
        raise BadRow("", Reason.ROW_TOO_LONG)


def _check_empty(column: Column, cell: str) -> None:
    if column.is_key:
        raise BadRow(column.name, Reason.REQUIRED)
    if cell and column.is_required:
        raise BadRow(column.name, Reason.CANNOT_CLEAR)


def stage(
    chunk: Chunk, table: Table, heading: Heading, chunk_rows: int, tell: Callable[[int], None]
) -> Staged:
    """Reads the file once; afterwards keys are unique and every reason at sight is noted."""
    parser = RowParser(chunk.load, heading)
    done = Staged()
    width, most = len(table.header), limits.max_rows()
    chunk.run(statements.create(chunk.load.kind))
    good: list[str] = []
    bad: list[str] = []
    for line, cells in table.rows():
        done.rows += 1
        if done.rows > most:
            raise Unreadable("too_many_rows", _("The file has more than %(n)d rows.") % {"n": most})
        try:
            if isinstance(cells, Broken):
                raise BadRow("", Reason.BROKEN_QUOTES)
            good.append(parser.parse(line, cells, width))
        except BadRow as verdict:
            bad.append(f"{line}\t{verdict.column}\t{verdict.reason}")
        if done.rows % chunk_rows == 0:
            done.bounds.append(line)
        if len(good) + len(bad) >= BATCH:
            done.rejected += _flush(parser, good, bad)
            tell(done.rows)
    done.rejected += _flush(parser, good, bad)
    done.bounds.append(2_147_483_647)
    _finish(chunk)
    return done


def _flush(parser: RowParser, good: list[str], bad: list[str]) -> int:
    _copy(f"import_stage ({', '.join(parser.columns)})", good)
    _copy('import_reject (line, "column", reason)', bad)
    rejected = len(bad)
    good.clear()
    bad.clear()
    return rejected


def _copy(target: str, lines: list[str]) -> None:
    if lines:
        data = io.BytesIO(("\n".join(lines) + "\n").encode())
        with connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {target} FROM STDIN", data, 1 << 18)


def _finish(chunk: Chunk) -> None:
    """Indexes the stage by line, and rejects keys that stand there twice."""
    key = ", ".join(chunk.kind.distinct)
    chunk.run(
        "CREATE INDEX ON import_stage USING brin (line) WITH (pages_per_range = 16);"
        f"ANALYZE import_stage (line, {key})"
    )
    chunk.reject(statements.duplicates(chunk.kind), chunk.kind.columns[0].name, Reason.DUPLICATE)
    chunk.kind.prepare(chunk)
