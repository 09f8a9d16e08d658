"""Which channels a customer does not want to be reached on."""

from customers.models import Customer
from customers.selectors.people import consents


def refused_channels(customer: Customer) -> set[str]:
    """Channels with a standing withdrawal; service contact on the others is allowed (DOMAIN §9)."""
    return {consent.channel for consent in consents(customer) if not consent.is_granted}
