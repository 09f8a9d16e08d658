"""What may be uploaded: tables by extension and first bytes; which file it is by its name (R33)."""

import re
import zipfile
from pathlib import PurePath
from typing import IO

from common.exceptions import DomainError
from exchange.choices import FileKind

EXTENSIONS = (".csv", ".xlsx")
ZIP_MAGIC = b"PK\x03\x04"
LOOKED_AT = 64 * 1024
# Words of file names, beside the kinds' own; the first that is found decides.
NAME_WORDS: tuple[tuple[str, FileKind], ...] = (
    ("门店", FileKind.STORES),
    ("员工", FileKind.STAFF),
    ("人员", FileKind.STAFF),
    ("满意度", FileKind.SURVEYS),
    ("问卷", FileKind.SURVEYS),
    ("回访评价", FileKind.SURVEYS),
    ("投诉", FileKind.COMPLAINTS),
    ("预约", FileKind.APPOINTMENTS),
    ("联系", FileKind.CONTACTS),
    ("通话", FileKind.CONTACTS),
    ("互动", FileKind.ENGAGEMENT),
    ("活跃", FileKind.ENGAGEMENT),
    ("工单", FileKind.VISITS),
    ("到店", FileKind.VISITS),
    ("维修", FileKind.VISITS),
    ("车辆", FileKind.VEHICLES),
    ("客户", FileKind.CUSTOMERS),
)


def guessed_kind(name: str) -> FileKind | None:
    """Which of the ten files `name` (`customers-2026-11.csv`, `客户.xlsx`) is, if it says so."""
    stem = PurePath(name).stem.lower()
    words = set(re.split(r"[^a-z]+", stem))
    for kind in FileKind:
        if kind.value in words:
            return kind
    return next((kind for word, kind in NAME_WORDS if word in stem), None)


def check_table(name: str, content: IO[bytes]) -> str:
    """The extension of a file that is a table; raises DomainError('not_a_table') for another."""
    extension = PurePath(name).suffix.lower()
    content.seek(0)
    start = content.read(LOOKED_AT)
    content.seek(0)
    if not start:
        raise DomainError("empty_file", "the file is empty")
    is_fine = extension in EXTENSIONS and (
        _is_workbook(start, content) if extension == ".xlsx" else _is_text(start)
    )
    content.seek(0)
    if not is_fine:
        raise DomainError("not_a_table", "neither CSV nor .xlsx")
    return extension


def _is_workbook(start: bytes, content: IO[bytes]) -> bool:
    """Reads the directory only: nothing is unpacked here."""
    if not start.startswith(ZIP_MAGIC):
        return False
    try:
        with zipfile.ZipFile(content) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def _is_text(start: bytes) -> bool:
    """UTF-8 or GB18030 without control characters; a character cut at the end is no fault."""
    for encoding in ("utf-8-sig", "gb18030"):
        for cut in range(4):
            try:
                text = start[: len(start) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return not re.search(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]", text)
    return False
