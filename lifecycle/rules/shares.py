"""SEG-1, SEG-2: tiers and quadrants by their share of the customers and of the revenue."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lifecycle.rules.cells import Cell, total

TIERS = ("diamond", "gold", "silver", "regular")
QUADRANTS = ("vip", "loyal", "potential", "regular")
VALUES = ("high", "mid", "low")
# Of the industry: shares of the revenue (RFM), of customers and of revenue (quadrants), from-to.
TIER_BENCHMARK = {"diamond": 0.35, "gold": 0.32, "silver": 0.25, "regular": 0.08}
QUADRANT_BENCHMARK = {
    "vip": ((0.05, 0.08), (0.35, 0.40)),
    "loyal": ((0.15, 0.20), (0.25, 0.30)),
    "potential": ((0.10, 0.15), (0.20, 0.25)),
    "regular": ((0.60, 0.65), (0.10, 0.15)),
}


@dataclass(frozen=True)
class Share:
    """A group of customers: how many, what they spent in the last 730 days, both as fractions."""

    name: str
    count: int
    amount: Decimal
    of_customers: float | None
    of_amount: float | None


def shares(standing: Sequence[Cell], item: str, names: Sequence[str]) -> list[Share]:
    """The groups of a dimension of the board `standing` (rfm, quadrant, value_tier), in order."""
    everybody = total(standing, item=item)
    return [_share(name, total(standing, item=item, part=name), everybody) for name in names]


def _share(name: str, found: Cell, everybody: Cell) -> Share:
    return Share(
        name,
        found.n,
        found.amount,
        found.n / everybody.n if everybody.n else None,
        float(found.amount / everybody.amount) if everybody.amount else None,
    )


def as_json(found: Sequence[Share], key: str) -> dict[str, object]:
    """`report rfm --json` and `report quadrants --json`; `key` names the groups' list."""
    return {
        key: [
            {
                "name": one.name,
                "customers": one.count,
                "amount": float(one.amount),
                "share_of_customers": one.of_customers,
                "share_of_amount": one.of_amount,
            }
            for one in found
        ]
    }
