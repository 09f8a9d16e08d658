"""Contacts recorded here, as against those an import brings."""

from datetime import datetime
from uuid import UUID

from common.dates import local_date
from customers.models import Contact, Customer, Vehicle
from stores.models import Staff


def number_of(key: UUID) -> str:
    """The external id of what a form with this key made here."""
    return f"huitou-{key}"


def log(
    customer: Customer,
    *,
    key: UUID,
    vehicle: Vehicle | None,
    channel: str,
    direction: str,
    outcome: str,
    note: str,
    by: Staff,
    at: datetime,
) -> Contact:
    """One contact of this moment; without a vehicle it counts for each of the customer's."""
    on = local_date(at, customer.store.timezone)
    contact: Contact = Contact.objects.create(
        store_id=customer.store_id,
        external_id=number_of(key),
        customer=customer,
        vehicle=vehicle,
        happened_at=at,
        happened_on=on,
        channel=channel,
        direction=direction,
        outcome=outcome,
        staff=by,
        note=note,
        received_on=on,
    )
    return contact
