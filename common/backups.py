"""Backups: the database in one file with a manifest, restored as a whole or not at all (R44).

The file is a tar of `database.dump` (pg_dump's custom format), `manifest.json` and `SHA256`, the
digest of everything before it. The keys are not in it: whoever finds the file opens no phone
number. The manifest has their fingerprints, so that a restore knows whether it has the same ones.
"""

import hashlib
import hmac
import json
import tarfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from common import backup_file
from common import postgres_programs as programs
from common.exceptions import DomainError

FORMAT = 1
DUMP, MANIFEST = "database.dump", "manifest.json"
# Who is signed in: a stolen backup must not let anybody in, and nobody misses it.
LEFT_OUT = ("django_session",)


@dataclass(frozen=True)
class Manifest:
    """What a backup holds; `tables` are rows by table, `keys` fingerprints by setting."""

    made_at: str
    huitou: str
    postgres: int
    tables: dict[str, int]
    migrations: list[str]
    keys: dict[str, str]
    left_out: list[str] = field(default_factory=lambda: list(LEFT_OUT))
    format: int = FORMAT

    @property
    def rows(self) -> int:
        return sum(self.tables.values())


def fingerprints() -> dict[str, str]:
    """What tells one key from another without telling anything about it."""
    names = ("FIELD_KEY", "INDEX_KEY")
    return {name: _fingerprint(getattr(settings, name)) for name in names}


def _fingerprint(key: str) -> str:
    return hmac.new(key.encode(), b"huitou backup", hashlib.sha256).hexdigest()[:16]


# Writing


def write(path: Path, connection: BaseDatabaseWrapper) -> tuple[Manifest, str]:
    """Dump the database to `path`, which must not exist; the manifest and the file's digest.

    Rows are counted in the dump's own snapshot, so they agree while people work. The file gets its
    name when it is whole and on the disk.
    """
    if path.exists():
        raise backup_file.exists(path)
    with backup_file.draft(path) as file:
        manifest = _write_dump(file, connection)
        backup_file.add(file, MANIFEST, json.dumps(asdict(manifest), indent=1).encode())
        digest = backup_file.seal(file)
    return manifest, digest


def _write_dump(file: IO[bytes], connection: BaseDatabaseWrapper) -> Manifest:
    """The dump as the tar's first member, straight from pg_dump, and what it holds."""
    file.write(backup_file.header(DUMP, 0))
    with programs.snapshot(connection) as (cursor, name):
        postgres = cursor.connection.server_version
        where = programs.find(postgres // 10_000)
        programs.dump(where, connection, file, snapshot=name, without_rows_of=LEFT_OUT)
        tables, migrations = _rows(cursor), _migrations(cursor)
    size = file.tell() - backup_file.BLOCK
    file.write(bytes(-size % backup_file.BLOCK))
    end = file.tell()
    file.seek(0)
    file.write(backup_file.header(DUMP, size))
    file.seek(end)
    return Manifest(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        huitou=version(),
        postgres=postgres,
        tables=tables,
        migrations=migrations,
        keys=fingerprints(),
    )


def _rows(cursor: Any) -> dict[str, int]:
    found = {}
    for table in programs.tables(cursor):
        cursor.execute(f'SELECT count(*) FROM public."{table}"')  # noqa: S608 - a plain name
        found[table] = 0 if table in LEFT_OUT else int(cursor.fetchone()[0])
    return found


def _migrations(cursor: Any) -> list[str]:
    cursor.execute("SELECT app || '.' || name FROM public.django_migrations ORDER BY 1")
    return [name for (name,) in cursor.fetchall()]


def version() -> str:
    """Of this program."""
    project = Path(settings.BASE_DIR) / "pyproject.toml"
    return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])


# Restoring


