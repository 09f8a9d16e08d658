"""What changed on a person's list since it was last looked at: new, gone without it, given."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery

from alerts.choices import TaskKind
from alerts.models import ListLook, Outcome, Task
from customers.models import Customer
from stores.models import Staff
from stores.scope import ScopedQuerySet

# A task that closes this near an outcome on the customer was closed by it: the outcome itself or
# the settling at the end of its transaction.
AT_ONCE = timedelta(minutes=1)


@dataclass(frozen=True)
class Change:
    """A customer with the tasks that came or went; the first of them is the latest."""

    customer: Customer
    tasks: tuple[Any, ...]

    @property
    def latest(self) -> Any:
        return self.tasks[0]


@dataclass(frozen=True)
class Changes:
    """What a person did not do but finds changed, newest first.

    Tasks of `gone` know `closed_as`, and when a colleague's outcome ended them `by_name` and
    `by_result` (else None). Tasks of `given` know `stands_in_for`.
    """

    new: tuple[Change, ...] = ()
    gone: tuple[Change, ...] = ()
    given: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.given)

    @property
    def count(self) -> int:
        return len(self.new) + len(self.gone) + len(self.given)


def seen_at(staff: Staff, list_began_at: datetime) -> datetime:
    """When the person last took note of changes; at first when the day's list was made."""
    look = ListLook.objects.filter(staff=staff).first()
    return look.seen_at if look else list_began_at


def changes(staff: Staff, since: datetime, on: date) -> Changes:
    """What came to and left the list of the day `on` after `since`; two queries."""
    came = sorted(_came(staff, since, on), key=_came_at, reverse=True)
    return Changes(
        new=_by_customer(task for task in came if task.given_at is None),
        gone=_by_customer(_gone(staff, since, on)),
        given=_by_customer(task for task in came if task.given_at is not None),
    )


def _listed(staff: Staff, on: date) -> ScopedQuerySet[Any]:
    mine: ScopedQuerySet[Any] = Task.objects.filter(owner=staff, due_on__lte=on)
    return mine.select_related("customer", "vehicle", "stands_in_for")


def _came(staff: Staff, since: datetime, on: date) -> ScopedQuerySet[Any]:
    """Given to the person, or opened by others: not by an own outcome, not an own reminder."""
    own = Q(kind=TaskKind.REMINDER) | Q(opened_by__isnull=False, opened_by__staff=staff)
    opened = Q(given_at__isnull=True, opened_at__gt=since) & ~own
    return _listed(staff, on).filter(Q(given_at__gt=since) | opened, closed_on__isnull=True)


def _came_at(task: Task) -> tuple[datetime, int]:
    return task.given_at or task.opened_at, task.pk


def _gone(staff: Staff, since: datetime, on: date) -> ScopedQuerySet[Any]:
    """Closed by circumstances or a colleague, of customers who left the person's list by it."""
    at_once = _outcomes_at_once()
    theirs = at_once.exclude(staff=staff).order_by("-at", "-pk")
    still_here = Task.objects.filter(
        customer=OuterRef("customer"), owner=staff, closed_on__isnull=True, due_on__lte=on
    )
    closed = _listed(staff, on).filter(closed_at__gt=since)
    return (
        closed.exclude(Exists(at_once.filter(staff=staff)))
        .exclude(Exists(still_here))
        .annotate(
            by_name=Subquery(theirs.values("staff__name")[:1]),
            by_result=Subquery(theirs.values("result")[:1]),
        )
        .order_by("-closed_at", "-pk")
    )


def _outcomes_at_once() -> ScopedQuerySet[Any]:
    found: ScopedQuerySet[Any] = Outcome.objects.filter(
        customer=OuterRef("customer"),
        undone_at__isnull=True,
        at__gte=OuterRef("closed_at") - AT_ONCE,
        at__lte=OuterRef("closed_at") + AT_ONCE,
    )
    return found


def _by_customer(tasks: Iterable[Any]) -> tuple[Change, ...]:
    by_customer: dict[int, list[Any]] = {}
    for task in tasks:
        by_customer.setdefault(task.customer_id, []).append(task)
    return tuple(Change(found[0].customer, tuple(found)) for found in by_customer.values())
