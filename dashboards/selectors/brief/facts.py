"""What the morning brief is made of: each part is read once, and only when it is asked for."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, Subquery

from alerts.choices import TaskKind
from alerts.rules.capacity import places_of
from alerts.selectors.attention import (
    Pressing,
    StoreLists,
    listed,
    pressing_tasks,
    sorted_out,
)
from alerts.selectors.lane import LaneOf, summary
from alerts.selectors.progress import Progress, team_progress
from common.dates import local_date
from common.sql import rows, statement
from dashboards.selectors import days
from dashboards.selectors.days import Day
from lifecycle.selectors import Cell, cells
from pipeline.models import StoreDay
from stores.choices import Role
from stores.models import Absence, Staff, Store


@dataclass(frozen=True)
class About:
    """A car or a task of dashboards/sql/brief.sql."""

    vehicle_id: int
    task_id: int | None
    customer_id: int
    worth: Decimal
    since_on: date | None
    owner: str


class Facts:
    """A store's morning; eight queries for everything, fewer for `only` one exception."""

    def __init__(self, store: Store, now: datetime, only: str = "") -> None:
        self.store = store
        self.now = now
        self.only = only

    @cached_property
    def _row(self) -> Any:
        """The latest computed day, and when the first one was."""
        first = StoreDay.objects.filter(store=OuterRef("store")).order_by().values("store")
        found: Any = StoreDay.objects.filter(store=self.store).select_related("policy_set")
        found = found.annotate(first_on=Subquery(first.annotate(on_=Min("on")).values("on_")))
        return found.order_by("-on").first()

    @cached_property
    def day(self) -> Day:
        known = {self.store.pk: self._row} if self._row else None
        return days.latest([self.store], known)[self.store.pk]

    @property
    def as_of(self) -> date:
        return self.day.as_of

    @cached_property
    def tasks(self) -> dict[int, Any]:
        """{id: task} of the tasks that press, the most urgent first, with their owners."""
        found = pressing_tasks(self.store.pk, self.as_of, self.now).select_related("owner")
        return {task.pk: task for task in found}

    @cached_property
    def pressing(self) -> Pressing:
        return sorted_out((task.pk, task.kind, task.escalated_at) for task in self.tasks.values())

    @cached_property
    def lists(self) -> StoreLists:
        return listed(self.store.pk, self.as_of)

    @cached_property
    def people(self) -> dict[int, Any]:
        """{id: person} of whoever has a list, the store's manager, the group's administrators.

        Each knows `is_away`.
        """
        away = Absence.objects.filter(
            staff=OuterRef("pk"), starts_on__lte=self.as_of, ends_on__gte=self.as_of
        )
        manager = Q(role=Role.MANAGER, is_active=True, stores=self.store)
        admin = Q(role=Role.ADMIN, is_active=True, group=self.store.group_id)
        wanted = Q(pk__in=[pk for pk in self.lists.by_owner if pk]) | manager | admin
        found = Staff.objects.filter(wanted).annotate(is_away=Exists(away)).distinct()
        return {one.pk: one for one in found.order_by("name", "pk")}

    def named(self, role: Role) -> str:
        """The first person of a role who is here, else the first one; empty without any."""
        of_role = [one for one in self.people.values() if one.role == role and one.is_active]
        here = [one for one in of_role if not one.is_away]
        return next((one.name for one in [*here, *of_role]), "")

    @cached_property
    def absent(self) -> list[int]:
        """Whose lists nobody works today: away without a stand-in, or gone."""
        return [
            pk
            for pk in self.lists.by_owner
            if pk and pk in self.people and not self._is_here(self.people[pk])
        ]

    @cached_property
    def over(self) -> list[int]:
        """Tasks that do not fit today, of those who are here (as on the team's page)."""
        done = team_progress([self.store.pk], local_date(self.now, self.store.timezone))
        late: list[int] = []
        for pk, one in self.people.items():
            if pk in self.lists.by_owner and self._is_here(one):
                places = self.day.capacity(one.role)
                left = places_of(places, done.get(pk, Progress()).done)
                late += self.lists.of(pk).over(left)
        return late

    @cached_property
    def missed(self) -> list[int]:
        """Cars of the second-visit lane with a missed step."""
        first_on = self._row.first_on if self._row else self.as_of
        lane = LaneOf(self.store.pk, self.as_of, first_on, self.day.task_policy, 0)
        return summary(lane, "missed").vehicle_ids

    @cached_property
    def _about(self) -> dict[str, list[About]]:
        refused = statement("alerts", "refused").format(people="e.store_id = %(store)s")
        text = statement("dashboards", "brief").format(refused=refused)
        params = {
            "store": self.store.pk,
            "as_of": self.as_of,
            "missed": self.missed if self._wants("missed") else [],
            "over": self.over if self._wants("over") else [],
            "complaints": self._ids_of(TaskKind.COMPLAINT),
            "surveys": self._ids_of(TaskKind.CRITICAL),
        }
        found: dict[str, list[About]] = {}
        for row in rows(text, params):
            found.setdefault(row.pop("what"), []).append(About(**row))
        return found

    def _ids_of(self, kind: TaskKind) -> list[int]:
        """The complaints or surveys that the manager's open tasks are about."""
        if not self._wants("managers"):
            return []
        return [task.about_id for task in self.tasks.values() if task.kind == kind]

    def about(self, what: str) -> list[About]:
        """forgotten, valued, missed or over; the dearest first."""
        return self._about.get(what, [])

    @property
    def whole(self) -> About:
        """The store: what a customer spends a year, since when the oldest complaint is open."""
        return self.about("store")[0]

    @cached_property
    def cells(self) -> dict[str, list[Cell]]:
        return cells([self.store.pk], ("retention", "health"))

    def _is_here(self, one: Any) -> bool:
        return bool(one.is_active and not one.is_away)

    def _wants(self, name: str) -> bool:
        return self.only in ("", name)
