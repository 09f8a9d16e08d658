"""Loads a file: stage all of it, then chunk by chunk, then keep what was rejected."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import DatabaseError, OperationalError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from common.exceptions import DomainError, Unreadable
from exchange.choices import ImportState
from exchange.importing import context, limits, statements
from exchange.importing.chunk import Chunk, Counts, run_chunk
from exchange.importing.heading import match
from exchange.importing.kinds import KINDS
from exchange.importing.reader import Table, open_table
from exchange.importing.rejections import Fallen, Keeper
from exchange.importing.staging import stage
from exchange.models import ImportFile
from stores.models import Group, Staff
from stores.scope import all_stores

LEASE = timedelta(minutes=15)
ATTEMPTS = 4
# Deadlock, lock timeout, serialization: the chunk is taken up again.
PASSING = {"40P01", "40001", "55P03"}
WORTH_ANALYZING = 10_000

Progress = Callable[[ImportFile], None]


def load_file(
    path: Path | str,
    kind: str,
    *,
    group: Group | None = None,
    by: Staff | None = None,
    record: ImportFile | None = None,
    progress: Progress | None = None,
    stores: frozenset[str] | None = None,
    on: date | None = None,
    now: datetime | None = None,
    fallen: Fallen | None = None,
) -> ImportFile:
    """Imports one file and returns its record.

    `group` restricts the load to one group's stores, `stores` to these codes. `on` is the day of
    receipt, else today at each store. `fallen` is shared by the files of one run. `record` is an
    upload's own, claimed by the caller; its lease is kept up while the load goes on. Raises
    Unreadable when the file changed nothing, DomainError `import_fault` when the database refused:
    then the chunks done so far stay, and the same file again does the rest.
    """
    path = Path(path)
    now = now or timezone.now()
    record = _opened(record, path, kind, group, by, now)
    with _told(record), all_stores(), _tables():
        table = open_table(path)
        load = context.prepare(KINDS[kind], now, on=on, group=group, allowed=stores)
        _Loading(load, table, record, progress or _silent, fallen or Fallen()).run()
    return record


def _silent(_record: ImportFile) -> None:
    return None


def _opened(
    record: ImportFile | None,
    path: Path,
    kind: str,
    group: Group | None,
    by: Staff | None,
    now: datetime,
) -> ImportFile:
    """The record of this load: a new one, or the caller's, whose lease the caller has taken."""
    if record is None:
        record = ImportFile(group=group, kind=kind, name=path.name[:200], uploaded_by=by)
    record.state, record.error, record.handled = ImportState.RUNNING, "", 0
    record.started_at = record.started_at or now
    record.lease_until, record.finished_at = timezone.now() + LEASE, None
    record.save()
    return record


@contextmanager
def _told(record: ImportFile) -> Iterator[None]:
    """Whatever ends the load is written down, without the words of the row that did it."""
    try:
        yield
    except Unreadable as error:
        _fail(record, error.message)
        raise
    except DatabaseError as error:
        code = getattr(error.__cause__, "pgcode", None) or "-"
        message = _("The database refused the import (%(code)s). Run it again.") % {"code": code}
        _fail(record, message)
        # The database's own words may quote a row.
        raise DomainError("import_fault", message) from None
    except BaseException:
        _fail(record, _("The import was interrupted. Run it again."))
        raise


def _fail(record: ImportFile, message: str) -> None:
    if connection.needs_rollback or connection.closed_in_transaction:
        return
    record.state, record.error = ImportState.FAILED, message
    record.finished_at, record.lease_until = timezone.now(), None
    record.save()


@contextmanager
def _tables() -> Iterator[None]:
    """The load's temporary tables end with it."""
    try:
        yield
    finally:
        if not connection.needs_rollback and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute(statements.drop())


class _Loading:
    """The steps of one load."""

    def __init__(
        self,
        load: context.Load,
        table: Table,
        record: ImportFile,
        progress: Progress,
        fallen: Fallen,
    ) -> None:
        self.load, self.table, self.record = load, table, record
        self.progress, self.fallen = progress, fallen
        self.whole = Chunk(load)

    def run(self) -> None:
        heading = match(self.load.kind, self.table.header)
        self.load.present = frozenset(heading.places)
        record = self.record
        record.header = [word[:80] for word in self.table.header]
        record.ignored_columns = heading.ignored
        record.created = record.updated = record.unchanged = record.rejected = 0
        staged = stage(self.whole, self.table, heading, limits.chunk_rows(), self._read)
        record.rows = staged.rows
        self._save()
        self._chunks(staged.bounds)
        self.load.kind.finish(self.whole)
        record.rejected = Keeper(self.whole, heading, record, self.fallen).keep(self.table)
        self._warn()
        self._close()

    def _read(self, rows: int) -> None:
        self.record.rows = rows
        self._save()

    def _chunks(self, bounds: list[int]) -> None:
        record, size = self.record, limits.chunk_rows()
        for number, (lo, hi) in enumerate(zip([0, *bounds], bounds, strict=False), 1):
            counts = _with_patience(Chunk(self.load, lo, hi))
            record.created += counts.created
            record.updated += counts.updated
            record.unchanged += counts.unchanged
            record.handled = min(number * size, record.rows)
            self._save()

    def _warn(self) -> None:
        """Counts the open warnings of the file's rows."""
        if self.load.kind.name in ("customers", "vehicles", "visits"):
            found = self.whole.rows(statements.warnings(self.load.kind), table=self.load.kind.table)
            self.record.warnings = {str(kind): int(count) for kind, count in found}
            self.record.warned = sum(self.record.warnings.values())

    def _close(self) -> None:
        record = self.record
        record.state, record.handled = ImportState.DONE, record.rows
        record.finished_at, record.lease_until = timezone.now(), None
        record.save()
        self.progress(record)
        if record.created >= WORTH_ANALYZING and not connection.in_atomic_block:
            # The night's statements are planned by these statistics.
            self.whole.run(f"ANALYZE {self.load.kind.table}")

    def _save(self) -> None:
        """Progress, and the lease for some more time."""
        self.record.lease_until = timezone.now() + LEASE
        self.record.save()
        self.progress(self.record)


def _with_patience(chunk: Chunk) -> Counts:
    """Runs the chunk; again when another transaction stood in its way."""
    for attempt in range(1, ATTEMPTS):
        try:
            return run_chunk(chunk)
        except OperationalError as error:
            code = getattr(error.__cause__, "pgcode", None)
            if code not in PASSING or connection.in_atomic_block:
                raise
            time.sleep(0.1 * attempt)
    return run_chunk(chunk)
