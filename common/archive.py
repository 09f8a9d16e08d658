"""The archive (R44): base copies of the server and every segment of its log, sealed.

With both, `rewind` brings the server back to any moment since the oldest base copy. pg_receivewal
streams the log into the spool, a folder beside the database; finished segments are sealed into the
archive and leave the spool. The server keeps what has not been streamed (a replication slot), so a
stopped archive has no gap, and finishes a segment at least every `archive_timeout`.
"""

import json
import re
import subprocess
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from common import backup_file, retention, sealed
from common import postgres_programs as programs
from common.exceptions import DomainError

SLOT = "huitou_archive"
# A finished segment of the log, or the file that says where a timeline left another.
FINISHED = re.compile(r"[0-9A-F]{24}|[0-9A-F]{8}\.history")
SEALED = ".sealed"
GZIP = 31  # zlib's word for it


@dataclass(frozen=True)
class Archive:
    """`base/` and `wal/` below a folder, and the spool."""

    folder: Path
    spool: Path
    secret: str

    @property
    def bases(self) -> Path:
        return self.folder / "base"

    @property
    def wal(self) -> Path:
        return self.folder / "wal"

    def prepare(self, connection: BaseDatabaseWrapper) -> None:
        """Make the folders; raises DomainError("other_server") where another server's log lies."""
        for folder in (self.bases, self.wal, self.spool):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mine, note = _system(connection), self.folder / "SERVER"
        if not note.exists():
            note.write_text(f"{mine}\n", encoding="ascii")
        if note.read_text(encoding="ascii").strip() != mine:
            text = _(
                "%(folder)s is the archive of another PostgreSQL server, whose log would be"
                " overwritten. Take another folder."
            )
            raise DomainError("other_server", text % {"folder": self.folder})

    # Writing

    def reserve(self, connection: BaseDatabaseWrapper) -> bool:
        """Have the server keep its log for us from now on; False when it did already.

        True says that what came before may be missing: only a new base copy is a beginning.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT wal_status FROM pg_replication_slots WHERE slot_name = %s", [SLOT]
            )
            found = cursor.fetchone()
            if found and found[0] != "lost":
                return False
            if found:  # it kept as much as it may (max_slot_wal_keep_size) and gave up
                cursor.execute("SELECT pg_drop_replication_slot(%s)", [SLOT])
            cursor.execute("SELECT pg_create_physical_replication_slot(%s, true)", [SLOT])
        self.seal_finished()
        for path in self.spool.iterdir():  # begun before the gap
            path.unlink()
        return True

    def seal_finished(self) -> list[str]:
        """Move the spool's finished segments into the archive; their names."""
        names = sorted(path.name for path in self.spool.iterdir() if FINISHED.fullmatch(path.name))
        for name in names:
            self._seal(self.spool / name)
        return names

    def _seal(self, segment: Path) -> None:
        """A segment streamed a second time after a stop is the same one: it replaces the first."""
        target = self.wal / f"{segment.name}{SEALED}"
        with backup_file.draft(target, replaces=True) as file, segment.open("rb") as source:
            sealer = sealed.Sealer(file, self.secret)
            packer = zlib.compressobj(1, wbits=GZIP)
            while piece := source.read(sealed.PIECE):
                sealer.write(packer.compress(piece))
            sealer.write(packer.flush())
            sealer.finish(_facts("wal", name=segment.name))
        segment.unlink()

    def write_base(self, connection: BaseDatabaseWrapper) -> Path:
        """Copy the whole server while it works; usable from the moment the copy ends."""
        path = retention.named(self.bases, datetime.now(UTC))
        first, version = _position(connection)
        with backup_file.draft(path) as file:
            sealer = sealed.Sealer(file, self.secret)
            _copy(programs.find(version // 10_000, "pg_basebackup"), connection, sealer)
            sealer.finish(_facts("base", first=first, postgres=version))
        return path

    def prune(self, days: int, now: datetime) -> None:
        """Delete base copies older than that (never the newest), and the log before the oldest."""
        found = retention.made_in(self.bases)
        limit = now.astimezone(UTC).replace(tzinfo=None) - timedelta(days=days)
        for moment in sorted(found)[:-1]:
            if moment < limit:
                found.pop(moment).unlink()
        if found:
            first = self.facts(found[min(found)], "base")["first"]
            for path in self.wal.glob(f"{'?' * 24}{SEALED}"):
                if path.name[8:24] < first[8:]:
                    path.unlink()

    def newest_base(self) -> datetime | None:
        found = retention.made_in(self.bases)
        return max(found).replace(tzinfo=UTC) if found else None

    # Reading

    def facts(self, path: Path, kind: str) -> dict[str, Any]:
        """What a file of the archive says of itself; raises when it is damaged or another's."""
        found: dict[str, Any] = json.loads(sealed.facts(path, self.secret))
        if found.get("kind") != kind:
            raise sealed.damaged(path)
        return found

    def base_for(self, at: datetime | None) -> tuple[Path, dict[str, Any]]:
        """The newest base copy that was finished by then."""
        for path in sorted(retention.made_in(self.bases).values(), reverse=True):
            found = self.facts(path, "base")
            if at is None or datetime.fromisoformat(found["sealed_at"]) <= at:
                return path, found
        raise DomainError("too_early", _("The archive has no base copy from before that moment."))

    def segments_from(self, first: str) -> list[Path]:
        """What a base copy with this first segment needs, and everything after it."""
        found = sorted(self.wal.glob(f"*{SEALED}"))
        return [path for path in found if len(path.stem) != 24 or path.stem[8:] >= first[8:]]

    def open_segment(self, path: Path, folder: Path) -> None:
        """Write a segment as PostgreSQL wrote it; refuses one under another's name."""
        if self.facts(path, "wal")["name"] != path.stem:
            raise sealed.damaged(path)
        unpacker = zlib.decompressobj(wbits=GZIP)
        with (folder / path.stem).open("wb") as target:
            for piece in sealed.pieces(path, self.secret):
                target.write(unpacker.decompress(piece))


class Receiver:
    """pg_receivewal, streaming the server's log into the spool."""

    def __init__(self, archive: Archive, connection: BaseDatabaseWrapper) -> None:
        _first, version = _position(connection)
        program = programs.find(version // 10_000, "pg_receivewal") / "pg_receivewal"
        self._words = [str(program), f"--directory={archive.spool}", f"--slot={SLOT}"]
        self._environment = programs.environment(connection)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Stream what `reserve` reserved, until the server goes or `stop`."""
        self._process = subprocess.Popen(  # noqa: S603 - a path found by us, no shell
            [*self._words, "--no-loop", "--status-interval=1"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._environment,
        )

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait()


def reader(pieces: Iterator[bytes]) -> Callable[[int], bytes]:
    """`read` of a file with these pieces, for tarfile."""
    held = bytearray()

    def read(size: int) -> bytes:
        while len(held) < size and (piece := next(pieces, b"")):
            held.extend(piece)
        found = bytes(held[:size])
        del held[:size]
        return found

    return read


def _copy(where: Path, connection: BaseDatabaseWrapper, sealer: sealed.Sealer) -> None:
    """pg_basebackup's tar with what of the log it needs by itself."""
    words = ["--pgdata=-", "--format=tar", "--wal-method=fetch", "--checkpoint=fast", "--gzip"]
    command = [str(where / "pg_basebackup"), *words, "--label=huitou"]
    programs.stream(command, connection, sealer)


def _facts(kind: str, **more: object) -> bytes:
    now = datetime.now(UTC).isoformat()
    return json.dumps({"kind": kind, "format": 1, "sealed_at": now, **more}).encode()


def _system(connection: BaseDatabaseWrapper) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT system_identifier FROM pg_control_system()")
        return str(cursor.fetchone()[0])


def _position(connection: BaseDatabaseWrapper) -> tuple[str, int]:
    """The segment the server writes now, and its version."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_walfile_name(pg_current_wal_lsn())")
        return str(cursor.fetchone()[0]), int(cursor.connection.server_version)
