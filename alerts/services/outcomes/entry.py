"""What is recorded, and the card it is recorded on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from alerts.choices import TaskKind
from alerts.models import Outcome, Task
from alerts.policies import TaskPolicy
from alerts.rules.outcomes import CALLS, rank
from alerts.selectors.outcomes import who_did_what
from common.dates import local_date
from common.exceptions import DomainError, NotFound
from customers.choices import VehicleStatus
from customers.models import Customer, Vehicle
from lifecycle.services.locks import lock_cars
from stores.models import PolicySet, Staff, Store
from stores.scope import all_stores

# Tasks that an outcome may bring up to date instead of opening another of their kind.
FOLLOW_UPS = (TaskKind.RETRY, TaskKind.CALLBACK, TaskKind.CORRECT_DATA)


@dataclass(frozen=True)
class Entry:
    """One press of a button on a card; `key` is the form's, made when it was shown.

    `seen` is the id of the customer's latest outcome that the page knew, 0 for none. `task_ids` are
    the tasks it showed; of an incoming contact the customer's open ones.
    """

    key: UUID
    customer_id: int
    seen: int
    task_ids: tuple[int, ...]
    result: str
    reason: str = ""
    callback_at: datetime | None = None
    slot: datetime | None = None
    agreed_on: date | None = None
    note: str = ""
    vehicle_id: int | None = None
    channel: str = "phone"
    direction: str = "out"


@dataclass
class Desk:
    """A card under its locks, with what is recorded on it, by whom and when."""

    entry: Entry
    by: Staff
    now: datetime
    customer: Customer
    cars: dict[int, Vehicle]
    # All the page showed, in the order of TASK-2; some may have been closed meanwhile.
    shown: list[Task]
    # Open follow-ups of the customer's cars and resting calls that are not on the card.
    beside: list[Task]

    @property
    def store(self) -> Store:
        return self.customer.store

    @property
    def on(self) -> date:
        """The store's local date."""
        return local_date(self.now, self.store.timezone)

    @cached_property
    def tasks(self) -> list[Task]:
        """Those shown that were open when the card was locked."""
        return [task for task in self.shown if task.closed_on is None]

    def resting(self, car: Vehicle | None) -> list[Task]:
        """The customer's calls that wait for a later day, about this car or, with None, any."""
        own = (task for task in self.beside if task.customer_id == self.customer.pk)
        waiting = (task for task in own if task.kind in CALLS and task.due_on > self.on)
        return [task for task in waiting if car is None or task.vehicle_id == car.pk]

    @property
    def only_car(self) -> Vehicle | None:
        """The card's car, when it is about one."""
        ids = {task.vehicle_id for task in self.shown}
        return self.cars[ids.pop()] if len(ids) == 1 else None

    @property
    def about(self) -> Vehicle | None:
        """The car the outcome names, else the card's only one."""
        if self.entry.vehicle_id is not None:
            return self.cars[self.entry.vehicle_id]
        return self.only_car

    @property
    def named_car(self) -> Vehicle | None:
        """As `about`; without a card the customer's only active car."""
        active = self._active_cars()
        only = active[0] if len(active) == 1 and not self.shown else None
        return self.about or only

    @property
    def booked_car(self) -> Vehicle | None:
        """The car an appointment is for: the one named, else that of the first open task."""
        first = next(iter(self.tasks or self.shown), None)
        return self.named_car or (self.cars[first.vehicle_id] if first else None)

    @property
    def first_car(self) -> Vehicle | None:
        """The car a follow-up is about: of the first task, else the customer's first active one."""
        active = self._active_cars()
        return self.cars[self.shown[0].vehicle_id] if self.shown else next(iter(active), None)

    def _active_cars(self) -> list[Vehicle]:
        own = (car for car in self.cars.values() if car.customer_id == self.customer.pk)
        return [car for car in own if car.status == VehicleStatus.ACTIVE]

    @cached_property
    def policy_set(self) -> PolicySet | None:
        if self.shown:
            pinned: PolicySet = self.shown[0].policy_set
            return pinned
        return PolicySet.objects.filter(store=self.store).order_by("-pk").first()

    @cached_property
    def policy(self) -> TaskPolicy:
        values = self.policy_set.values.get("task", {}) if self.policy_set else {}
        policy: TaskPolicy = TaskPolicy.from_json(values)
        return policy


