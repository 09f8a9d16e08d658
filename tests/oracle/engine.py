"""The oracle's doors: everything about a vehicle, a customer, a store, on one day.

The dictionaries have the shape of `explain --json` (EXCHANGE.md §2), with dates as `date`,
figures shown as rounded `Decimal`, and without evidence, tasks and win-back.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from . import due, lost, risk
from .exact import half_up
from .facts import World
from .known import Known, Snapshot
from .segments import Segments, segments_of
from .settings import DEFAULTS, Settings
from .stage import stage_of
from .tasks import Task, first_run


def explain(
    world: World, vin: str, as_of: date, settings: Settings = DEFAULTS
) -> dict[str, Any] | None:
    """One vehicle; None when it is delivered after `as_of`."""
    snapshot = Snapshot(world, as_of, settings)
    return _explain(snapshot, snapshot.vehicle(vin), {})


def explain_all(
    world: World, as_of: date, settings: Settings = DEFAULTS
) -> dict[str, dict[str, Any]]:
    """Every vehicle that exists, by VIN; a store's segments are worked out once."""
    snapshot = Snapshot(world, as_of, settings)
    by_store: dict[str, dict[str, Segments]] = {}
    found = {known.vehicle.vin: _explain(snapshot, known, by_store) for known in snapshot.vehicles}
    return {vin: row for vin, row in found.items() if row is not None}


def customer_stage(world: World, customer: str, as_of: date, settings: Settings = DEFAULTS) -> str:
    """LIFE-1."""
    return stage_of(Snapshot(world, as_of, settings), world.customer_by_id[customer])


def segments(
    world: World, store: str, as_of: date, settings: Settings = DEFAULTS
) -> dict[str, Segments]:
    """SEG-1 to SEG-3 of all customers of a store, by external id."""
    return segments_of(Snapshot(world, as_of, settings), store)


def first_run_tasks(
    world: World, store: str, as_of: date, settings: Settings = DEFAULTS
) -> list[Task]:
    """The open tasks after the first run of a store, list after list, each in its order."""
    return first_run(Snapshot(world, as_of, settings), store)


def _explain(
    snapshot: Snapshot, known: Known, by_store: dict[str, dict[str, Segments]]
) -> dict[str, Any] | None:
    if not known.exists:
        return None
    return {
        "vin": known.vehicle.vin,
        "as_of": known.as_of,
        "due": _due(known),
        "risk": _risk(known),
        "lost": _lost(known),
        "stage": None if known.owner is None else stage_of(snapshot, known.owner),
        "segments": _segments(snapshot, known, by_store),
    }


def _due(known: Known) -> dict[str, Any]:
    found = due.due_of(known)
    projected = due.projected_km(known)
    return {
        "on": None if found is None else found.on,
        "basis": None if found is None else found.basis,
        "level": due.level(known),
        "booked": due.is_booked(known),
        "daily_km": half_up(due.daily_km(known), 2),
        "projected_km": None if projected is None else int(half_up(projected, 0)),
        "plan": due.plan_of(known).name,
    }


def _risk(known: Known) -> dict[str, Any]:
    index = risk.pre_churn(known)
    return {
        "score": risk.score(known),
        "level": risk.level(known),
        "items": [{"factor": item.factor, "points": item.points} for item in risk.items(known)],
        "tags": sorted(risk.tags(known)),
        "pre_churn_score": index.score,
        "unknown": list(index.unknown),
    }


def _lost(known: Known) -> dict[str, Any]:
    return {
        "is_lost": lost.is_lost(known),
        "days_overdue": due.days_overdue(known),
        "phase": lost.phase(known),
        "inactive_days": known.inactive_days,
    }


def _segments(
    snapshot: Snapshot, known: Known, by_store: dict[str, dict[str, Segments]]
) -> dict[str, Any]:
    """The owner's, within the owner's own store; nothing for a car nobody owns yet."""
    if known.owner is None:
        return {"rfm": None, "quadrant": None, "value_tier": None, "yearly_spend": None}
    store = known.owner.store
    if store not in by_store:
        by_store[store] = segments_of(snapshot, store)
    found = by_store[store][known.owner.external_id]
    return {
        "rfm": found.rfm,
        "quadrant": found.quadrant,
        "value_tier": found.value_tier,
        "yearly_spend": found.yearly_spend,
    }
