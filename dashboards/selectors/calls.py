"""A call list as its page shows it: cards by group, today's and what does not fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext

from alerts.models import Task
from alerts.selectors import Card, call_list, split
from common.dates import local_date
from common.formats import clock, day, percent, plate, yuan
from customers.models import Contact, Customer, Vehicle, Visit
from dashboards import presentation
from dashboards.presentation import Chip
from dashboards.selectors.days import Day
from lifecycle.choices import Rfm
from lifecycle.reasons import RiskItem, due_sentence, risk_items, task_reasons
from lifecycle.services.daily import Daily, daily
from stores.access import Reader


@dataclass(frozen=True)
class Line:
    """One car of a card: what it is and why it stands here."""

    car: str
    chips: list[Chip]


@dataclass(frozen=True)
class Row:
    """One card as a line of the list."""

    customer: Customer
    tier: Chip | None
    worth: str
    opened_on: date
    deadline: str
    lines: list[Line]
    hand_over: str
    is_with_manager: bool
    as_of: date


@dataclass(frozen=True)
class Queue:
    """Inputs of templates/dashboards/today/queue.html."""

    duties: list[Row]
    by_value: list[Row]
    later: list[Row]
    day: Day
    capacity: int

    @property
    def is_empty(self) -> bool:
        return not (self.duties or self.by_value or self.later)

    @property
    def first(self) -> Customer | None:
        """Whose card is open at first: the first that asks for a call, else the first."""
        rows = [*self.duties, *self.by_value]
        calls = [row for row in rows if not row.is_with_manager]
        return next((row.customer for row in calls + rows), None)

    @property
    def calls(self) -> int:
        """Cards of today that ask for a call."""
        return sum(not row.is_with_manager for row in [*self.duties, *self.by_value])


def queue_of(reader: Reader, days: dict[int, Day]) -> Queue:
    """The reader's own list; `days` are the latest computed days of the reader's stores."""
    day_of_list = next(iter(days.values()))
    capacity = day_of_list.capacity(reader.role)
    today, later = split(call_list(reader.staff.pk, list_day(days)), capacity)
    return Queue(
        duties=[row_of(card, days) for card in today if card.is_duty],
        by_value=[row_of(card, days) for card in today if not card.is_duty],
        later=[row_of(card, days) for card in later],
        day=day_of_list,
        capacity=capacity,
    )


def list_day(days: dict[int, Day]) -> date:
    """The day a person's list is of: the newest of the stores'."""
    return max(day.as_of for day in days.values())


def row_of(card: Card, days: dict[int, Day]) -> Row:
    """A card as its line of the list."""
    first = card.first
    store_day = days[first.store_id]
    return Row(
        customer=card.customer,
        tier=tier_chip(card.customer),
        worth=worth(first),
        opened_on=min(task.opened_on for task in card.tasks),
        deadline=deadline(first, store_day),
        lines=_lines(card, store_day.as_of),
        hand_over=_hand_over(first, first.last_visit_on, store_day.as_of),
        is_with_manager=card.is_with_manager,
        as_of=store_day.as_of,
    )


def tier_chip(customer: Customer) -> Chip | None:
    """Gold and diamond only: the others need no chip."""
    state = getattr(customer, "state", None)
    if state is None or state.rfm not in {"diamond", "gold"}:
        return None
    return presentation.chip(Rfm, state.rfm)


def worth(task: Task) -> str:
    """`¥1,260 × 46%`: expected profit times the probability of a visit (TASK-2)."""
    return f"{yuan(task.profit_amount)} × {percent(task.probability)}"


def _hand_over(task: Task, last_visit_on: date | None, as_of: date) -> str:
    who = task.stands_in_for
    return presentation.hand_over(who.name, last_visit_on, as_of) if who else ""


def deadline(task: Task, store_day: Day) -> str:
    """Until when a duty is to be done; empty when it is none."""
    if task.deadline_at is None:
        return ""
    zone = store_day.store.timezone
    on = local_date(task.deadline_at, zone)
    facts = {"time": clock(task.deadline_at, zone), "day": day(on, store_day.as_of)}
    if on < store_day.as_of:
        return gettext("since %(day)s") % facts
    return gettext("by %(time)s") % facts


def car_text(vehicle: Vehicle) -> str:
    """`Model Y · 沪A·D521K`."""
    return " · ".join(part for part in (vehicle.model, plate(vehicle.plate)) if part)


def _lines(card: Card, as_of: date) -> list[Line]:
    """One line a car, its kinds first; a car with several tasks is told once."""
    chips: dict[int, list[Chip]] = {}
    cars: dict[int, Any] = {}
    for task in card.tasks:
        cars[task.vehicle_id] = task.vehicle
        found = chips.setdefault(task.vehicle_id, [])
        kind = presentation.task_chip(task)
        if kind:
            found.append(kind)
    kinds = {task.kind for task in card.tasks}
    for pk, vehicle in cars.items():
        chips[pk] += presentation.why_chips(getattr(vehicle, "state", None), as_of, kinds)
    return [Line(car_text(vehicle), chips[pk]) for pk, vehicle in cars.items()]


@dataclass(frozen=True)
class CarPane:
    """A car of the opened card: its state, every deduction, its duties."""

    vehicle: Vehicle
    state: Any
    rollup: Any
    due: str
    items: list[RiskItem]
    daily: Daily | None
    tasks: list[tuple[Task, list[str]]]

    @property
    def last_visit_on(self) -> date | None:
        return self.rollup.last_visit_on if self.rollup else None

    @property
    def is_floored(self) -> bool:
        """Whether the deductions are more than the score can lose."""
        return sum(item.points for item in self.items) > 100


@dataclass(frozen=True)
class Pane:
    """Inputs of templates/dashboards/today/pane.html."""

    customer: Customer
    state: Any
    tier: Chip | None
    cars: list[CarPane]
    visit: Visit | None
    contacts: Sequence[Contact]
    hand_over: str
    is_with_manager: bool
    is_chosen: bool
    can_unmask: bool
    as_of: date


def pane_of(tasks: Sequence[Any], store_day: Day, reader: Reader, is_chosen: bool) -> Pane:
    """The opened card of a customer's tasks: four queries."""
    customer = tasks[0].customer
    as_of = store_day.as_of
    by_car: dict[int, list[Any]] = {}
    for task in tasks:
        by_car.setdefault(task.vehicle_id, []).append(task)
    facts = daily(store_day.policy_set, by_car, as_of) if store_day.policy_set else {}
    cars = [_car_pane(found, facts.get(pk), as_of) for pk, found in by_car.items()]
    return Pane(
        customer=customer,
        state=getattr(customer, "state", None),
        tier=tier_chip(customer),
        cars=cars,
        visit=_last_visit(customer),
        contacts=_contacts(customer),
        hand_over=_hand_over(tasks[0], cars[0].last_visit_on, as_of),
        is_with_manager=tasks[0].is_with_manager,
        is_chosen=is_chosen,
        can_unmask=reader.has("unmask"),
        as_of=as_of,
    )


def _car_pane(tasks: list[Any], facts: Daily | None, as_of: date) -> CarPane:
    vehicle = tasks[0].vehicle
    state, rollup = getattr(vehicle, "state", None), getattr(vehicle, "rollup", None)
    if state is None or rollup is None:
        return CarPane(vehicle, None, None, "", [], facts, [(task, []) for task in tasks])
    return CarPane(
        vehicle=vehicle,
        state=state,
        rollup=rollup,
        due=due_sentence(state, as_of),
        items=risk_items(rollup, state, as_of),
        daily=facts,
        tasks=[(task, task_reasons(task.kind, rollup, state, as_of)) for task in tasks],
    )


def _last_visit(customer: Customer) -> Visit | None:
    visits = Visit.objects.filter(customer=customer, is_counted=True).exclude(status="void")
    visit: Visit | None = visits.select_related("survey", "advisor").order_by("-arrived_at").first()
    return visit


def _contacts(customer: Customer) -> list[Contact]:
    found = Contact.objects.filter(customer=customer).select_related("staff")
    return list(found.order_by("-happened_at")[:6])
