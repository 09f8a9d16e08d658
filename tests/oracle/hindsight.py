"""Who was flagged on a day and what the 90 days after it showed; no statement of the product.

Two snapshots of one world: one of the day, one of the 90th day after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from . import due, lost, risk
from .exact import add_days
from .facts import World
from .known import Known, Snapshot
from .settings import DEFAULTS, Settings


@dataclass(frozen=True, order=True)
class Judged:
    """One car."""

    vin: str
    customer: str
    level: str
    score: int
    is_due: bool
    days_overdue: int
    idle_days: int
    has_come: bool
    is_lost: bool


def judged(world: World, then: date, settings: Settings = DEFAULTS) -> Iterator[Judged]:
    """Cars due on `then`, and those at high or medium risk; nobody who was lost already."""
    later = Snapshot(world, add_days(then, 90), settings)
    for known in Snapshot(world, then, settings).vehicles:
        if known.owner is None or known.is_gone or lost.is_lost(known):
            continue
        if due.due_of(known) is None:
            continue
        is_due = due.level(known) != "none"
        if is_due or risk.level(known) != "low":
            yield _judged(known, later.vehicle(known.vehicle.vin), is_due=is_due)


def _judged(known: Known, after: Known, *, is_due: bool) -> Judged:
    assert known.owner is not None
    assert known.inactive_days is not None
    return Judged(
        vin=known.vehicle.vin,
        customer=known.owner.external_id,
        level=risk.level(known),
        score=risk.score(known),
        is_due=is_due,
        days_overdue=due.days_overdue(known),
        idle_days=known.inactive_days,
        has_come=any(visit.on > known.as_of for visit in after.visits),
        is_lost=is_due and lost.is_lost(after),
    )
