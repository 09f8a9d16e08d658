"""Reads of customers, their cars and histories."""

from customers.selectors.consent import refused_channels
from customers.selectors.entry import (
    CarWords,
    KnownCar,
    car_words,
    entered,
    known_car,
    sources,
    with_phone,
)
from customers.selectors.people import (
    LAST_FOUR_LIMIT,
    Consent,
    Event,
    consent_events,
    consents,
    consents_of,
    history,
    is_last_four,
    living,
    search,
)
from customers.selectors.slots import Slot, free_slots

__all__ = [
    "LAST_FOUR_LIMIT",
    "CarWords",
    "Consent",
    "Event",
    "KnownCar",
    "Slot",
    "car_words",
    "consent_events",
    "consents",
    "consents_of",
    "entered",
    "free_slots",
    "history",
    "is_last_four",
    "known_car",
    "living",
    "refused_channels",
    "search",
    "sources",
    "with_phone",
]
