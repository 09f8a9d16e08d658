"""The manager's view of the day: who has done what, what runs out, what nobody will reach."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.http import urlencode

from alerts.rules.capacity import places_of
from alerts.selectors.attention import Listed, StoreLists, listed, pressing
from alerts.selectors.progress import Progress, team_progress
from common.dates import local_date
from dashboards.selectors.board import Cell
from dashboards.selectors.days import Day
from dashboards.selectors.team_tasks import Section, sections_of
from stores.choices import Role
from stores.models import Absence, Staff, Store
from stores.selectors import absences, callers

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
    # escalated, running, managers, over, nobodys
    sections: dict[str, Section]
    absences: list[Absence]


def team_day(day: Day, now: datetime) -> TeamDay:
    """At most seven queries, none over visits."""
    store = day.store
    staff = list(callers(store))
    has = listed(store.pk, day.as_of)
    plan = list(absences(store, day.as_of))
    away = {row.staff_id: row for row in plan if row.starts_on <= day.as_of}
    done = team_progress([store.pk], local_date(now, store.timezone))
    people = sorted(_everybody(staff, has), key=lambda one: _ORDER.index(Role(one.role)))
    over = {one.pk: _over(one, has, done, day) for one in people}
    rows = [
        _person(one, has.of(one.pk), done.get(one.pk, Progress()), over, away, day, one in staff)
        for one in people
    ]
    late = {pk for found in over.values() for pk in found}
    wanted = {
        **vars(pressing(store.pk, day.as_of, now)),
        "over": [pk for pk in has.order if pk in late],
        "nobodys": has.of(None).cards,
    }
    return TeamDay(
        people=rows,
        totals=_totals(rows, has, sum(one.attempts for one in done.values()), store),
        callers=staff,
        present=[one for one in staff if one.pk not in away],
        sections=sections_of(wanted, day),
        absences=plan,
    )


def _everybody(staff: list[Staff], has: StoreLists) -> list[Staff]:
    """The callers, and whoever left or moved with open cards, until somebody takes them over."""
    gone = {pk for pk in has.by_owner if pk} - {one.pk for one in staff}
    return [*staff, *(Staff.objects.filter(pk__in=gone).order_by("name") if gone else ())]


def _over(staff: Staff, has: StoreLists, done: dict[int, Progress], day: Day) -> list[int]:
    dealt_with = done.get(staff.pk, Progress()).done
    return has.of(staff.pk).over(places_of(day.capacity(staff.role), dealt_with))


def _person(
    staff: Staff,
    has: Listed,
    done: Progress,
    over: dict[int, list[int]],
    away: dict[int, Absence],
    day: Day,
    is_here: bool,
) -> PersonDay:
    store = day.store
    return PersonDay(
        staff=staff,
        role=str(staff.get_role_display()),
        absence=away.get(staff.pk),
        rate=done.connected_rate,
        done=_recorded(store, done.done, "done", staff),
        connected=_recorded(store, done.connected, "connected", staff),
        booked=_recorded(store, done.booked, "booked", staff),
        cards=_cards(store, len(has.cards), staff),
        duties=_cards(store, has.must, staff, "duty"),
        over=_recorded(store, len(over[staff.pk]), "over", staff),
        is_here=is_here,
    )


def _totals(rows: list[PersonDay], has: StoreLists, attempts: int, store: Store) -> Totals:
    """Of everybody, and of the cards nobody has."""
    must = sum(one.must for one in has.by_owner.values())
    connected = sum(row.connected.count for row in rows)
    return Totals(
        done=_recorded(store, sum(row.done.count for row in rows), "done"),
        connected=_recorded(store, connected, "connected"),
        booked=_recorded(store, sum(row.booked.count for row in rows), "booked"),
        cards=_cards(store, len(has.order)),
        duties=_cards(store, must, level="duty"),
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
