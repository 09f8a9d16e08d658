"""Opens a file as a heading and rows of text, whatever its form; can be read more than once."""

import codecs
import csv
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext as _

from common.exceptions import Unreadable
from exchange.importing import limits, workbook

ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
DELIMITERS = (",", "\t", ";")
csv.field_size_limit(limits.MAX_RUNAWAY_FIELD)


@dataclass(frozen=True)
class Broken:
    """A row whose cells could not be told apart."""


Cells = list[str] | Broken


class Table(Protocol):
    """A heading and rows; `rows` may be called again."""

    header: list[str]

    def rows(self) -> Generator[tuple[int, Cells], None, None]:
        """Line number (of the row's first line) and cells of each row that is not blank."""
        ...


def open_table(path: Path) -> Table:
    """Raises Unreadable for what is neither a CSV nor an .xlsx file in a known encoding."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError:
        raise Unreadable("missing", _("The file cannot be opened.")) from None
    if not start:
        raise Unreadable("empty", _("The file is empty."))
    if start == ZIP:
        return workbook.WorkbookTable(path)
    if start == OLD_EXCEL:
        raise Unreadable(
            "old_excel", _("This is an old Excel file (.xls) or a protected one: save it as .xlsx.")
        )
    return CsvTable(path)


class CsvTable:
    """Comma-separated text in UTF-8 or GB18030."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.encoding = detect_encoding(path)
        self.delimiter = ","
        self.delimiter = self._find_delimiter()
        with closing(self._all_rows()) as rows:
            found = next(rows, None)
        if found is None:
            raise Unreadable("empty", _("The file is empty."))
        if isinstance(found[1], Broken):
            raise Unreadable("header", _("The first line is not a line of headings."))
        self.header = found[1]

    def _find_delimiter(self) -> str:
        with self.path.open(encoding=self.encoding, newline="") as file:
            first = file.readline(limits.MAX_ROW_BYTES)
        return max(DELIMITERS, key=lambda sign: (first.count(sign), sign == ","))

    def rows(self) -> Generator[tuple[int, Cells], None, None]:
        with closing(self._all_rows()) as rows:
            next(rows, None)
            yield from rows

    def _all_rows(self) -> Generator[tuple[int, Cells], None, None]:
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter, strict=True)
            while True:
                line = reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error:
                    yield line, Broken()
                    continue
                # Most rows have something in their first cell.
                if cells and (cells[0].strip() or any(cell.strip() for cell in cells)):
                    yield line, cells


def detect_encoding(path: Path) -> str:
    """UTF-8 (its mark taken off) or GB18030; raises Unreadable for anything else."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unreadable("encoding", _("The text is in UTF-16: save it as CSV in UTF-8."))
    fault = _decode(path, "utf-8")
    if fault is None:
        return "utf-8-sig"
    # Text that is UTF-8 for several characters does not become GB18030 by one bad byte.
    if start.startswith(codecs.BOM_UTF8) or fault.is_utf8_like:
        raise Unreadable(
            "encoding", _("The file is damaged: line %(line)d is not UTF-8.") % {"line": fault.line}
        )
    if _decode(path, "gb18030") is None:
        return "gb18030"
    raise Unreadable("encoding", _("The text is neither in UTF-8 nor in GB18030."))


@dataclass(frozen=True)
class _Fault:
    line: int
    is_utf8_like: bool


def _decode(path: Path, encoding: str) -> _Fault | None:
    """Reads the whole text once; where it fails, and whether much before that was fine."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, wide = 1, 0
    with path.open("rb") as file:
        while True:
            block = file.read(1 << 20)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(encoding, "ignore")
                wide += sum(char >= "\u0800" for char in good)
                return _Fault(lines + good.count("\n"), wide >= 3)
            if not block:
                return None
            if encoding == "utf-8" and len(text) < len(block):
                wide += 3
            lines += text.count("\n")
