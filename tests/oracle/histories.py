"""Hypothesis strategies for small worlds that lean on the boundaries of the rules.

`histories()` gives a `History` (a world and the `as_of` it leans on). The first choice of every
list is the plainest, so a failing world shrinks to one store, one customer and one quiet car.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from .exact import add_days, add_months
from .facts import (
    Appointment,
    Complaint,
    Contact,
    Customer,
    Engagement,
    Ownership,
    Staff,
    Store,
    Survey,
    Vehicle,
    Visit,
    World,
)

AS_OF_DATES = (date(2026, 3, 31), date(2024, 2, 29), date(2026, 11, 20))
HORIZON_DAYS = 40

# Days before as_of; negative ones lie ahead of it.
DAYS_BEFORE = (
    *(100, 0, 1, 2, 3, 4, 6, 7, 8, 14, 15, 16, 29, 30, 31, 60, 89, 90, 91, 92, 119, 120, 121),
    *(
        179,
        180,
        273,
        274,
        275,
        364,
        365,
        366,
        500,
        729,
        730,
        731,
        1000,
        -1,
        -2,
        -7,
        -14,
        -15,
        -22,
        -40,
    ),
)
# as_of - due, so that due levels, weeks, lost and phases are met on both sides.
DAYS_OVERDUE = (
    *(0, 1, -3, -4, -14, -15, -16, -30, -31, 6, 7, 13, 14, 29, 30, 31, 42, 49, 89, 90, 274, 275),
    -1,
)
MONTH_ENDS = (
    *(date(2023, 8, 31), date(2023, 8, 29), date(2024, 2, 29), date(2025, 8, 31)),
    *(date(2025, 9, 30), date(2023, 2, 28), date(2025, 2, 28), date(2026, 5, 31)),
)
TIMES = (time(10), time(0), time(23, 59, 59), time(7, 30), time(16), time(8), time(17, 30, 1))
ZONES = ("Asia/Shanghai", "Asia/Urumqi", "UTC")
WRITTEN_IN = (None, UTC, timezone(timedelta(hours=9)))

MODELS = (("BYD", "Qin"), ("BYD", "Han"), ("VW", "Lavida"), ("VW", ""))
POWERTRAINS = ("ICE", "BEV", "PHEV", "HEV", "EREV")
KINDS = ("maintenance", "repair", "bodywork", "recall", "inspection", "other")
STATUSES = (*("active",) * 10, "sold", "scrapped", "moved")
AMOUNTS = tuple(
    Decimal(text)
    for text in ("500", "0", "1999.99", "2000", "5000", "5000.01", "0.01", "1234.56", "8000")
)
MARGINS = (None, Decimal("200"), Decimal("0"), Decimal("-50.5"), Decimal("333.33"))
DAILY_RATES = (50, 0, 1, 14, 27, 120, 499, 501, 1500)
KM_STEPS = (1000, 0, -1, -3000, 3000, 4999, 5000, 5001, 10000, 1500, 1501, 40000)
SCORES = {
    100: ("90", "80", "79", "79.99", "0", "100"),
    10: ("9", "8", "7.9", "0", "10"),
    5: ("5", "4", "3.9", "3.95", "1"),
}
CHANNELS = ("phone", "wechat", "wechat", "phone", "sms", "app", "email", "visit")
OUTCOMES = {
    "phone": (
        *("no_answer", "busy", "off", "connected", "callback", "booked", "refused"),
        *("wrong_number", "replied"),
    ),
    "wechat": ("no_reply", "delivered", "replied", "failed", "connected"),
    "sms": ("delivered", "replied", "failed"),
    "app": ("delivered", "no_reply"),
    "email": ("delivered", "replied"),
    "visit": ("connected", "booked"),
}
APPOINTMENT_STATUSES = (
    *("confirmed", "cancelled", "requested", "arrived", "completed", "no_show"),
)


@dataclass(frozen=True)
class History:
    """A world and the day to ask about."""

    world: World
    as_of: date


@dataclass(frozen=True)
class Frame:
    """What every fact of one world is drawn within."""

    as_of: date
    latest: date
    stores: tuple[Store, ...]

    def zone(self, store: str) -> ZoneInfo:
        return next(ZoneInfo(row.timezone) for row in self.stores if row.code == store)


@st.composite
def histories(
    draw: st.DrawFn,
    *,
    as_of: date | None = None,
    latest: date | None = None,
    received_on: date | None = None,
) -> History:
    """A random world.

    No fact but an appointment's start lies after `latest` (default `as_of` + 40 days): set it to
    the product's today when its importer refuses dates in the future. `received_on` fixes
    since when statuses and replies without a date of their own are known.
    """
    day = as_of or draw(st.sampled_from(AS_OF_DATES))
    last = latest or add_days(day, HORIZON_DAYS)
    stores = draw(_stores())
    frame = Frame(day, last, stores)
    staff = draw(_staff(frame))
    customers = draw(_customers(frame, staff))
    vehicles = [draw(_vehicles(frame, customers, row)) for row in range(1, draw(_count(1, 3)) + 1)]
    visits = draw(_visits(frame, vehicles))
    known = received_on or draw(st.sampled_from((date.min, add_days(day, 1), day)))
    world = World(
        stores=stores,
        staff=staff,
        customers=customers,
        vehicles=tuple(vehicles),
        visits=visits,
        surveys=draw(_surveys(frame, visits)),
        complaints=draw(_complaints(frame, vehicles, visits)),
        contacts=draw(_contacts(frame, customers, vehicles, visits)),
        appointments=draw(_appointments(frame, vehicles)),
        engagement=draw(_engagement(frame, customers)),
        received_on=known,
    )
    return History(world, day)


def _count(least: int, most: int) -> st.SearchStrategy[int]:
    return st.integers(least, most)


@st.composite
def _dates(draw: st.DrawFn, frame: Frame, *near: date) -> date:
    """A date around `as_of`, a due date's base, a month's end, or next to a given date."""
    ways = ["before", "due", "any", "month_end"] + ["near"] * bool(near)
    way = draw(st.sampled_from(ways))
    if way == "before":
        on = add_days(frame.as_of, -draw(st.sampled_from(DAYS_BEFORE)))
    elif way == "due":
        on = draw(_bases(frame))
    elif way == "any":
        on = add_days(frame.as_of, -draw(st.integers(-HORIZON_DAYS, 1100)))
    elif way == "month_end":
        on = draw(st.sampled_from(MONTH_ENDS))
    else:
        on = add_days(draw(st.sampled_from(near)), draw(st.sampled_from((0, 1, -1, 3, 4, -30))))
    return min(on, frame.latest)


@st.composite
def _bases(draw: st.DrawFn, frame: Frame) -> date:
    """A base date from which the due date lies at a boundary."""
    due_on = add_days(frame.as_of, -draw(st.sampled_from(DAYS_OVERDUE)))
    months = draw(st.sampled_from((6, 12, 0)))
    return add_months(due_on, -months) if months else add_days(due_on, -30)


@st.composite
def _moments(draw: st.DrawFn, frame: Frame, store: str, on: date) -> datetime:
    """A time of that local date, written in the store's zone or with another offset."""
    local = datetime.combine(on, draw(st.sampled_from(TIMES)), tzinfo=frame.zone(store))
    written_in: tzinfo | None = draw(st.sampled_from(WRITTEN_IN))
    return local.astimezone(written_in) if written_in else local