def lock_customer(customer_id: int) -> Customer:
    """The customer's row, held until the transaction ends: one outcome on a customer at a time.

    Raises NotFound for one of another store, an erased or a merged one.
    """
    found = Customer.objects.select_related("store").select_for_update(of=("self",), no_key=True)
    living = found.filter(pk=customer_id, erased_on__isnull=True, merged_into__isnull=True)
    customer: Customer | None = living.first()
    if customer is None:
        raise NotFound("no_customer", "there is no such customer")
    return customer


def known(entry: Entry, today: date) -> Outcome | None:
    """The outcome this entry has already made, for whoever holds the customer.

    Raises DomainError('taken', outcome=…) when somebody recorded one that the page had not seen,
    and DomainError('undone', outcome=…) when the entry's own was taken back.
    """
    unseen = Q(undone_at__isnull=True, pk__gt=entry.seen)
    found = Outcome.objects.filter(Q(key=entry.key) | unseen, customer_id=entry.customer_id)
    # Nearly always there is none: the small question spares the long one.
    if not found.exists():
        return None
    newest = list(found.select_related("staff", "store").order_by("-pk"))
    own = next((outcome for outcome in newest if outcome.key == entry.key), None)
    if own is not None and own.undone_at is not None:
        text = _("This was taken back. Record it again on the card as it is now.")
        raise DomainError("undone", text, outcome=own)
    if own is None and newest:
        raise DomainError("taken", who_did_what(newest[0], today), outcome=newest[0])
    return own


def spread(entry: Entry, customer: Customer, by: Staff, now: datetime) -> Desk:
    """The card with its locks, in the one order of all: rollups of the cars, tasks by id.

    Raises NotFound for a task or a car that is not the customer's.
    """
    # Facts count wherever the car is at home.
    with all_stores():
        cars = {car.pk: car for car in Vehicle.objects.filter(customer=customer).order_by("pk")}
    lock_cars(cars, {customer.store_id, *(car.store_id for car in cars.values())})
    rows = _tasks(entry, cars, local_date(now, customer.store.timezone))
    shown = sorted((task for task in rows if task.pk in entry.task_ids), key=rank)
    if len(shown) < len(set(entry.task_ids)) or any(
        task.customer_id != customer.pk for task in shown
    ):
        raise NotFound("no_task", "there is no such task of this customer")
    _know(cars, rows, shown)
    if entry.vehicle_id is not None and entry.vehicle_id not in cars:
        raise NotFound("no_vehicle", "there is no such car of this customer")
    beside = [task for task in rows if task not in shown]
    return Desk(entry, by, now, customer, cars, shown, beside)


def _know(cars: dict[int, Vehicle], rows: Iterable[Task], shown: Iterable[Task]) -> None:
    """Gives the tasks their cars; what the card shows of a car given away is read."""
    missing = {task.vehicle_id for task in shown} - cars.keys()
    if missing:
        with all_stores():
            cars |= Vehicle.objects.in_bulk(missing)
    for task in rows:
        if task.vehicle_id in cars:
            task.vehicle = cars[task.vehicle_id]


def _tasks(entry: Entry, vehicle_ids: Iterable[int], on: date) -> list[Task]:
    # Three branches side by side, each of which an index answers.
    is_open = Q(closed_on__isnull=True)
    follow_ups = is_open & Q(vehicle_id__in=list(vehicle_ids), kind__in=FOLLOW_UPS)
    resting = is_open & Q(customer_id=entry.customer_id, kind__in=CALLS, due_on__gt=on)
    shown = Q(pk__in=entry.task_ids)
    found = Task.objects.filter(shown | follow_ups | resting).order_by("pk")
    locked = found.select_for_update(of=("self",), no_key=True)
    return list(locked.select_related("policy_set"))


def closing_at(store: Store, day: date) -> datetime:
    """Closing time of the store on `day`: the end of a promise made for a day (TASK-4)."""
    return datetime.combine(day, store.closes_at, ZoneInfo(store.timezone))
