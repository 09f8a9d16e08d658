"""The members of the boards, one by one in plain Python (DOMAIN §3); no statement of the product.

A member is (board, period, item, part, hit, vin or None, customer). Boards of cars name the car,
boards of customers name None where the car is only a mark.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from .due import plan_of
from .exact import add_days, add_months
from .facts import Customer
from .known import Known, MergedVisit, Reading, Snapshot

Member = tuple[str, str, str, str, bool, str | None, str | None]
NODES = ("first", "second", "third", "fourth")
HORIZON_DAYS = 800


def members(snapshot: Snapshot) -> Iterator[Member]:
    """Of every board that is about cars' and customers' visits."""
    for known in snapshot.vehicles:
        if known.delivered_on is not None:
            yield from _of_car(known)
    for customer in snapshot.world.customers:
        yield from _of_customer(snapshot, customer)


def month(on: date) -> str:
    return f"{on.year:04}-{on.month:02}"


def _of_car(known: Known) -> Iterator[Member]:
    owner = known.owner.external_id if known.owner else None
    for board, period, item, part, hit in (
        *_retention(known),
        *_cohort(known),
        *_silence(known),
        *_survival(known),
        *_kept(known),
        *_due(known),
    ):
        yield board, period, item, part, hit, known.vehicle.vin, owner


Line = tuple[str, str, str, str, bool]


def services_of(known: Known) -> list[date]:
    return [visit.on for visit in known.visits if visit.is_maintenance]


def _retention(known: Known) -> Iterator[Line]:
    """LIFE-4, node by node, until one was not reached in time."""
    assert known.delivered_on is not None
    plan, services, base = plan_of(known), services_of(known), known.delivered_on
    for n, name in enumerate(NODES):
        interval = plan.first if n == 0 else plan.regular
        until = add_days(interval.after(base), 90)
        has_come = n < len(services) and services[n] <= until
        if until <= known.as_of:
            yield "retention", month(until), name, "", has_come
        if not has_come:
            return
        base = services[n]


def _cohort(known: Known) -> Iterator[Line]:
    """LIFE-6 of the cars delivered in the 24 full months before."""
    assert known.delivered_on is not None
    first = add_months(known.as_of.replace(day=1), -24)
    if first <= known.delivered_on < known.as_of.replace(day=1):
        if not known.visits:
            yield "cohorts", "", month(known.delivered_on), "", False
            return
        last = known.visits[-1].on
        since = (last.year - known.delivered_on.year) * 12 + last.month - known.delivered_on.month
        yield "cohorts", "", month(known.delivered_on), f"{max(since, 0):02}", True


def _silence(known: Known) -> Iterator[Line]:
    if known.is_gone:
        return
    last = known.visits[-1].on if known.visits else known.delivered_on
    assert last is not None
    months = 0
    while months < 24 and add_months(last, months + 1) <= known.as_of:
        months += 1
    yield "silence", "", f"{months:02}", "", bool(known.visits)


def _survival(known: Known) -> Iterator[Line]:
    services = services_of(known)
    if services and services[0] > add_days(known.as_of, -730):
        second = services[1] if len(services) > 1 else known.as_of
        weeks = (second - services[0]).days // 7
        yield "survival", "", "second", f"{weeks:03}", len(services) > 1


def _kept(known: Known) -> Iterator[Line]:
    horizon = add_months(known.as_of.replace(day=1), -25)
    for n, visit in enumerate(known.visits):
        for item, months in (("m3", 3), ("m12", 12)):
            until = add_months(visit.on, months)
            if horizon <= until <= known.as_of:
                again = n + 1 < len(known.visits) and known.visits[n + 1].on <= until
                yield "kept", month(until), item, "", again


def _due(known: Known) -> Iterator[Line]:
    for due, came in fell_due(known):
        yield from _after_due(known, due, came)


def fell_due(known: Known) -> Iterator[tuple[date, date | None]]:
    """Each time the car fell due, and the maintenance that ended it (None: not yet).

    DUE-4 as it stood the day before it came, or today.
    """
    assert known.delivered_on is not None
    services = services_of(known)
    for n in range(len(services) + 1):
        base = known.delivered_on if n == 0 else services[n - 1]
        came = services[n] if n < len(services) else None
        if came is not None and came <= add_days(known.as_of, -HORIZON_DAYS):
            continue
        cut = known.as_of if came is None else add_days(came, -1)
        due = _due_on(known, base, cut, is_first=n == 0)
        early = came is not None and came < add_days(due, -30)
        if due <= known.as_of and not early:
            yield due, came


def _due_on(known: Known, base: date, cut: date, *, is_first: bool) -> date:
    plan = plan_of(known)
    interval = plan.first if is_first else plan.regular
    # The delivery's 0 km is known from the beginning, also when it came on that very day.
    readings = [known.readings[0], *(one for one in known.readings[1:] if one.on <= cut)]
    before = [one.km for one in readings if one.on <= base]
    target = (0 if is_first else before[-1]) + interval.km
    by_time = interval.after(base)
    latest = readings[-1]
    if latest.km >= target:
        reached = [r.on for r in readings if r.km >= target and r.on >= base]
        return min(by_time, reached[0]) if reached else by_time
    rest = (target - latest.km) / _daily(known, readings, cut)
    return min(by_time, add_days(latest.on, math.ceil(rest)))


def _daily(known: Known, readings: list[Reading], cut: date) -> Fraction:
    settings = known.settings.due
    window = [r for r in readings if r.on > add_days(cut, -settings.window_days)]
    default = plan_of(known).daily_km
    if not window:
        return Fraction(default)
    km, days = window[-1].km - window[0].km, (window[-1].on - window[0].on).days
    leaned = Fraction(km + settings.lean_days * default, days + settings.lean_days)
    return min(max(leaned, Fraction(settings.slowest_km)), Fraction(settings.fastest_km))


def _after_due(known: Known, due: date, came: date | None) -> Iterator[Line]:
    days = [visit.on for visit in known.visits]
    booked = [one.created_on or one.starts_on for one in known.appointments]
    seen = [on for on in days if on >= add_days(due, -30)]
    first = min(seen, default=None)
    if (until := add_days(due, 30)) <= known.as_of:
        answered = (first is not None and first <= until) or any(
            add_days(due, -30) <= on <= until for on in booked
        )
        yield "due_answered", month(until), "answered", "", answered
    if (until := add_days(due, 90)) <= known.as_of:
        yield "due_answered", month(until), "came", "", first is not None and first <= until
        if came is None or came > due:
            yield "due_answered", month(until), "saved", "", _is_saved(known, due, days)


def _is_saved(known: Known, due: date, days: list[date]) -> bool:
    """Contacted while 1-89 days overdue, and a visit not before the contact, before day 90."""
    talks = [
        known.world.contact_on(one)
        for one in known.contacts
        if one.direction == "out" and one.channel != "visit"
    ]
    last = add_days(due, 89)
    return any(due < talk <= on <= last for talk in talks for on in days if on > due)


def _of_customer(snapshot: Snapshot, customer: Customer) -> Iterator[Member]:
    visits = sorted(
        visits_with_cars(snapshot, customer), key=lambda one: (one[0].on, one[1].vehicle.vin)
    )
    if not visits:
        return
    who, days = customer.external_id, [visit.on for visit, _ in visits]
    count = str(min(len(days), 6))
    yield "funnel", month(days[0]), "visits", count, len(days) > 1, None, who
    start = snapshot.as_of.replace(day=1)
    if add_months(start, -24) <= days[0] < start:
        since = (days[-1].year - days[0].year) * 12 + days[-1].month - days[0].month
        yield "cohorts_visit", "", month(days[0]), f"{since:02}", True, None, who
    horizon = add_months(start, -25)
    for n, (visit, _) in enumerate(visits):
        if visit.on >= horizon:
            item = "new" if n == 0 else "returning"
            for part, is_hit in (("maintenance", True), ("other", False)):
                yield "revenue", month(visit.on), item, part, is_hit, None, who


def visits_with_cars(snapshot: Snapshot, customer: Customer) -> list[tuple[MergedVisit, Known]]:
    return [
        (visit, known)
        for known in snapshot.vehicles
        for visit in known.visits
        if snapshot.world.owner_on(known.vehicle, visit.on) == customer
    ]
