"""A store with two advisors and a manager, computed day after day, and what is on its list."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from alerts.models import Task
from customers.models import ConsentEvent, Customer, Vehicle
from pipeline.services import settle
from stores.models import Absence, Staff
from tests.engine.small_worlds import AS_OF, CAR, at, days, world
from tests.engine.test_day import run_day
from tests.engine.world_rows import Laid, lay
from tests.oracle import facts

PEOPLE = (
    facts.Staff("ada", "manager", ("S1",)),
    facts.Staff("ben", "advisor", ("S1",)),
    facts.Staff("bea", "advisor", ("S1",)),
)


class Listed:
    """Laid rows and their days; `ben` is the advisor of every customer."""

    def __init__(
        self, *rows: Any, on: date = AS_OF, staff: Iterable[facts.Staff] = PEOPLE, **more: Any
    ) -> None:
        plain = world(*rows, **more)
        people = tuple(replace(one, advisor="ben") for one in plain.customers)
        self.laid: Laid = lay(replace(plain, staff=tuple(staff), customers=people), on)
        self.on = on
        run_day(self.laid, on)

    @property
    def car(self) -> Vehicle:
        return self.laid.vehicles[CAR]

    @property
    def customer(self) -> Customer:
        return self.car.customer

    def person(self, code: str) -> Staff:
        return self.laid.staff[code]

    def day(self, count: int) -> None:
        """The night of the day so many days after the first."""
        self.on = days(count)
        run_day(self.laid, self.on)

    def settle(self) -> None:
        settle.settle([self.car.pk])

    def open(self) -> dict[str, Task]:
        """{kind: open task of the car}."""
        found = Task.objects.filter(vehicle=self.car, closed_on=None).select_related("owner")
        return {task.kind: task for task in found}

    def kinds(self) -> set[str]:
        return set(self.open())

    def closed(self) -> dict[str, str]:
        """{kind: what it was closed as}."""
        found = Task.objects.filter(vehicle=self.car).exclude(closed_on=None)
        return {task.kind: task.closed_as for task in found}

    def owner(self, kind: str = "due_call") -> str | None:
        task = self.open()[kind]
        return task.owner.code if task.owner else None

    def task(self, kind: str, **fields: Any) -> Task:
        """One that a person or an outcome opened."""
        given = {"cycle_key": f"x{kind}", "owner": self.person("ben"), "due_on": self.on} | fields
        return Task.objects.create(
            store=self.car.store,
            customer=self.customer,
            vehicle=self.car,
            kind=kind,
            opened_on=self.on,
            policy_set_id=self.car.state.policy_set_id,
            **given,
        )

    def away(self, code: str, stand_in: str | None = None, on: date | None = None) -> Absence:
        day = on or self.on
        return Absence.objects.create(
            staff=self.person(code),
            starts_on=day,
            ends_on=day,
            stand_in=self.person(stand_in) if stand_in else None,
        )

    def say(self, channel: str, is_granted: bool, given_at: datetime | None = None) -> ConsentEvent:
        """The customer's word on a channel; at ten o'clock of the last computed day."""
        return ConsentEvent.objects.create(
            store=self.car.store,
            customer=self.customer,
            channel=channel,
            is_granted=is_granted,
            given_at=given_at or at(self.on),
        )
