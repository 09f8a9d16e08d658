"""Free times of a store's workshop, the customer's usual ones first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count

from customers.choices import AppointmentStatus, OrderStatus
from customers.models import Appointment, Customer, Visit
from customers.rules import habit, offered, slot_capacity, slot_of, slot_times
from stores.models import Store

# An appointment in these takes its place in the slot.
HOLDING = (AppointmentStatus.REQUESTED, AppointmentStatus.CONFIRMED)
NOTICE = timedelta(hours=2)
_DAYS_AHEAD = 28
_VISITS = 20


@dataclass(frozen=True)
class Slot:
    """A free start on the store's clock; `is_usual`: when the customer usually comes."""

    starts_at: datetime
    is_usual: bool


def free_slots(
    store: Store,
    *,
    now: datetime,
    customer: Customer | None = None,
    came_at: Sequence[datetime] | None = None,
    count: int = 4,
    on: date | None = None,
) -> list[Slot]:
    """Times to offer from two hours from `now` on, at most `count`; all of one day with `on`.

    `came_at`: when the customer came, newest first, for who has read it already. Two queries, one
    without a customer or with `came_at`.
    """
    zone = ZoneInfo(store.timezone)
    today = now.astimezone(zone).date()
    days = [on] if on else [today + timedelta(days=ahead) for ahead in range(_DAYS_AHEAD)]
    free = _free(store, days, now + NOTICE)
    if came_at is None:
        came_at = _came_at(customer) if customer else ()
    usual = habit([moment.astimezone(zone) for moment in came_at]) if came_at else None
    chosen = free if on else offered(free, usual, count)
    return [Slot(start, usual is not None and usual.fits(start)) for start in chosen]


def slot_start(store: Store, moment: datetime) -> datetime:
    """The start of the store's half hour into which `moment` falls, on the store's clock."""
    local = moment.astimezone(ZoneInfo(store.timezone))
    at = slot_of(local.time(), store.opens_at)
    return datetime.combine(local.date(), at, local.tzinfo)


def _free(store: Store, days: list[date], first: datetime) -> list[datetime]:
    zone = ZoneInfo(store.timezone)
    times = slot_times(store.opens_at, store.closes_at)
    taken = _taken(store, days[0], days[-1])
    starts = (datetime.combine(day, at, zone) for day in days for at in times)
    room = slot_capacity(store.bays)
    return [start for start in starts if start >= first and taken.get(start, 0) < room]


def _taken(store: Store, first: date, last: date) -> dict[datetime, int]:
    """{start of a half hour: appointments that begin in it}."""
    zone = ZoneInfo(store.timezone)
    begin = datetime.combine(first, time.min, zone)
    end = datetime.combine(last + timedelta(days=1), time.min, zone)
    rows = (
        Appointment.objects.filter(
            store=store, starts_at__gte=begin, starts_at__lt=end, status__in=HOLDING
        )
        .values("starts_at")
        .annotate(cars=Count("pk"))
        .order_by()
    )
    taken: dict[datetime, int] = {}
    for row in rows:
        start = slot_start(store, row["starts_at"])
        taken[start] = taken.get(start, 0) + row["cars"]
    return taken


def _came_at(customer: Customer) -> list[datetime]:
    visits = Visit.objects.filter(customer=customer, is_counted=True)
    visits = visits.exclude(status=OrderStatus.VOID).order_by("-arrived_at")
    return list(visits.values_list("arrived_at", flat=True)[:_VISITS])
