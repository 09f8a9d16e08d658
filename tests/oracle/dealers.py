"""Whole random stores for the boards' folded figures: dozens of customers each, years of visits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from .exact import add_days, add_months
from .facts import Customer, Ownership, Staff, Store, Survey, Vehicle, Visit, World
from .past import Move, Past, Said
from .pasts import Told

AS_OF = date(2026, 6, 15)
STAGES = ("awareness", "first_experience", "growth", "maturity", "decline", "lost")
CARS = (
    ("BYD", "Qin", "BEV"),
    ("BYD", "Han", "PHEV"),
    ("VW", "Lavida", "ICE"),
    ("VW", "Bora", "HEV"),
)
REASONS = ("price", "service", "waiting", "moved", "sold", "forgot")


def dealers(stores: int, people: int, seed: int) -> Told:
    """So many stores with about so many customers each; the first has a fifth of them."""
    dice = Random(seed)
    made = [_Dealer(place, dice) for place in range(stores)]
    for place, dealer in enumerate(made):
        count = people // 5 if place == 0 else dice.randint(people // 2, people * 3 // 2)
        for _ in range(count):
            dealer.add_customer()
    world = World(
        stores=tuple(dealer.store for dealer in made),
        staff=tuple(person for dealer in made for person in dealer.staff),
        customers=tuple(one for dealer in made for one in dealer.customers),
        vehicles=tuple(one for dealer in made for one in dealer.vehicles),
        visits=tuple(one for dealer in made for one in dealer.visits),
        surveys=tuple(one for dealer in made for one in dealer.surveys),
    )
    return Told(world, AS_OF, _past(made))


def _past(made: list[_Dealer]) -> Past:
    return Past(
        moves=[one for dealer in made for one in dealer.moves],
        said=[one for dealer in made for one in dealer.said],
        referred_by={k: v for dealer in made for k, v in dealer.referred_by.items()},
        nps={k: v for dealer in made for k, v in dealer.nps.items()},
        warranties={k: v for dealer in made for k, v in dealer.warranties.items()},
    )


class _Dealer:
    """A store in the making; how loyal and how pleased its customers are is its own."""

    def __init__(self, place: int, dice: Random) -> None:
        code = f"D{place:02}"
        self.code, self.dice = code, dice
        self.store = Store(code)
        self.staff = [
            Staff(f"{code}M", "manager", (code,)),
            *(Staff(f"{code}A{n}", "advisor", (code,)) for n in range(3)),
        ]
        self.loyalty, self.pleasure = dice.uniform(0.4, 0.95), dice.uniform(60, 95)
        self.customers: list[Customer] = []
        self.vehicles: list[Vehicle] = []
        self.visits: list[Visit] = []
        self.surveys: list[Survey] = []
        self.moves: list[Move] = []
        self.said: list[Said] = []
        self.referred_by: dict[str, str] = {}
        self.nps: dict[str, int] = {}
        self.warranties: dict[str, tuple[int | None, int | None]] = {}

    def add_customer(self) -> None:
        dice, name = self.dice, f"{self.code}C{len(self.customers):03}"
        advisor = dice.choice([None, *(f"{self.code}A{n}" for n in range(3))])
        if self.customers and dice.random() < 0.2:
            self.referred_by[name] = dice.choice(self.customers).external_id
        self.customers.append(Customer(name, self.code, advisor, erased=dice.random() < 0.02))
        for _ in range(dice.choice((1, 1, 1, 2))):
            self._add_car(name)
        stage = dice.choice(STAGES)
        for on in sorted(
            {add_days(AS_OF, -dice.randint(0, 800)) for _ in range(dice.randint(0, 3))}
        ):
            to = dice.choice([one for one in STAGES if one != stage])
            self.moves.append(Move(name, on, stage, to))
            stage = to
        if dice.random() < 0.5:
            on = add_days(AS_OF, -dice.randint(0, 500))
            self.said.append(Said(name, None, on, dice.choice(REASONS), dice.random() < 0.1))

    def _add_car(self, name: str) -> None:
        dice = self.dice
        brand, model, powertrain = dice.choice(CARS)
        vin = f"LHUTZ{self.code}{len(self.vehicles):09d}"
        delivered_on = add_days(AS_OF, -dice.randint(1, 1500))
        is_sold = dice.random() < 0.05
        self.vehicles.append(
            Vehicle(
                vin, brand, model, powertrain, self.code, delivered_on, (Ownership(name),),
                status="sold" if is_sold else "active",
                status_on=add_days(AS_OF, -dice.randint(0, 200)) if is_sold else None,
            )
        )  # fmt: skip
        self.warranties[vin] = (dice.choice((None, 12, 24)), dice.choice((None, 10_000, 30_000)))
        for on, kind in self._days(delivered_on, powertrain):
            self._add_visit(vin, delivered_on, on, kind)

    def _days(self, delivered_on: date, powertrain: str) -> Iterator[tuple[date, str]]:
        """Services around their time until the customer stays away, and some repairs."""
        dice, months = self.dice, 12 if powertrain in ("BEV", "PHEV") else 6
        on = add_days(delivered_on, 30 + dice.randint(-25, 110))
        while on <= AS_OF and dice.random() < self.loyalty:
            yield on, "maintenance"
            on = add_days(add_months(on, months), dice.randint(-50, 120))
        for _ in range(dice.choice((0, 0, 1, 2))):
            on = add_days(delivered_on, dice.randint(0, 900))
            if on <= AS_OF:
                yield on, "repair"

    def _add_visit(self, vin: str, delivered_on: date, on: date, kind: str) -> None:
        dice, number = self.dice, f"{self.code}W{len(self.visits):05}"
        at = datetime.combine(on, time(dice.randint(1, 8)), tzinfo=UTC)
        km = (on - delivered_on).days * 25
        amount = Decimal(dice.randint(0, 40) * 50)
        self.visits.append(Visit(number, vin, self.code, at, km, kind, amount))
        if dice.random() < 0.6:
            score = min(100, max(0, round(dice.gauss(self.pleasure, 15))))
            answered_at = at + timedelta(days=dice.randint(0, 3))
            self.surveys.append(Survey(number, self.code, vin, answered_at, Decimal(score)))
            if dice.random() < 0.8:
                self.nps[number] = dice.randint(0, 10)
