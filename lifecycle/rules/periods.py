"""Periods of the boards: stretches of full months, and the same stretch before it.

A month is full when it lies before the month of `as_of`; "the last 12 months" are 12 full ones, so
that a figure does not shrink on the first of a month.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lifecycle.rules.cells import Cell

MONTHS = {"12m": 12, "6m": 6, "3m": 3, "1m": 1, "all": 0}
DEFAULT = "12m"
KEPT_MONTHS = 25


@dataclass(frozen=True)
class Period:
    """`first` to `last` are months as 2026-05, both inclusive; `all` has neither."""

    code: str
    first: str = ""
    last: str = ""

    def has(self, month: str) -> bool:
        """Whether a cell's period lies in it; what has no month lies in every period."""
        if self.code == "all" or not month:
            return True
        return self.first <= month <= self.last

    def of(self, cells: Iterable[Cell]) -> list[Cell]:
        return [cell for cell in cells if self.has(cell.period)]


def period(code: str, as_of: date, *, before: bool = False) -> Period:
    """The period of this code (a key of MONTHS) on a day; `before`: the equal stretch before it.

    Of `all` nothing lies before: an empty period.
    """
    months = MONTHS[code]
    if not months:
        return Period("none", "9999-99", "0000-00") if before else Period("all")
    last = 2 * months if before else months
    return Period(
        f"{code}-1" if before else code, _month(as_of, last), _month(as_of, last - months + 1)
    )


def months(as_of: date, count: int = KEPT_MONTHS) -> list[str]:
    """The last full months, oldest first."""
    return [_month(as_of, back) for back in range(count, 0, -1)]


def _month(as_of: date, back: int) -> str:
    year, month = divmod(as_of.year * 12 + as_of.month - 1 - back, 12)
    return f"{year:04}-{month + 1:02}"
