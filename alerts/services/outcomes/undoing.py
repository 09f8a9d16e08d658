"""Taking an outcome back within its half minute: everything as it was (TASK-4)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from alerts.choices import ClosedAs, TaskKind
from alerts.models import Outcome, OutcomeTask, Task
from alerts.selectors.outcomes import standing, who_did_what
from alerts.services.outcomes.changes import put_back
from alerts.services.outcomes.entry import lock_customer
from common.exceptions import DomainError, NotAllowed, NotFound
from customers.models import ConsentEvent, Correction, Customer, Vehicle
from customers.services import appointments, dirty, settlements
from customers.services.appointments import Cancelled
from lifecycle.services.locks import lock_cars
from stores import rights
from stores.choices import AuditAction
from stores.models import Staff
from stores.rights import Right
from stores.scope import all_stores
from stores.services import audit


def may_undo(outcome: Outcome, *, by: Staff, now: datetime) -> bool:
    """Whether the button is to be shown: in time, and one's own or one's team's."""
    is_ones = by.pk == outcome.staff_id or rights.has(by.role, Right.TEAM)
    return outcome.undone_at is None and now <= outcome.final_at and is_ones


@transaction.atomic
def undo(outcome: Outcome, *, by: Staff, now: datetime) -> Outcome:
    """Takes the outcome back; once more changes nothing. The caller settles the cars it marks.

    Raises NotAllowed for another's, DomainError('too_late') after its half minute and 'taken'
    (`outcome`) when a later one was recorded on the customer.
    """
    customer = lock_customer(outcome.customer_id)
    found: Outcome | None = Outcome.objects.filter(pk=outcome.pk).first()
    if found is None:
        raise NotFound("no_outcome", "there is no such outcome")
    if found.undone_at is not None:
        return found
    _check(found, by, now)
    with all_stores():
        cars = dict(Vehicle.objects.filter(customer=customer).values_list("pk", "store_id"))
    lock_cars(cars, {customer.store_id, *cars.values()})
    _tasks_back(found)
    _facts_back(found, customer)
    found.undone_at = now
    found.save(update_fields=["undone_at"])
    detail = {"customer": found.customer_id, "result": found.result}
    audit.about(found, AuditAction.OUTCOME_UNDONE, by=by, **detail)
    dirty.mark(cars)
    return found


def _check(outcome: Outcome, by: Staff, now: datetime) -> None:
    if by.pk != outcome.staff_id and not rights.has(by.role, Right.TEAM):
        text = _("Only the person who recorded this can take it back.")
        raise NotAllowed("not_yours", text)
    if now > outcome.final_at:
        raise DomainError("too_late", _("It is too late to take this back."))
    later = standing().filter(customer_id=outcome.customer_id, pk__gt=outcome.pk).first()
    if later is not None:
        raise DomainError("taken", who_did_what(later), outcome=later)


def _tasks_back(outcome: Outcome) -> None:
    """The tasks it led to go, those it touched get their former values."""
    before = dict(OutcomeTask.objects.filter(outcome=outcome).values_list("task_id", "before"))
    rows = Task.objects.filter(pk__in=before).order_by("pk").select_for_update(no_key=True)
    tasks = list(rows)
    Task.objects.filter(opened_by=outcome).delete()
    _make_room([task for task in tasks if "closed_on" in before[task.pk]], outcome)
    put_back(tasks, before)


def _make_room(reopened: list[Task], outcome: Outcome) -> None:
    """What was settled in the meantime may have opened the next of a kind on a car."""
    kinds = {(task.vehicle_id, task.kind) for task in reopened if task.kind != TaskKind.REMINDER}
    open_ones = Task.objects.filter(
        vehicle_id__in={vehicle_id for vehicle_id, _kind in kinds},
        kind__in={kind for _vehicle_id, kind in kinds},
        closed_on__isnull=True,
    )
    in_the_way = [task for task in open_ones if (task.vehicle_id, task.kind) in kinds]
    # Closed as circumstances close it, so that it opens again when its turn has come.
    Task.objects.filter(pk__in=[task.pk for task in in_the_way]).update(
        closed_as=ClosedAs.SUPERSEDED, closed_on=outcome.on_date, closed_at=outcome.at
    )


def _facts_back(outcome: Outcome, customer: Customer) -> None:
    before: dict[str, Any] = outcome.before
    contact, appointment = outcome.contact, outcome.appointment
    # Before the tables' own rows, which would empty the columns here.
    outcome.contact = outcome.appointment = None
    outcome.save(update_fields=["contact", "appointment"])
    if contact is not None:
        contact.delete()
    if appointment is not None:
        appointment.delete()
    appointments.restore(Cancelled(**one) for one in before.get("replaced", ()))
    settlements.reopen(before.get("complaints", ()))
    refusals = [before[name] for name in ("consent", "letters") if name in before]
    if refusals:
        ConsentEvent.objects.filter(pk__in=refusals).delete()
    if "is_phone_dead" in before:
        Correction.objects.filter(pk=before.get("correction")).delete()
        customer.is_phone_dead = before["is_phone_dead"]
        customer.save(update_fields=["is_phone_dead"])
