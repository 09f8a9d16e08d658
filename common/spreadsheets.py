"""Workbooks for people to take away: no cell is ever a formula (R35)."""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

Cell = str | int | float | Decimal | date | None

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RISKY = frozenset("=+-@\t\r\0＝＋－＠")
_NOT_IN_TITLES = str.maketrans("[]:*?/\\", "       ")
_TITLE_LENGTH = 31
_A4 = 9
_TOP = Alignment(wrap_text=True, vertical="top")


def guarded(cell: str) -> str:
    """A text that a spreadsheet does not take for a formula (R35); import takes the quote off."""
    return "'" + cell if cell and cell[0] in RISKY else cell


def workbook(title: str, widths: dict[str, int], rows: Iterable[Sequence[Cell]]) -> bytes:
    """An .xlsx of one sheet: `widths` are the headings with their widths in characters.

    Numbers and dates stay what they are, texts stay texts whatever they look like. Printed on A4
    across, headings on every page.
    """
    book = Workbook(write_only=True)
    book.properties.creator = "Huitou"
    sheet = book.create_sheet(title.translate(_NOT_IN_TITLES)[:_TITLE_LENGTH])
    for place, width in enumerate(widths.values(), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.orientation = "landscape"
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToHeight = 0
    sheet.append([_heading(sheet, name) for name in widths])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _heading(sheet: Any, name: str) -> Any:
    cell = _cell(sheet, name)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Cell) -> Any:
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, _text(value))
        cell.data_type = "s"
    else:
        cell = WriteOnlyCell(sheet, value)
    cell.alignment = _TOP
    return cell


def _text(value: str) -> str:
    """Without the characters a workbook cannot hold; what they hid is guarded too."""
    clean: str = ILLEGAL_CHARACTERS_RE.sub("", value)
    return f"'{clean}" if value[:1] in RISKY else guarded(clean)
