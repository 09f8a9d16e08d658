"""Consent withdrawn; withdrawing is as easy as giving (DOMAIN §9)."""

from datetime import datetime

from customers.models import ConsentEvent, Customer
from stores.choices import AuditAction
from stores.models import Staff
from stores.services import audit


def withdraw(
    customer: Customer, channel: str, *, by: Staff, at: datetime, source: str = "call"
) -> ConsentEvent:
    """The customer does not want to be reached on `channel` from `at` on."""
    event: ConsentEvent = ConsentEvent.objects.create(
        store_id=customer.store_id,
        customer=customer,
        channel=channel,
        is_granted=False,
        given_at=at,
        source=source,
    )
    audit.about(customer, AuditAction.CONSENT_WITHDRAWN, by=by, channel=channel, source=source)
    return event
