"""The step from the first service to the second, week by week (Kaplan-Meier)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from lifecycle.rules.cells import Cell

_Z = 1.959963984540054


@dataclass(frozen=True)
class Week:
    """`waiting` had not come back before this week; `share` still have not after it.

    `low` to `high` is the 95 % band (Greenwood), within 0 to 1.
    """

    week: int
    waiting: int
    came: int
    share: float
    low: float
    high: float


def survival(cells: Sequence[Cell]) -> list[Week]:
    """The weeks in which somebody came, from the cells of the board `survival`.

    Cars that have not come back yet count as long as they have been watched (censored), and leave
    at the end of their last full week.
    """
    came: dict[int, int] = defaultdict(int)
    left: dict[int, int] = defaultdict(int)
    for cell in cells:
        came[int(cell.part)] += cell.hits
        left[int(cell.part)] += cell.n - cell.hits
    waiting, share, variance = sum(came.values()) + sum(left.values()), 1.0, 0.0
    weeks = []
    for week in sorted({*came, *left}):
        if came[week]:
            share *= 1 - came[week] / waiting
            rest = waiting - came[week]
            variance += came[week] / (waiting * rest) if rest else 0.0
            half = _Z * share * sqrt(variance)
            low, high = max(0.0, share - half), min(1.0, share + half)
            weeks.append(Week(week, waiting, came[week], share, low, high))
        waiting -= came[week] + left[week]
    return weeks


def median(weeks: Sequence[Week]) -> int | None:
    """The first week by whose end half have come back; None when that was never reached."""
    return next((week.week for week in weeks if week.share <= 0.5), None)
