"""One cell: text in, the form that COPY takes out, or a reason why not.

Pure apart from the row's context (store, uid), which a few parsers need. A parser returns the
staged columns of its cell, already escaped and joined by tabs.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from common.spreadsheets import RISKY
from exchange.importing.reasons import Reason
from exchange.importing.row import Row

NULL = "\\N"  # in a column of COPY
CLEAR = "\\N"  # in a cell of the file
MAX_FIELD_BYTES = 4096
EARLIEST, LATEST = 1900, 2200


class Bad(Exception):  # noqa: N818 - a verdict on a cell, not a fault
    """The cell cannot be taken."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


Parser = Callable[[str, Row], str]

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def escaped(text: str) -> str:
    """`text` in COPY's text format."""
    if "\\" in text or not text.isprintable():
        if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
            raise Bad(Reason.CONTROL_CHARACTER)
        return text.translate(_ESCAPES)
    return text


def unguarded(cell: str) -> str:
    """Takes off the quote that our exports put before a would-be formula, and blanks behind it.

    A quote alone stood before blanks, which were taken off already.
    """
    is_guarded = cell[:1] == "'" and (len(cell) == 1 or cell[1] in RISKY)
    return cell[1:].strip() if is_guarded else cell


def text(limit: int) -> Parser:
    """Free text of at most `limit` characters."""

    def parse(cell: str, _row: Row) -> str:
        if len(cell) > limit:
            raise Bad(Reason.TOO_LONG)
        return escaped(cell)

    return parse


def word(words: Mapping[str, str]) -> Parser:
    """One of the file's words; `words` maps every accepted spelling, lower case, to the word."""

    def parse(cell: str, _row: Row) -> str:
        found = words.get(cell) or words.get(folded(cell))
        if found is None:
            raise Bad(Reason.UNKNOWN_WORD)
        return found

    return parse


BOOLEANS = {
    **dict.fromkeys(["1", "true", "yes", "y", "t", "是", "有", "真"], "t"),
    **dict.fromkeys(["0", "false", "no", "n", "f", "否", "无", "假"], "f"),
}
boolean = word(BOOLEANS)


def folded(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip().casefold()


_NUMBER = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]*)?")


def plain_number(cell: str) -> str:
    """A number without separators and currency sign; trailing zeros of decimals taken off."""
    if not (cell.isascii() and cell.isdigit()):
        cell = unicodedata.normalize("NFKC", cell).strip().lstrip("¥").strip()
        if not _NUMBER.fullmatch(cell):
            raise Bad(Reason.NOT_A_NUMBER)
        cell = cell.replace(",", "").removeprefix("+")
        if "." in cell:
            cell = cell.rstrip("0").rstrip(".")
    return cell


def whole(highest: int = 2_147_483_647, lowest: int = 0) -> Parser:
    """A whole number between two bounds."""

    def parse(cell: str, _row: Row) -> str:
        if len(cell) < 10 and cell.isascii() and cell.isdigit() and lowest <= int(cell) <= highest:
            return cell
        plain = plain_number(cell)
        if plain.startswith("-") and plain.strip("-0"):
            raise Bad(Reason.NEGATIVE)
        if "." in plain:
            raise Bad(Reason.NOT_WHOLE)
        if len(plain) > 30 or not lowest <= int(plain) <= highest:
            raise Bad(Reason.OUT_OF_RANGE)
        return plain

    return parse


def decimal(places: int, digits: int, signed: bool = False) -> Parser:
    """A decimal number with at most so many places, and digits before the point."""

    usual = re.compile(f"[0-9]{{1,{digits}}}(?:\\.[0-9]{{1,{places}}})?").fullmatch

    def parse(cell: str, _row: Row) -> str:
        if usual(cell):
            return cell
        plain = plain_number(cell)
        if plain.startswith("-") and not signed and plain.strip("-0."):
            raise Bad(Reason.NEGATIVE)
        before, _point, after = plain.lstrip("-").partition(".")
        if len(after) > places:
            raise Bad(Reason.TOO_MANY_DECIMALS)
        if len(before.lstrip("0")) > digits:
            raise Bad(Reason.OUT_OF_RANGE)
        return plain

    return parse


_MIDNIGHT = r"(?:[T ]0?0:00(?::00(?:\.0+)?)?)?"
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?" + _MIDNIGHT)


@lru_cache(maxsize=20_000)
def parsed_day(cell: str) -> date:
    """`YYYY-MM-DD`, `YYYY/M/D` or a spreadsheet's date, which ends in midnight."""
    match = _DAY.fullmatch(cell)
    if not match:
        raise Bad(Reason.NOT_A_DATE)
    try:
        found = date(*map(int, match.groups()))
    except ValueError:
        raise Bad(Reason.NOT_A_DATE) from None
    if not EARLIEST <= found.year <= LATEST:
        raise Bad(Reason.NOT_A_DATE)
    return found


