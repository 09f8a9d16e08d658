"""Work given away by hand: a task, a customer's calls, or the customer for good (TASK-5)."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from alerts.choices import TaskKind
from alerts.models import Task
from alerts.selectors import MANAGERS_KINDS
from common.exceptions import DomainError
from customers.models import Customer, Vehicle
from customers.services import dirty
from lifecycle.services.locks import lock_cars
from stores.choices import AuditAction, Role
from stores.models import Staff
from stores.scope import ScopedQuerySet, all_stores
from stores.selectors import away, callers
from stores.services import audit

# Stay where they are when all of a customer's calls are given.
NO_CALLS = (*MANAGERS_KINDS, TaskKind.REMINDER)


@transaction.atomic
def give_tasks(
    *,
    customer: Customer,
    to: Staff,
    by: Staff,
    on: date,
    now: datetime,
    task_ids: Collection[int] | None = None,
) -> int:
    """Gives open tasks of a customer to somebody who is there on `on`; returns how many moved.

    Without `task_ids` all calls: complaints and low surveys stay with the manager, reminders with
    whoever wrote them. Given once more to the same person nothing changes. Raises
    DomainError('not_here'), ('away') or ('nothing_open').
    """
    _check(to, customer, on)
    tasks = _locked(customer, task_ids)
    if not tasks:
        raise DomainError("nothing_open", _("None of these tasks is open any more."))
    moved = [task for task in tasks if task.assigned_to_id != to.pk]
    for task in moved:
        _record_task(task, by, to)
        _hand(task, customer, to, now)
        task.assigned_to = to
        task.save(update_fields=["assigned_to", "owner", "stands_in_for", "given_at"])
    return len(moved)


@transaction.atomic
def give_back(*, customer: Customer, by: Staff, task_ids: Collection[int]) -> int:
    """The rule of TASK-5 names the owner again, as the cars are settled; how many tasks."""
    tasks = [task for task in _locked(customer, task_ids) if task.assigned_to_id]
    for task in tasks:
        _record_task(task, by, None)
        task.assigned_to = None
        task.save(update_fields=["assigned_to"])
    dirty.mark(task.vehicle_id for task in tasks)
    return len(tasks)


@transaction.atomic
def give_customer(*, customer: Customer, to: Staff, by: Staff, on: date, now: datetime) -> bool:
    """Another fixed advisor, who takes the open calls along; False when it was this one already.

    Raises DomainError('not_here') or ('away').
    """
    _check(to, customer, on)
    _lock(customer)
    row = Customer.objects.get(pk=customer.pk)
    if row.advisor_id == to.pk:
        return False
    people = {"from": row.advisor_id, "to": to.pk}
    audit.about(row, AuditAction.CUSTOMER_GIVEN, by=by, **people)
    row.advisor = to
    row.save(update_fields=["advisor"])
    customer.advisor = to
    for task in _calls(_open(row)):
        _hand(task, row, to, now)
        task.assigned_to = None
        task.save(update_fields=["assigned_to", "owner", "stands_in_for", "given_at"])
    dirty.mark(row.vehicles.values_list("pk", flat=True))
    return True


def mark_moved(staff: Staff) -> None:
    """Marks the cars whose tasks may change hands when `staff` leaves or comes back today.

    Those on the person's list, those of the person's customers, and those others do in turn: the
    team that shares them has changed. Of a manager the complaints, too.
    """
    moving = (
        Q(owner=staff)
        | Q(assigned_to=staff)
        | Q(customer__advisor=staff)
        | Q(owner__isnull=True)
        | Q(stands_in_for__isnull=False)
        | Q(customer__advisor__isnull=True)
        | Q(customer__advisor__is_active=False)
    )
    if staff.role == Role.MANAGER:
        moving |= Q(kind__in=MANAGERS_KINDS)
    # Also at a store of the person's that the reader does not see.
    with all_stores():
        tasks = Task.objects.filter(moving, store__in=staff.stores.all(), closed_on__isnull=True)
        dirty.mark(list(tasks.values_list("vehicle_id", flat=True).distinct()))


def _check(to: Staff, customer: Customer, on: date) -> None:
    if not callers(customer.store).filter(pk=to.pk).exists():
        text = _("%(name)s does not call customers of this store.") % {"name": to.name}
        raise DomainError("not_here", text)
    if to.pk in away([to.pk], on):
        raise DomainError("away", _("%(name)s is away today.") % {"name": to.name})


def _lock(customer: Customer) -> None:
    """As outcomes do: the customer, then the cars before their tasks."""
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    cars = Vehicle.objects.filter(tasks__customer=customer).order_by()
    homes = dict(cars.values_list("pk", "store_id"))
    lock_cars(homes, homes.values())


def _locked(customer: Customer, task_ids: Collection[int] | None) -> list[Task]:
    _lock(customer)
    tasks = _open(customer)
    tasks = _calls(tasks) if task_ids is None else tasks.filter(pk__in=list(task_ids))
    return list(tasks.select_related("customer").order_by("pk"))


def _open(customer: Customer) -> ScopedQuerySet[Task]:
    found: ScopedQuerySet[Task] = Task.objects.filter(customer=customer, closed_on__isnull=True)
    return found


def _calls(tasks: ScopedQuerySet[Task]) -> ScopedQuerySet[Task]:
    return tasks.exclude(kind__in=NO_CALLS)


def _hand(task: Task, customer: Customer, to: Staff, now: datetime) -> None:
    """The new owner, and for whom; a complaint is nobody's customer's but the manager's."""
    if task.owner_id != to.pk:
        task.given_at = now
    is_stand_in = customer.advisor_id != to.pk and task.kind not in MANAGERS_KINDS
    task.owner = to
    task.stands_in_for = customer.advisor if is_stand_in else None


def _record_task(task: Task, by: Staff, to: Staff | None) -> None:
    people = {"from": task.owner_id, "to": to.pk if to else None}
    audit.about(task, AuditAction.TASK_GIVEN, by=by, **people)
