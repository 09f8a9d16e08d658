"""The store's board: warnings by level and value, who has what, stages; all numbers are links."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.http import urlencode
from django.utils.translation import gettext, gettext_lazy

from alerts.models import Task
from alerts.rules.capacity import places_of
from alerts.selectors import Load, loads
from alerts.selectors.progress import team_progress
from common.dates import local_date
from dashboards import presentation
from dashboards.presentation import Chip
from dashboards.selectors.days import Day
from lifecycle.choices import Level, Phase, RiskLevel, Stage, ValueTier
from lifecycle.selectors import KINDS, Board, board
from stores.choices import Role
from stores.models import Absence, Staff, Store

KIND_CHOICES: dict[str, Any] = {
    "due": Level,
    "risk": RiskLevel,
    "lost": Phase,
    "stage": Stage,
}
KIND_TITLES = {
    "due": gettext_lazy("Maintenance due"),
    "risk": gettext_lazy("Churn risk"),
    "lost": gettext_lazy("Loss phases"),
    "stage": gettext_lazy("Stage"),
    "cards": gettext_lazy("Call lists"),
}
TIERS = tuple(ValueTier.values)


@dataclass(frozen=True)
class Cell:
    """A count and the address of exactly those people."""

    count: int
    query: str


@dataclass(frozen=True)
class LevelRow:
    """A level with its counts by value tier."""

    level: str
    label: str
    chip: Chip
    cells: list[Cell]
    total: Cell


@dataclass(frozen=True)
class KindTable:
    """The levels of one kind of warning."""

    kind: str
    title: str
    rows: list[LevelRow]
    total: Cell


@dataclass(frozen=True)
class Kpi:
    """A headline figure with its parts below."""

    title: str
    cell: Cell
    rest: list[LevelRow]


@dataclass(frozen=True)
class PersonRow:
    """One person of the store: what is open, what fits today."""

    name: str
    role: str
    is_away: bool
    capacity: int | None
    cards: Cell
    duties: Cell
    over: Cell
    oldest_on: date | None


@dataclass(frozen=True)
class StoreBoard:
    """Inputs of templates/dashboards/store/board.html."""

    tables: list[KindTable]
    stages: list[LevelRow]
    people: list[PersonRow]
    cards: Cell
    duties: Cell
    over: Cell

    @property
    def kpis(self) -> list[Kpi]:
        """The three kinds in one line; of risk the high ones count, the others need no call."""
        due, risk, lost = self.tables
        return [
            Kpi(due.title, due.total, due.rows),
            Kpi(gettext("High churn risk"), risk.rows[0].total, risk.rows[1:]),
            Kpi(lost.title, lost.total, lost.rows),
        ]

    @property
    def is_empty(self) -> bool:
        return not any(table.total.count for table in self.tables) and not any(
            row.total.count for row in self.stages
        )


def store_board(store: Store, day: Day, now: datetime) -> StoreBoard:
    """Six queries, none over visits."""
    counts = board(store.pk)
    people = _people(store, day, now)
    return StoreBoard(
        tables=[_table(kind, counts, store) for kind in ("due", "risk", "lost")],
        stages=_level_rows("stage", counts, store),
        people=people,
        cards=Cell(sum(one.cards.count for one in people), _query(store, "cards")),
        duties=Cell(sum(one.duties.count for one in people), _query(store, "cards", level="duty")),
        over=Cell(sum(one.over.count for one in people), _query(store, "cards", level="over")),
    )


def _query(store: Store, kind: str, **more: str) -> str:
    chosen = {key: value for key, value in more.items() if value}
    return urlencode({"store": store.code, "kind": kind, **chosen})


def _table(kind: str, counts: Board, store: Store) -> KindTable:
    total = Cell(counts.total(kind), _query(store, kind))
    return KindTable(kind, str(KIND_TITLES[kind]), _level_rows(kind, counts, store), total)


def _level_rows(kind: str, counts: Board, store: Store) -> list[LevelRow]:
    return [
        LevelRow(
            level=level,
            label=str(KIND_CHOICES[kind](level).label),
            chip=presentation.chip(KIND_CHOICES[kind], level),
            cells=[
                Cell(counts.of(kind, level, tier), _query(store, kind, level=level, tier=tier))
                for tier in TIERS
            ],
            total=Cell(counts.of(kind, level), _query(store, kind, level=level)),
        )
        for level in KINDS[kind]
    ]


def staff_of(store: Store) -> list[Staff]:
    """Who works call lists in the store, in the order of the board.

    Whoever left or moved with open cards is among them until somebody takes the cards over.
    """
    roles = (Role.MANAGER, Role.ADVISOR, Role.SPECIALIST)
    here = Q(is_active=True, role__in=roles, pk__in=store.staff.values("pk"))
    with_cards = Task.objects.filter(store=store, closed_on__isnull=True).values("owner")
    people = Staff.objects.filter(here | Q(pk__in=with_cards))
    order = [*roles, *(role for role in Role if role not in roles)]
    return sorted(people, key=lambda person: (order.index(Role(person.role)), person.name))


def _people(store: Store, day: Day, now: datetime) -> list[PersonRow]:
    has = {load.owner_id: load for load in loads(store.pk, day.as_of)}
    staff = staff_of(store)
    away = _away(staff, day.as_of)
    left = places_left(staff, day, now)
    rows = [
        _person(one, has.get(one.pk), day, left[one.pk], is_away=one.pk in away) for one in staff
    ]
    if None in has:
        rows.append(_nobody(has[None], day))
    return rows


def _away(staff: Iterable[Staff], on: date) -> set[int]:
    absences = Absence.objects.filter(staff__in=list(staff), starts_on__lte=on, ends_on__gte=on)
    return set(absences.values_list("staff_id", flat=True))


def places_left(staff: Iterable[Staff], day: Day, now: datetime) -> dict[int, int]:
    """{staff id: the places that the day's outcomes leave}; one query."""
    done = team_progress([day.store.pk], local_date(now, day.store.timezone))
    return {
        one.pk: places_of(day.capacity(one.role), done[one.pk].done if one.pk in done else 0)
        for one in staff
    }


def _person(person: Staff, load: Load | None, day: Day, places: int, *, is_away: bool) -> PersonRow:
    load = load or Load(person.pk, 0, 0, 0, 0, None)
    return PersonRow(
        name=person.name,
        role=person.get_role_display(),
        is_away=is_away,
        capacity=day.capacity(person.role),
        **_cells(load, places, str(person.pk), day.store),
    )


def _nobody(load: Load, day: Day) -> PersonRow:
    return PersonRow(
        name=gettext("Nobody"),
        role=gettext("no active advisor"),
        is_away=False,
        capacity=None,
        **_cells(load, load.calls, "none", day.store),
    )


def _cells(load: Load, places: int, owner: str, store: Store) -> dict[str, Any]:
    return {
        "cards": Cell(load.cards, _query(store, "cards", owner=owner)),
        "duties": Cell(load.duties, _query(store, "cards", level="duty", owner=owner)),
        "over": Cell(load.over(places), _query(store, "cards", level="over", owner=owner)),
        "oldest_on": load.oldest_on,
    }
