"""What a simulated life leaves behind: one small class for each row that is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from exchange.demo.cars import CarModel


@dataclass(slots=True)
class Traits:
    """What nobody at the store can see: how a person decides. Shares are 0–1."""

    warmth: float  # standard normal: gives good marks easily
    distance_km: float
    price_mind: float
    forgetful: float
    km_per_day: float
    app_habit: float  # opens a month; 0 without the app
    impatience: float  # around 1
    chatty: float  # answers messages and calls
    competitor: bool  # a chain workshop near home
    saturday_person: bool
    hour: int  # the hour of day that suits


@dataclass(slots=True)
class Customer:
    """A customer with the columns of `customers.csv` and the hidden traits."""

    store: str
    name: str
    phone: str
    gender: str
    born: date
    since: date
    advisor: str
    traits: Traits
    district: str = ""
    external_id: str = ""
    referred_by: str = ""
    source: str = ""
    heir: str = ""  # who takes over when the advisor has left
    mood: float = 0.0
    cars: list[Car] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Visit:
    """A work order; `experience` (0–100) is what the customer felt, never written as such."""

    store: str
    vin: str
    arrived_at: datetime
    closed_at: datetime
    kind: str
    odometer_km: int
    amount: float
    margin: float
    advisor: str
    promised: int
    actual: int
    items: str
    recommendations: str
    experience: float
    fault: str = ""  # what went wrong: quality, service, price
    dear: bool = False
    status: str = "closed"
    number: str = ""


@dataclass(slots=True)
class Survey:
    """An answered survey; the score is on the store's own scale."""

    visit: Visit
    answered_at: datetime
    score: int
    scale: int
    nps: int | None
    comment: str


@dataclass(slots=True)
class Complaint:
    """A complaint about a visit, settled or not."""

    visit: Visit
    opened_at: datetime
    category: str
    text: str
    resolved_at: datetime | None
    resolution: str


@dataclass(slots=True)
class Contact:
    """One call or message."""

    customer: Customer
    vin: str
    at: datetime
    channel: str
    direction: str
    outcome: str
    staff: str
    note: str


@dataclass(slots=True)
class Appointment:
    """A booked slot and what became of it."""

    store: str
    vin: str
    starts_at: datetime
    status: str
    status_at: datetime
    source: str
    created_at: datetime


@dataclass(slots=True)
class Car:
    """A vehicle with its life so far."""

    vin: str
    model: CarModel
    plate: str
    store: str
    delivered_on: date
    status: str = "active"
    status_on: date | None = None
    gone_on: date | None = None
    gone_how: str = ""
    odometer: float = 0.0
    odometer_on: date | None = None
    services: int = 0
    base_on: date | None = None
    base_km: int = 0
    readings: list[tuple[date, int]] = field(default_factory=list)
    last: Visit | None = None
    trust: float = 0.0  # log-odds left over from how complaints were handled
    visits: list[Visit] = field(default_factory=list)


@dataclass(slots=True)
class History:
    """Everything that happened in the group, in no particular order until written."""

    end: date
    customers: list[Customer] = field(default_factory=list)
    surveys: list[Survey] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)
    engagement: list[tuple[Customer, str, str, str]] = field(default_factory=list)

    @property
    def cars(self) -> list[Car]:
        """All vehicles, in order of their customers."""
        return [car for customer in self.customers for car in customer.cars]
