"""The tasks' side of a correction: proposals decided, calls asked for again (TASK-4)."""

from datetime import date, datetime

from django.db import transaction

from alerts.choices import ClosedAs, Proposal, Result, TaskKind
from alerts.models import OutcomeTask, Task
from common.dates import local_date
from customers.choices import VehicleStatus
from customers.models import Customer, Vehicle
from stores.scope import ScopedQuerySet

# Calls that rest for a while when a customer was not reached.
CALLS = (
    TaskKind.DUE_CALL,
    TaskKind.OVERDUE_30,
    TaskKind.RETRY,
    TaskKind.SECOND_VISIT_48H,
    TaskKind.SECOND_VISIT_7D,
    TaskKind.SECOND_VISIT_14D,
    TaskKind.SECOND_VISIT_3D,
)
# After these a call rests because the customer was spoken to: a new number changes nothing.
SPOKEN_TO = (Result.CALLBACK, Result.CONNECTED, Result.MESSAGED)


@transaction.atomic
def number_corrected(customer: Customer, *, on: date, now: datetime) -> None:
    """The wrong number is put right: nobody need look for it, and the calls are wanted at once.

    `on` is the store's day, on whose list they stand.
    """
    _close(_proposals(customer_id=customer.pk).filter(proposal=Proposal.PHONE), now)
    resting = Task.objects.filter(
        customer=customer, closed_on__isnull=True, kind__in=CALLS, due_on__gt=on
    )
    resting.exclude(result__in=SPOKEN_TO).update(due_on=on)


@transaction.atomic
def vehicle_decided(vehicle: Vehicle, status: VehicleStatus, *, on: date, now: datetime) -> None:
    """Whether a car is gone is decided: the proposal is dealt with.

    Is it still here, the calls that the proposal's outcome had ended stand on the list again.
    """
    gone = _proposals(vehicle_id=vehicle.pk).exclude(proposal=Proposal.PHONE)
    outcomes = list(gone.exclude(opened_by=None).values_list("opened_by_id", flat=True))
    _close(gone, now)
    if status == VehicleStatus.ACTIVE:
        _open_again(vehicle, outcomes, on)


def _proposals(**whose: int) -> ScopedQuerySet[Task]:
    found: ScopedQuerySet[Task] = Task.objects.filter(
        kind=TaskKind.CORRECT_DATA, closed_on__isnull=True, **whose
    )
    return found.select_related("store")


def _close(proposals: ScopedQuerySet[Task], now: datetime) -> None:
    for task in proposals:
        task.closed_at, task.closed_as = now, ClosedAs.DONE
        task.closed_on = local_date(now, task.store.timezone)
        task.save(update_fields=["closed_at", "closed_as", "closed_on"])


def _open_again(vehicle: Vehicle, outcome_ids: list[int], on: date) -> None:
    """A same-day duty is not among them: the call itself fulfilled it (RISK-2)."""
    touched = OutcomeTask.objects.filter(outcome__in=outcome_ids).values("task")
    ended = Task.objects.filter(
        pk__in=touched,
        vehicle=vehicle,
        kind__in=(*CALLS, TaskKind.CALLBACK),
        closed_as=ClosedAs.DONE,
    )
    open_kinds = set(
        Task.objects.filter(vehicle=vehicle, closed_on__isnull=True).values_list("kind", flat=True)
    )
    for task in ended.order_by("-pk"):
        if task.kind in open_kinds:
            continue
        open_kinds.add(task.kind)
        task.closed_at, task.closed_on, task.closed_as, task.due_on = None, None, "", on
        task.save(update_fields=["closed_at", "closed_on", "closed_as", "due_on"])
