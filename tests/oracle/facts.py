"""The facts of a small world, as a dealer's files would bring them (EXCHANGE.md §1).

Lists are in the order in which the rows arrive; that order breaks ties of time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Store:
    """One dealership."""

    code: str
    timezone: str = "Asia/Shanghai"
    opens: time = time(8, 30)
    closes: time = time(17, 30)


@dataclass(frozen=True)
class Staff:
    """A person of one or more stores."""

    code: str
    role: str
    stores: tuple[str, ...]
    active: bool = True


@dataclass(frozen=True)
class Customer:
    """A customer; erased and merged hold for every date asked about."""

    external_id: str
    store: str
    advisor: str | None = None
    erased: bool = False
    merged: bool = False


@dataclass(frozen=True)
class Ownership:
    """A customer owning a car from `since` on, inclusive; None: from the beginning."""

    customer: str
    since: date | None = None


@dataclass(frozen=True)
class Vehicle:
    """A vehicle; `status_on` None: the status is known from `World.received_on`."""

    vin: str
    brand: str
    model: str
    powertrain: str
    store: str
    delivered_on: date | None
    ownerships: tuple[Ownership, ...]
    status: str = "active"
    status_on: date | None = None


@dataclass(frozen=True)
class Visit:
    """One work order. Status `void` without `void_on`: first received as void."""

    work_order_no: str
    vin: str
    store: str
    arrived_at: datetime
    odometer_km: int
    kind: str = "maintenance"
    amount: Decimal = Decimal(0)
    gross_margin: Decimal | None = None
    status: str = "closed"
    void_on: date | None = None


@dataclass(frozen=True)
class Survey:
    """An answered survey of one work order, score on its own scale (5, 10 or 100)."""

    work_order_no: str
    store: str
    vin: str
    answered_at: datetime
    score: Decimal
    scale: int = 100


@dataclass(frozen=True)
class Complaint:
    """A complaint about a vehicle; its dates are those of the vehicle's store."""

    external_id: str
    vin: str
    opened_at: datetime
    resolved_at: datetime | None = None
    category: str = "service"


@dataclass(frozen=True)
class Contact:
    """A contact; its date is that of the customer's store.

    With outcome `replied`, `replied_on` is the date from which that is known
    (None: from `World.received_on`).
    """

    external_id: str
    customer: str
    vin: str | None
    at: datetime
    channel: str
    direction: str
    outcome: str
    replied_on: date | None = None


@dataclass(frozen=True)
class Appointment:
    """An appointment; `statuses` are (status, known from that date on), oldest first."""

    external_id: str
    vin: str
    starts_at: datetime
    created_at: datetime | None = None
    statuses: tuple[tuple[str, date], ...] = ()

    def status_on(self, as_of: date) -> str:
        """The latest status known on `as_of`; `requested` before the first one."""
        status = "requested"
        for name, from_on in self.statuses:
            if from_on <= as_of:
                status = name
        return status


@dataclass(frozen=True)
class Engagement:
    """A customer's month (its first day); None is an empty cell, which is no data."""

    customer: str
    month: date
    app_opens: int | None = None
    enquiries: int | None = None


@dataclass(frozen=True)
class World:
    """All facts, and `received_on`: since when a status or reply without a date is known."""

    stores: Sequence[Store] = ()
    staff: Sequence[Staff] = ()
    customers: Sequence[Customer] = ()
    vehicles: Sequence[Vehicle] = ()
    visits: Sequence[Visit] = ()
    surveys: Sequence[Survey] = ()
    complaints: Sequence[Complaint] = ()
    contacts: Sequence[Contact] = ()
    appointments: Sequence[Appointment] = ()
    engagement: Sequence[Engagement] = ()
    received_on: date = field(default=date.min)

    @cached_property
    def store_by_code(self) -> dict[str, Store]:
        return {store.code: store for store in self.stores}

    @cached_property
    def customer_by_id(self) -> dict[str, Customer]:
        return {customer.external_id: customer for customer in self.customers}

    @cached_property
    def vehicle_by_vin(self) -> dict[str, Vehicle]:
        return {vehicle.vin: vehicle for vehicle in self.vehicles}

    @cached_property
    def staff_by_code(self) -> dict[str, Staff]:
        return {person.code: person for person in self.staff}

    @cached_property
    def visits_by_vin(self) -> dict[str, list[Visit]]:
        found: dict[str, list[Visit]] = defaultdict(list)
        for visit in self.visits:
            found[visit.vin].append(visit)
        return found

    @cached_property
    def engagement_by_month(self) -> dict[tuple[str, date], Engagement]:
        return {(row.customer, row.month): row for row in self.engagement}

    def local_date(self, at: datetime, store: str) -> date:
        """The date of a time in a store's zone."""
        return at.astimezone(ZoneInfo(self.store_by_code[store].timezone)).date()

    def visit_on(self, visit: Visit) -> date:
        """The date of a work order in the zone of its own store."""
        return self.local_date(visit.arrived_at, visit.store)

    def survey_on(self, survey: Survey) -> date:
        return self.local_date(survey.answered_at, survey.store)

    def contact_on(self, contact: Contact) -> date:
        return self.local_date(contact.at, self.customer_by_id[contact.customer].store)

    def vehicle_date(self, at: datetime, vin: str) -> date:
        """The date of a complaint's or an appointment's time: the vehicle's store's zone."""
        return self.local_date(at, self.vehicle_by_vin[vin].store)

    def owner_on(self, vehicle: Vehicle, on: date) -> Customer | None:
        """Who owned the car that day; None before the first `since`."""
        owner = None
        for ownership in vehicle.ownerships:
            if ownership.since is None or ownership.since <= on:
                owner = self.customer_by_id[ownership.customer]
        return owner
