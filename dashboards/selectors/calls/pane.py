"""The opened card: everything a call needs, and what can be recorded of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, Subquery

from alerts.choices import TaskKind
from alerts.models import Outcome, Task
from alerts.rules.outcomes import rank
from alerts.selectors import MANAGERS_KINDS
from alerts.selectors.appointments import set_starts
from alerts.selectors.lost import lost_customer
from alerts.selectors.outcomes import Talk, latest_talks
from customers.models import Complaint, Customer, Vehicle, Visit
from customers.selectors import refused_channels
from dashboards import presentation
from dashboards.presentation import Chip
from dashboards.selectors.calls.bar import Bar, bar_of
from dashboards.selectors.calls.queue import list_day
from dashboards.selectors.calls.rows import car_text, hand_over, tier_chip
from dashboards.selectors.calls.slots import Slots, slots_of
from dashboards.selectors.days import Day
from dashboards.selectors.saying import saying_of
from lifecycle.reasons import RiskItem, due_sentence, risk_items, task_reasons
from lifecycle.services.daily import Daily, daily
from stores.access import Reader
from stores.choices import Role

CONTACTS = 6
VISITS = 20


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
    # The customer's other cars, a line each.
    others: list[str]
    visit: Visit | None
    # What a complaint task is about.
    complaint: Complaint | None
    contacts: Sequence[Talk]
    hand_over: str
    # Tasks that come back on a later day, a sentence each.
    resting: list[str]
    is_with_manager: bool
    is_chosen: bool
    is_phone_refused: bool
    can_unmask: bool
    can_record: bool
    saying: Any
    slots: Slots
    bar: Bar
    as_of: date

    @property
    def is_choice_of_cars(self) -> bool:
        """Whether it must be said which car is booked."""
        return len(self.cars) > 1


@dataclass(frozen=True)
class Found:
    """What is on the reader's list of one customer."""

    customer: Customer
    tasks: list[Any]
    resting: list[Any]
    # The car of a lost customer, who has no task (alerts.selectors.lost).
    vehicle: Vehicle | None
    # The latest outcome that stands (alerts.services.outcomes), 0 for none.
    seen: int


def found_for(reader: Reader, customer_id: int, days: dict[int, Day]) -> Found | None:
    """The reader's card of a customer, None when it is not on the list; one query.

    A confirmation costs one more. A card's few rows are put in order here: the expressions for it
    take Django longer than the database takes to answer.
    """
    on = list_day(days)
    related = ("customer__state", "customer__advisor", "vehicle__state", "vehicle__rollup")
    latest = Outcome.objects.filter(customer=OuterRef("customer"), undone_at__isnull=True)
    seen = Subquery(latest.order_by("-pk").values("pk")[:1])
    rows = Task.objects.filter(customer_id=customer_id, closed_on__isnull=True).annotate(seen=seen)
    everybodys = list(rows.select_related(*related, "stands_in_for"))
    tasks: list[Any] = [task for task in everybodys if task.owner_id == reader.staff.pk]
    tasks.sort(key=rank)
    due = [task for task in tasks if task.due_on <= on]
    resting = [task for task in tasks if task.due_on > on]
    if not due:
        return _lost(reader, customer_id, on, resting) if reader.role == Role.SPECIALIST else None
    is_with_manager = any(
        task.kind in MANAGERS_KINDS and task.owner_id != reader.staff.pk for task in everybodys
    )
    for task in tasks:
        task.is_with_manager = is_with_manager
    set_starts(tasks)
    return Found(due[0].customer, due, resting, None, due[0].seen or 0)


def _lost(reader: Reader, customer_id: int, on: date, resting: list[Any]) -> Found | None:
    card = lost_customer(reader.staff, reader.store_ids, on, customer_id)
    if card is None:
        return None
    seen = Outcome.objects.filter(customer_id=customer_id, undone_at__isnull=True)
    latest = seen.order_by("-pk").values_list("pk", flat=True).first()
    return Found(card.customer, [], resting, card.vehicle, latest or 0)


