"""A customer's page: who, cars with every number explained, stage, history, consent."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext

from alerts.models import Task
from common.formats import day
from customers.models import Customer, Vehicle
from customers.selectors import Consent, Event, consents, history
from dashboards import presentation
from dashboards.presentation import Chip
from dashboards.selectors.calls import car_text, tier_chip
from dashboards.selectors.days import Day
from lifecycle.models import StageTransition, VehicleRollup
from lifecycle.reasons import RiskItem, due_sentence, risk_items, task_reasons
from lifecycle.selectors import transitions
from lifecycle.services.daily import Daily, daily

HISTORY = 40


@dataclass(frozen=True)
class CarSheet:
    """A car and what is believed about it; `state` None before the first computation."""

    vehicle: Vehicle
    state: Any
    rollup: VehicleRollup | None
    due: str
    due_chip: Chip | None
    items: list[RiskItem]
    tags: list[Chip]
    daily: Daily | None
    is_floored: bool
    index_threshold: int

    @property
    def cancelled_percent(self) -> int | None:
        """Share of the year's appointments that were cancelled; None without one."""
        rollup = self.rollup
        if not rollup or not rollup.appointments_year:
            return None
        return round(100 * rollup.cancelled_year / rollup.appointments_year)


@dataclass(frozen=True)
class Duty:
    """An open or lately closed task with its reasons."""

    task: Task
    title: str
    car: str
    reasons: list[str]


@dataclass(frozen=True)
class Sheet:
    """Inputs of templates/dashboards/customers/customer.html."""

    customer: Customer
    state: Any
    tier: Chip | None
    cars: list[CarSheet]
    duties: list[Duty]
    moves: list[StageTransition]
    events: list[Event]
    consents: list[Consent]
    car_names: dict[int, str]
    can_unmask: bool
    as_of: date

    @property
    def zone(self) -> str:
        return self.customer.store.timezone

    @property
    def birthday(self) -> str:
        """Day and month, without the year when it is unknown; empty without a day."""
        person = self.customer
        if not (person.birth_month and person.birth_day):
            return ""
        # A leap year, so that 29 February is a date.
        on = date(person.birth_year or 2000, person.birth_month, person.birth_day)
        return day(on) if person.birth_year else day(on, on)

    @property
    def is_history_cut(self) -> bool:
        return len(self.events) >= HISTORY


def sheet_of(customer: Customer, store_day: Day, can_unmask: bool) -> tuple[Sheet, list[Task]]:
    """The page of one customer and the customer's tasks; six queries."""
    vehicles = list(
        Vehicle.objects.filter(customer=customer)
        .select_related("state", "rollup")
        .order_by("status", "-delivered_on", "pk")
    )
    ids = [vehicle.pk for vehicle in vehicles]
    facts = (
        daily(store_day.policy_set, ids, store_day.as_of) if store_day.policy_set and ids else {}
    )
    threshold = store_day.index_threshold
    tasks = list(
        Task.objects.filter(customer=customer)
        .select_related("owner", "vehicle__state", "vehicle__rollup")
        .order_by("-opened_on", "-pk")[:20]
    )
    sheet = Sheet(
        customer=customer,
        state=getattr(customer, "state", None),
        tier=tier_chip(customer),
        cars=[_car(one, facts.get(one.pk), store_day.as_of, threshold) for one in vehicles],
        duties=[_duty(task, store_day.as_of) for task in tasks],
        moves=transitions(customer.pk),
        events=history(customer, HISTORY),
        consents=consents(customer),
        car_names={vehicle.pk: car_text(vehicle) for vehicle in vehicles},
        can_unmask=can_unmask,
        as_of=store_day.as_of,
    )
    return sheet, tasks


def _car(vehicle: Vehicle, facts: Daily | None, as_of: date, threshold: int) -> CarSheet:
    state, rollup = getattr(vehicle, "state", None), getattr(vehicle, "rollup", None)
    if state is None or rollup is None:
        due = gettext("Computed with the next nightly run.")
        return CarSheet(vehicle, None, rollup, due, None, [], [], facts, False, threshold)
    items = risk_items(rollup, state, as_of)
    return CarSheet(
        vehicle=vehicle,
        state=state,
        rollup=rollup,
        due=due_sentence(state, as_of),
        due_chip=presentation.due_chip(state, as_of),
        items=items,
        tags=presentation.tag_chips(state),
        daily=facts,
        is_floored=sum(item.points for item in items) > 100,
        index_threshold=threshold,
    )


def _duty(task: Task, as_of: date) -> Duty:
    state = getattr(task.vehicle, "state", None)
    rollup = getattr(task.vehicle, "rollup", None)
    is_open = task.closed_on is None
    reasons = task_reasons(task.kind, rollup, state, as_of) if state and rollup and is_open else []
    return Duty(task, presentation.task_title(task.kind), car_text(task.vehicle), reasons)
