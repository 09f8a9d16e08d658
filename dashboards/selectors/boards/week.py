"""The weekly report: figures of one store's week, counted at night, and what stood out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from alerts.rules import week as rules
from alerts.rules.week import Change, Figure, Notable
from common.formats import listing, number, percent, span, yuan
from dashboards.models import WeeklyReport
from dashboards.selectors.boards.scorecard import Shown
from dashboards.selectors.brief.matters import Matter
from dashboards.selectors.brief.words import sentence, whose
from lifecycle.rules.rates import ENOUGH
from lifecycle.selectors import Cell, cells, cells_by
from stores.models import Staff, Store

LABELS: dict[str, Promise] = {
    "called": gettext_lazy("Calls made"),
    "connected": gettext_lazy("Calls connected"),
    "booked": gettext_lazy("Calls with a booking"),
    "arrived": gettext_lazy("Came after such a call"),
    "visited": gettext_lazy("Came for service"),
    "revenue": gettext_lazy("Service revenue"),
    "due": gettext_lazy("Due and came or booked"),
    "red": gettext_lazy("Cars newly red"),
    "orange": gettext_lazy("Cars newly orange"),
    "lost": gettext_lazy("Customers who became lost"),
    "back": gettext_lazy("Lost customers who came back"),
    "complained": gettext_lazy("New complaints"),
    "open": gettext_lazy("Complaints open on Sunday"),
    "csat": gettext_lazy("Satisfaction"),
}
# Where each comes from, in the words of the store.
SOURCES: dict[str, Promise] = {
    "called": gettext_lazy("calls noted"),
    "connected": gettext_lazy("calls noted"),
    "booked": gettext_lazy("calls noted"),
    "arrived": gettext_lazy("work orders within 30 days of the call"),
    "visited": gettext_lazy("work orders"),
    "revenue": gettext_lazy("work orders"),
    "due": gettext_lazy("cars whose 30 days after due ran out"),
    "red": gettext_lazy("nightly warnings"),
    "orange": gettext_lazy("nightly warnings"),
    "lost": gettext_lazy("nightly stages"),
    "back": gettext_lazy("nightly stages"),
    "complained": gettext_lazy("complaints"),
    "open": gettext_lazy("complaints"),
    "csat": gettext_lazy("answers to surveys"),
}
_PEOPLE = {
    "booked": gettext_lazy("%(name)s: %(share)s of %(n)s calls booked (store %(store)s)"),
    "due": gettext_lazy("%(name)s: %(share)s of %(n)s due came or booked (store %(store)s)"),
}
MOST_PEOPLE = 3


@dataclass(frozen=True)
class WeekRow:
    """One figure beside the week before; `is_better` None where chance explains the change."""

    name: str
    label: str
    now: Shown
    before: str
    change: str
    is_better: bool | None
    source: str


@dataclass(frozen=True)
class Attention:
    """A sentence of the brief as it was on Monday, and whose it was."""

    text: str
    whose: str


@dataclass(frozen=True)
class WeekBoard:
    """Inputs of templates/dashboards/boards/weekly.html and of the mail."""

    store: Store
    week: str
    weeks: list[tuple[str, str]]
    as_of: date
    days: str
    rows: list[WeekRow]
    best: str
    worst: str
    praise: list[str]
    help: list[str]
    exceptions: list[Attention] | None
    exceptions_on: date | None
    address: str


def week_board(store: Store, as_of: date, given: str = "") -> WeekBoard:
    """The week asked for, by default the last full one; four queries."""
    kept = rules.weeks(as_of)
    week = given if given in kept else kept[0]
    found = cells([store.pk], ["week"])["week"]
    changes = rules.changes(found, week)
    best, worst = rules.best_and_worst(changes)
    people = _people(store, found, week)
    report = WeeklyReport.objects.filter(store=store, monday_on=rules.monday_of(week)).first()
    return WeekBoard(
        store=store,
        week=week,
        weeks=[(one, days_of(one, as_of)) for one in kept],
        as_of=as_of,
        days=days_of(week, as_of),
        rows=[_row(one, store, week) for one in changes],
        best=_moved(best),
        worst=_moved(worst),
        praise=[text for is_better, text in people if is_better][:MOST_PEOPLE],
        help=[text for is_better, text in people if not is_better][:MOST_PEOPLE],
        exceptions=None if report is None else exceptions(report),
        exceptions_on=report.as_of if report else None,
        address=f"{reverse('weekly')}?{urlencode({'store': store.code, 'week': week})}",
    )


def days_of(week: str, as_of: date) -> str:
    """`8 Jun – 14 Jun`."""
    monday = rules.monday_of(week)
    return span(monday, monday + timedelta(days=6), as_of)


def exceptions(report: WeeklyReport) -> list[Attention]:
    """In the reader's language, whatever was spoken when they were kept."""
    found = [_matter(row) for row in report.matters]
    return [Attention(sentence(one, report.as_of), whose(one)) for one in found]