@st.composite
def _stores(draw: st.DrawFn) -> tuple[Store, ...]:
    """One or two stores, in Shanghai's, Urumqi's or universal time."""
    zones = draw(st.lists(st.sampled_from(ZONES), min_size=1, max_size=2))
    return tuple(Store(f"S{row}", zone) for row, zone in enumerate(zones, start=1))


@st.composite
def _staff(draw: st.DrawFn, frame: Frame) -> tuple[Staff, ...]:
    """Per store one manager, sometimes two, and two advisors of whom the second may be away."""
    staff = []
    for store in frame.stores:
        at = (store.code,)
        staff.append(Staff(f"{store.code}M1", "manager", at))
        if draw(st.booleans()):
            staff.append(Staff(f"{store.code}M2", "manager", at, draw(st.booleans())))
        staff.append(Staff(f"{store.code}A1", "advisor", at))
        staff.append(Staff(f"{store.code}A2", "advisor", at, draw(st.booleans())))
    return tuple(staff)


@st.composite
def _customers(draw: st.DrawFn, frame: Frame, staff: tuple[Staff, ...]) -> tuple[Customer, ...]:
    customers = []
    for row in range(1, draw(_count(1, 3)) + 1):
        store = draw(st.sampled_from(frame.stores)).code
        own = [p.code for p in staff if p.role == "advisor" and store in p.stores]
        state = draw(st.sampled_from((*("",) * 12, "erased", "merged")))
        customers.append(
            Customer(
                external_id=f"C{row}",
                store=store,
                advisor=draw(st.sampled_from([*own, None])),
                erased=state == "erased",
                merged=state == "merged",
            )
        )
    return tuple(customers)


