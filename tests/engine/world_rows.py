"""Lays an oracle's world into the database, row by row, as the importer would leave it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from customers import models as rows
from stores.models import Group, Staff, StaffStore, Store
from tests.oracle.facts import Visit, World

FIRST_RECEIVED_VOID = date.min
SCALE_FACTOR = {5: 20, 10: 10, 100: 1}


@dataclass
class Laid:
    """The rows by the world's keys."""

    stores: dict[str, Store]
    staff: dict[str, Staff]
    customers: dict[str, rows.Customer]
    vehicles: dict[str, rows.Vehicle]
    visits: dict[str, rows.Visit]


def lay(world: World, as_of: date) -> Laid:
    """Creates all rows of a world; ids rise in the world's order of arrival.

    Which readings are accepted is kept, not replayed: as it stood on `as_of`.
    """
    group = Group.objects.create(name="oracle")
    stores = {
        s.code: Store.objects.create(
            group=group, code=s.code, name=s.code, timezone=s.timezone, closes_at=s.closes
        )
        for s in world.stores
    }
    staff = {
        p.code: Staff.objects.create(
            group=group, code=p.code, name=p.code, role=p.role, is_active=p.active
        )
        for p in world.staff
    }
    StaffStore.objects.bulk_create(
        StaffStore(staff=staff[p.code], store=stores[code])
        for p in world.staff
        for code in p.stores
    )
    customers = _customers(world, stores, staff)
    vehicles = _vehicles(world, group, stores, customers)
    _ownerships(world, customers, vehicles)
    visits = _visits(world, as_of, stores, customers, vehicles)
    laid = Laid(stores, staff, customers, vehicles, visits)
    _surveys(world, laid)
    _complaints(world, laid)
    _contacts(world, laid)
    _appointments(world, laid)
    rows.Engagement.objects.bulk_create(
        rows.Engagement(
            store=customers[e.customer].store,
            customer=customers[e.customer],
            month=e.month,
            app_opens=e.app_opens,
            enquiries=e.enquiries,
        )
        for e in world.engagement
    )
    return laid


def _customers(
    world: World, stores: dict[str, Store], staff: dict[str, Staff]
) -> dict[str, rows.Customer]:
    made = rows.Customer.objects.bulk_create(
        rows.Customer(
            store=stores[c.store],
            external_id=c.external_id,
            name=c.external_id,
            advisor=staff.get(c.advisor or ""),
            erased_on=date.min if c.erased else None,
            merged_on=date.min if c.merged else None,
            received_on=date.min,
        )
        for c in world.customers
    )
    return {c.external_id: c for c in made}


def _vehicles(
    world: World, group: Group, stores: dict[str, Store], customers: dict[str, rows.Customer]
) -> dict[str, rows.Vehicle]:
    made = rows.Vehicle.objects.bulk_create(
        rows.Vehicle(
            group=group,
            store=stores[v.store],
            customer=customers[v.ownerships[-1].customer],
            vin=v.vin,
            brand=v.brand,
            model=v.model,
            powertrain=v.powertrain,
            delivered_on=v.delivered_on,
            status=v.status,
            status_on=None if v.status == "active" else (v.status_on or world.received_on),
            received_on=date.min,
        )
        for v in world.vehicles
    )
    return {v.vin: v for v in made}


def _ownerships(
    world: World, customers: dict[str, rows.Customer], vehicles: dict[str, rows.Vehicle]
) -> None:
    made = []
    for v in world.vehicles:
        for place, owned in enumerate(v.ownerships):
            later = v.ownerships[place + 1].since if place + 1 < len(v.ownerships) else None
            until = None if later is None else date.fromordinal(later.toordinal() - 1)
            made.append(
                rows.Ownership(
                    vehicle=vehicles[v.vin],
                    customer=customers[owned.customer],
                    since_on=owned.since,
                    until_on=until,
                )
            )
    rows.Ownership.objects.bulk_create(made)


