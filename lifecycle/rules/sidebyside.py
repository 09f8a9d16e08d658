"""Stores side by side: each figure with its interval against the group's, never ranked.

A store is marked only when its whole 95 % interval lies above or below the group's figure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from lifecycle.rules.answers import answers
from lifecycle.rules.bottlenecks import loss
from lifecycle.rules.cells import Cell, total
from lifecycle.rules.money import revenue_change
from lifecycle.rules.periods import Period
from lifecycle.rules.rates import ENOUGH, Rate
from lifecycle.rules.retention import kept_to_second

NAMES = ("second_service", "yearly_loss", "satisfied", "nps", "due_answered", "revenue_change")
READS = ("retention", "span", "answers", "due_answered")
LESS_IS_BETTER = frozenset({"yearly_loss"})
_Z = 1.959963984540054
Found = Mapping[str, Sequence[Cell]]


@dataclass(frozen=True)
class Figure:
    """`value` with its interval; None with fewer than 20. nps is -1 to 1, the others fractions.

    The change of the revenue is a sum, not a sample: it has no interval and is never marked.
    """

    name: str
    value: float | None
    n: int
    low: float | None = None
    high: float | None = None

    def stands_out(self, group: "Figure") -> int:
        """1 wholly above the group's figure, -1 wholly below, 0 what chance explains."""
        if self.value is None or group.value is None or self.low is None or self.high is None:
            return 0
        return int(self.low > group.value) - int(self.high < group.value)

    def is_better(self, group: "Figure") -> bool | None:
        """None where nothing is marked."""
        side = self.stands_out(group)
        if not side:
            return None
        return (side < 0) if self.name in LESS_IS_BETTER else (side > 0)


def figures(found: Found, period: Period) -> list[Figure]:
    """NAMES of one store or of the group, in order; the loss is always of 12 full months."""
    said = period.of(found["answers"])
    high = total(said, item="csat", part="high")
    due = total(period.of(found["due_answered"]), item="answered")
    change = revenue_change(found["span"], period.code)
    return [
        _rate("second_service", kept_to_second(period.of(found["retention"]))),
        _rate("yearly_loss", loss(found["span"], "12m")),
        _rate("satisfied", Rate(high.n, total(said, item="csat").n)),
        _nps(said),
        _rate("due_answered", Rate(due.hits, due.n)),
        Figure("revenue_change", change.share, total(found["span"], part="now").n),
    ]


def _rate(name: str, rate: Rate) -> Figure:
    if not rate.is_enough:
        return Figure(name, None, rate.n)
    return Figure(name, rate.value, rate.n, *rate.interval)


def _nps(cells: Sequence[Cell]) -> Figure:
    """Its interval is the usual one of a difference of two shares."""
    said = answers(cells)
    n = said.nps_answers
    if said.nps is None or n < ENOUGH:
        return Figure("nps", None, n)
    value = said.nps / 100
    outspoken = total(cells, item="nps", part="promoter").n
    outspoken += total(cells, item="nps", part="detractor").n
    # With one more on either side, so that twenty of one mind have a width, too.
    spread, middle = (outspoken + 2) / (n + 2), value * n / (n + 2)
    half = _Z * sqrt((spread - middle * middle) / (n + 2))
    return Figure("nps", value, n, max(-1.0, value - half), min(1.0, value + half))


def as_json(stores: Mapping[str, Found], group: Found, period: Period) -> dict[str, object]:
    """`report stores --json`: the group's figures and each store's, by code."""
    whole = figures(group, period)
    return {
        "group": [_row(one, one) for one in whole],
        "stores": [
            {
                "store": code,
                "figures": [
                    _row(one, of_group)
                    for one, of_group in zip(figures(found, period), whole, strict=True)
                ],
            }
            for code, found in sorted(stores.items())
        ],
    }


def _row(one: Figure, group: Figure) -> dict[str, object]:
    return {
        "figure": one.name,
        "value": one.value,
        "n": one.n,
        "low": one.low,
        "high": one.high,
        "stands_out": one.stands_out(group),
    }
