"""The file of a backup: it takes its name when it is whole and on the disk, and never another's."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from common.exceptions import DomainError


def exists(path: Path) -> DomainError:
    """The refusal to write over a file."""
    return DomainError(
        "exists", _("%(path)s exists: a backup is never overwritten.") % {"path": path}
    )


@contextmanager
def draft(path: Path, *, replaces: bool = False) -> Iterator[IO[bytes]]:
    """A file beside `path` that takes its name at the end, and is gone when something fails.

    `replaces`: also the name of a file that is there.
    """
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
            if replaces:
                part.replace(path)
            else:
                _name(part, path)
            _sync(path.parent)
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


def _sync(place: Path) -> None:
    folder = os.open(place, os.O_RDONLY)
    with suppress(OSError):  # a file system that cannot sync a folder
        os.fsync(folder)
    os.close(folder)