def kept(found: Iterable[Matter]) -> list[dict[str, Any]]:
    """What of the brief's exceptions is kept as JSON: no ids of people, tasks or cars."""
    return [
        {
            "name": one.name,
            "rank": one.rank,
            "count": one.count,
            "owner": one.owner,
            "of_most": one.of_most,
            "facts": {
                name: value.isoformat() if isinstance(value, date) else value
                for name, value in one.facts.items()
            },
        }
        for one in found
    ]


def _matter(row: Mapping[str, Any]) -> Matter:
    facts = dict(row["facts"])
    if facts.get("day"):
        facts["day"] = date.fromisoformat(facts["day"])
    return Matter(url="", **{**row, "facts": facts})


def _row(one: Change, store: Store, week: str) -> WeekRow:
    return WeekRow(
        name=one.name,
        label=str(LABELS[one.name]),
        now=_shown(one.now, _url(one.now, store, week)),
        before=_shown(one.before, "").text,
        change=_change(one),
        is_better=_is_better(one),
        source=str(SOURCES[one.name]),
    )


def _url(one: Figure, store: Store, week: str) -> str:
    """The people behind it, without what only the page of a period needs."""
    if one.n <= 0:
        return ""
    marks = {"store": store.code, "board": "week", "item": one.item, "stretch": week}
    if one.name == "connected":
        marks["hit"] = "1"
    return f"{reverse('board_people')}?{urlencode(marks)}"


def _shown(one: Figure, url: str) -> Shown:
    if not one.is_known:
        return Shown("–", gettext("not known of this week"))
    if one.value is None:
        facts = {"n": number(one.n), "enough": ENOUGH}
        return Shown("–", gettext("not enough data: %(n)s of %(enough)s") % facts, url)
    if one.kind == rules.RATE:
        facts = {"n": number(one.hits), "of": number(one.n)}
        return Shown(percent(one.value), gettext("%(n)s of %(of)s") % facts, url)
    if one.kind == rules.MEAN:
        told = gettext("%(n)s answers") % {"n": number(one.n)}
        return Shown(number(one.value, 1), told, url)
    return Shown(yuan(one.value) if one.kind == rules.YUAN else number(one.value), "", url)


def _change(one: Change) -> str:
    """«▲ 12%» of a number, «▲ 3.1 points» of a share or a mean; empty where nothing compares."""
    now, before = one.now, one.before
    if now.value is None or before.value is None:
        return ""
    step = now.value - before.value
    arrow = "▲" if step > 0 else "▼" if step < 0 else "＝"
    if now.kind in (rules.RATE, rules.MEAN):
        points = abs(step) * (100 if now.kind == rules.RATE else 1)
        return f"{arrow} " + gettext("%(change)s points") % {"change": number(points, 1)}
    if now.kind == rules.YUAN:
        return f"{arrow} {percent(abs(step) / before.value)}" if before.value else ""
    return f"{arrow} {number(abs(step))}"


def _is_better(one: Change) -> bool | None:
    best, worst = rules.best_and_worst([one])
    return True if best else False if worst else None


def _moved(one: Change | None) -> str:
    """«Came for service: 41, 25 the week before.»"""
    if one is None:
        return ""
    facts = {
        "what": LABELS[one.name],
        "now": _shown(one.now, "").text,
        "before": _shown(one.before, "").text,
    }
    return gettext("%(what)s: %(now)s, %(before)s the week before") % facts


def _people(store: Store, found: Sequence[Cell], week: str) -> list[tuple[bool, str]]:
    """(to praise, sentence) of everybody who stands out."""
    by_advisor = {pk: of["week"] for pk, of in cells_by([store.pk], ["week"], "advisor").items()}
    standing_out = rules.notable(by_advisor, found, week)
    ids = {one.staff_id for one in standing_out}
    names = dict(Staff.objects.filter(pk__in=ids, is_active=True).values_list("pk", "name"))
    return [
        (one.is_better, _told(one, names[one.staff_id]))
        for one in standing_out
        if one.staff_id in names
    ]


def _told(one: Notable, name: str) -> str:
    facts = {
        "name": name,
        "share": percent(one.rate.value or 0),
        "n": number(one.rate.n),
        "store": percent(one.store.value or 0),
    }
    return str(_PEOPLE[one.name]) % facts


def summary(board: WeekBoard) -> str:
    """One line for whoever sees the subject only: visits, calls, what is open."""
    shown = {row.name: row for row in board.rows}
    wanted = ("visited", "called", "open")
    return listing(f"{shown[name].label} {shown[name].now.text}" for name in wanted)
