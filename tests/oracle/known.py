"""What is known of one vehicle by the end of a day, in the words of the rules (As of)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from .facts import Complaint, Contact, Customer, Survey, Vehicle, Visit, World
from .settings import Settings

GONE = ("sold", "scrapped", "moved")
SCALE_FACTOR = {5: 20, 10: 10, 100: 1}


@dataclass(frozen=True)
class WorkOrder:
    """A counted work order and its local date."""

    on: date
    visit: Visit


@dataclass(frozen=True)
class MergedVisit:
    """The work orders of one vehicle on one day."""

    on: date
    orders: tuple[WorkOrder, ...]

    @property
    def is_maintenance(self) -> bool:
        return any(order.visit.kind == "maintenance" for order in self.orders)

    @property
    def amount(self) -> Decimal:
        return sum((order.visit.amount for order in self.orders), Decimal(0))

    def margin(self, rate: Fraction) -> Fraction:
        """TASK-2: gross margin, else amount x the margin setting, per work order."""
        total = Fraction(0)
        for order in self.orders:
            visit = order.visit
            if visit.gross_margin is not None:
                total += Fraction(visit.gross_margin)
            else:
                total += Fraction(visit.amount) * rate
        return total


@dataclass(frozen=True)
class Reading:
    """An accepted odometer reading."""

    on: date
    km: int


@dataclass(frozen=True)
class KnownAppointment:
    """An appointment, with the status it had on `as_of`."""

    external_id: str
    starts_at: datetime
    starts_on: date
    made_at: datetime
    created_on: date | None
    status: str


class Known:
    """One vehicle as it was known at the end of `as_of`."""

    def __init__(self, world: World, vehicle: Vehicle, as_of: date, settings: Settings) -> None:
        self.world = world
        self.vehicle = vehicle
        self.as_of = as_of
        self.settings = settings

    @property
    def exists(self) -> bool:
        """A vehicle delivered after `as_of` does not exist yet."""
        return self.vehicle.delivered_on is None or self.vehicle.delivered_on <= self.as_of

    @cached_property
    def orders(self) -> list[WorkOrder]:
        """Work orders that count, by day, then arrival time, then row."""
        orders = []
        for visit in self.world.visits_by_vin.get(self.vehicle.vin, []):
            on = self.world.visit_on(visit)
            if on <= self.as_of and not self._is_void(visit) and not self._before_delivery(on):
                orders.append(WorkOrder(on, visit))
        return sorted(orders, key=lambda order: (order.on, order.visit.arrived_at))

    def _is_void(self, visit: Visit) -> bool:
        """A work order turned void stops counting from `void_on`."""
        if visit.status != "void":
            return False
        return visit.void_on is None or visit.void_on <= self.as_of

    def _before_delivery(self, on: date) -> bool:
        return self.vehicle.delivered_on is not None and on < self.vehicle.delivered_on

    @cached_property
    def visits(self) -> list[MergedVisit]:
        """Work orders of one vehicle on one day are one visit; oldest first."""
        by_day: dict[date, list[WorkOrder]] = {}
        for order in self.orders:
            by_day.setdefault(order.on, []).append(order)
        return [MergedVisit(on, tuple(orders)) for on, orders in by_day.items()]

    @cached_property
    def delivered_on(self) -> date | None:
        """An empty delivery is the date of the first counted work order."""
        if self.vehicle.delivered_on is not None:
            return self.vehicle.delivered_on
        return self.orders[0].on if self.orders else None

    @cached_property
    def last_visit_on(self) -> date | None:
        """The last visit of any kind; of a vehicle never visited, the delivery."""
        return self.visits[-1].on if self.visits else self.delivered_on

    @property
    def inactive_days(self) -> int | None:
        return None if self.last_visit_on is None else (self.as_of - self.last_visit_on).days

    @cached_property
    def readings(self) -> list[Reading]:
        """The delivery's 0 km, then the accepted readings."""
        accepted: list[Reading] = []
        for order in self.orders:
            reading = Reading(order.on, order.visit.odometer_km)
            if not accepted or self._follows(accepted[-1], reading):
                accepted.append(reading)
        if self.delivered_on is not None:
            accepted.insert(0, Reading(self.delivered_on, 0))
        return accepted

    def _follows(self, last: Reading, new: Reading) -> bool:
        """Not lower, and not more than 1,500 km higher for each day between, at least one."""
        days = max(1, (new.on - last.on).days)
        return last.km <= new.km <= last.km + self.settings.due.most_km_a_day * days

    @cached_property
    def owner(self) -> Customer | None:
        return self.world.owner_on(self.vehicle, self.as_of)

    @cached_property
    def is_gone(self) -> bool:
        """DUE-6: sold, scrapped or moved away, or the customer erased or merged."""
        if self.owner is not None and (self.owner.erased or self.owner.merged):
            return True
        status_on = self.vehicle.status_on or self.world.received_on
        return self.vehicle.status in GONE and status_on <= self.as_of

    @cached_property
    def last_survey(self) -> Survey | None:
        """The last answered survey of this vehicle's visits; of equal times the later row."""
        counted = {(order.visit.store, order.visit.work_order_no) for order in self.orders}
        last = None
        for survey in self.world.surveys:
            if (survey.store, survey.work_order_no) not in counted:
                continue
            if self.world.survey_on(survey) > self.as_of:
                continue
            if last is None or survey.answered_at >= last.answered_at:
                last = survey
        return last

    @property
    def satisfaction(self) -> Fraction | None:
        """The last survey on 0-100: a 5-point score x 20, a 10-point score x 10."""
        if self.last_survey is None:
            return None
        return Fraction(self.last_survey.score) * SCALE_FACTOR[self.last_survey.scale]

    @cached_property
    def complaints(self) -> list[Complaint]:
        """Complaints opened by `as_of`, settled or not."""
        return [
            complaint
            for complaint in self.world.complaints
            if complaint.vin == self.vehicle.vin and self.day(complaint.opened_at) <= self.as_of
        ]

    def day(self, at: datetime) -> date:
        """The date of a complaint's or an appointment's time."""
        return self.world.vehicle_date(at, self.vehicle.vin)

    @cached_property
    def contacts(self) -> list[Contact]:
        """Contacts by `as_of` that name this vehicle, or none and are with its owner."""
        return [
            contact
            for contact in self.world.contacts
            if self.world.contact_on(contact) <= self.as_of
            and (contact.vin == self.vehicle.vin or (contact.vin is None and self._with(contact)))
        ]

    def _with(self, contact: Contact) -> bool:
        return self.owner is not None and contact.customer == self.owner.external_id

    def is_replied(self, contact: Contact) -> bool:
        """Outcome `replied`, as known on `as_of`."""
        if contact.outcome != "replied":
            return False
        return (contact.replied_on or self.world.received_on) <= self.as_of

    @cached_property
    def appointments(self) -> list[KnownAppointment]:
        """Appointments made by `as_of`; an empty `created_at` is known from the start."""
        known = []
        for row in self.world.appointments:
            if row.vin != self.vehicle.vin:
                continue
            if row.created_at is None or self.day(row.created_at) <= self.as_of:
                known.append(
                    KnownAppointment(
                        external_id=row.external_id,
                        starts_at=row.starts_at,
                        starts_on=self.day(row.starts_at),
                        made_at=row.created_at or row.starts_at,
                        created_on=None if row.created_at is None else self.day(row.created_at),
                        status=row.status_on(self.as_of),
                    )
                )
        return known


class Snapshot:
    """A world on one day under given settings; remembers each vehicle it worked out."""

    def __init__(self, world: World, as_of: date, settings: Settings) -> None:
        self.world = world
        self.as_of = as_of
        self.settings = settings
        self._known: dict[str, Known] = {}

    def vehicle(self, vin: str) -> Known:
        if vin not in self._known:
            vehicle = self.world.vehicle_by_vin[vin]
            self._known[vin] = Known(self.world, vehicle, self.as_of, self.settings)
        return self._known[vin]

    @cached_property
    def vehicles(self) -> list[Known]:
        """All vehicles that exist, in row order."""
        known = [self.vehicle(vehicle.vin) for vehicle in self.world.vehicles]
        return [vehicle for vehicle in known if vehicle.exists]
