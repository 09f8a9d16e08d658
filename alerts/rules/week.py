"""A store's week beside the week before: figures, what moved beyond chance, who stands out.

Weeks are ISO weeks (2026-W25), Monday to Sunday; what the members are: alerts/sql/boards/week.sql.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

from lifecycle.rules.cells import Cell, total
from lifecycle.rules.rates import ENOUGH, Rate

KEPT_WEEKS = 14
COUNT, RATE, MEAN, YUAN = "count", "rate", "mean", "yuan"
# Name, kind, item of the board, whether it counts the item's hits, and which way is better.
_FIGURES = (
    ("called", COUNT, "called", False, 0),
    ("connected", RATE, "called", True, 1),
    ("booked", COUNT, "booked", False, 1),
    ("arrived", COUNT, "arrived", False, 1),
    ("visited", COUNT, "visited", False, 1),
    ("revenue", YUAN, "visited", False, 0),
    ("due", RATE, "due", True, 1),
    ("red", COUNT, "red", False, -1),
    ("orange", COUNT, "orange", False, -1),
    ("lost", COUNT, "lost", False, -1),
    ("back", COUNT, "back", False, 1),
    ("complained", COUNT, "complained", False, -1),
    ("open", COUNT, "open", False, 0),
    ("csat", MEAN, "csat", False, 0),
)
NAMES = tuple(name for name, *_ in _FIGURES)
# Kept by the nights themselves: of a week before the first night nobody knows them.
_OF_NIGHTS = frozenset({"red", "orange", "lost", "back"})
# Beyond chance: two normal deviations, as the intervals of 95 %.
_Z = 1.959963984540054


@dataclass(frozen=True)
class Figure:
    """`value` None: not known of that week, or fewer than 20; rates are fractions."""

    name: str
    kind: str
    item: str
    value: float | None
    hits: int
    n: int

    @property
    def is_known(self) -> bool:
        """Whether nothing but too few members keeps the value away."""
        return self.n >= 0


@dataclass(frozen=True)
class Change:
    """A figure now and in the week before; `z` in the better direction, None: cannot be said."""

    name: str
    now: Figure
    before: Figure
    z: float | None


@dataclass(frozen=True)
class Notable:
    """A person whose whole interval lies above or below the store's share."""

    staff_id: int
    name: str
    rate: Rate
    store: Rate

    @property
    def is_better(self) -> bool:
        return self.rate.interval[0] > (self.store.value or 0)


def week_of(day: date) -> str:
    """`2026-W25` of a date in it."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def monday_of(week: str) -> date:
    """The first day of `2026-W25`; raises ValueError for what is no week."""
    year, _, number = week.partition("-W")
    if len(year) != 4 or len(number) != 2:
        raise ValueError(f"{week!r} is no week")
    return date.fromisocalendar(int(year), int(number), 1)


def last_full(as_of: date) -> str:
    """The week before that of `as_of`, whose own day is not over."""
    return week_of(as_of - timedelta(days=7))


def weeks(as_of: date) -> list[str]:
    """The full weeks that are kept and have one before them, newest first."""
    return [week_of(as_of - timedelta(days=7 * n)) for n in range(1, KEPT_WEEKS - 1)]


def before(week: str) -> str:
    """The week before it."""
    return week_of(monday_of(week) - timedelta(days=7))


def figures(cells: Iterable[Cell], week: str) -> list[Figure]:
    """NAMES of one week, in order."""
    of_week = [cell for cell in cells if cell.period == week]
    is_known = total(of_week, item="known").n > 0
    return [
        _figure(name, kind, item, total(of_week, item=item), is_known or name not in _OF_NIGHTS)
        for name, kind, item, *_ in _FIGURES
    ]


def _figure(name: str, kind: str, item: str, found: Cell, is_known: bool) -> Figure:
    if not is_known:
        return Figure(name, kind, item, None, 0, -1)
    value: float | None = found.n
    if kind == YUAN:
        value = float(found.amount)
    elif kind != COUNT:
        part = found.hits if kind == RATE else float(found.amount)
        value = part / found.n if found.n >= ENOUGH else None
    return Figure(name, kind, item, value, found.hits, found.n)


def changes(cells: Sequence[Cell], week: str) -> list[Change]:
    """Every figure with that of the week before."""
    pairs = zip(figures(cells, week), figures(cells, before(week)), strict=True)
    sides = [side for *_, side in _FIGURES]
    return [
        Change(now.name, now, former, _z(now, former, side))
        for (now, former), side in zip(pairs, sides, strict=True)
    ]


def _z(now: Figure, former: Figure, side: int) -> float | None:
    """How many deviations the change is: of two counts, or of two shares."""
    if not side or now.value is None or former.value is None:
        return None
    if now.kind == COUNT:
        whole = now.n + former.n
        return side * (now.n - former.n) / sqrt(whole) if whole >= ENOUGH else None
    share = (now.hits + former.hits) / (now.n + former.n)
    spread = sqrt(share * (1 - share) * (1 / now.n + 1 / former.n))
    return side * (now.value - former.value) / spread if spread else None


def best_and_worst(found: Iterable[Change]) -> tuple[Change | None, Change | None]:
    """What moved most for the better and for the worse; None where chance explains all."""
    known = [(one.z, one) for one in found if one.z is not None]
    best = max(known, key=lambda pair: pair[0], default=None)
    worst = min(known, key=lambda pair: pair[0], default=None)
    return (
        best[1] if best and best[0] >= _Z else None,
        worst[1] if worst and worst[0] <= -_Z else None,
    )


def notable(
    by_advisor: Mapping[int | None, Sequence[Cell]], cells: Sequence[Cell], week: str
) -> list[Notable]:
    """Who books of her calls, or whose due customers answer, beyond chance more or less often."""
    found = []
    for staff_id, own in by_advisor.items():
        if staff_id is None:
            continue
        for name, rate in _rates(own, week).items():
            store = _rates(cells, week)[name]
            if rate.is_enough and _stands_out(rate, store):
                found.append(Notable(staff_id, name, rate, store))
    return sorted(found, key=lambda one: -abs((one.rate.value or 0) - (one.store.value or 0)))


def _rates(cells: Iterable[Cell], week: str) -> dict[str, Rate]:
    of_week = [cell for cell in cells if cell.period == week]
    due = total(of_week, item="due")
    calls = Rate(total(of_week, item="booked").n, total(of_week, item="called").n)
    return {"booked": calls, "due": Rate(due.hits, due.n)}


def _stands_out(rate: Rate, store: Rate) -> bool:
    low, high = rate.interval
    return store.value is not None and not low <= store.value <= high


def as_json(found: Iterable[Change]) -> list[dict[str, object]]:
    """Rows of `report week --json`."""
    return [
        {
            "figure": one.name,
            "value": one.now.value,
            "n": max(one.now.n, 0),
            "before": one.before.value,
        }
        for one in found
    ]
