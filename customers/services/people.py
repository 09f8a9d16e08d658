"""Customers entered and put right by hand, kept as the importer keeps them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from common.crypto import is_phone, normal_phone, seal
from common.dates import local_date
from customers.choices import FindingKind
from customers.models import ConsentEvent, Customer, Vehicle
from customers.rules import entered_number, name_keys
from customers.services import corrections, dirty, findings, vehicles
from customers.services.keys import phone_indexes
from customers.services.vehicles import Car
from stores.choices import AuditAction
from stores.models import Staff, Store
from stores.services import audit

# How a consent says where it was given.
BY_HAND = "desk"
# Columns of the customers' file that a person may put right.
CORRECTABLE = ("name", "phone", "gender", "occupation", "interests", "dislikes", "notes")


@dataclass(frozen=True)
class Person:
    """What is entered of a customer; the phone as it was typed.

    `consent` names channels on which marketing was agreed to; all others stay unknown.
    """

    name: str
    phone: str
    gender: str = "unknown"
    source: str = ""
    notes: str = ""
    advisor: Staff | None = None
    consent: frozenset[str] = frozenset()


@transaction.atomic
def add(person: Person, car: Car, *, store: Store, key: UUID, by: Staff, now: datetime) -> Customer:
    """The customer with the car; the same `key` (a form's) again is the customer there is.

    Raises DomainError('vin_known') when the group has the car already.
    """
    number = {"store": store, "external_id": entered_number(key)}
    known: Customer | None = Customer.objects.filter(**number).first()
    if known:
        return known
    try:
        with transaction.atomic():
            customer = _inserted(person, number, now)
    except IntegrityError:
        # The other click of a double click came first.
        first: Customer = Customer.objects.get(**number)
        return first
    findings.keep(customer, FindingKind.DEAD_PHONE, is_bad=customer.is_phone_dead, now=now)
    _agree(customer, person.consent, now)
    audit.about(customer, AuditAction.CUSTOMER_ADDED, by=by)
    vehicles.add(car, customer=customer, by=by, now=now)
    return customer


def _inserted(person: Person, number: Mapping[str, Any], now: datetime) -> Customer:
    uid = uuid4()
    customer: Customer = Customer.objects.create(
        uid=uid,
        gender=person.gender,
        source=person.source,
        notes=person.notes,
        advisor=person.advisor,
        received_on=local_date(now, number["store"].timezone),
        **number,
        **_named(person.name),
        **_reached(uid, person.phone),
    )
    return customer


def _named(name: str) -> dict[str, Any]:
    keys = name_keys(name)
    return {
        "name": name,
        "name_pinyin": keys.pinyin,
        "name_initials": keys.initials,
        "name_parts": list(keys.parts),
    }


def _reached(uid: UUID, phone: str) -> dict[str, Any]:
    """The phone's columns; what is not a valid number is kept as a dead one."""
    digits = normal_phone(phone) or phone
    return {
        "phone_sealed": seal("customers_customer", "phone", uid, digits),
        **phone_indexes(digits),
        "is_phone_dead": not is_phone(digits),
    }


def _agree(customer: Customer, channels: Iterable[str], now: datetime) -> None:
    ConsentEvent.objects.bulk_create(
        ConsentEvent(
            store_id=customer.store_id,
            customer=customer,
            channel=channel,
            is_granted=True,
            given_at=now,
            source=BY_HAND,
        )
        for channel in sorted(channels)
    )


@transaction.atomic
def correct(
    customer: Customer, values: Mapping[str, str], *, by: Staff, now: datetime
) -> frozenset[str]:
    """Puts these columns (of CORRECTABLE) right against the source; returns those that were.

    A phone that is entered is right, also when it is the one there is: it is no dead one then.
    """
    one: Customer = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    before = {column: _source_text(one, column) for column in values}
    was_dead = one.is_phone_dead
    for column, value in values.items():
        for name, part in _columns(one, column, value).items():
            setattr(one, name, part)
    changed = {column for column in values if _source_text(one, column) != before[column]}
    for column in changed:
        corrections.keep(one, column, old=before[column], new=_source_text(one, column), by=by)
    if "phone" in values:
        corrections.release_dead(one)
        changed |= {"phone"} if one.is_phone_dead != was_dead else set()
    if changed:
        _save(one, changed, by, now)
    return frozenset(changed)


def _columns(one: Customer, column: str, value: str) -> dict[str, Any]:
    if column == "name":
        return _named(value)
    return _reached(one.uid, value) if column == "phone" else {column: value}


def _source_text(one: Customer, column: str) -> str:
    return str(getattr(one, column))


def _save(one: Customer, changed: Iterable[str], by: Staff, now: datetime) -> None:
    one.save()
    findings.keep(one, FindingKind.DEAD_PHONE, is_bad=one.is_phone_dead, now=now)
    audit.about(one, AuditAction.CUSTOMER_CORRECTED, by=by, columns=sorted(changed))
    dirty.mark(Vehicle.objects.filter(customer=one).values_list("pk", flat=True))
