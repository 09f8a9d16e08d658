"""Tasks that ask for the manager's eye, as lines: the sections of the team's day, their lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.http import urlencode
from django.utils.translation import gettext

from alerts.selectors.attention import first_tasks
from common.formats import day as day_text
from dashboards import presentation
from dashboards.selectors.calls.rows import car_text, deadline
from dashboards.selectors.days import Day
from lifecycle.reasons import task_reasons

# Of each section; the rest is behind its link.
SHOWN = 6


@dataclass(frozen=True)
class Item:
    """One task as a line."""

    # With `customer_name` and `owner_name`.
    task: Any
    car: str
    title: str
    reasons: list[str]
    # Until when, else since when.
    when: str
    # `with Ben, for Gina`.
    whose: str


@dataclass(frozen=True)
class Section:
    """A list of the page; `query` leads to all of it where it is cut."""

    items: list[Item]
    count: int
    query: str

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.items)


def sections_of(wanted: Mapping[str, list[int]], day: Day) -> dict[str, Section]:
    """The first of each list of task ids; one query for all of them."""
    tasks = first_tasks(pk for ids in wanted.values() for pk in ids[:SHOWN])
    return {
        what: Section(
            items=[item_of(tasks[pk], day) for pk in ids[:SHOWN] if pk in tasks],
            count=len(ids),
            query=urlencode({"store": day.store.code, "what": what}),
        )
        for what, ids in wanted.items()
    }


def items_of(task_ids: list[int], day: Day) -> list[Item]:
    """The lines of these tasks, in their order; one query."""
    tasks = first_tasks(task_ids) if task_ids else {}
    return [item_of(tasks[pk], day) for pk in task_ids if pk in tasks]


def item_of(task: Any, day: Day) -> Item:
    """A task of `alerts.selectors.attention.first_tasks` in words."""
    state: Any = getattr(task.vehicle, "state", None)
    rollup: Any = getattr(task.vehicle, "rollup", None)
    zone = day.store.timezone
    is_told = state and rollup
    return Item(
        task=task,
        car=car_text(task.vehicle),
        title=presentation.task_title(task.kind),
        reasons=task_reasons(task.kind, rollup, state, day.as_of, task, zone) if is_told else [],
        when=deadline(task, day) or _since(task, day),
        whose=_whose(task),
    )


def _since(task: Any, day: Day) -> str:
    return gettext("since %(day)s") % {"day": day_text(task.opened_on, day.as_of)}


def _whose(task: Any) -> str:
    names = {"name": task.owner_name, "absent": task.absent_name}
    if not task.owner_name:
        return gettext("with nobody")
    if task.absent_name:
        return gettext("with %(name)s, for %(absent)s") % names
    return gettext("with %(name)s") % names
