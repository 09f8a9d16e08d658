"""DUE-1 to DUE-6: when the next maintenance is due, and how urgent that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from .exact import add_days, within_last
from .known import Known, Reading
from .settings import Plan


@dataclass(frozen=True)
class Due:
    """The due date and what it came from."""

    on: date
    basis: str
    base_on: date


def plan_of(known: Known) -> Plan:
    """DUE-1."""
    return known.settings.due.plan_for(known.vehicle)


def daily_km(known: Known) -> Fraction:
    """DUE-3: K km in D days give (K + 60 x default) / (D + 60), bounded to 1...500."""
    settings = known.settings.due
    default = plan_of(known).daily_km
    window = [
        reading
        for reading in known.readings
        if within_last(settings.window_days, reading.on, known.as_of)
    ]
    if not window:
        return Fraction(default)
    km = window[-1].km - window[0].km
    days = (window[-1].on - window[0].on).days
    leaned = Fraction(km + settings.lean_days * default, days + settings.lean_days)
    return min(max(leaned, Fraction(settings.slowest_km)), Fraction(settings.fastest_km))


def projected_km(known: Known) -> Fraction | None:
    """DUE-4: the odometer on `as_of`, from the latest reading on."""
    if not known.readings:
        return None
    latest = known.readings[-1]
    return latest.km + daily_km(known) * (known.as_of - latest.on).days


def due_of(known: Known) -> Due | None:
    """DUE-4: the earlier of the date by time and by mileage; on the same day, time."""
    if known.delivered_on is None:
        return None
    base = _base(known)
    plan = plan_of(known)
    interval = plan.regular if _was_maintained(known) else plan.first
    by_time = interval.after(base.on)
    by_mileage = _reaches(known, base.km + interval.km)
    if by_mileage < by_time:
        return Due(by_mileage, "mileage", base.on)
    return Due(by_time, "time", base.on)


def _was_maintained(known: Known) -> bool:
    return any(visit.is_maintenance for visit in known.visits)


def _base(known: Known) -> Reading:
    """DUE-2: the last maintenance visit's date and reading; before the first, the delivery.

    When the readings of that day were set aside, the latest accepted one before it.
    """
    if not _was_maintained(known):
        return known.readings[0]
    on = max(visit.on for visit in known.visits if visit.is_maintenance)
    return Reading(on, [reading.km for reading in known.readings if reading.on <= on][-1])


def _reaches(known: Known, target_km: int) -> date:
    """DUE-4: when the odometer stands at `target_km`."""
    latest = known.readings[-1]
    remaining = target_km - latest.km
    if remaining <= 0:
        return next(reading.on for reading in known.readings if reading.km >= target_km)
    return add_days(latest.on, math.ceil(remaining / daily_km(known)))


def days_overdue(known: Known) -> int:
    """Days after the due date, 0 when not overdue or without a due date."""
    due = due_of(known)
    return 0 if due is None else max(0, (known.as_of - due.on).days)


def level(known: Known) -> str:
    """DUE-5; none for a DUE-6 vehicle."""
    settings = known.settings.due
    due = due_of(known)
    if due is None or known.is_gone:
        return "none"
    days_left = (due.on - known.as_of).days
    if -days_left >= settings.red_from_days_overdue:
        return "red"
    if days_left <= settings.orange_days:
        return "orange"
    return "yellow" if days_left <= settings.yellow_days else "none"


def is_booked(known: Known) -> bool:
    """DUE-5: a confirmed appointment from `as_of` to due + 7 or `as_of` + 14, the later."""
    if known.is_gone:
        return False
    settings = known.settings.due
    due = due_of(known)
    until = add_days(known.as_of, settings.booked_ahead_days)
    if due is not None:
        until = max(until, add_days(due.on, settings.booked_after_due_days))
    return any(
        row.status == "confirmed" and known.as_of <= row.starts_on <= until
        for row in known.appointments
    )