def _visits(
    world: World,
    as_of: date,
    stores: dict[str, Store],
    customers: dict[str, rows.Customer],
    vehicles: dict[str, rows.Vehicle],
) -> dict[str, rows.Visit]:
    accepted = _accepted_readings(world, as_of)
    made = []
    for v in world.visits:
        car, on = world.vehicle_by_vin[v.vin], world.visit_on(v)
        owner = world.owner_on(car, on)
        void_on = (v.void_on or FIRST_RECEIVED_VOID) if v.status == "void" else None
        made.append(
            rows.Visit(
                store=stores[v.store],
                vehicle=vehicles[v.vin],
                customer=customers[owner.external_id] if owner else None,
                work_order_no=v.work_order_no,
                arrived_at=v.arrived_at,
                arrived_on=on,
                status=v.status,
                void_on=void_on,
                odometer_km=v.odometer_km,
                is_reading_ok=v.work_order_no in accepted,
                is_counted=_is_counted(world, v),
                kind=v.kind,
                amount=v.amount,
                gross_margin=v.gross_margin,
                received_on=date.min,
            )
        )
    return {v.work_order_no: v for v in rows.Visit.objects.bulk_create(made)}


def _is_counted(world: World, visit: Visit) -> bool:
    delivered_on = world.vehicle_by_vin[visit.vin].delivered_on
    return delivered_on is None or world.visit_on(visit) >= delivered_on


def _accepted_readings(world: World, as_of: date) -> set[str]:
    """Work orders whose reading is accepted, in order of arrival (readings.md)."""
    accepted: set[str] = set()
    for visits in world.visits_by_vin.values():
        last: tuple[int, date] | None = None
        for v in sorted(visits, key=lambda v: v.arrived_at):
            is_void = v.status == "void" and (v.void_on or FIRST_RECEIVED_VOID) <= as_of
            if is_void or not _is_counted(world, v):
                continue
            on = world.visit_on(v)
            if last is not None:
                rise, days = v.odometer_km - last[0], max((on - last[1]).days, 1)
                if rise < 0 or rise > 1500 * days:
                    continue
            last = (v.odometer_km, on)
            accepted.add(v.work_order_no)
    return accepted


def _surveys(world: World, laid: Laid) -> None:
    rows.Survey.objects.bulk_create(
        rows.Survey(
            store=laid.stores[s.store],
            visit=laid.visits[s.work_order_no],
            vehicle=laid.vehicles[s.vin],
            answered_at=s.answered_at,
            answered_on=world.survey_on(s),
            score=s.score,
            scale=s.scale,
            satisfaction=s.score * Decimal(SCALE_FACTOR[s.scale]),
            received_on=date.min,
        )
        for s in world.surveys
    )


def _complaints(world: World, laid: Laid) -> None:
    rows.Complaint.objects.bulk_create(
        rows.Complaint(
            store=laid.vehicles[k.vin].store,
            external_id=k.external_id,
            vehicle=laid.vehicles[k.vin],
            opened_at=k.opened_at,
            opened_on=world.vehicle_date(k.opened_at, k.vin),
            resolved_at=k.resolved_at,
            resolved_on=_maybe(world.vehicle_date, k.resolved_at, k.vin),
            category=k.category,
            received_on=date.min,
        )
        for k in world.complaints
    )


def _maybe(local: Callable[[datetime, str], date], at: datetime | None, vin: str) -> date | None:
    return None if at is None else local(at, vin)


def _contacts(world: World, laid: Laid) -> None:
    rows.Contact.objects.bulk_create(
        rows.Contact(
            store=laid.customers[k.customer].store,
            external_id=k.external_id,
            customer=laid.customers[k.customer],
            vehicle=laid.vehicles[k.vin] if k.vin else None,
            happened_at=k.at,
            happened_on=world.contact_on(k),
            channel=k.channel,
            direction=k.direction,
            outcome=k.outcome,
            replied_on=(k.replied_on or world.received_on) if k.outcome == "replied" else None,
            received_on=date.min,
        )
        for k in world.contacts
    )


def _appointments(world: World, laid: Laid) -> None:
    changes: list[Any] = []
    for a in world.appointments:
        row = rows.Appointment.objects.create(
            store=laid.vehicles[a.vin].store,
            external_id=a.external_id,
            vehicle=laid.vehicles[a.vin],
            starts_at=a.starts_at,
            starts_on=world.vehicle_date(a.starts_at, a.vin),
            status=a.statuses[-1][0] if a.statuses else "requested",
            created_at=a.created_at,
            created_on=_maybe(world.vehicle_date, a.created_at, a.vin),
            received_on=date.min,
        )
        changes += [
            rows.AppointmentChange(appointment=row, status=status, from_on=from_on)
            for status, from_on in a.statuses
        ]
    rows.AppointmentChange.objects.bulk_create(changes)
