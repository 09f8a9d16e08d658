"""A store, a customer and a car, for worlds that are worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from tests.oracle.facts import (
    Appointment,
    Complaint,
    Contact,
    Customer,
    Ownership,
    Staff,
    Store,
    Survey,
    Vehicle,
    Visit,
    World,
)

AS_OF = date(2026, 3, 31)
VIN = "LHUTZA00000000001"
OTHER = "LHUTZA00000000002"
SHANGHAI = ZoneInfo("Asia/Shanghai")


def ago(days: int) -> date:
    """So many days before `AS_OF`."""
    return AS_OF - timedelta(days=days)


def at(on: date, hour: int = 10, minute: int = 0) -> datetime:
    """A time of the store, which is in Shanghai."""
    return datetime.combine(on, time(hour, minute), tzinfo=SHANGHAI)


def utc(*parts: int) -> datetime:
    year, month, day, hour, minute = parts
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def car(delivered_on: date | None, **changes: object) -> Vehicle:
    """A car of Kim's."""
    plain = Vehicle(VIN, "BYD", "Qin", "ICE", "S1", delivered_on, (Ownership("kim"),))
    return replace(plain, **changes)


def visit(on: date, km: int = 1000, kind: str = "maintenance", **changes: object) -> Visit:
    """A work order at ten in the morning; its number is the day and the kind."""
    number = f"{on.isoformat()}-{kind}"
    return replace(Visit(number, VIN, "S1", at(on), km, kind), **changes)


def survey(of: Visit, answered_on: date, score: str, scale: int = 100) -> Survey:
    return Survey(of.work_order_no, of.store, of.vin, at(answered_on), Decimal(score), scale)


def complaint(on: date, name: str = "K1", **changes: object) -> Complaint:
    return replace(Complaint(name, VIN, at(on)), **changes)


def contact(
    when: datetime, channel: str = "phone", outcome: str = "no_answer", **changes: object
) -> Contact:
    name = f"{when.isoformat()}-{channel}"
    return replace(Contact(name, "kim", VIN, when, channel, "out", outcome), **changes)


def appointment(on: date, status: str = "confirmed", **changes: object) -> Appointment:
    name = f"{on.isoformat()}-{status}"
    plain = Appointment(name, VIN, at(on), at(ago(400)), ((status, ago(400)),))
    return replace(plain, **changes)


def world(*cars: Vehicle, **facts: object) -> World:
    """Store S1 with manager Ada, advisor Ben and customer Kim, unless told otherwise."""
    plain = World(
        stores=(Store("S1"), Store("S2", "UTC")),
        staff=(Staff("ada", "manager", ("S1",)), Staff("ben", "advisor", ("S1",))),
        customers=(Customer("kim", "S1", "ben"),),
        vehicles=cars,
    )
    return replace(plain, **facts)
