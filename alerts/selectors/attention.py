"""Reads for the manager: who has what, what runs out or went up, what nobody has or will reach."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q

from alerts.models import Task
from alerts.rules.capacity import fitting
from alerts.selectors.appointments import with_appointments
from alerts.selectors.lists import LIST_ORDER, MANAGERS_KINDS, store_tasks
from common.sql import tuples

# Until a duty is over: long enough to do something about it.
RUNNING_OUT = timedelta(hours=2)


@dataclass
class Listed:
    """A person's list of the day: of each card the task that ranks it, in list order."""

    cards: list[int] = field(default_factory=list)
    # Cards among the obligations, also those that wait for the manager.
    must: int = 0
    # Of the cards that ask for a call: how many are obligations, and the others.
    duties: int = 0
    by_value: list[int] = field(default_factory=list)

    def over(self, places: int) -> list[int]:
        """What does not fit today (alerts.rules.capacity)."""
        fit = fitting(self.duties + len(self.by_value), self.duties, places)
        return self.by_value[fit - self.duties :]


@dataclass
class StoreLists:
    """Who has what; `order`: the tasks that rank cards, whoever has them, in list order."""

    by_owner: dict[int | None, Listed] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)

    def of(self, owner_id: int | None) -> Listed:
        return self.by_owner.get(owner_id, Listed())


@dataclass(frozen=True)
class Pressing:
    """Tasks that ask for the manager's eye, the most urgent first; ids.

    A complaint or a low survey is the manager's own and runs out among those.
    """

    escalated: list[int]
    running: list[int]
    managers: list[int]


def listed(store_id: int, on: date) -> StoreLists:
    """The lists of a day in a store, None for nobody's; one query of ids."""
    sql, params = store_tasks(store_id, on)
    names = "id, owner_id, customer_id, priority_group, is_with_manager"
    tasks = tuples(f"SELECT {names} FROM ({sql}) t ORDER BY {LIST_ORDER}", params)  # noqa: S608
    found = StoreLists()
    seen: set[tuple[int | None, int]] = set()
    for pk, owner_id, customer_id, group, is_waiting in tasks:
        # The first task ranks the card; obligations come first.
        if (owner_id, customer_id) in seen:
            continue
        seen.add((owner_id, customer_id))
        found.order.append(pk)
        one = found.by_owner.setdefault(owner_id, Listed())
        one.cards.append(pk)
        one.must += group == 0
        if not is_waiting and group:
            one.by_value.append(pk)
        elif not is_waiting:
            one.duties += 1
    return found


def pressing(store_id: int, on: date, now: datetime, owner_id: int | None = None) -> Pressing:
    """Escalated duties, those whose deadline is near or past, complaints, low surveys; one query.

    `owner_id`: one person's.
    """
    tasks = pressing_tasks(store_id, on, now)
    if owner_id is not None:
        tasks = tasks.filter(owner_id=owner_id)
    return sorted_out(tasks.values_list("pk", "kind", "escalated_at"))


def pressing_tasks(store_id: int, on: date, now: datetime) -> Any:
    """The tasks of `pressing`, the most urgent first."""
    is_near = Q(priority_group=0, deadline_at__lte=now + RUNNING_OUT)
    wanted = Q(escalated_at__isnull=False) | is_near | Q(kind__in=MANAGERS_KINDS)
    tasks: Any = Task.objects.filter(
        wanted, store_id=store_id, closed_on__isnull=True, due_on__lte=on
    )
    return tasks.order_by(F("deadline_at").asc(nulls_last=True), "opened_on", "pk")


def sorted_out(tasks: Iterable[tuple[int, str, datetime | None]]) -> Pressing:
    """Of `pressing_tasks`, as (id, kind, escalated at)."""
    found = Pressing([], [], [])
    for pk, kind, escalated_at in tasks:
        if escalated_at:
            found.escalated.append(pk)
        if kind in MANAGERS_KINDS:
            found.managers.append(pk)
        elif not escalated_at:
            found.running.append(pk)
    return found


def first_tasks(task_ids: Iterable[int]) -> dict[int, Any]:
    """{id: task}, each with what a line about it says; one query.

    They have `customer_name`, `owner_name` and `absent_name` (for whom the owner stands in).
    """
    tasks = Task.objects.filter(pk__in=list(task_ids)).annotate(
        customer_name=F("customer__name"),
        owner_name=F("owner__name"),
        absent_name=F("stands_in_for__name"),
    )
    tasks = with_appointments(tasks).select_related("vehicle__state", "vehicle__rollup")
    return {task.pk: task for task in tasks}
