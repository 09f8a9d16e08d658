"""A customer's page: who, cars with every number explained, stage, history, consent."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext

from alerts.choices import Proposal, TaskKind
from alerts.models import Outcome, Task
from alerts.selectors.appointments import with_appointments
from alerts.selectors.outcomes import standing
from alerts.services.outcomes import may_undo
from common.formats import day
from customers.choices import Channel
from customers.models import Customer, Vehicle
from customers.selectors import Consent, Event, consents_of, history
from dashboards import presentation
from dashboards.presentation import Chip
from dashboards.selectors.calls import car_text, tier_chip
from dashboards.selectors.calls.done import result_words
from dashboards.selectors.calls.rows import deadline
from dashboards.selectors.days import Day
from dashboards.selectors.opened import Coming, coming_of
from lifecycle.models import VehicleRollup
from lifecycle.reasons import RiskItem, due_sentence, risk_items, task_reasons
from lifecycle.selectors import Move, moves_of
from lifecycle.services.daily import Daily, daily
from stores.access import Reader
from stores.rights import Right

HISTORY = 40
MOST_TASKS, CLOSED = 40, 12
GONE = (Proposal.SOLD, Proposal.MOVED)


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
    """An open or lately closed task: whose it is, until when or from when on, why."""

    task: Task
    title: str
    car: str
    when: str
    reasons: list[str]
    # The reader's own reminder, to be changed.
    is_own: bool

    @property
    def is_about_car(self) -> bool:
        """Whether somebody has to decide that the car is gone."""
        return bool(self.task.kind == TaskKind.CORRECT_DATA and self.task.proposal in GONE)

    @property
    def is_about_phone(self) -> bool:
        return bool(
            self.task.kind == TaskKind.CORRECT_DATA and self.task.proposal == Proposal.PHONE
        )


@dataclass(frozen=True)
class Just:
    """What the reader recorded less than half a minute ago and may take back."""

    outcome: Outcome
    told: str


@dataclass(frozen=True)
class Sheet:
    """Inputs of templates/dashboards/customers/customer.html."""

    customer: Customer
    state: Any
    tier: Chip | None
    cars: list[CarSheet]
    duties: list[Duty]
    # Their day is still to come.
    resting: list[Duty]
    closed: list[Duty]
    coming: list[Coming]
    just: Just | None
    moves: list[Move]
    events: list[Event]
    consents: list[Consent]
    car_names: dict[int, str]
    can_unmask: bool
    # Whether the reader may note and put right anything about this customer.
    can_record: bool
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
    def open_tasks(self) -> list[Task]:
        """With owners and cars, also resting ones, in the order of their day."""
        return [duty.task for duty in [*self.duties, *self.resting]]

    @property
    def refused(self) -> list[str]:
        """Channels on which the customer does not want to be reached at all."""
        return [consent.channel for consent in self.consents if not consent.is_granted]

    @property
    def is_phone_refused(self) -> bool:
        return Channel.PHONE in self.refused

    @property
    def is_history_cut(self) -> bool:
        return len(self.events) >= HISTORY


def sheet_of(customer: Any, store_day: Day, reader: Reader, now: datetime) -> Sheet:
    """The page of a customer of `dashboards.selectors.opened`; five queries more."""
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
    tasks = _tasks(customer)
    duties = [_duty(task, store_day, reader) for task in tasks if task.closed_on is None]
    outcomes = list(_outcomes(customer))
    is_living = not (customer.erased_on or customer.merged_into_id)
    names = {vehicle.pk: car_text(vehicle) for vehicle in vehicles}
    return Sheet(
        customer=customer,
        state=getattr(customer, "state", None),
        tier=tier_chip(customer),
        cars=[_car(one, facts.get(one.pk), store_day.as_of, threshold) for one in vehicles],
        duties=[duty for duty in duties if duty.task.due_on <= store_day.as_of],
        resting=[duty for duty in duties if duty.task.due_on > store_day.as_of],
        closed=[_duty(task, store_day, reader) for task in tasks if task.closed_on][:CLOSED],
        coming=coming_of(customer.ahead, names, customer.store.timezone),
        just=_just(outcomes, reader, now),
        moves=moves_of(customer.stage_moves),
        events=_events(customer, outcomes),
        consents=consents_of(customer.consent_events),
        car_names=names,
        can_unmask=reader.has(Right.UNMASK),
        can_record=reader.has(Right.RECORD) and is_living,
        as_of=store_day.as_of,
    )


def _tasks(customer: Customer) -> list[Any]:
    """The open ones in the order of their day, then those closed lately."""
    found = with_appointments(Task.objects.filter(customer=customer))
    related = ("owner", "assigned_to", "vehicle__state", "vehicle__rollup")
    newest = F("closed_on").desc(nulls_first=True)
    ordered = found.select_related(*related).order_by(newest, "due_on", "priority_group", "pk")
    return list(ordered[:MOST_TASKS])


def _outcomes(customer: Customer) -> Any:
    found = standing().filter(customer=customer)
    return found.select_related("staff", "store", "appointment")[:HISTORY]


def _events(customer: Customer, outcomes: list[Outcome]) -> list[Event]:
    """The history, with what was recorded here in its own words instead of as a bare contact."""
    told = {outcome.at for outcome in outcomes if outcome.contact_id}
    lines = [
        event
        for event in history(customer, HISTORY)
        if event.kind != "contact" or event.at not in told
    ]
    lines += [_event(outcome) for outcome in outcomes]
    return sorted(lines, key=lambda event: event.at, reverse=True)[:HISTORY]


def _event(outcome: Outcome) -> Event:
    """As customers.selectors.Event; `state` is the result in words."""
    return Event(
        kind="outcome",
        at=outcome.at,
        on_date=outcome.on_date,
        vehicle_id=outcome.vehicle_id,
        word=outcome.channel if outcome.contact_id else "",
        state=result_words(outcome, outcome.store.timezone),
        amount=None,
        score=None,
        text=outcome.note,
        more=outcome.direction,
        odometer_km=None,
        advice="",
        staff=outcome.staff.name,
    )


def _just(outcomes: list[Outcome], reader: Reader, now: datetime) -> Just | None:
    if not outcomes or not may_undo(outcomes[0], by=reader.staff, now=now):
        return None
    return Just(outcomes[0], result_words(outcomes[0], outcomes[0].store.timezone))


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


def _duty(task: Any, store_day: Day, reader: Reader) -> Duty:
    state: Any = getattr(task.vehicle, "state", None)
    rollup: Any = getattr(task.vehicle, "rollup", None)
    is_open = task.closed_on is None
    as_of, zone = store_day.as_of, store_day.store.timezone
    is_told = is_open and (state and rollup or task.kind == TaskKind.REMINDER)
    reasons = task_reasons(task.kind, rollup, state, as_of, task, zone) if is_told else []
    return Duty(
        task=task,
        title=presentation.task_title(task.kind),
        car=car_text(task.vehicle),
        when=deadline(task, store_day) if is_open else "",
        reasons=reasons,
        is_own=task.kind == TaskKind.REMINDER and task.assigned_to_id == reader.staff.pk,
    )