@st.composite
def _vehicles(draw: st.DrawFn, frame: Frame, customers: tuple[Customer, ...], row: int) -> Vehicle:
    """A vehicle of the first owner's store; later owners are of the same store."""
    first = draw(st.sampled_from(customers))
    delivered_on = draw(st.one_of(_dates(frame), _old(frame), st.none()))
    brand, model = draw(st.sampled_from(MODELS))
    status = draw(st.sampled_from(STATUSES))
    has_date = status != "active" and draw(st.booleans())
    return Vehicle(
        vin=f"LHUTZA{row:011d}",
        brand=brand,
        model=model,
        powertrain=draw(st.sampled_from(POWERTRAINS)),
        store=first.store,
        delivered_on=delivered_on,
        ownerships=draw(_ownerships(frame, first, customers)),
        status=status,
        status_on=draw(_dates(frame)) if has_date else None,
    )


def _old(frame: Frame) -> st.SearchStrategy[date]:
    """A delivery long enough ago for a history."""
    return st.sampled_from((800, 731, 1500)).map(lambda days: add_days(frame.as_of, -days))


@st.composite
def _ownerships(
    draw: st.DrawFn, frame: Frame, first: Customer, customers: tuple[Customer, ...]
) -> tuple[Ownership, ...]:
    """Owned from the beginning or a past day; sometimes sold on within the store."""
    since = draw(st.one_of(st.none(), _dates(frame).map(lambda on: min(on, frame.as_of))))
    owners = [Ownership(first.external_id, since)]
    others = [c for c in customers if c.store == first.store and c != first]
    is_resold = draw(st.booleans())
    if others and is_resold:
        later = draw(_dates(frame))
        if since is None or later > since:
            owners.append(Ownership(draw(st.sampled_from(others)).external_id, later))
    return tuple(owners)


@st.composite
def _visits(draw: st.DrawFn, frame: Frame, vehicles: list[Vehicle]) -> tuple[Visit, ...]:
    """0-8 work orders, some on one day, with readings that jump, stall or go back.

    One car in three has a first service besides, and most of these no other visit (TASK-6).
    """
    visits: list[Visit] = []
    others = []
    for vehicle in vehicles:
        if draw(st.sampled_from((False, False, True))):
            visits.append(draw(_first_service(frame, vehicle, len(visits) + 1)))
        else:
            others.append(vehicle)
    if draw(st.sampled_from((False, False, False, True))):
        others = vehicles
    for _ in range(draw(_count(0, 8)) if others else 0):
        vehicle = draw(st.sampled_from(others))
        own = [visit for visit in visits if visit.vin == vehicle.vin]
        visits.append(draw(_visit(frame, vehicle, own, len(visits) + 1)))
    return tuple(visits)


