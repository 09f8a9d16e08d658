"""The tasks' side of a correction: proposals decided, calls asked for again (TASK-4)."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from alerts.choices import NOT_CONNECTED, ClosedAs, Proposal, Result, TaskKind
from alerts.models import OutcomeTask, Task
from alerts.rules.outcomes import CALLS
from common.dates import local_date
from customers.choices import VehicleStatus
from customers.models import Customer, Vehicle
from lifecycle.services.locks import lock_cars
from stores.scope import ScopedQuerySet

# The number that was called was not the customer's: with the right one the call can be made.
MISSED = (*NOT_CONNECTED, Result.WRONG_NUMBER)
# A promise and a confirmation have their own day.
WITH_A_DAY = frozenset({TaskKind.CALLBACK, TaskKind.BOOKING_CONFIRM})


@transaction.atomic
def number_corrected(customer: Customer, *, on: date, now: datetime) -> None:
    """The wrong number is put right: nobody need look for it, and the calls are wanted at once.

    `on` is the store's day, on whose list they stand.
    """
    _lock(Vehicle.objects.filter(customer=customer))
    _close(_proposals(customer_id=customer.pk).filter(proposal=Proposal.PHONE), now)
    resting = Task.objects.filter(
        customer=customer, closed_on__isnull=True, kind__in=CALLS - WITH_A_DAY, due_on__gt=on
    )
    missed = Q(result__in=MISSED) | Q(kind=TaskKind.RETRY)
    resting.filter(missed).update(due_on=on)


@transaction.atomic
def vehicle_decided(vehicle: Vehicle, status: VehicleStatus, *, on: date, now: datetime) -> None:
    """Whether a car is gone is decided: the proposal is dealt with.

    Is it still here, the calls that the proposal's outcome had ended stand on the list again.
    """
    _lock(Vehicle.objects.filter(pk=vehicle.pk))
    gone = _proposals(vehicle_id=vehicle.pk).exclude(proposal=Proposal.PHONE)
    outcomes = list(gone.exclude(opened_by=None).values_list("opened_by_id", flat=True))
    _close(gone, now)
    if status == VehicleStatus.ACTIVE:
        _open_again(vehicle, outcomes, on)


def _lock(cars: ScopedQuerySet[Vehicle]) -> None:
    """Before their tasks, as a settling does."""
    homes = dict(cars.values_list("pk", "store_id"))
    lock_cars(homes, homes.values())


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
        kind__in=CALLS - {TaskKind.RISK_CALL},
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
