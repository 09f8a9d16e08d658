"""LIFE-6: cohorts by month, and what share of each still came so many months later."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from lifecycle.rules.cells import Cell
from lifecycle.rules.rates import ENOUGH, Rate

# Months since: beyond the last one nobody of a cohort of 24 months can be.
LONGEST = 24


@dataclass(frozen=True)
class Cohort:
    """Who began in a month (2025-03); `kept[k]` visited in month k since then or later.

    Only months that have passed for the whole cohort: `kept` ends with the last full one.
    `last` is the last month of several cohorts taken together, else the month itself.
    """

    month: str
    size: int
    kept: list[Rate]
    last: str


def cohorts(cells: Sequence[Cell], last_month: str) -> list[Cohort]:
    """The cohorts of the boards `cohorts` or `cohorts_visit`, oldest first.

    `last_month` is the last full month: what lies after it has not passed yet.
    """
    last: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for cell in cells:
        last[cell.item][int(cell.part) if cell.part else -1] += cell.n
    return [_cohort(month, last[month], last_month) for month in sorted(last)]


def are_thin(found: Sequence[Cohort]) -> bool:
    """Whether most cohorts are too small to show anything."""
    return sum(one.size >= ENOUGH for one in found) * 2 < len(found)


def by_quarter(found: Sequence[Cohort]) -> list[Cohort]:
    """Cohorts of months, oldest first, as cohorts of the quarters that these months lie in."""
    quarters: dict[tuple[str, int], list[Cohort]] = defaultdict(list)
    for one in found:
        quarters[one.month[:4], (int(one.month[5:]) - 1) // 3].append(one)
    return [_quarter(own) for own in quarters.values()]


def _quarter(own: Sequence[Cohort]) -> Cohort:
    """As old as its youngest month."""
    age = min(len(one.kept) for one in own)
    size = sum(one.size for one in own)
    kept = [Rate(sum(one.kept[k].hits for one in own), size) for k in range(age)]
    return Cohort(own[0].month, size, kept, own[-1].month)


def together(found: Sequence[Cohort]) -> list[Rate]:
    """All cohorts as one line: of those old enough for month k, how many came in k or later."""
    longest = max((len(one.kept) for one in found), default=0)
    return [
        Rate(
            sum(one.kept[k].hits for one in found if len(one.kept) > k),
            sum(one.kept[k].n for one in found if len(one.kept) > k),
        )
        for k in range(longest)
    ]


def _cohort(month: str, last: dict[int, int], last_month: str) -> Cohort:
    size = sum(last.values())
    age = min(_distance(month, last_month), LONGEST)
    kept = [Rate(sum(n for k, n in last.items() if k >= since), size) for since in range(age + 1)]
    return Cohort(month, size, kept, month)


def _distance(first: str, last: str) -> int:
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:])


def as_json(found: Sequence[Cohort]) -> list[dict[str, object]]:
    """Cohorts with their cells, each by its months since."""
    return [
        {
            "month": one.month,
            "size": one.size,
            "cells": [
                {"months_since": k, "came": rate.hits, "rate": rate.value}
                for k, rate in enumerate(one.kept)
            ],
        }
        for one in found
    ]
