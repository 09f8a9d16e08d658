"""How people decide: when a service comes near, whether they come, and what a visit felt like."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from exchange.demo import params as p
from exchange.demo.calendar import add_months
from exchange.demo.records import Car, Customer, Traits
from exchange.demo.world import PERSON, STORE

COMES, PERSUADABLE, LEAVES = "comes", "persuadable", "leaves"


@dataclass(slots=True)
class Intent:
    """What a customer means to do about the service that is near; `wanted` is the day in mind."""

    kind: str
    wanted: date | None
    due: date


def interval(car: Car) -> tuple[int, int]:
    """Days (first) or months (later) and km until the next service of this car (DUE-1)."""
    return (30, 3_000) if car.services == 0 else car.model.interval


def due_date(car: Car) -> date:
    """The date the dealer's system would remind of: by time or by the odometer (DUE-3, DUE-4)."""
    length, km = interval(car)
    base = car.base_on or car.delivered_on
    by_time = base + timedelta(days=length) if car.services == 0 else add_months(base, length)
    last_on, last_km = car.readings[-1]
    first_on, first_km = next(r for r in car.readings if r[0] > last_on - timedelta(days=730))
    daily = (last_km - first_km + 3_000) / ((last_on - first_on).days + 60)
    left = car.base_km + km - last_km
    if left <= 0:
        return min(by_time, last_on)
    return min(by_time, last_on + timedelta(days=math.ceil(left / min(500, max(1, daily)))))


def warranty_ended(car: Car, day: date) -> bool:
    """Whether the maker still pays on `day`."""
    km = car.model.warranty_km
    by_time = day >= add_months(car.delivered_on, car.model.warranty_months)
    return by_time or (km is not None and car.odometer >= km)


def willingness(customer: Customer, car: Car, due: date) -> float:
    """Log-odds that the customer comes for the service that is near, uncalled."""
    traits = customer.traits
    far = math.log(traits.distance_km / 8) * p.DISTANCE
    if car.services == 0:
        return p.FIRST_CHECK - far * 0.5 + customer.mood
    score = car.last.experience if car.last else p.EXPERIENCE_MIDDLE
    pressure = math.sqrt(car.model.service_amount / 700)
    value = p.LATER_CHECK + p.EXPERIENCE * (score - p.EXPERIENCE_MIDDLE) / 10
    value += p.HABIT * min(max(car.services - 2, 0), 4) - far + car.trust + customer.mood
    value -= p.PRICE * (traits.price_mind - 0.4) * pressure
    value -= p.COMPETITOR if traits.competitor else 0
    value += p.BATTERY_CAR if car.model.powertrain == "BEV" else 0
    return value - (p.WARRANTY_END if warranty_ended(car, due) else 0)


def chance(log_odds: float) -> float:
    """The probability behind log-odds."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


def decide(rng: Random, customer: Customer, car: Car) -> Intent:
    """What this customer means to do about the next service."""
    due = due_date(car)
    odds = willingness(customer, car, due)
    roll = rng.random()
    if roll >= chance(odds + p.CALLED):
        return Intent(LEAVES, None, due)
    if roll >= chance(odds):
        return Intent(PERSUADABLE, None, due)
    return Intent(COMES, _wanted_on(rng, customer.traits, car, due), due)


def _wanted_on(rng: Random, traits: Traits, car: Car, due: date) -> date:
    """The day a willing customer has in mind: own habits around the due date."""
    _, km = interval(car)
    base = car.base_on or car.delivered_on
    own = base + timedelta(days=round(km / traits.km_per_day))
    gap = max(-20, min(60, (own - due).days)) * 0.25
    delay = p.DELAY_PUNCTUAL + p.DELAY_FORGETFUL * traits.forgetful**2 + gap
    if traits.km_per_day * (due - base).days < 0.5 * km and car.services:
        delay += rng.expovariate(1 / p.LOW_MILEAGE_DELAY)
    delay += rng.gauss(0, p.DELAY_SPREAD)
    return max(base + timedelta(days=12), due + timedelta(days=round(delay)))


def minutes_taken(rng: Random, store: str, advisor: str, promised: int) -> int:
    """Actual minutes: the store's queue, the advisor's care with it, and the day's luck."""
    person = PERSON.get(advisor)
    slow = STORE[store].waiting * (person.waiting if person else 1.0)
    return max(15, round(promised * slow * rng.lognormvariate(-0.03, 0.19)))


def experience(
    rng: Random, traits: Traits, advisor: str, store: str, ratio: float, dear: bool, fault: bool
) -> float:
    """What the visit felt like, 0–100; `ratio` is actual against promised time."""
    person = PERSON.get(advisor)
    care = STORE[store].care + (person.care if person else 0.0)
    score = p.CONTENT + p.WARMTH * traits.warmth + p.ATTENTION * care + rng.gauss(0, p.NOISE)
    score -= p.WAIT_PAIN * traits.impatience * max(0.0, ratio - p.WAIT_FREE)
    score -= p.PRICE_SHOCK * traits.price_mind if dear else 0
    score -= p.FAULT_PAIN if fault else 0
    return max(12.0, min(100.0, score))


def departure(rng: Random, car: Car, end: date) -> tuple[date | None, str]:
    """The day the car leaves its owner's life here, and how; None while it stays."""
    for age in range((end - car.delivered_on).days // 365 + 1):
        sell = p.SELL_HAZARD[min(age, len(p.SELL_HAZARD) - 1)]
        roll = rng.random()
        for share, how in ((sell, "sold"), (p.MOVE_HAZARD, "moved"), (p.SCRAP_HAZARD, "scrapped")):
            if roll < share:
                day = car.delivered_on + timedelta(days=365 * age + rng.randrange(20, 365))
                return (day, how) if day <= end else (None, "")
            roll -= share
    return None, ""
