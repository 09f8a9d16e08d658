"""Customers: who they are, how they decide, what the store knows of them, the cars they buy."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from exchange.demo import params as p
from exchange.demo import profiles
from exchange.demo.calendar import between, pull
from exchange.demo.cars import choose_model, make_plate, make_vin
from exchange.demo.names import mobile, person_name
from exchange.demo.records import Car, Customer, Traits
from exchange.demo.world import ACTIVE_ADVISORS, choose_advisor, choose_store

_MONTH_SALES = (1.05, 0.55, 1.0, 0.9, 0.95, 1.0, 0.85, 0.9, 1.1, 1.0, 1.15, 1.4)


class Registry:
    """Numbers already given out, so that none is given twice."""

    def __init__(self) -> None:
        self.phones: set[str] = set()
        self.vins: set[str] = set()
        self.plates: set[str] = set()


def make_traits(rng: Random) -> Traits:
    """The hidden traits of one person."""
    return Traits(
        warmth=rng.gauss(0, 1),
        distance_km=max(1.0, min(60.0, rng.lognormvariate(2.08, 0.6))),
        price_mind=rng.betavariate(2.2, 2.8),
        forgetful=rng.betavariate(1.8, 2.4),
        km_per_day=max(7.0, min(180.0, rng.lognormvariate(3.62, 0.42))),
        app_habit=rng.gammavariate(1.6, 2.4) if rng.random() < 0.58 else 0.0,
        impatience=max(0.3, rng.lognormvariate(0, 0.35)),
        chatty=rng.betavariate(3.2, 2.2),
        competitor=rng.random() < 0.3,
        saturday_person=rng.random() < 0.5,
        hour=rng.choice((9, 9, 10, 10, 11, 13, 14, 15)),
    )


def delivery_day(rng: Random, end: date) -> date:
    """A day of the last six years on which cars were handed over: year ends are strong."""
    span = round(365.25 * p.YEARS)
    while True:
        day = end - timedelta(days=rng.randrange(span))
        if pull(day) and rng.random() < _MONTH_SALES[day.month - 1] / 1.4:
            return day


def make_customer(rng: Random, registry: Registry, since: date) -> Customer:
    """A buyer of the day `since`, with the columns a store keeps."""
    store = choose_store(rng)
    gender = "male" if rng.random() < 0.62 else "female"
    age = max(21, min(74, round(rng.gauss(38, 10))))
    born = date(since.year - age, 1, 1) + timedelta(days=rng.randrange(365))
    traits = make_traits(rng)
    customer = Customer(
        store=store.code,
        name=person_name(rng, gender, born.year),
        phone=mobile(rng, registry.phones),
        gender=gender if rng.random() < 0.97 else "unknown",
        born=born,
        since=since,
        advisor=choose_advisor(rng, store.code).code,
        traits=traits,
        district=rng.choice(profiles.NEAR[store.code]),
        source=rng.choice(profiles.SOURCES),
        mood=rng.gauss(0, 0.35),
    )
    if customer.advisor not in {person.code for person in ACTIVE_ADVISORS[store.code]}:
        customer.heir = rng.choice(ACTIVE_ADVISORS[store.code]).code
    customer.columns = _columns(rng, customer)
    return customer


def _birthday(rng: Random, born: date) -> str:
    known = rng.random()
    if known < 0.14:
        return ""
    return born.strftime("%m-%d") if known < 0.22 else born.isoformat()


def _consent(rng: Random, customer: Customer) -> tuple[str, str]:
    """The consent given at delivery and when: most agree to most, some to nothing, some unasked."""
    signed = between(rng, customer.since, 10, 17).isoformat()
    roll = rng.random()
    if roll < 0.04:
        return "", ""
    if roll < 0.04 + p.CONTACTLESS_SHARE:
        return "none", signed
    shares = {"sms": 0.82, "phone": 0.86, "wechat": 0.84, "email": 0.2}
    given = [channel for channel, share in shares.items() if rng.random() < share]
    if customer.traits.app_habit:
        given.append("app")
    return ";".join(given) or "none", signed


def _columns(rng: Random, customer: Customer) -> dict[str, str]:
    """The columns of `customers.csv` that follow from nothing else."""
    traits = customer.traits
    consent, consent_at = _consent(rng, customer)
    mail = f"{rng.randrange(10**8, 10**10)}@example.com" if rng.random() < 0.3 else ""
    wechat = f"wx_{rng.randrange(36**6):08x}" if traits.chatty > 0.35 else ""
    return {
        "birthday": _birthday(rng, customer.born),
        "address": profiles.address(rng, customer.district) if rng.random() < 0.8 else "",
        "email": mail,
        "wechat_id": wechat,
        "occupation": rng.choice(profiles.OCCUPATIONS) if rng.random() < 0.62 else "",
        "interests": profiles.likes(rng),
        "dislikes": profiles.avoid(rng, traits),
        "notes": profiles.notes(rng, traits),
        "influencer": "1" if rng.random() < 0.012 else "0",
        "club_member": "1" if rng.random() < 0.09 else "0",
        "consent": consent,
        "consent_at": consent_at,
    }


def make_car(rng: Random, registry: Registry, customer: Customer, delivered_on: date) -> Car:
    """A car handed over to the customer on that day."""
    model = choose_model(rng, customer.store, delivered_on)
    return Car(
        vin=make_vin(rng, model, delivered_on, registry.vins),
        model=model,
        plate=make_plate(rng, model, registry.plates),
        store=customer.store,
        delivered_on=delivered_on,
        readings=[(delivered_on, 0)],
    )


def household(rng: Random, registry: Registry, since: date, end: date) -> Customer:
    """A customer with the first car and, for some, a second one a year or more later."""
    customer = make_customer(rng, registry, since)
    customer.cars.append(make_car(rng, registry, customer, since))
    gap = 365 + rng.randrange(1400)
    second_on = since + timedelta(days=gap)
    if rng.random() < p.SECOND_CAR_SHARE / 0.5 and second_on <= end:
        customer.cars.append(make_car(rng, registry, customer, second_on))
        if rng.random() < p.TRADE_IN_SHARE:
            customer.cars[0].gone_on = customer.cars[0].status_on = second_on
            customer.cars[0].gone_how = customer.cars[0].status = "sold"
    return customer


def serving_advisor(customer: Customer, day: date, end: date) -> str:
    """The customer's own advisor on that day: the heir once the first one has left."""
    if customer.heir and day >= end - timedelta(days=p.LEFT_DAYS):
        return customer.heir
    return customer.advisor


def hand_over(rng: Random, customers: list[Customer], end: date) -> None:
    """Most customers of an advisor who left have the new one on their card; some were forgotten."""
    for customer in customers:
        new = customer.since >= end - timedelta(days=p.LEFT_DAYS)
        if customer.heir and (new or rng.random() < 0.6):
            customer.advisor = customer.heir


def spoil(rng: Random, customers: list[Customer]) -> None:
    """The mistakes real files have: wrong and shared phones, customers without an advisor."""
    chosen = rng.sample(customers, min(len(customers) // 4, p.BAD_PHONES + p.NO_ADVISOR_CUSTOMERS))
    for position, customer in enumerate(chosen):
        if position >= p.BAD_PHONES:
            customer.advisor = ""
        elif position % 3 == 0:
            customer.phone = customer.phone[:-1]
        elif position % 3 == 1:
            customer.phone = f"021-5{customer.phone[-7:]}"
        else:
            customer.phone = "1" + customer.phone
    for customer in rng.sample(customers, min(len(customers) // 50, p.SHARED_PHONES)):
        other = rng.choice(customers)
        if other is not customer and other.store == customer.store:
            customer.phone = other.phone