def day(cell: str, _row: Row) -> str:
    """A date that may lie ahead."""
    return parsed_day(cell).isoformat()


def past_day(cell: str, row: Row) -> str:
    """A date not after today at the row's store."""
    found = parsed_day(cell)
    if found > row.store.today:
        raise Bad(Reason.IN_FUTURE)
    return found.isoformat()


_SLASHED = re.compile(r"([0-9]{4})[/.-]([0-9]{1,2})[/.-]([0-9]{1,2})[T ]+([0-9]{1,2})(:[0-9]{2}.*)")


def parsed_moment(cell: str) -> datetime:
    """An ISO time, aware when it has an offset; also `YYYY/M/D H:MM`."""
    try:
        found = datetime.fromisoformat(cell)
    except ValueError:
        found = _loose_moment(cell)
    if not EARLIEST <= found.year <= LATEST:
        raise Bad(Reason.NOT_A_TIME)
    return found


def _loose_moment(cell: str) -> datetime:
    match = _SLASHED.fullmatch(cell)
    try:
        if match:
            year, month, dom, hour, rest = match.groups()
            tidy = f"{year}-{month:0>2}-{dom:0>2} {hour:0>2}{rest.strip()}"
            return datetime.fromisoformat(tidy)
        found = parsed_day(cell)
        # A naive time means the store's own clock.
        return datetime(found.year, found.month, found.day)  # noqa: DTZ001
    except (Bad, ValueError):
        raise Bad(Reason.NOT_A_TIME) from None


def _placed(cell: str, row: Row) -> tuple[str, date]:
    """The time as PostgreSQL reads it, and its date on the calendar of the row's store."""
    found = parsed_moment(cell)
    if found.tzinfo is None:
        return f"{found.isoformat(' ')} {row.store.zone}", found.date()
    return found.astimezone(UTC).isoformat(), found.astimezone(row.store.tz).date()


def moment(cell: str, row: Row) -> str:
    """A time and its local date; may lie ahead."""
    at, on = _placed(cell, row)
    return f"{at}\t{on.isoformat()}"


def past_moment(cell: str, row: Row) -> str:
    """A time and its local date, which is today at the latest."""
    at, on = _placed(cell, row)
    if on > row.store.today:
        raise Bad(Reason.IN_FUTURE)
    return f"{at}\t{on.isoformat()}"


_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::00(?:\.0+)?)?")


def clock(cell: str, _row: Row) -> str:
    """`HH:MM`."""
    match = _CLOCK.fullmatch(unicodedata.normalize("NFKC", cell))
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        raise Bad(Reason.NOT_A_CLOCK)
    return f"{match[1]:0>2}:{match[2]}"


_MONTH = re.compile(r"([0-9]{4})[-/年.]([0-9]{1,2})月?")


def past_month(cell: str, row: Row) -> str:
    """`YYYY-MM`, not after this month, as its first day; a spreadsheet makes a full date of it."""
    match = _MONTH.fullmatch(cell)
    try:
        found = date(int(match[1]), int(match[2]), 1) if match else parsed_day(cell).replace(day=1)
    except (Bad, ValueError):
        raise Bad(Reason.NOT_A_MONTH) from None
    if not EARLIEST <= found.year <= LATEST:
        raise Bad(Reason.NOT_A_MONTH)
    if found > row.store.today:
        raise Bad(Reason.IN_FUTURE)
    return found.isoformat()


_BIRTHDAY = re.compile(r"([0-9]{1,2})[-/月]([0-9]{1,2})日?")


def birthday(cell: str, row: Row) -> str:
    """Month, day and, when given, year of birth."""
    match = _BIRTHDAY.fullmatch(cell)
    if match:
        try:
            found = date(2000, int(match[1]), int(match[2]))
        except ValueError:
            raise Bad(Reason.NOT_A_DATE) from None
        return f"{found.month}\t{found.day}\t{NULL}"
    found = parsed_day(cell)
    if found > row.store.today:
        raise Bad(Reason.IN_FUTURE)
    return f"{found.month}\t{found.day}\t{found.year}"


def zone(cell: str, _row: Row) -> str:
    """An IANA time zone."""
    try:
        ZoneInfo(cell)
    except (KeyError, ValueError, OSError):
        raise Bad(Reason.NOT_A_ZONE) from None
    if len(cell) > 40:
        raise Bad(Reason.NOT_A_ZONE)
    return cell
