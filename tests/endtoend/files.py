"""Writes an oracle's world as the ten files of EXCHANGE.md §1, parcel after parcel.

What a file cannot say at once comes in a later parcel with its own day of receipt: a work order
turned void, an answer, a second owner, a second status. Every other one of these is dated by its
own column instead, so that both ways of knowing a day are tried.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from exchange.choices import FileKind
from tests.oracle import facts
from tests.oracle.facts import World

Row = dict[str, str]
NOON = time(12)
KEYS = {
    "stores": ("code",),
    "staff": ("code",),
    "customers": ("store", "external_id"),
    "vehicles": ("vin",),
    "visits": ("store", "work_order_no"),
    "surveys": ("store", "work_order_no"),
    "complaints": ("store", "external_id"),
    "contacts": ("store", "external_id"),
    "appointments": ("store", "external_id"),
    "engagement": ("customer", "month"),
}


@dataclass
class Parcel:
    """Files received together on one day: rows by kind, in the order of the file."""

    on: date
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def write(self, folder: Path) -> None:
        """One CSV file a kind; a kind without rows is left out."""
        folder.mkdir(parents=True, exist_ok=True)
        for kind in FileKind.values:
            if self.rows.get(kind):
                _write(folder / f"{kind}.csv", self.rows[kind])


def _write(path: Path, rows: list[Row]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)


def key_of(kind: str, row: Row) -> tuple[str, ...]:
    """What names the row in its file."""
    return tuple(row[name] for name in KEYS[kind])


def parcels(world: World, on: date, as_of: date) -> list[Parcel]:
    """The first receipt on `on`, then what is known since other days, oldest first.

    A work order that turns void after `as_of` is sent as it stood: which readings are accepted is
    kept as of today and not replayed (readings.md).
    """
    post = _Post(world, on)
    post.send("stores", map(_store, world.stores))
    post.send("staff", map(_person, world.staff))
    post.send("customers", (_customer(n, row) for n, row in enumerate(world.customers)))
    for n, vehicle in enumerate(world.vehicles):
        post.send_vehicle(vehicle, has_dates=bool(n % 2))
    for visit in world.visits:
        post.send_visit(visit, as_of)
    post.send("surveys", map(_survey, world.surveys))
    post.send("complaints", (_complaint(world, row) for row in world.complaints))
    for contact in world.contacts:
        post.send_contact(contact)
    for n, appointment in enumerate(world.appointments):
        post.send_appointment(appointment, n)
    post.send("engagement", (_month(world, row) for row in world.engagement))
    return post.sent()


class _Post:
    """Puts the versions of rows into parcels: the first, those of other days, the last."""

    def __init__(self, world: World, on: date) -> None:
        self.world = world
        self.first, self.last = Parcel(on), Parcel(on)
        self.later: dict[date, Parcel] = {}

    def sent(self) -> list[Parcel]:
        later = [self.later[day] for day in sorted(self.later)]
        return [parcel for parcel in (self.first, *later, self.last) if parcel.rows]

    def received(self, day: date) -> Parcel:
        return self.later.setdefault(day, Parcel(day))

    def send(self, kind: str, rows: Iterable[Row]) -> None:
        self.first.rows[kind] += rows

    def send_vehicle(self, vehicle: facts.Vehicle, has_dates: bool) -> None:
        """A later owner since a date of the row's own, or since the day of receipt."""
        first, *others = vehicle.ownerships
        self.send("vehicles", [_vehicle(vehicle, first) | _details(vehicle)])
        for owned in others:
            row = _vehicle(vehicle, owned)
            if has_dates or owned.since is None:
                self.last.rows["vehicles"].append(row)
            else:
                self.received(owned.since).rows["vehicles"].append(row | {"owner_since": ""})

    def send_visit(self, visit: facts.Visit, as_of: date) -> None:
        row = _visit(visit)
        if visit.status != "void" or visit.void_on is None:
            self.send("visits", [row])
            return
        self.send("visits", [row | {"status": "closed"}])
        if visit.void_on <= as_of:
            self.received(visit.void_on).rows["visits"].append(row)

    def send_contact(self, contact: facts.Contact) -> None:
        row = _contact(self.world, contact)
        if contact.outcome != "replied" or contact.replied_on is None:
            self.send("contacts", [row])
            return
        self.send("contacts", [row | {"outcome": "no_reply"}])
        self.received(contact.replied_on).rows["contacts"].append(row)

    def send_appointment(self, appointment: facts.Appointment, number: int) -> None:
        """By turns with the time of the status, and received on its day."""
        zone = _zone(self.world, self.world.vehicle_by_vin[appointment.vin].store)
        for place, (status, from_on) in enumerate(appointment.statuses):
            row = _appointment(self.world, appointment) | {"status": status}
            if (number + place) % 2:
                self.received(from_on).rows["appointments"].append(row)
            else:
                at = datetime.combine(from_on, NOON, tzinfo=zone)
                parcel = self.last if place else self.first
                parcel.rows["appointments"].append(row | {"status_at": _at(at)})


