"""Workbooks: looked at before they are opened, then read in a child process with limits (R34)."""

import csv
import io
import subprocess
import sys
import zipfile
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from common.exceptions import Unreadable
from exchange.importing import limits

CHILD = Path(__file__).with_name("workbook_child.py")
HEAD = 64 * 1024


def preflight(path: Path) -> None:
    """Refuses by the archive's directory what would be dear or dangerous to open."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_sizes(entries)
            _check_names([entry.filename.lower() for entry in entries])
            for entry in entries:
                if entry.filename.lower().endswith((".xml", ".rels")):
                    _check_head(archive, entry)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError):
        raise _damaged() from None
    except zipfile.zlib.error:  # type: ignore[attr-defined]
        raise _damaged() from None


def _damaged() -> Unreadable:
    return Unreadable("damaged", _("The workbook is damaged or incomplete: save it again."))


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > limits.MAX_ZIP_ENTRIES:
        raise Unreadable("bomb", _("The workbook holds too many parts."))
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > limits.MAX_UNPACKED:
        raise Unreadable(
            "bomb", _("The workbook is larger than 200 MB unpacked: save it as CSV instead.")
        )
    if unpacked > limits.MAX_RATIO * max(packed, 1):
        raise Unreadable("bomb", _("The workbook unpacks to far more than it should."))


def _check_names(names: list[str]) -> None:
    if "xl/workbook.xml" not in names:
        raise Unreadable("not_xlsx", _("This archive is not an .xlsx workbook."))
    if any("vbaproject" in name or "macrosheets/" in name for name in names):
        raise Unreadable("macros", _("The workbook holds macros: save it as .xlsx without them."))
    if any("externallinks/" in name for name in names):
        raise Unreadable(
            "links", _("The workbook is linked to other files: save it with values only.")
        )


def _check_head(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    with archive.open(entry) as part:
        head = part.read(HEAD).replace(b"\0", b"").upper()
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise Unreadable("dtd", _("The workbook defines XML entities, which is not allowed."))


class WorkbookTable:
    """The first sheet of a workbook."""

    def __init__(self, path: Path) -> None:
        preflight(path)
        self.path = path
        with closing(self._all_rows()) as rows:
            found = next(rows, None)
        if found is None:
            raise Unreadable("empty", _("The first sheet of the workbook is empty."))
        self.header = found[1]

    def rows(self) -> Generator[tuple[int, list[str]], None, None]:
        with closing(self._all_rows()) as rows:
            next(rows, None)
            yield from rows

    def _all_rows(self) -> Generator[tuple[int, list[str]], None, None]:
        limit = [str(limits.CHILD_SECONDS), str(limits.CHILD_BYTES)]
        with subprocess.Popen(  # noqa: S603 - our own file, no shell
            [sys.executable, "-I", str(CHILD), str(self.path), *limit],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as child:
            try:
                with io.TextIOWrapper(child.stdout, encoding="utf-8", newline="") as lines:  # type: ignore[type-var]
                    yield from _numbered(lines)
            finally:
                # Ends a child whose rows are not wanted any more.
                child.kill()


def _numbered(lines: IO[str]) -> Iterator[tuple[int, list[str]]]:
    """Rows until the child's closing mark; without it the workbook was not read to its end."""
    for number, *cells in csv.reader(lines):
        if number == "end":
            return
        yield int(number), cells
    raise _damaged()
