"""Recording an outcome: one transaction from the customer's lock to the cars to be settled.

Locks are taken in one order: the customer's row, the rollups of the customer's cars, tasks by id,
the workshop's slot. The last is held by nobody who waits for one of the others.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from alerts.choices import ClosedAs, Result, TaskKind
from alerts.models import Outcome, Task
from alerts.rules.outcomes import ENDS, SETTLING, Fate, attempts_after, fate
from alerts.services.outcomes.changes import Changes
from alerts.services.outcomes.checks import check, reason_of
from alerts.services.outcomes.entry import Desk, Entry, known, lock_customer, spread
from alerts.services.outcomes.followups import follow_up
from common.dates import local_date
from common.exceptions import DomainError
from customers.choices import AppointmentStatus, Channel, Direction
from customers.choices import Outcome as ContactOutcome
from customers.models import Appointment, Contact, Vehicle
from customers.services import appointments, contacts, corrections, dirty, settlements
from customers.services.appointments import Booking, Cancelled
from customers.services.consent import withdraw
from stores.models import Staff

UNDO_SECONDS = 30

_CONTACTS: dict[str, ContactOutcome] = {
    Result.BOOKED: ContactOutcome.BOOKED,
    Result.CALLBACK: ContactOutcome.CALLBACK,
    Result.NO_ANSWER: ContactOutcome.NO_ANSWER,
    Result.BUSY: ContactOutcome.BUSY,
    Result.OFF: ContactOutcome.OFF,
    Result.WRONG_NUMBER: ContactOutcome.WRONG_NUMBER,
    Result.REFUSED: ContactOutcome.REFUSED,
    Result.ELSEWHERE: ContactOutcome.REFUSED,
    Result.DO_NOT_CALL: ContactOutcome.REFUSED,
    Result.CONNECTED: ContactOutcome.CONNECTED,
    Result.VEHICLE_GONE: ContactOutcome.CONNECTED,
    Result.SETTLED: ContactOutcome.CONNECTED,
    Result.MESSAGED: ContactOutcome.NO_REPLY,
}


@transaction.atomic
def record(entry: Entry, *, by: Staff, now: datetime) -> Outcome:
    """Records the entry and does all that follows from it (TASK-4); the same key again does not.

    Tasks closed meanwhile are left out. Raises NotFound, DomainError('bad_outcome', field=…) when
    something is missing, 'taken' (`outcome`) when somebody recorded one the page had not seen, and
    'undone' (`outcome`) when this one was taken back. The caller settles the cars it marks.
    """
    customer = lock_customer(entry.customer_id)
    if earlier := known(entry, local_date(now, customer.store.timezone)):
        return earlier
    desk = spread(entry, customer, by, now)
    check(desk)
    booking = _book(desk)
    changes = Changes()
    before = {**_on_customer(desk), **_on_tasks(desk, changes, booking)}
    outcome = _inserted(desk, booking, before)
    led_to = follow_up(desk, outcome, changes)
    changes.save(outcome)
    if led_to is not None:
        # Now there is room for another of its kind on the car.
        led_to.save()
    dirty.mark(desk.cars)
    return outcome


def _book(desk: Desk) -> Booking | None:
    """The appointment of a booking; it takes the place of the one that was being confirmed."""
    car, entry = desk.booked_car, desk.entry
    if entry.result != Result.BOOKED or car is None or entry.slot is None:
        return None
    confirming = [task for task in _confirming(desk) if task.vehicle_id == car.pk]
    try:
        return appointments.book(
            car,
            entry.slot,
            store=desk.store,
            by=desk.by,
            now=desk.now,
            key=entry.key,
            source=entry.channel,
            replaces=[task.about_id for task in confirming],
        )
    except DomainError as error:
        raise DomainError("bad_outcome", error.message, **error.data) from None


def _confirming(desk: Desk) -> list[Task]:
    return [task for task in desk.tasks if task.kind == TaskKind.BOOKING_CONFIRM]


def _inserted(desk: Desk, booking: Booking | None, before: dict[str, Any]) -> Outcome:
    entry = desk.entry
    outcome: Outcome = Outcome.objects.create(
        key=entry.key,
        store=desk.store,
        customer=desk.customer,
        vehicle=_about(desk),
        staff=desk.by,
        at=desk.now,
        on_date=desk.on,
        channel=_channel(entry),
        direction=entry.direction,
        result=entry.result,
        reason=reason_of(entry),
        callback_at=entry.callback_at if entry.result == Result.CALLBACK else None,
        agreed_on=entry.agreed_on,
        note=entry.note,
        contact=_contact(desk),
        appointment=booking.appointment if booking else None,
        final_at=desk.now + timedelta(seconds=UNDO_SECONDS),
        before=before,
    )
    return outcome


def _about(desk: Desk) -> Vehicle | None:
    if desk.entry.result == Result.BOOKED:
        return desk.booked_car
    return desk.named_car if desk.entry.result == Result.VEHICLE_GONE else desk.about


def _channel(entry: Entry) -> str:
    return str(Channel.WECHAT) if entry.result == Result.MESSAGED else entry.channel


def _contact(desk: Desk) -> Contact | None:
    """What happened, for every rule that counts contacts; what was done at the desk is none."""
    entry = desk.entry
    if entry.result == Result.DONE:
        return None
    return contacts.log(
        desk.customer,
        key=entry.key,
        vehicle=desk.only_car if desk.shown else desk.about,
        channel=_channel(entry),
        direction=entry.direction,
        outcome=_CONTACTS[entry.result],
        note=entry.note,
        by=desk.by,
        at=desk.now,
    )


def _on_customer(desk: Desk) -> dict[str, Any]:
    """What the result says about the person; returns what an undo puts back."""
    customer, result = desk.customer, desk.entry.result
    if result == Result.WRONG_NUMBER and not customer.is_phone_dead:
        customer.is_phone_dead = True
        customer.save(update_fields=["is_phone_dead"])
        # Else the next file with the same number would call it right.
        kept = corrections.hold_dead(customer, by=desk.by)
        return {"is_phone_dead": False} | ({"correction": kept} if kept else {})
    if result == Result.DO_NOT_CALL:
        return {"consent": withdraw(customer, Channel.PHONE, by=desk.by, at=desk.now).pk}
    return {}


def _on_tasks(desk: Desk, changes: Changes, booking: Booking | None) -> dict[str, Any]:
    """Changes the card's tasks and what they are about; returns what an undo puts back."""
    closed = _apply(desk, changes)
    replaced = list(booking.replaced) if booking else []
    before: dict[str, Any] = {}
    if desk.entry.result in ENDS | {Result.VEHICLE_GONE}:
        replaced += _call_off(desk, closed, changes)
    if replaced:
        before["replaced"] = [vars(one) for one in replaced]
    complaints = [task.about_id for task in closed if task.kind == TaskKind.COMPLAINT]
    if complaints:
        note, at = desk.entry.note, desk.now
        before["complaints"] = settlements.resolve(complaints, resolution=note, at=at)
    return before


