"""LIFE-1: a customer's stage, by the visits of all its vehicles in the days it owned them."""

from __future__ import annotations

from .facts import Customer
from .known import Known, MergedVisit, Snapshot
from .lost import lapsed_days


def visits_of(snapshot: Snapshot, customer: Customer) -> list[MergedVisit]:
    """Merged visits of the days on which the customer owned the car."""
    return [
        visit
        for known in snapshot.vehicles
        for visit in known.visits
        if snapshot.world.owner_on(known.vehicle, visit.on) == customer
    ]


def active_vehicles(snapshot: Snapshot, customer: Customer) -> list[Known]:
    """Owned on `as_of`, delivered by then, and not a DUE-6 vehicle."""
    return [known for known in snapshot.vehicles if known.owner == customer and not known.is_gone]


def stage_of(snapshot: Snapshot, customer: Customer) -> str:
    """LIFE-1: lost or decline when every active vehicle is, otherwise by count."""
    settings = snapshot.settings
    lapses = [lapsed_days(known) for known in active_vehicles(snapshot, customer)]
    if _all_at_least(lapses, settings.lost.lost_days):
        return "lost"
    if _all_at_least(lapses, settings.lost.decline_days):
        return "decline"
    count = len(visits_of(snapshot, customer))
    if count == 0:
        return "awareness"
    if count < settings.stage.growth_visits:
        return "first_experience"
    return "growth" if count < settings.stage.maturity_visits else "maturity"


def _all_at_least(lapses: list[int | None], days: int) -> bool:
    """A vehicle without a due date is not overdue; without a vehicle nobody is lost."""
    return bool(lapses) and all(lapse is not None and lapse >= days for lapse in lapses)
