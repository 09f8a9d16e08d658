"""A card as one line of a list: who, which cars, why, until when or what it is worth."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext

from alerts.choices import TaskKind
from alerts.models import Task
from alerts.selectors import Card
from alerts.selectors.lane import LaneRow
from common.dates import local_date
from common.formats import clock, day, percent, plate, yuan
from customers.models import Customer, Vehicle
from dashboards import presentation
from dashboards.presentation import Chip
from dashboards.selectors.days import Day
from lifecycle.choices import Rfm


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
    # `¥1,260 × 46%`; empty for an obligation and for a card without a task.
    worth: str
    # Since when, if not since today.
    since: str
    deadline: str
    lines: list[Line]
    hand_over: str
    is_with_manager: bool
    as_of: date


def row_of(card: Card, days: dict[int, Day]) -> Row:
    """A card as its line of the list."""
    store_day = days[card.customer.store_id]
    first = card.tasks[0] if card.tasks else None
    return Row(
        customer=card.customer,
        tier=tier_chip(card.customer),
        worth=_worth(card),
        since=_since(card, store_day.as_of),
        deadline=deadline(first, store_day) if first else "",
        lines=_lines(card, store_day.as_of),
        hand_over=hand_over(first, first.last_visit_on, store_day.as_of) if first else "",
        is_with_manager=card.is_with_manager,
        as_of=store_day.as_of,
    )


def _since(card: Card, as_of: date) -> str:
    opened_on = min((task.opened_on for task in card.tasks), default=as_of)
    return "" if opened_on == as_of else gettext("since %(day)s") % {"day": day(opened_on, as_of)}


def tier_chip(customer: Customer) -> Chip | None:
    """Gold and diamond only: the others need no chip."""
    state = getattr(customer, "state", None)
    if state is None or state.rfm not in {"diamond", "gold"}:
        return None
    return presentation.chip(Rfm, state.rfm)


def worth(task: Task) -> str:
    """`¥1,260 × 46%`: expected profit times the probability of a visit (TASK-2)."""
    return f"{yuan(task.profit_amount)} × {percent(task.probability)}"


def _worth(card: Card) -> str:
    """By what a card stands where it stands; a lost customer's is the yearly value."""
    if card.tasks:
        return worth(card.first) if card.first.value_amount else ""
    state = getattr(card.customer, "state", None)
    if state is None:
        return ""
    return gettext("%(amount)s a year") % {"amount": yuan(state.yearly_amount)}


def hand_over(task: Task, last_visit_on: date | None, as_of: date) -> str:
    """TASK-5: whose customer it is when the owner stands in, else empty."""
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
    if on > store_day.as_of:
        return gettext("by %(day)s %(time)s") % facts
    if task.kind == TaskKind.CALLBACK:
        return gettext("promised for %(time)s") % facts
    return gettext("by %(time)s") % facts


def car_text(vehicle: Vehicle | LaneRow) -> str:
    """`Model Y · 沪A·D521K`."""
    return " · ".join(part for part in (vehicle.model, plate(vehicle.plate)) if part)


def _lines(card: Card, as_of: date) -> list[Line]:
    """One line a car, its kinds first; a car with several tasks is told once."""
    chips: dict[int, list[Chip]] = {}
    cars: dict[int, Any] = {card.vehicle.pk: card.vehicle} if card.vehicle else {}
    for task in card.tasks:
        cars[task.vehicle_id] = task.vehicle
        kind = presentation.task_chip(task)
        chips.setdefault(task.vehicle_id, []).extend([kind] if kind else [])
    kinds = {task.kind for task in card.tasks}
    for pk, vehicle in cars.items():
        state = getattr(vehicle, "state", None)
        why = presentation.why_chips(state, as_of, kinds)
        chips[pk] = chips[pk] + why if card.tasks else presentation.lost_chips(state, as_of)
    return [Line(car_text(vehicle), chips[pk]) for pk, vehicle in cars.items()]
