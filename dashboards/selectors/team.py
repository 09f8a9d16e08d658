"""The manager's view of the day: who has done what, what runs out, what nobody will reach."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.http import urlencode

from alerts.selectors import MANAGERS_KINDS
from alerts.selectors.attention import Listed, first_tasks, listed, pressing
from alerts.selectors.progress import Progress, team_progress
from common.dates import local_date
from dashboards import presentation
from dashboards.selectors.board import Cell
from dashboards.selectors.calls.rows import car_text, deadline
from dashboards.selectors.days import Day
from lifecycle.reasons import task_reasons
from stores.choices import Role
from stores.models import Absence, Staff, Store
from stores.selectors import absences, callers

SHOWN = 10
_ORDER = list(Role)


@dataclass(frozen=True)
class PersonDay:
    """One line of the team: recorded today, still open, away until."""

    staff: Staff
    role: str
    absence: Absence | None
    rate: float | None
    done: Cell
    connected: Cell
    booked: Cell
    cards: Cell
    duties: Cell
    over: Cell
    first_over: list[int]
    capacity: int
    # Whether the person works here still: who left may have open cards.
    is_here: bool

    @property
    def total(self) -> int:
        """Done and still open: the length of the bar."""
        return self.done.count + self.cards.count

    @property
    def calls_lost(self) -> bool:
        """A specialist's list is made of lost customers, who have no tasks until win-back."""
        return self.staff.role == Role.SPECIALIST and not self.total


@dataclass(frozen=True)
class Item:
    """One task that asks for the manager's eye."""

    task: Any
    car: str
    title: str
    reasons: list[str]
    deadline: str


@dataclass(frozen=True)
class Section:
    """A list of the page; `query` leads to all of it where it is cut."""

    items: list[Item]
    count: int
    query: str = ""

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.items)


@dataclass(frozen=True)
class Totals:
    """The store's day in six figures."""

    done: Cell
    connected: Cell
    booked: Cell
    cards: Cell
    duties: Cell
    over: Cell
    rate: float | None


@dataclass(frozen=True)
class TeamDay:
    """Inputs of templates/dashboards/team/team.html."""

    people: list[PersonDay]
    totals: Totals
    callers: list[Staff]
    present: list[Staff]
    escalated: Section
    running_out: Section
    nobodys: Section
    over: Section
    managers: Section
    absences: list[Absence]


def team_day(day: Day, now: datetime) -> TeamDay:
    """At most seven queries, none over visits."""
    store = day.store
    staff = list(callers(store))
    has = listed(store.pk, day.as_of)
    plan = list(absences(store, day.as_of))
    away = {row.staff_id: row for row in plan if row.starts_on <= day.as_of}
    done = team_progress([store.pk], local_date(now, store.timezone))
    rows = [
        _person(
            one, has.get(one.pk, Listed()), done.get(one.pk, Progress()), away, day, one in staff
        )
        for one in sorted(_everybody(staff, has), key=lambda one: _ORDER.index(Role(one.role)))
    ]
    tasks = pressing(store.pk, day.as_of, now)
    return TeamDay(
        people=rows,
        totals=_totals(rows, has.values(), sum(one.attempts for one in done.values()), store),
        callers=staff,
        present=[one for one in staff if one.pk not in away],
        escalated=_section([t for t in tasks if t.escalated_at], day),
        running_out=_section([t for t in tasks if _is_running_out(t)], day),
        nobodys=_nobodys(has.get(None), day),
        over=_over(rows, day),
        managers=_section([t for t in tasks if t.kind in MANAGERS_KINDS], day),
        absences=plan,
    )


def _everybody(staff: list[Staff], has: Iterable[int | None]) -> list[Staff]:
    """The callers, and whoever left or moved with open cards, until somebody takes them over."""
    gone = {pk for pk in has if pk} - {one.pk for one in staff}
    return [*staff, *(Staff.objects.filter(pk__in=gone).order_by("name") if gone else ())]