def _apply(desk: Desk, changes: Changes) -> list[Task]:
    """Closes, puts off or notes on each open task of the card; returns those it closed."""
    result = desk.entry.result
    if result == Result.CONNECTED and desk.entry.direction == Direction.IN:
        # Who calls by himself has not been asked what the card asks.
        return []
    about = _about(desk)
    tasks = desk.tasks + (desk.resting(about) if result in SETTLING else [])
    is_chain_written = any(
        task.kind == TaskKind.RETRY and task.channel != Channel.PHONE for task in tasks
    )
    for task in tasks:
        what = fate(
            result,
            task.kind,
            task.channel,
            is_other_car=about is not None and about.pk != task.vehicle_id,
            is_chain_written=is_chain_written,
        )
        if what != Fate.LEFT:
            _meet(changes.watch(task), what, desk)
    return [task for task in tasks if task.closed_on]


def _meet(task: Task, what: Fate, desk: Desk) -> None:
    result = desk.entry.result
    task.result = result
    task.attempts = attempts_after(result, task.attempts, what)
    if what == Fate.REST:
        task.due_on = _rests_until(desk)
    elif what in (Fate.DONE, Fate.BOOKED):
        task.closed_at, task.closed_on = desk.now, desk.on
        task.closed_as = ClosedAs.BOOKED if what == Fate.BOOKED else ClosedAs.DONE


def _rests_until(desk: Desk) -> date:
    at = desk.entry.callback_at
    if desk.entry.result == Result.CALLBACK and at is not None:
        return local_date(at, desk.store.timezone)
    return desk.on + timedelta(days=desk.policy.retry_days)


def _call_off(desk: Desk, closed: list[Task], changes: Changes) -> list[Cancelled]:
    """The customer does not come: the appointment that was to be confirmed is off.

    The calls that had led to it are done: they must not come back because the car is not booked.
    """
    confirming = [task for task in closed if task.kind == TaskKind.BOOKING_CONFIRM]
    held = Appointment.objects.filter(
        pk__in=[task.about_id for task in confirming],
        status__in=(AppointmentStatus.REQUESTED, AppointmentStatus.CONFIRMED),
    )
    found = list(held.order_by("pk").select_for_update(no_key=True)) if confirming else []
    for appointment in found:
        booked = Task.objects.filter(
            vehicle_id=appointment.vehicle_id,
            customer=desk.customer,
            closed_as=ClosedAs.BOOKED,
            closed_on__gte=appointment.created_on or appointment.received_on,
        )
        for task in booked.order_by("pk").select_for_update(no_key=True):
            changes.watch(task).closed_as = ClosedAs.DONE
    return appointments.cancel(found, store=desk.store, now=desk.now)
