"""Reads of customers, their cars and histories."""

from customers.selectors.entry import CarWords, KnownCar, car_words, known_car, sources, with_phone
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
    "CarWords",
    "Consent",
    "Event",
    "KnownCar",
    "car_words",
    "consents",
    "history",
    "is_last_four",
    "known_car",
    "living",
    "search",
    "sources",
    "with_phone",
]
