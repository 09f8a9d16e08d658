"""Writes the ten CSV files of EXCHANGE.md §1 from a finished history."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from exchange.demo.records import Contact, Customer, History, Visit
from exchange.demo.world import GROUP, PERSON, STAFF, STORES

COLUMNS: dict[str, str] = {
    "stores": "code name group city timezone opens closes bays",
    "staff": "code name store role username email phone active",
    "customers": "external_id store name phone gender birthday address email wechat_id source "
    "referred_by advisor occupation interests dislikes notes influencer club_member consent "
    "consent_at",
    "vehicles": "vin customer store plate brand model powertrain delivered_on warranty_months "
    "warranty_km status status_on owner_since",
    "visits": "work_order_no store vin arrived_at closed_at status odometer_km kind amount "
    "gross_margin advisor promised_minutes actual_minutes items recommendations",
    "surveys": "store work_order_no answered_at score scale nps comment",
    "complaints": "external_id store vin opened_at work_order_no category text resolved_at "
    "resolution",
    "contacts": "external_id store customer vin at channel direction outcome staff note",
    "appointments": "external_id store vin starts_at status status_at source created_at",
    "engagement": "store customer month app_opens enquiries",
}
_PROFILE = COLUMNS["customers"].split()[-8:]
Row = Sequence[object]


def write(folder: Path, history: History) -> dict[str, int]:
    """Write all files into `folder` (made when missing); the number of rows of each."""
    folder.mkdir(parents=True, exist_ok=True)
    visits = _numbered([visit for car in history.cars for visit in car.visits])
    tables: dict[str, Iterable[Row]] = {
        "stores": (
            (s.code, s.name, GROUP, "上海", "Asia/Shanghai", "08:30", "17:30", s.bays)
            for s in STORES
        ),
        "staff": _staff(),
        "customers": (_customer(customer) for customer in history.customers),
        "vehicles": _vehicles(history),
        "visits": (_visit(visit) for visit in visits),
        "surveys": (
            (s.visit.store, s.visit.number, _at(s.answered_at), s.score, s.scale, s.nps, s.comment)
            for s in sorted(history.surveys, key=lambda s: (s.answered_at, s.visit.number))
        ),
        "complaints": _complaints(history),
        "contacts": _contacts(history.contacts),
        "appointments": _appointments(history),
        "engagement": (
            (customer.store, customer.external_id, month, opens, enquiries)
            for customer, month, opens, enquiries in history.engagement
        ),
    }
    return {
        name: _file(folder / f"{name}.csv", COLUMNS[name], rows) for name, rows in tables.items()
    }


def _file(path: Path, columns: str, rows: Iterable[Row]) -> int:
    """One CSV file; None is an empty cell."""
    number = 0
    with path.open("w", encoding="utf-8", newline="") as handle:
        out = csv.writer(handle, lineterminator="\n")
        out.writerow(columns.split())
        for row in rows:
            out.writerow(row)
            number += 1
    return number


def _at(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


def _numbered(visits: list[Visit]) -> list[Visit]:
    """Visits in order of arrival with their work order numbers: store, day, running number."""
    visits.sort(key=lambda visit: (visit.arrived_at, visit.vin))
    running: dict[tuple[str, str], int] = {}
    for visit in visits:
        key = visit.store, visit.arrived_at.strftime("%y%m%d")
        running[key] = running.get(key, 0) + 1
        visit.number = f"RO{key[0]}{key[1]}{running[key]:03d}"
    return visits


def _staff() -> Iterable[Row]:
    for number, person in enumerate(STAFF):
        mail, phone = f"{person.code}@huadong.example", f"1640000{number + 1:04d}"
        active = int(person.active)
        yield person.code, person.name, person.store, person.role, person.code, mail, phone, active


def _customer(customer: Customer) -> Row:
    own = customer.columns
    return (
        customer.external_id, customer.store, customer.name, customer.phone, customer.gender,
        own["birthday"], own["address"], own["email"], own["wechat_id"], customer.source,
        customer.referred_by, customer.advisor, *(own[name] for name in _PROFILE),
    )  # fmt: skip


def _vehicles(history: History) -> Iterable[Row]:
    for customer in history.customers:
        for car in customer.cars:
            model = car.model
            yield (
                car.vin, customer.external_id, car.store, car.plate, model.brand, model.name,
                model.powertrain, car.delivered_on, model.warranty_months, model.warranty_km,
                car.status, car.status_on, car.delivered_on,
            )  # fmt: skip


def _visit(visit: Visit) -> Row:
    done = visit.status != "open"
    return (
        visit.number, visit.store, visit.vin, _at(visit.arrived_at),
        _at(visit.closed_at) if done else "", visit.status, visit.odometer_km, visit.kind,
        f"{visit.amount:.2f}", f"{visit.margin:.2f}", visit.advisor, visit.promised,
        visit.actual if done else "", visit.items, visit.recommendations,
    )  # fmt: skip


def _complaints(history: History) -> Iterable[Row]:
    ordered = sorted(history.complaints, key=lambda c: (c.opened_at, c.visit.number))
    for number, item in enumerate(ordered, 1):
        yield (
            f"TS{number:05d}", item.visit.store, item.visit.vin, _at(item.opened_at),
            item.visit.number, item.category, item.text, _at(item.resolved_at), item.resolution,
        )  # fmt: skip


def _contacts(contacts: list[Contact]) -> Iterable[Row]:
    contacts.sort(key=lambda c: (c.at, c.vin, c.direction))
    for number, item in enumerate(contacts, 1):
        if item.staff and item.staff not in PERSON:
            raise ValueError(f"contact by unknown staff {item.staff}")
        yield (
            f"C{number:07d}", item.customer.store, item.customer.external_id, item.vin,
            _at(item.at), item.channel, item.direction, item.outcome, item.staff, item.note,
        )  # fmt: skip


def _appointments(history: History) -> Iterable[Row]:
    ordered = sorted(history.appointments, key=lambda a: (a.created_at, a.vin))
    for number, item in enumerate(ordered, 1):
        yield (
            f"A{number:06d}", item.store, item.vin, _at(item.starts_at), item.status,
            _at(item.status_at), item.source, _at(item.created_at),
        )  # fmt: skip
