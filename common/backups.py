"""Backups: the database in one sealed file with a manifest, restored whole or not at all (R44).

The file (common/sealed.py) holds pg_dump's custom format; its last piece is the manifest. Only
HUITOU_BACKUP_KEY opens it. The keys that open phone numbers are not in it; the manifest has their
fingerprints, so that a restore knows whether it has the same ones.
"""

import hashlib
import hmac
import json
import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from common import backup_file, retention, sealed
from common import postgres_programs as programs
from common.exceptions import DomainError
from common.retention import Keep

FORMAT = 2
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
    kind: str = "dump"
    format: int = FORMAT

    @property
    def rows(self) -> int:
        return sum(self.tables.values())


def fingerprints() -> dict[str, str]:
    """What tells one key from another without telling anything about it."""
    names = ("FIELD_KEY", "INDEX_KEY")
    return {name: _fingerprint(getattr(settings, name)) for name in names}


def _known(name: str) -> list[str]:
    """Fingerprints of the present and the former keys of a setting."""
    keys = [getattr(settings, name, ""), *getattr(settings, f"{name}S_FORMER", [])]
    return [_fingerprint(key) for key in keys]


def _fingerprint(key: str) -> str:
    return hmac.new(key.encode(), b"huitou backup", hashlib.sha256).hexdigest()[:16]


def key() -> str:
    """What seals and opens backups; raises DomainError("no_key") where a served system has none."""
    if not settings.BACKUP_KEY:
        text = _(
            "HUITOU_BACKUP_KEY is not set: a backup holds names and plates and is never written in"
            " clear. Make a key of its own for it and keep a copy in another place."
        )
        raise DomainError("no_key", text)
    return str(settings.BACKUP_KEY)


# Writing


def write(path: Path, connection: BaseDatabaseWrapper) -> tuple[Manifest, str]:
    """Dump the database to `path`, which must not exist; the manifest and the file's digest.

    Rows are counted in the dump's own snapshot, so they agree while people work. The file gets its
    name when it is whole and on the disk.
    """
    if path.exists():
        raise backup_file.exists(path)
    secret = key()
    with backup_file.draft(path) as file:
        sealer = sealed.Sealer(file, secret)
        manifest = _write_dump(sealer, connection)
        digest = sealer.finish(json.dumps(asdict(manifest)).encode())
    return manifest, digest


def write_named(folder: Path, connection: BaseDatabaseWrapper, keep: Keep) -> Path:
    """A backup named after the moment, and the folder's former ones thinned out after it."""
    path = retention.named(folder, datetime.now(UTC))
    write(path, connection)
    retention.prune(folder, keep)
    return path


def newest_in(folder: Path) -> datetime | None:
    """When the newest backup that lies there was begun."""
    found = retention.made_in(folder)
    return max(found).replace(tzinfo=UTC) if found else None


def _write_dump(sealer: sealed.Sealer, connection: BaseDatabaseWrapper) -> Manifest:
    """The dump, straight from pg_dump, and what it holds."""
    with programs.snapshot(connection) as (cursor, name):
        postgres = cursor.connection.server_version
        where = programs.find(postgres // 10_000)
        programs.dump(where, connection, sealer, snapshot=name, without_rows_of=LEFT_OUT)
        tables, migrations = _rows(cursor), _migrations(cursor)
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
    facts = json.loads(sealed.facts(path, key()))
    if facts.get("kind") != "dump":
        text = _("%(path)s holds no dump, but a part of the archive for `rewind`.")
        raise DomainError("other_kind", text % {"path": path})
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
    """Raises when no known key is the one the backup's values were sealed with."""
    other = [f"HUITOU_{name}" for name, mark in manifest.keys.items() if mark not in _known(name)]
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
    programs.load(
        where,
        connection,
        dump_of(path),
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


def dump_of(path: Path) -> Callable[[], bytes]:
    """The dump in pieces; b'' at its end."""
    found = sealed.pieces(path, key())
    return lambda: next(found, b"")


def _check_rows(tables: dict[str, int]) -> str:
    """A statement that fails, and so takes the restore back, unless every count is right."""
    checks = "".join(
        CHECK % {"name": name, "count": int(count)}
        for name, count in tables.items()
        if programs.is_plain(name)
    )
    return f"DO $check$ DECLARE found bigint; BEGIN {checks} END $check$"
