"""Cars entered by hand, and what became of a car."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from common.dates import local_date
from common.exceptions import DomainError
from customers.choices import FindingKind, VehicleStatus
from customers.models import Customer, Ownership, Vehicle
from customers.rules import has_vin_check_digit
from customers.services import corrections, dirty, findings
from stores.choices import AuditAction
from stores.models import Staff
from stores.services import audit


@dataclass(frozen=True)
class Car:
    """What is entered of a car; VIN and plate in their normal form (customers.rules)."""

    vin: str
    brand: str
    model: str
    powertrain: str
    plate: str = ""
    delivered_on: date | None = None


@transaction.atomic
def add(car: Car, *, customer: Customer, by: Staff, now: datetime) -> Vehicle:
    """The car at the customer's store, hers from the beginning, queued to be settled.

    The same car of the same customer again is the one there is. Raises DomainError('vin_known')
    when somebody else's has the VIN in this group.
    """
    known: Vehicle | None = Vehicle.objects.filter(customer=customer, vin=car.vin).first()
    if known:
        return known
    vehicle = _inserted(car, customer, now)
    # As an import's first owner; one that names another customer then starts a new ownership.
    Ownership.objects.create(vehicle=vehicle, customer=customer)
    is_bad = not has_vin_check_digit(car.vin)
    findings.keep(vehicle, FindingKind.CHECK_DIGIT, is_bad=is_bad, now=now)
    audit.about(vehicle, AuditAction.VEHICLE_ADDED, by=by)
    dirty.mark([vehicle.pk])
    return vehicle


def _inserted(car: Car, customer: Customer, now: datetime) -> Vehicle:
    store = customer.store
    try:
        with transaction.atomic():
            vehicle: Vehicle = Vehicle.objects.create(
                group_id=store.group_id,
                store=store,
                customer=customer,
                received_on=local_date(now, store.timezone),
                **vars(car),
            )
            return vehicle
    except IntegrityError:
        raise DomainError(
            "vin_known", _("A car with this VIN was entered in the meantime.")
        ) from None


@transaction.atomic
def set_status(
    vehicle: Vehicle, status: VehicleStatus, on: date | None, *, by: Staff, now: datetime
) -> Vehicle:
    """What became of the car, and since when (None while it is active); kept against the source."""
    one: Vehicle = Vehicle.objects.select_for_update(no_key=True).get(pk=vehicle.pk)
    on = None if status == VehicleStatus.ACTIVE else on or local_date(now, one.store.timezone)
    dirty.mark([one.pk])
    if (one.status, one.status_on) == (status, on):
        return one
    corrections.keep(one, "status", old=one.status, new=str(status), by=by)
    corrections.keep(one, "status_on", old=_text(one.status_on), new=_text(on), by=by)
    one.status, one.status_on = str(status), on
    one.save(update_fields=["status", "status_on"])
    audit.about(one, AuditAction.VEHICLE_CORRECTED, by=by, status=str(status))
    return one


def _text(on: date | None) -> str:
    return on.isoformat() if on else ""
