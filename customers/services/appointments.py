"""Appointments agreed, moved and cancelled here: a store and a time, until there are bays."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from common.dates import local_date
from common.exceptions import DomainError
from common.sql import execute
from customers.choices import AppointmentStatus
from customers.models import Appointment, AppointmentChange, Vehicle
from customers.rules import SLOT_MINUTES, slot_capacity
from customers.selectors.slots import HOLDING, slot_start
from customers.services.contacts import number_of
from stores.models import Staff, Store

# Beside the locks of pipeline.services: the day, the segments, a chunk.
SLOT_LOCK = 4704
_FURTHEST = timedelta(days=366)


@dataclass(frozen=True)
class Cancelled:
    """An appointment that was called off, and how to take that back."""

    appointment_id: int
    status: str
    change_id: int


@dataclass(frozen=True)
class Booking:
    """A new appointment and those it replaced."""

    appointment: Appointment
    replaced: list[Cancelled]


def book(
    vehicle: Vehicle,
    starts_at: datetime,
    *,
    store: Store,
    by: Staff,
    now: datetime,
    key: UUID,
    source: str = "phone",
    replaces: Collection[int] = (),
) -> Booking:
    """A confirmed appointment in the caller's transaction.

    It replaces the car's appointments still ahead at this store, and those of `replaces`. Raises
    DomainError('bad_slot', field='slot') when the time is over, outside the store's hours or full.
    """
    _check_hours(store, starts_at, now)
    lock_slot(store, starts_at)
    # Read behind the lock: of two who want the last place the second one sees the first.
    around = _around(vehicle, starts_at, store, now, replaces)
    old = [one for one in around if one.vehicle_id == vehicle.pk]
    if _places_taken(around, old, starts_at, store) >= slot_capacity(store.bays):
        text = _("This time has just been taken. Choose another one.")
        raise DomainError("bad_slot", text, field="slot")
    replaced = cancel(old, store=store, now=now)
    return Booking(_inserted(vehicle, starts_at, store, by, now, key, source), replaced)


def cancel(appointments: Iterable[Appointment], *, store: Store, now: datetime) -> list[Cancelled]:
    """Calls these off, as of `now`."""
    found = list(appointments)
    if not found:
        return []
    changes = AppointmentChange.objects.bulk_create(
        _change(one, AppointmentStatus.CANCELLED, store, now) for one in found
    )
    pairs = zip(found, changes, strict=True)
    cancelled = [Cancelled(one.pk, one.status, change.pk) for one, change in pairs]
    ids = [one.pk for one in found]
    Appointment.objects.filter(pk__in=ids).update(status=AppointmentStatus.CANCELLED)
    return cancelled


def restore(cancelled: Iterable[Cancelled]) -> None:
    """Takes `cancel` back."""
    for one in cancelled:
        AppointmentChange.objects.filter(pk=one.change_id).delete()
        Appointment.objects.filter(pk=one.appointment_id).update(status=one.status)


def lock_slot(store: Store, starts_at: datetime) -> None:
    """Holds the store's half hour until the transaction ends: one booking of it at a time."""
    slot = f"{store.pk} {slot_start(store, starts_at).isoformat()}"
    execute(
        "SELECT pg_advisory_xact_lock(%(space)s, hashtext(%(slot)s))",
        {"space": SLOT_LOCK, "slot": slot},
    )


def _check_hours(store: Store, starts_at: datetime, now: datetime) -> None:
    local = starts_at.astimezone(ZoneInfo(store.timezone))
    hours = {"opens": f"{store.opens_at:%H:%M}", "closes": f"{store.closes_at:%H:%M}"}
    text = ""
    if starts_at <= now:
        text = _("This time is over. Choose a later one.")
    elif starts_at > now + _FURTHEST:
        text = _("This is more than a year away. Choose an earlier time.")
    elif not store.opens_at <= local.time() < store.closes_at:
        text = _("The store is open from %(opens)s to %(closes)s.") % hours
    if text:
        raise DomainError("bad_slot", text, field="slot")


def _around(
    vehicle: Vehicle, starts_at: datetime, store: Store, now: datetime, replaces: Collection[int]
) -> list[Appointment]:
    """Appointments of that half hour, the car's own that are ahead, and those to be replaced."""
    begin = slot_start(store, starts_at)
    window = Q(starts_at__gte=begin, starts_at__lt=begin + timedelta(minutes=SLOT_MINUTES))
    own = Q(vehicle=vehicle) & (Q(starts_at__gte=now) | Q(pk__in=list(replaces)))
    found = Appointment.objects.filter(window | own, store=store, status__in=HOLDING)
    return list(found.order_by("pk").select_for_update(no_key=True))


def _places_taken(
    around: list[Appointment], old: list[Appointment], starts_at: datetime, store: Store
) -> int:
    begin = slot_start(store, starts_at)
    own = {one.pk for one in old}
    return sum(slot_start(store, one.starts_at) == begin for one in around if one.pk not in own)


def _inserted(
    vehicle: Vehicle,
    starts_at: datetime,
    store: Store,
    by: Staff,
    now: datetime,
    key: UUID,
    source: str,
) -> Appointment:
    today = local_date(now, store.timezone)
    appointment: Appointment = Appointment.objects.create(
        store=store,
        external_id=number_of(key),
        vehicle=vehicle,
        starts_at=starts_at,
        starts_on=local_date(starts_at, store.timezone),
        status=AppointmentStatus.CONFIRMED,
        source=source,
        booked_by=by,
        created_at=now,
        created_on=today,
        received_on=today,
    )
    _change(appointment, AppointmentStatus.CONFIRMED, store, now).save()
    return appointment


def _change(
    appointment: Appointment, status: AppointmentStatus, store: Store, now: datetime
) -> AppointmentChange:
    return AppointmentChange(
        appointment=appointment,
        status=status,
        status_at=now,
        from_on=local_date(now, store.timezone),
    )
