"""Data health: what each problem of the data costs in visits, by the store's own returns."""

from collections.abc import Sequence
from dataclasses import dataclass

from lifecycle.rules.cells import Cell, total
from lifecycle.rules.rates import Rate

PROBLEMS = (
    "dead_phone",
    "stale_odometer",
    "no_owner",
    "no_consent",
    "duplicate_phone",
    "duplicate_car",
)
CAME, FEED = "came", "feed"


@dataclass(frozen=True)
class Problem:
    """One problem: how many have it, and how its cars came beside the others in 12 months.

    `count` of customers (of stale_odometer and duplicate_car: of cars); `in_work`: those whose
    correction is on somebody's list; `expected`: the visits a year that their cars in use should
    make by their plans.
    """

    name: str
    count: int
    in_work: int
    expected: float
    affected: Rate
    others: Rate

    @property
    def visits_lost(self) -> float | None:
        """Expected visits times the share by which such cars come less; 0 when they do not.

        None: fewer than 20 times due on either side.
        """
        if not (self.affected.is_enough and self.others.is_enough):
            return None
        return self.expected * max(0.0, (self.others.value or 0) - (self.affected.value or 0))


def problems(cells: Sequence[Cell]) -> list[Problem]:
    """All problems from the cells of the board `health`: the dearest first, unknown costs last."""
    everybody = total(cells, item=CAME, part="")
    found = [_problem(name, cells, everybody) for name in PROBLEMS]
    return sorted(found, key=_rank)


def silent_days(cells: Sequence[Cell]) -> int | None:
    """Of one store's cells: days from its newest visit to the night; None before the first."""
    newest = total(cells, item=FEED)
    return int(newest.amount) if newest.n else None


def _problem(name: str, cells: Sequence[Cell], everybody: Cell) -> Problem:
    members, came = total(cells, item=name), total(cells, item=CAME, part=name)
    return Problem(
        name=name,
        count=members.n,
        in_work=members.hits,
        expected=float(members.amount),
        affected=Rate(came.hits, came.n),
        others=Rate(everybody.hits - came.hits, everybody.n - came.n),
    )


def _rank(one: Problem) -> tuple[bool, bool, float, int]:
    lost = one.visits_lost
    return one.count == 0, lost is None, -(lost or 0), -one.count


def as_json(found: Sequence[Problem]) -> dict[str, object]:
    """`report health --json`: rates are fractions, None where there is not enough data."""
    return {
        "problems": [
            {
                "problem": one.name,
                "count": one.count,
                "expected_visits_a_year": one.expected,
                "came": _share(one.affected),
                "others_came": _share(one.others),
                "visits_lost_a_year": one.visits_lost,
            }
            for one in found
        ]
    }


def _share(rate: Rate) -> float | None:
    return rate.value if rate.is_enough else None
