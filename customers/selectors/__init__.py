"""Reads of customers, their cars and histories."""

from customers.selectors.people import (
    LAST_FOUR_LIMIT,
    Consent,
    Event,
    consents,
    history,
    is_last_four,
    living,
    search,
)

__all__ = [
    "LAST_FOUR_LIMIT",
    "Consent",
    "Event",
    "consents",
    "history",
    "is_last_four",
    "living",
    "search",
]