def all_rows(found: Iterable[Parcel]) -> list[tuple[str, Row]]:
    """Every version of every row, (kind, row), oldest first."""
    return [
        (kind, row)
        for parcel in found
        for kind in FileKind.values
        for row in parcel.rows.get(kind, [])
    ]


def _zone(world: World, store: str) -> ZoneInfo:
    return ZoneInfo(world.store_by_code[store].timezone)


def _at(moment: datetime) -> str:
    """In the store's zone without an offset, else with it."""
    is_local = isinstance(moment.tzinfo, ZoneInfo)
    return (moment.replace(tzinfo=None) if is_local else moment).isoformat(" ")


def _maybe(value: object) -> str:
    return "" if value is None else str(value)


def _store(store: facts.Store) -> Row:
    return {
        "code": store.code,
        "name": store.code,
        "timezone": store.timezone,
        "opens": f"{store.opens:%H:%M}",
        "closes": f"{store.closes:%H:%M}",
    }


def _person(person: facts.Staff) -> Row:
    return {
        "code": person.code,
        "name": person.code,
        "store": ";".join(person.stores),
        "role": person.role,
        "active": str(int(person.active)),
    }


def _customer(number: int, customer: facts.Customer) -> Row:
    return {
        "external_id": customer.external_id,
        "store": customer.store,
        "name": f"客户{number}",
        "phone": f"138{number:08d}",
        "advisor": customer.advisor or "",
    }


def _vehicle(vehicle: facts.Vehicle, owned: facts.Ownership) -> Row:
    return {
        "vin": vehicle.vin,
        "customer": owned.customer,
        "store": vehicle.store,
        "brand": vehicle.brand,
        # Nothing in the default plans goes by the model.
        "model": vehicle.model or "unnamed",
        "powertrain": vehicle.powertrain,
        "owner_since": _maybe(owned.since),
    }


def _details(vehicle: facts.Vehicle) -> Row:
    return {
        "delivered_on": _maybe(vehicle.delivered_on),
        "status": vehicle.status,
        "status_on": _maybe(vehicle.status_on),
    }


def _visit(visit: facts.Visit) -> Row:
    return {
        "work_order_no": visit.work_order_no,
        "store": visit.store,
        "vin": visit.vin,
        "arrived_at": _at(visit.arrived_at),
        "status": visit.status,
        "odometer_km": str(visit.odometer_km),
        "kind": visit.kind,
        "amount": str(visit.amount),
        "gross_margin": _maybe(visit.gross_margin),
    }


def _survey(survey: facts.Survey) -> Row:
    return {
        "store": survey.store,
        "work_order_no": survey.work_order_no,
        "answered_at": _at(survey.answered_at),
        "score": str(survey.score),
        "scale": str(survey.scale),
    }


def _complaint(world: World, complaint: facts.Complaint) -> Row:
    return {
        "external_id": complaint.external_id,
        "store": world.vehicle_by_vin[complaint.vin].store,
        "vin": complaint.vin,
        "opened_at": _at(complaint.opened_at),
        "category": complaint.category,
        "resolved_at": _at(complaint.resolved_at) if complaint.resolved_at else "",
    }


def _contact(world: World, contact: facts.Contact) -> Row:
    return {
        "external_id": contact.external_id,
        "store": world.customer_by_id[contact.customer].store,
        "customer": contact.customer,
        "vin": contact.vin or "",
        "at": _at(contact.at),
        "channel": contact.channel,
        # An empty direction is out.
        "direction": "in" if contact.direction == "in" else "",
        "outcome": contact.outcome,
    }


def _appointment(world: World, appointment: facts.Appointment) -> Row:
    return {
        "external_id": appointment.external_id,
        "store": world.vehicle_by_vin[appointment.vin].store,
        "vin": appointment.vin,
        "starts_at": _at(appointment.starts_at),
        "created_at": _at(appointment.created_at) if appointment.created_at else "",
    }


def _month(world: World, row: facts.Engagement) -> Row:
    return {
        "store": world.customer_by_id[row.customer].store,
        "customer": row.customer,
        "month": f"{row.month:%Y-%m}",
        "app_opens": _maybe(row.app_opens),
        "enquiries": _maybe(row.enquiries),
    }
