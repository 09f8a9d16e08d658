"""Reads for the manager: who has what, what runs out or went up, what nobody has or will reach."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q

from alerts.models import Task
from alerts.selectors.lists import MANAGERS_KINDS, in_list_order, open_tasks

# Until a duty is over: long enough to do something about it.
RUNNING_OUT = timedelta(hours=2)
# More than anybody can look through: the numbers of the page lead to the whole lists.
MOST = 100


@dataclass
class Listed:
    """A person's list of the day as customers' ids, each part in list order."""

    duties: list[int] = field(default_factory=list)
    by_value: list[int] = field(default_factory=list)
    # With the manager: no call is asked for (TASK-5).
    waiting: list[int] = field(default_factory=list)
    waiting_duties: int = 0

    @property
    def cards(self) -> int:
        return len(self.duties) + len(self.by_value) + len(self.waiting)

    @property
    def must(self) -> int:
        """Cards among the obligations, also those that wait for the manager."""
        return len(self.duties) + self.waiting_duties

    def over(self, places: int) -> list[int]:
        """Who does not fit today: obligations always do, the others take the places left."""
        return self.by_value[max(0, places - len(self.duties)) :]


def listed(store_id: int, on: date) -> dict[int | None, Listed]:
    """{owner: list of the day} of a store, None for nobody's; one query of ids."""
    tasks: Any = in_list_order(open_tasks(on).filter(store_id=store_id))
    facts = tasks.values_list("owner_id", "customer_id", "priority_group", "is_with_manager")
    found: dict[int | None, Listed] = {}
    seen: set[tuple[int | None, int]] = set()
    for owner_id, customer_id, group, is_waiting in facts:
        # The first task ranks the card; obligations come first.
        if (owner_id, customer_id) in seen:
            continue
        seen.add((owner_id, customer_id))
        one = found.setdefault(owner_id, Listed())
        if is_waiting:
            one.waiting.append(customer_id)
            one.waiting_duties += group == 0
        else:
            (one.by_value if group else one.duties).append(customer_id)
    return found


def pressing(store_id: int, on: date, now: datetime) -> list[Any]:
    """Escalated duties, those whose deadline is near or past, complaints, low surveys; one query.

    The most urgent first, at most MOST.
    """
    is_near = Q(priority_group=0, deadline_at__lte=now + RUNNING_OUT)
    wanted = Q(escalated_at__isnull=False) | is_near | Q(kind__in=MANAGERS_KINDS)
    tasks = _with_reasons(on).filter(wanted, store_id=store_id)
    return list(tasks.order_by(F("deadline_at").asc(nulls_last=True), "opened_on", "pk")[:MOST])


def first_tasks(cards: Iterable[tuple[int | None, int]], on: date) -> list[Any]:
    """The task that ranks each of these owners' customers' cards, in list order; one query."""
    wanted = Q(pk__in=())
    for owner_id, customer_id in cards:
        wanted |= Q(owner_id=owner_id, customer_id=customer_id)
    first: dict[tuple[int | None, int], Any] = {}
    for task in in_list_order(_with_reasons(on).filter(wanted)):
        first.setdefault((task.owner_id, task.customer_id), task)
    return list(first.values())


def _with_reasons(on: date) -> Any:
    """Open tasks of the day's lists; whether the manager is first is not asked here."""
    related = ("customer", "vehicle__state", "vehicle__rollup", "owner", "stands_in_for")
    tasks = Task.objects.filter(closed_on__isnull=True, due_on__lte=on)
    return tasks.select_related(*related)