def pane_of(
    found: Found,
    reader: Reader,
    day: Day,
    now: datetime,
    *,
    is_chosen: bool,
    slots_on: date | None = None,
) -> Pane:
    """The opened card; eight queries."""
    customer, tasks = found.customer, found.tasks
    cars = _cars(found, day)
    vehicles = list(Vehicle.objects.filter(customer=customer, status="active").order_by("pk"))
    refused = refused_channels(customer)
    is_refused = "phone" in refused
    zone = day.store.timezone
    visits, first = _visits(customer), cars[0]
    visit = visits[0] if visits else None
    complaint = _complaint(tasks)
    slots = slots_of(day.store, now, [one.arrived_at for one in visits], slots_on)
    return Pane(
        customer=customer,
        state=getattr(customer, "state", None),
        tier=tier_chip(customer),
        cars=cars,
        others=_others(vehicles, cars),
        visit=visit,
        complaint=complaint,
        contacts=latest_talks(customer.pk, CONTACTS),
        hand_over=hand_over(tasks[0], first.last_visit_on, day.as_of) if tasks else "",
        resting=presentation.steps(found.resting, zone, day.as_of),
        is_with_manager=any(task.is_with_manager for task in tasks[:1]),
        is_chosen=is_chosen,
        is_phone_refused=is_refused,
        can_unmask=reader.has("unmask"),
        can_record=reader.has("record"),
        saying=saying_of(
            customer,
            tasks,
            state=first.state,
            rollup=first.rollup,
            visit=visit,
            visits=visits,
            slots=slots.starts,
            reader=reader,
            store_day=day,
            daily=first.daily,
            complaint=complaint,
            refused=refused,
            vehicle=found.vehicle,
        ),
        slots=slots,
        bar=bar_of(
            tasks,
            vehicles or [car.vehicle for car in cars],
            customer=customer,
            can_call=not (is_refused or customer.is_phone_dead),
            seen=found.seen,
            zone=zone,
            now=now,
        ),
        as_of=day.as_of,
    )


def _cars(found: Found, day: Day) -> list[CarPane]:
    """The cars with a task, first the one that ranks the card."""
    by_car: dict[int, list[Any]] = {}
    for task in found.tasks:
        by_car.setdefault(task.vehicle_id, []).append(task)
    vehicles = {task.vehicle_id: task.vehicle for task in found.tasks}
    if found.vehicle:
        vehicles, by_car = {found.vehicle.pk: found.vehicle}, {found.vehicle.pk: []}
    facts = daily(day.policy_set, by_car, day.as_of) if day.policy_set else {}
    return [
        _car_pane(vehicle, by_car[pk], facts.get(pk), day, is_first=not place)
        for place, (pk, vehicle) in enumerate(vehicles.items())
    ]


def _car_pane(
    vehicle: Any, tasks: list[Any], facts: Daily | None, store_day: Day, *, is_first: bool
) -> CarPane:
    as_of = store_day.as_of
    state, rollup = getattr(vehicle, "state", None), getattr(vehicle, "rollup", None)
    if state is None or rollup is None:
        return CarPane(vehicle, None, None, "", [], facts, [(task, []) for task in tasks])
    items = risk_items(rollup, state, as_of)
    # The first car's deductions stand beside its tasks: nothing is read twice.
    told = {item.evidence for item in items if is_first}
    reasons = [_reasons(task, rollup, state, store_day) for task in tasks]
    return CarPane(
        vehicle=vehicle,
        state=state,
        rollup=rollup,
        due=due_sentence(state, as_of),
        items=items,
        daily=facts,
        tasks=[
            (task, [text for text in texts if text not in told])
            for task, texts in zip(tasks, reasons, strict=True)
        ],
    )


def _reasons(task: Any, rollup: Any, state: Any, store_day: Day) -> list[str]:
    """The engine's reasons, then what somebody noted with it."""
    zone = store_day.store.timezone
    found = task_reasons(task.kind, rollup, state, store_day.as_of, task, zone)
    return found if not task.note or task.note in found else [*found, task.note]


def _others(vehicles: Sequence[Vehicle], cars: Sequence[CarPane]) -> list[str]:
    shown = {car.vehicle.pk for car in cars}
    return [car_text(vehicle) for vehicle in vehicles if vehicle.pk not in shown]


def _complaint(tasks: Sequence[Any]) -> Complaint | None:
    """The complaint of the first task that is about one; a query only then."""
    keys = [task.cycle_key for task in tasks if task.kind == TaskKind.COMPLAINT]
    known = [int(key) for key in keys if key.isdigit()]
    found: Complaint | None = Complaint.objects.filter(pk=known[0]).first() if known else None
    return found


def _visits(customer: Customer) -> list[Visit]:
    """The latest ones, newest first: what was done, and when and for how long somebody comes."""
    visits = Visit.objects.filter(customer=customer, is_counted=True).exclude(status="void")
    return list(visits.select_related("survey", "advisor").order_by("-arrived_at")[:VISITS])