@st.composite
def _first_service(draw: st.DrawFn, frame: Frame, vehicle: Vehicle, row: int) -> Visit:
    """Next to a step of the second-visit lane, counted from it or from the second's due date."""
    if draw(st.booleans()):
        days = draw(st.sampled_from((0, 1, 2, 3, 6, 7, 8, 14, 15)))
        on = add_days(frame.as_of, -days)
    else:
        due_on = add_days(frame.as_of, draw(st.sampled_from((14, 15, 3, 4, 2, 0, -1))))
        # By distance at the plan's default of 50 km a day, where the delivery is long ago.
        is_plug = vehicle.powertrain in ("BEV", "PHEV", "EREV")
        by_distance = add_days(due_on, -200 if is_plug else -100)
        by_time = add_months(due_on, -12 if is_plug else -6)
        on = draw(st.sampled_from((by_distance, by_distance, by_time)))
    return Visit(
        work_order_no=f"W{row}",
        vin=vehicle.vin,
        store=vehicle.store,
        arrived_at=draw(_moments(frame, vehicle.store, min(on, frame.latest))),
        odometer_km=draw(st.sampled_from((0, 0, 1000, 3000))),
        amount=draw(st.sampled_from(AMOUNTS)),
    )


@st.composite
def _visit(draw: st.DrawFn, frame: Frame, vehicle: Vehicle, own: list[Visit], row: int) -> Visit:
    near = [visit.arrived_at.astimezone(frame.zone(visit.store)).date() for visit in own]
    near += [vehicle.delivered_on] if vehicle.delivered_on else []
    on = min(draw(_dates(frame, *near)), frame.latest)
    elsewhere = draw(st.sampled_from((False, False, False, True)))
    store = draw(st.sampled_from(frame.stores)).code if elsewhere else vehicle.store
    arrived_at = draw(_moments(frame, store, on))
    is_void = draw(st.sampled_from((False, False, False, False, False, True)))
    void_on = draw(st.one_of(st.none(), _dates(frame, on))) if is_void else None
    return Visit(
        work_order_no=f"W{row}",
        vin=vehicle.vin,
        store=store,
        arrived_at=arrived_at,
        odometer_km=draw(_odometers(vehicle, own, arrived_at)),
        kind=draw(st.one_of(st.just("maintenance"), st.sampled_from(KINDS))),
        amount=draw(st.sampled_from(AMOUNTS)),
        gross_margin=draw(st.sampled_from(MARGINS)),
        status="void" if is_void else draw(st.sampled_from(("closed", "open"))),
        void_on=max(void_on, on) if void_on else None,
    )


@st.composite
def _odometers(draw: st.DrawFn, vehicle: Vehicle, own: list[Visit], arrived_at: datetime) -> int:
    """On from the reading before in time, at a daily rate or by a step."""
    earlier = [visit for visit in own if visit.arrived_at <= arrived_at]
    before = max(earlier, key=lambda visit: visit.arrived_at, default=None)
    if before is not None:
        km, on = before.odometer_km, before.arrived_at.date()
    else:
        km, on = 0, vehicle.delivered_on or arrived_at.date()
    if draw(st.booleans()):
        return max(0, km + draw(st.sampled_from(KM_STEPS)))
    days = max(0, (arrived_at.date() - on).days)
    return km + days * draw(st.sampled_from(DAILY_RATES))


