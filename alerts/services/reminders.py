"""A person's own reminders: tasks only their author has and may change."""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from alerts.choices import ClosedAs, TaskKind
from alerts.models import OutcomeTask, Task
from common.dates import local_date
from customers.models import Vehicle
from stores.choices import AuditAction
from stores.models import Staff, Store
from stores.scope import ScopedQuerySet
from stores.services import audit

# One at a time of day is a duty until then, like a promised call; others go by their day (TASK-2).
DUTY, NO_DUTY = 0, 1


@dataclass(frozen=True)
class Reminder:
    """What to remember and from which day; at a time of day when one is given."""

    on: date
    text: str
    at: time | None = None


def own(by: Staff) -> ScopedQuerySet[Task]:
    """The person's open reminders."""
    found: ScopedQuerySet[Task] = Task.objects.filter(
        kind=TaskKind.REMINDER, assigned_to=by, closed_on__isnull=True
    )
    return found


def add(
    reminder: Reminder,
    *,
    vehicle: Vehicle,
    policy_set_id: int,
    key: UUID,
    by: Staff,
    now: datetime,
) -> Task:
    """On the author's list from its day on; the same `key` (a form's) again is the one there is."""
    return add_for(
        reminder, owner=by, vehicle=vehicle, policy_set_id=policy_set_id, key=key, by=by, now=now
    )


@transaction.atomic
def add_for(
    reminder: Reminder,
    *,
    owner: Staff,
    vehicle: Vehicle,
    policy_set_id: int,
    key: UUID,
    by: Staff,
    now: datetime,
) -> Task:
    """The same on somebody else's list; from then on it is that person's own reminder."""
    task: Task
    task, is_new = Task.objects.get_or_create(
        vehicle=vehicle,
        kind=TaskKind.REMINDER,
        cycle_key=str(key),
        defaults={
            "store": vehicle.store,
            "customer_id": vehicle.customer_id,
            "owner": owner,
            "assigned_to": owner,
            "opened_on": local_date(now, vehicle.store.timezone),
            "opened_at": now,
            "policy_set_id": policy_set_id,
            **_timed(reminder, vehicle.store),
        },
    )
    if is_new:
        audit.about(task, AuditAction.REMINDER_SET, by=by)
    return task


@transaction.atomic
def change(task: Task, reminder: Reminder, *, by: Staff) -> None:
    """Another day, time or text."""
    for column, value in _timed(reminder, task.store).items():
        setattr(task, column, value)
    task.save(update_fields=["due_on", "deadline_at", "priority_group", "note"])
    audit.about(task, AuditAction.REMINDER_CHANGED, by=by)


@transaction.atomic
def remove(task: Task, *, by: Staff, now: datetime) -> None:
    """It was not meant: gone, but for one that an outcome names."""
    audit.about(task, AuditAction.REMINDER_REMOVED, by=by)
    if not OutcomeTask.objects.filter(task=task).exists():
        task.delete()
        return
    task.closed_at, task.closed_as = now, ClosedAs.SUPERSEDED
    task.closed_on = local_date(now, task.store.timezone)
    task.save(update_fields=["closed_at", "closed_as", "closed_on"])


def _timed(reminder: Reminder, store: Store) -> dict[str, object]:
    deadline = (
        datetime.combine(reminder.on, reminder.at, ZoneInfo(store.timezone))
        if reminder.at
        else None
    )
    return {
        "due_on": reminder.on,
        "deadline_at": deadline,
        "priority_group": DUTY if deadline else NO_DUTY,
        "note": reminder.text,
    }