def read(path: Path) -> Manifest:
    """The manifest of a backup of which not a bit differs from what was written."""
    try:
        if not backup_file.is_whole(path):
            text = _("%(path)s is not a backup, or it is damaged: its digest is wrong.")
            raise DomainError("damaged", text % {"path": path})
        with tarfile.open(path, "r:") as archive:
            facts = json.load(archive.extractfile(MANIFEST))  # type: ignore[arg-type]
    except OSError as error:
        text = _("%(path)s cannot be read: %(why)s.")
        raise DomainError("unreadable", text % {"path": path, "why": error.strerror}) from error
    if facts["format"] != FORMAT:
        raise DomainError("newer", _("The backup was made by a newer version of Huitou."))
    return Manifest(**facts)


def refuse_newer(manifest: Manifest, known: set[str]) -> None:
    """Raises when the backup's tables are ahead of this program's (`known` migrations)."""
    ahead = sorted(set(manifest.migrations) - known)
    if ahead:
        text = _("The backup was made by a newer version of Huitou: %(name)s is not known here.")
        raise DomainError("newer", text % {"name": ahead[0]})


def refuse_other_keys(manifest: Manifest) -> None:
    """Raises when the keys in force are not those the backup's values were sealed with."""
    here = fingerprints()
    other = [f"HUITOU_{name}" for name, mark in manifest.keys.items() if here.get(name) != mark]
    if other:
        text = _(
            "The backup was made with another %(keys)s. Put the keys of that time in place first:"
            " without them no phone number can be read."
        )
        raise DomainError("other_keys", text % {"keys": ", ".join(other)})


def restore(
    path: Path, manifest: Manifest, connection: BaseDatabaseWrapper, *, replace: bool = False
) -> None:
    """Load a backup that `read` accepted into the database of `connection`.

    One transaction: what was there stays until everything is loaded and every table has the
    manifest's number of rows. Raises DomainError("not_empty") unless the database is empty or
    `replace` is set, and DomainError("in_use") when somebody else is connected to what is replaced.
    """
    with connection.cursor() as cursor:
        server = cursor.connection.server_version
        if programs.tables(cursor):
            _refuse_tables(cursor, replace)
    connection.close()
    where = programs.find(max(server, manifest.postgres) // 10_000)
    with _dump_of(path) as pieces:
        programs.load(
            where,
            connection,
            pieces,
            before=EMPTIED if replace else "SELECT",
            after=_check_rows(manifest.tables),
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


CHECK = """
SELECT count(*) INTO found FROM public."%(name)s";
IF found <> %(count)d THEN
    RAISE EXCEPTION '%(name)s: %% rows were loaded, the backup has %(count)d', found;
END IF;"""
EMPTIED = (
    "SET client_min_messages = warning; DROP SCHEMA public CASCADE;"
    " CREATE SCHEMA public AUTHORIZATION pg_database_owner;"
    " GRANT USAGE ON SCHEMA public TO PUBLIC"
)


def _refuse_tables(cursor: Any, replace: bool) -> None:
    if not replace:
        raise DomainError("not_empty", _("The database is not empty."))
    others = programs.others(cursor)
    if others:
        text = _(
            "%(n)d other connections use the database: stop web, worker and beat first"
            " (embedded: make stop)."
        )
        raise DomainError("in_use", text % {"n": others})


@contextmanager
def _dump_of(path: Path) -> Iterator[Callable[[], bytes]]:
    """The dump in pieces; b'' at its end."""
    with tarfile.open(path, "r:") as archive:
        dump = archive.extractfile(DUMP)
        if dump is None:
            raise DomainError("damaged", _("%(path)s holds no dump.") % {"path": path})
        yield lambda: dump.read(programs.PIECE)


def _check_rows(tables: dict[str, int]) -> str:
    """A statement that fails, and so takes the restore back, unless every count is right."""
    checks = "".join(
        CHECK % {"name": name, "count": int(count)}
        for name, count in tables.items()
        if programs.is_plain(name)
    )
    return f"DO $check$ DECLARE found bigint; BEGIN {checks} END $check$"
