"""The demo dealer group: people are simulated, their history is written as the ten import files.

    generate(Path("demo"), date(2026, 11, 21))

Nothing here knows the product: it writes what a dealer's system would export, up to and with the
day before `today` (bookings reach beyond); every figure on the boards has to come out of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from exchange.demo import params as p
from exchange.demo.journey import Life, app_months
from exchange.demo.people import Registry, delivery_day, hand_over, household, spoil
from exchange.demo.records import Customer, History
from exchange.demo.world import STAFF, Person
from exchange.demo.writer import write

__all__ = ["DemoSummary", "generate", "simulate"]


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What was written: where, for which day, rows of each file, the staff who can sign in."""

    folder: Path
    today: date
    rows: dict[str, int]
    staff: tuple[Person, ...]


def generate(
    folder: Path, today: date, *, seed: int = 20260101, vehicles: int = 6000
) -> DemoSummary:
    """Write the demo group's files into `folder`; the same arguments give the same bytes."""
    history = simulate(today, seed=seed, vehicles=vehicles)
    return DemoSummary(folder, today, write(folder, history), STAFF)


def simulate(today: date, *, seed: int = 20260101, vehicles: int = 6000) -> History:
    """The group's whole history until the evening before `today`."""
    history = History(end=today - timedelta(days=1))
    rng = Random(f"{seed}:{today}:{vehicles}")
    history.customers = _population(rng, history.end, vehicles)
    for position, customer in enumerate(history.customers):
        own = Random(f"{seed}:{position}")
        for car in customer.cars:
            Life(own, history, customer, car).live()
        app_months(own, history, customer)
    hand_over(rng, history.customers, history.end)
    _refer(rng, history.customers)
    _typos(rng, history)
    spoil(rng, history.customers)
    return history


def _population(rng: Random, end: date, vehicles: int) -> list[Customer]:
    """Customers in order of their first car, numbered within their store."""
    registry, customers, cars = Registry(), [], 0
    while cars < vehicles:
        customer = household(rng, registry, delivery_day(rng, end), end)
        del customer.cars[vehicles - cars :]
        cars += len(customer.cars)
        customers.append(customer)
    customers.sort(key=lambda customer: (customer.since, customer.phone))
    numbers: dict[str, int] = {}
    for customer in customers:
        numbers[customer.store] = numbers.get(customer.store, 0) + 1
        customer.external_id = f"{customer.store}{numbers[customer.store]:05d}"
    return customers


def _refer(rng: Random, customers: list[Customer]) -> None:
    """Friends of the satisfied: who was happy with the visits before that day sends others."""
    earlier: dict[str, list[Customer]] = {}
    for customer in customers:
        friends = earlier.setdefault(customer.store, [])
        if len(friends) > 20 and rng.random() < p.REFERRAL_SHARE:
            asked = rng.sample(friends, 5)
            friend = max(asked, key=lambda other: _pleasure(other, customer.since))
            if _pleasure(friend, customer.since) > 85:
                customer.referred_by, customer.source = friend.external_id, "老客户转介绍"
        friends.append(customer)


def _pleasure(customer: Customer, day: date) -> float:
    """The mean experience of the visits before `day`; 0 without one."""
    felt = [v.experience for c in customer.cars for v in c.visits if v.closed_at.date() < day]
    return sum(felt) / len(felt) if felt else 0.0


def _typos(rng: Random, history: History) -> None:
    """Slips of the keyboard: odometers, work orders without an advisor, voided ones."""
    often = [car for car in history.cars if len(car.visits) >= 4]
    for number, car in enumerate(rng.sample(often, min(len(often), p.ODOMETER_TYPOS))):
        visit = car.visits[-2]
        visit.odometer_km = visit.odometer_km * 10 if number % 2 == 0 else visit.odometer_km // 10
    followed = {id(car.last) for car in history.cars}
    followed |= {id(survey.visit) for survey in history.surveys}
    followed |= {id(complaint.visit) for complaint in history.complaints}
    for car in history.cars:
        for visit in car.visits:
            roll = rng.random()
            if roll < p.VOID_SHARE and visit.kind != "maintenance" and id(visit) not in followed:
                visit.status = "void"
            elif roll > 1 - p.VOID_SHARE:
                visit.advisor = ""
