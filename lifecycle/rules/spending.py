"""Spending on new against returning customers beside what each brought (DOMAIN §8).

What was not entered is not 0: a ratio is made only of the months and stores whose spending is
known, and money is compared with the revenue of those same months and stores.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lifecycle.rules.cells import Cell, total
from lifecycle.rules.periods import MONTHS, Period
from lifecycle.rules.rates import ENOUGH

PURPOSES = ("new", "returning")
READS = ("revenue", "arrivals", "due_answered", "due_followed")
NONE = Decimal(0)


@dataclass(frozen=True)
class Entered:
    """A month's spending on a purpose, of `stores` of the stores, beside what these brought in it.

    `is_both`: of stores that entered the other purpose of the month, too.
    """

    month: str
    purpose: str
    is_both: bool
    stores: int
    amount: Decimal
    revenue: Decimal
    came: int


@dataclass(frozen=True)
class Side:
    """One purpose over a period; `spent` None: nothing was entered.

    `entered` of `wanted` months (of each store) are known. `came` counts each customer once;
    `known_came` is that of the entered ones alone, None where months cannot be added up.
    """

    purpose: str
    revenue: Decimal
    came: int
    spent: Decimal | None
    entered: int
    wanted: int
    known_revenue: Decimal
    known_came: int | None
    known_visitors: int

    @property
    def is_whole(self) -> bool:
        return self.entered == self.wanted

    @property
    def per_yuan(self) -> Decimal | None:
        """Revenue per yuan spent, both of the months entered."""
        if not self.spent or self.known_visitors < ENOUGH:
            return None
        return self.known_revenue / self.spent

    @property
    def cost(self) -> Decimal | None:
        """Yuan spent per customer who came."""
        if self.spent is None or self.known_came is None or self.known_came < ENOUGH:
            return None
        return self.spent / self.known_came


@dataclass(frozen=True)
class Shares:
    """The share of new customers in spending, revenue and customers where both are known."""

    spending: float
    revenue: float
    customers: float


def sides(
    found: Mapping[str, Sequence[Cell]], entered: Sequence[Entered], period: Period, stores: int
) -> dict[str, Side]:
    """{purpose: its side} of a stretch of months or of one month."""
    months = MONTHS.get(period.code.removesuffix("-1"), 1)
    return {
        purpose: _side(purpose, found, _of(entered, period, purpose), period, stores * months)
        for purpose in PURPOSES
    }


def _side(
    purpose: str,
    found: Mapping[str, Sequence[Cell]],
    known: Sequence[Entered],
    period: Period,
    wanted: int,
) -> Side:
    came = total(_arrived(found["arrivals"], period), item=purpose).n
    entered, visitors = sum(one.stores for one in known), sum(one.came for one in known)
    # A first visit is one month's; who returns does so in several, so months do not add up.
    adds_up = purpose == "new" or period.first == period.last
    return Side(
        purpose=purpose,
        revenue=total(period.of(found["revenue"]), item=purpose).amount,
        came=came,
        spent=sum((one.amount for one in known), NONE) if known else None,
        entered=entered,
        wanted=wanted,
        known_revenue=sum((one.revenue for one in known), NONE),
        known_came=visitors if adds_up else came if entered == wanted else None,
        known_visitors=visitors,
    )


def _arrived(cells: Iterable[Cell], period: Period) -> list[Cell]:
    """A stretch has cells of its own, in which each customer is once; a month has its month's."""
    name = period.code if period.code.removesuffix("-1") in MONTHS else period.first
    return [cell for cell in cells if cell.period == name]


def _of(entered: Iterable[Entered], period: Period, purpose: str) -> list[Entered]:
    return [one for one in entered if one.purpose == purpose and period.has(one.month)]


def shares(entered: Sequence[Entered], period: Period) -> Shares | None:
    """Of the months of stores that entered both purposes; None without any money or customer."""
    both = [one for one in entered if one.is_both]
    new, returning = (_of(both, period, purpose) for purpose in PURPOSES)
    found = [
        _share(sum(getattr(one, name) for one in new), sum(getattr(one, name) for one in returning))
        for name in ("amount", "revenue", "came")
    ]
    known = [one for one in found if one is not None]
    enough = sum(one.came for one in (*new, *returning)) >= ENOUGH
    return Shares(*known) if len(known) == len(found) and enough else None


def _share(part: Decimal | int, rest: Decimal | int) -> float | None:
    return float(part / (part + rest)) if part + rest else None


def as_json(side: Side, before: Side | None = None) -> dict[str, object]:
    """A row of `report money --json`."""
    row: dict[str, object] = {
        "purpose": side.purpose,
        "spent": _float(side.spent),
        "months_entered": side.entered,
        "months": side.wanted,
        "revenue": _float(side.revenue),
        "customers": side.came,
        "revenue_per_yuan": _float(side.per_yuan),
        "cost_per_customer": _float(side.cost),
    }
    return row if before is None else {**row, "before": as_json(before)}


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