@st.composite
def _surveys(draw: st.DrawFn, frame: Frame, visits: tuple[Visit, ...]) -> tuple[Survey, ...]:
    """At most one a work order, in any order."""
    if not visits:
        return ()
    chosen = draw(st.lists(st.sampled_from(visits), unique=True, max_size=3))
    surveys = []
    for visit in chosen:
        visited_on = visit.arrived_at.astimezone(frame.zone(visit.store)).date()
        scale = draw(st.sampled_from((100, 10, 5)))
        answered_on = draw(_dates(frame, visited_on))
        surveys.append(
            Survey(
                work_order_no=visit.work_order_no,
                store=visit.store,
                vin=visit.vin,
                answered_at=draw(_moments(frame, visit.store, answered_on)),
                score=Decimal(draw(st.sampled_from(SCORES[scale]))),
                scale=scale,
            )
        )
    return tuple(surveys)


@st.composite
def _complaints(
    draw: st.DrawFn, frame: Frame, vehicles: list[Vehicle], visits: tuple[Visit, ...]
) -> tuple[Complaint, ...]:
    complaints = []
    for row in range(1, draw(_count(0, 2)) + 1):
        vehicle = draw(st.sampled_from(vehicles))
        opened_on = draw(_dates(frame, *_visit_days(frame, visits, vehicle.vin)))
        opened_at = draw(_moments(frame, vehicle.store, opened_on))
        resolved_at = None
        if draw(st.booleans()):
            resolved_on = max(draw(_dates(frame, opened_on)), opened_on)
            resolved_at = max(opened_at, draw(_moments(frame, vehicle.store, resolved_on)))
        complaints.append(Complaint(f"K{row}", vehicle.vin, opened_at, resolved_at))
    return tuple(complaints)


def _visit_days(frame: Frame, visits: tuple[Visit, ...], vin: str | None) -> list[date]:
    return [
        visit.arrived_at.astimezone(frame.zone(visit.store)).date()
        for visit in visits
        if vin in (None, visit.vin)
    ]


@st.composite
def _contacts(
    draw: st.DrawFn,
    frame: Frame,
    customers: tuple[Customer, ...],
    vehicles: list[Vehicle],
    visits: tuple[Visit, ...],
) -> tuple[Contact, ...]:
    """0-6 contacts, many on or next to a visit's day or another contact's."""
    contacts: list[Contact] = []
    near: list[date] = []
    for row in range(1, draw(_count(0, 6)) + 1):
        customer = draw(st.sampled_from(customers))
        vin = draw(st.sampled_from([vehicle.vin for vehicle in vehicles] + [None]))
        on = draw(_dates(frame, *near, *_visit_days(frame, visits, vin)))
        near.append(on)
        channel = draw(st.sampled_from(CHANNELS))
        outcome = draw(st.sampled_from(OUTCOMES[channel]))
        knows = outcome == "replied" and draw(st.booleans())
        contacts.append(
            Contact(
                external_id=f"T{row}",
                customer=customer.external_id,
                vin=vin,
                at=draw(_moments(frame, customer.store, on)),
                channel=channel,
                direction=draw(st.sampled_from(("out", "out", "out", "in"))),
                outcome=outcome,
                replied_on=max(draw(_dates(frame, on)), on) if knows else None,
            )
        )
    return tuple(contacts)


@st.composite
def _appointments(
    draw: st.DrawFn, frame: Frame, vehicles: list[Vehicle]
) -> tuple[Appointment, ...]:
    appointments = []
    for row in range(1, draw(_count(0, 3)) + 1):
        vehicle = draw(st.sampled_from(vehicles))
        ahead = st.sampled_from((3, 0, 1, 2, 1, 0, 14, 15, 7, 37, 38, -1, -364, -365, 60))
        ahead_on = ahead.map(lambda days: add_days(frame.as_of, days))
        starts_at = draw(_moments(frame, vehicle.store, draw(st.one_of(ahead_on, _dates(frame)))))
        created_at = None
        if draw(st.booleans()):
            starts_on = starts_at.astimezone(frame.zone(vehicle.store)).date()
            the_days_before = (add_days(starts_on, -1), add_days(starts_on, -2))
            made_on = draw(_dates(frame, *the_days_before))
            created_at = draw(_moments(frame, vehicle.store, made_on))
        appointments.append(
            Appointment(
                external_id=f"P{row}",
                vin=vehicle.vin,
                starts_at=starts_at,
                created_at=created_at,
                statuses=draw(_statuses(frame, vehicle.store, created_at)),
            )
        )
    return tuple(appointments)


