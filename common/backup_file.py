"""The file of a backup: a tar whose last member is the digest of everything before it."""

import fcntl
import hashlib
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from common.exceptions import DomainError

DIGEST = "SHA256"
BLOCK, END = 512, bytes(1024)
TAIL_BYTES = 2 * BLOCK + len(END)
PIECE = 1 << 20


def exists(path: Path) -> DomainError:
    """The refusal to write over a file."""
    return DomainError(
        "exists", _("%(path)s exists: a backup is never overwritten.") % {"path": path}
    )


@contextmanager
def draft(path: Path) -> Iterator[IO[bytes]]:
    """A file beside `path` that takes its name at the end, and is gone when something fails."""
    part = path.with_name(path.name + ".part")
    try:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        text = _("%(path)s cannot be written: %(why)s.")
        facts = {"path": part, "why": error.strerror}
        raise DomainError("unwritable", text % facts) from error
    with os.fdopen(descriptor, "r+b") as file:
        _lock(file, part)
        try:
            file.truncate()
            yield file
            _name(part, path)
        except OSError as error:
            text = _("%(path)s cannot be written: %(why)s.")
            facts = {"path": path, "why": error.strerror}
            raise DomainError("unwritable", text % facts) from error
        finally:
            part.unlink(missing_ok=True)


def _lock(file: IO[bytes], part: Path) -> None:
    """What a killed backup left behind is taken over, what a living one writes is not."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        text = _("Another backup is being written to %(path)s.") % {"path": part}
        raise DomainError("busy", text) from error


def _name(part: Path, path: Path) -> None:
    """Give it its name without replacing what may have come there meanwhile."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise exists(path) from None
    except OSError:  # a file system without hard links: a memory stick
        if path.exists():
            raise exists(path) from None
        part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    with suppress(OSError):  # a file system that cannot sync a folder
        os.fsync(folder)
    os.close(folder)


def header(name: str, size: int) -> bytes:
    """The tar's block before a member's content."""
    # No time and no owner: the same content is the same file.
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member.tobuf(tarfile.GNU_FORMAT)


def add(file: IO[bytes], name: str, content: bytes) -> None:
    """One more member."""
    file.write(header(name, len(content)) + content + bytes(-len(content) % BLOCK))


def seal(file: IO[bytes]) -> str:
    """End the file with its digest, on the disk; returns the digest."""
    digest = _digest(file, file.tell())
    file.write(_tail(digest))
    file.flush()
    os.fsync(file.fileno())
    return digest


def is_whole(path: Path) -> bool:
    """Whether the file is to the last bit what was sealed; raises OSError."""
    body = path.stat().st_size - TAIL_BYTES
    with path.open("rb") as file:
        return body >= 2 * BLOCK and _tail(_digest(file, body)) == file.read()


def _tail(digest: str) -> bytes:
    line = f"{digest}\n".encode()
    return header(DIGEST, len(line)) + line + bytes(-len(line) % BLOCK) + END


def _digest(file: IO[bytes], size: int) -> str:
    """SHA-256 of the first `size` bytes; leaves the file at their end."""
    file.seek(0)
    found = hashlib.sha256()
    while size and (piece := file.read(min(PIECE, size))):
        found.update(piece)
        size -= len(piece)
    return found.hexdigest()