def _person(
    staff: Staff, has: Listed, done: Progress, away: dict[int, Absence], day: Day, is_here: bool
) -> PersonDay:
    store, capacity = day.store, day.capacity(staff.role)
    over = has.over(capacity - done.done)
    return PersonDay(
        staff=staff,
        role=str(staff.get_role_display()),
        absence=away.get(staff.pk),
        rate=done.connected_rate,
        done=_recorded(store, done.done, "done", staff),
        connected=_recorded(store, done.connected, "connected", staff),
        booked=_recorded(store, done.booked, "booked", staff),
        cards=_cards(store, has.cards, staff),
        duties=_cards(store, has.must, staff, "duty"),
        over=_recorded(store, len(over), "over", staff),
        first_over=over[:SHOWN],
        capacity=capacity,
        is_here=is_here,
    )


def _totals(rows: list[PersonDay], lists: Iterable[Listed], attempts: int, store: Store) -> Totals:
    """Of everybody, and of the cards nobody has."""
    open_cards = [(one.cards, one.must) for one in lists]
    connected = sum(row.connected.count for row in rows)
    return Totals(
        done=_recorded(store, sum(row.done.count for row in rows), "done"),
        connected=_recorded(store, connected, "connected"),
        booked=_recorded(store, sum(row.booked.count for row in rows), "booked"),
        cards=_cards(store, sum(cards for cards, _must in open_cards)),
        duties=_cards(store, sum(must for _cards, must in open_cards), level="duty"),
        over=_recorded(store, sum(row.over.count for row in rows), "over"),
        rate=connected / attempts if attempts else None,
    )


def _recorded(store: Store, count: int, what: str, staff: Staff | None = None) -> Cell:
    query: dict[str, str | int] = {"store": store.code, "what": what}
    return Cell(count, urlencode(query | ({"who": staff.pk} if staff else {})))


def _cards(store: Store, count: int, staff: Staff | None = None, level: str = "") -> Cell:
    query: dict[str, str | int] = {"store": store.code, "kind": "cards"}
    query |= {"level": level} if level else {}
    return Cell(count, urlencode(query | ({"owner": staff.pk} if staff else {})))


def _is_running_out(task: Any) -> bool:
    """A complaint is the manager's own and stands among those."""
    return not task.escalated_at and task.kind not in MANAGERS_KINDS


def _section(tasks: list[Any], day: Day, count: int | None = None, query: str = "") -> Section:
    items = [item_of(task, day) for task in tasks]
    return Section(items, len(items) if count is None else count, query)


def _nobodys(has: Listed | None, day: Day) -> Section:
    if has is None:
        return Section([], 0)
    query = urlencode({"store": day.store.code, "kind": "cards", "owner": "none"})
    customers = [*has.duties, *has.waiting, *has.by_value][:SHOWN]
    tasks = first_tasks([(None, pk) for pk in customers], day.as_of)
    return _section(tasks, day, has.cards, query)


def _over(rows: list[PersonDay], day: Day) -> Section:
    """The first of each person's, then the best of those."""
    cards = [(row.staff.pk, pk) for row in rows for pk in row.first_over]
    tasks = first_tasks(cards, day.as_of)[:SHOWN] if cards else []
    whole = _recorded(day.store, sum(row.over.count for row in rows), "over")
    return _section(tasks, day, whole.count, whole.query)


def item_of(task: Any, day: Day) -> Item:
    """A task with its reasons and its deadline in words."""
    state = getattr(task.vehicle, "state", None)
    rollup = getattr(task.vehicle, "rollup", None)
    reasons = (
        task_reasons(task.kind, rollup, state, day.as_of, task, day.store.timezone)
        if state and rollup
        else []
    )
    return Item(
        task=task,
        car=car_text(task.vehicle),
        title=presentation.task_title(task.kind),
        reasons=reasons,
        deadline=deadline(task, day),
    )