@st.composite
def _statuses(
    draw: st.DrawFn, frame: Frame, store: str, created_at: datetime | None
) -> tuple[tuple[str, date], ...]:
    """One or two statuses on rising dates, none before the making."""
    made_on = created_at.astimezone(frame.zone(store)).date() if created_at else date.min
    first_on = max(draw(_dates(frame)), made_on)
    statuses = [(draw(st.sampled_from(APPOINTMENT_STATUSES)), first_on)]
    later_on = draw(_dates(frame))
    if later_on > first_on:
        statuses.append((draw(st.sampled_from(APPOINTMENT_STATUSES)), later_on))
    return tuple(statuses)


@st.composite
def _engagement(
    draw: st.DrawFn, frame: Frame, customers: tuple[Customer, ...]
) -> tuple[Engagement, ...]:
    """Some of the months from four before `as_of`'s to its own, each cell maybe empty."""
    figures = st.sampled_from((None, 0, 0, 1, 2, 5))
    rows = []
    for customer in customers:
        months = st.lists(st.integers(0, 4), unique=True, max_size=3)
        for back in draw(st.one_of(st.just([]), st.just([1, 2, 3]), months)):
            month = add_months(frame.as_of.replace(day=1), -back)
            rows.append(Engagement(customer.external_id, month, draw(figures), draw(figures)))
    return tuple(rows)


@st.composite
def crowds(draw: st.DrawFn, *, as_of: date | None = None) -> History:
    """One store with up to 21 customers of one car each: for percentiles, cuts and ties."""
    day = as_of or draw(st.sampled_from(AS_OF_DATES))
    store = Store("S1", draw(st.sampled_from(ZONES)))
    frame = Frame(day, day, (store,))
    customers: list[Customer] = []
    vehicles: list[Vehicle] = []
    visits: list[Visit] = []
    for row in range(1, draw(_count(1, 21)) + 1):
        vehicle = _plain_vehicle(row, add_days(day, -draw(st.sampled_from((1100, 731, 100)))))
        customers.append(Customer(f"C{row}", "S1", "S1A1"))
        vehicles.append(vehicle)
        for _ in range(draw(_count(0, 3))):
            visits.append(draw(_plain_visit(frame, vehicle, len(visits) + 1)))
    world = World(
        stores=(store,),
        staff=(Staff("S1M1", "manager", ("S1",)), Staff("S1A1", "advisor", ("S1",))),
        customers=tuple(customers),
        vehicles=tuple(vehicles),
        visits=tuple(visits),
    )
    return History(world, day)


def _plain_vehicle(row: int, delivered_on: date) -> Vehicle:
    owned = (Ownership(f"C{row}"),)
    return Vehicle(f"LHUTZA{row:011d}", "BYD", "Qin", "BEV", "S1", delivered_on, owned)


@st.composite
def _plain_visit(draw: st.DrawFn, frame: Frame, vehicle: Vehicle, row: int) -> Visit:
    """Few dates and amounts, so that customers tie."""
    days = draw(st.sampled_from((10, 0, 50, 90, 365, 366, 729, 730, 731)))
    return Visit(
        work_order_no=f"W{row}",
        vin=vehicle.vin,
        store="S1",
        arrived_at=draw(_moments(frame, "S1", add_days(frame.as_of, -days))),
        odometer_km=1000,
        kind=draw(st.sampled_from(("maintenance", "repair"))),
        amount=draw(st.sampled_from(AMOUNTS)),
    )
