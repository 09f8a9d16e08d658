"""The exceptions of the morning brief and their order.

First what makes every list wrong (no list was made, no data comes in), then obligations by how late
they are, then the rest by the yearly spend of the customers behind it.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse

from alerts.rules.health import silent_days
from dashboards.list_words import READY_BEFORE, VISIT_LATE_DAYS
from dashboards.selectors.boards.asked import Asked
from dashboards.selectors.brief.facts import Facts
from lifecycle.rules.periods import Period, period
from lifecycle.rules.retention import Node, retention
from lifecycle.selectors import Stamp
from pipeline.services.days import business_date
from stores.choices import Role

MOST = 5
LISTS, DUTY, VALUE = 0, 1, 2
# Long enough for 20 cars a step, short enough to be news.
STRETCH = "3m"


@dataclass(frozen=True)
class Matter:
    """One exception: how many, who has most of them, and where exactly these are listed.

    `task_ids` or `vehicle_ids` are the members where the brief itself lists them. `of_most`: how
    many `owner` has; all of them when nobody else has any.
    """

    name: str
    rank: int
    count: int
    url: str
    owner: str = ""
    of_most: int = 0
    worth: float = 0.0
    task_ids: list[int] = field(default_factory=list)
    vehicle_ids: list[int] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


def brief(facts: Facts) -> list[Matter]:
    """At most five, fewer when there are fewer."""
    if not facts.day.is_computed:
        return []
    found = [one for one in (make(facts) for make in _MAKERS.values()) if one]
    # Sorting is stable: the makers stand in the order of obligations.
    return sorted(found, key=lambda one: (one.rank, -one.worth))[:MOST]


def matter(facts: Facts, name: str) -> Matter | None:
    """One exception whatever its place; None when there is none of this name today."""
    return _MAKERS[name](facts) if facts.day.is_computed else None


def _night(facts: Facts) -> Matter | None:
    today = business_date(facts.store, facts.now)
    behind = (today - facts.as_of).days
    if behind < 1 or (behind == 1 and _is_early(facts)):
        return None
    return _of_lists("night", behind, facts, {"day": facts.as_of})


def _feed(facts: Facts) -> Matter | None:
    silent = silent_days(facts.cells["health"])
    if silent is None or silent <= VISIT_LATE_DAYS:
        return None
    return _of_lists("feed", silent, facts, {})


def _of_lists(name: str, count: int, facts: Facts, more: dict[str, Any]) -> Matter:
    owner = facts.named(Role.ADMIN) or facts.named(Role.MANAGER)
    return Matter(name, LISTS, count, reverse("lists_health"), owner, count, facts=more)


def _is_early(facts: Facts) -> bool:
    """Before the hour by which the day's list is to be there."""
    local = facts.now.astimezone(ZoneInfo(facts.store.timezone))
    opens = datetime.combine(local.date(), facts.store.opens_at, local.tzinfo)
    return local < opens - READY_BEFORE


def _escalated(facts: Facts) -> Matter | None:
    return _of_tasks("escalated", facts.pressing.escalated, facts)


def _running(facts: Facts) -> Matter | None:
    return _of_tasks("running", facts.pressing.running, facts)


def _managers(facts: Facts) -> Matter | None:
    ids = facts.pressing.managers
    return _of_tasks("managers", ids, facts, {"day": facts.whole.since_on} if ids else None)


def _unattended(facts: Facts) -> Matter | None:
    away = {pk: facts.lists.of(pk).cards for pk in facts.absent}
    ids = [*facts.lists.of(None).cards, *(pk for cards in away.values() for pk in cards)]
    if not ids:
        return None
    owner = facts.named(Role.MANAGER)
    url = _people("unattended", facts)
    return Matter("unattended", DUTY, len(ids), url, owner, len(ids), task_ids=ids)


def _of_tasks(
    name: str, ids: list[int], facts: Facts, more: dict[str, Any] | None = None
) -> Matter | None:
    if not ids:
        return None
    owner, most = _most(_name(facts.tasks[pk]) for pk in ids)
    return Matter(
        name, DUTY, len(ids), _people(name, facts), owner, most, task_ids=ids, facts=more or {}
    )


def _name(task: Any) -> str:
    return task.owner.name if task.owner else ""


def _valued(facts: Facts) -> Matter | None:
    return _of_about("valued", facts)


def _forgotten(facts: Facts) -> Matter | None:
    return _of_about("forgotten", facts)


def _missed(facts: Facts) -> Matter | None:
    return _of_about("missed", facts)


def _over(facts: Facts) -> Matter | None:
    return _of_about("over", facts)


def _of_about(name: str, facts: Facts) -> Matter | None:
    found = facts.about(name)
    if not found:
        return None
    owner, most = _most(one.owner for one in found)
    # A customer with two cars spends once.
    worth = sum({one.customer_id: one.worth for one in found}.values())
    return Matter(
        name,
        VALUE,
        len(found),
        _people(name, facts),
        owner,
        most,
        float(worth),
        task_ids=[one.task_id for one in found if one.task_id],
        vehicle_ids=[one.vehicle_id for one in found if not one.task_id],
    )


def _retention(facts: Facts) -> Matter | None:
    """The step that fell most, beyond chance, against the three months before."""
    now, before = (period(STRETCH, facts.as_of, before=past) for past in (False, True))
    pairs = [
        (node, former)
        for node, former in zip(
            retention(now.of(facts.cells["retention"])),
            retention(before.of(facts.cells["retention"])),
            strict=True,
        )
        if _has_fallen(node, former)
    ]
    if not pairs:
        return None
    node, former = max(pairs, key=lambda pair: _fall(*pair))
    count = node.step.n - node.step.hits
    return Matter(
        "retention",
        VALUE,
        count,
        _board(facts, now, node),
        facts.named(Role.MANAGER),
        count,
        float(count * facts.whole.worth),
        facts={"node": node.node, "now": node.step.value, "before": former.step.value},
    )


def _has_fallen(node: Node, former: Node) -> bool:
    if not (node.step.is_enough and former.step.is_enough):
        return False
    return (former.step.value or 0) > node.step.interval[1]


def _fall(node: Node, former: Node) -> float:
    return (former.step.value or 0) - (node.step.value or 0)


def _board(facts: Facts, now: Period, node: Node) -> str:
    """The board's own list of them: the same cells as here."""
    stamp = Stamp(facts.as_of, 1)
    question = Asked([facts.store], STRETCH, "", None, stamp, now, now)
    return question.people_in("retention", item=node.node, hit=0)


def _people(name: str, facts: Facts) -> str:
    asked = urlencode({"store": facts.store.code, "what": name})
    return f"{reverse('brief_people')}?{asked}"


def _most(owners: Iterable[str]) -> tuple[str, int]:
    """Who has most of them, and how many; the first by name of equals."""
    counted = Counter(owners)
    return min(counted.items(), key=lambda one: (-one[1], one[0]))


_MAKERS: dict[str, Callable[[Facts], Matter | None]] = {
    "night": _night,
    "feed": _feed,
    "escalated": _escalated,
    "running": _running,
    "managers": _managers,
    "unattended": _unattended,
    "valued": _valued,
    "forgotten": _forgotten,
    "missed": _missed,
    "over": _over,
    "retention": _retention,
}
# Those that the brief lists itself.
NAMES = tuple(name for name in _MAKERS if name not in ("night", "feed", "retention"))
