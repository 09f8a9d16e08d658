"""One customer as the boards see it on a day: visits, car, advisors, stages, stretches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from .boards import visits_with_cars
from .exact import add_months
from .facts import Customer
from .known import Known, MergedVisit, Snapshot
from .past import Past
from .stage import stage_of

_STRETCHES = (("12m", 12, 0), ("12m-1", 24, 12), ("6m", 6, 0), ("6m-1", 12, 6))
STRETCHES = (*_STRETCHES, ("3m", 3, 0), ("3m-1", 6, 3))


@dataclass(frozen=True)
class Stretch:
    """Full months from `begin` to before `end`; `before` begins the equal stretch before it."""

    name: str
    before: date
    begin: date
    end: date

    def has(self, on: date) -> bool:
        return self.begin <= on < self.end

    def had(self, on: date) -> bool:
        return self.before <= on < self.begin


def stretches(as_of: date) -> list[Stretch]:
    month = as_of.replace(day=1)
    return [
        Stretch(
            name,
            add_months(month, last - 2 * first),
            add_months(month, -first),
            add_months(month, -last),
        )
        for name, first, last in STRETCHES
    ]


class Person:
    """A customer with the visits of the days it owned the cars."""

    def __init__(self, snapshot: Snapshot, past: Past, customer: Customer) -> None:
        self.snapshot = snapshot
        self.past = past
        self.customer = customer
        self.id = customer.external_id
        self.is_gone = customer.erased or customer.merged

    @cached_property
    def visits(self) -> list[tuple[MergedVisit, Known]]:
        """By day, of one day by the car's row."""
        rows = {car.vin: row for row, car in enumerate(self.snapshot.world.vehicles)}
        found = visits_with_cars(self.snapshot, self.customer)
        return sorted(found, key=lambda one: (one[0].on, rows[one[1].vehicle.vin]))

    @property
    def days(self) -> list[date]:
        return [visit.on for visit, _ in self.visits]

    def spent(self, days_after: date) -> Decimal:
        """Amounts of the visits after a day."""
        amounts = (visit.amount for visit, _ in self.visits if visit.on > days_after)
        return sum(amounts, Decimal(0))

    @cached_property
    def car(self) -> str | None:
        """What the customer is counted under: the first visit's car, else the oldest row owned."""
        if self.visits:
            return self.visits[0][1].vehicle.vin
        owned = [known for known in self.snapshot.vehicles if known.owner == self.customer]
        return owned[0].vehicle.vin if owned else None

    @cached_property
    def here_since(self) -> date | None:
        """The first visit or the first car that became this customer's, delivered or bought."""
        found = self.days[:1]
        for car in self.snapshot.world.vehicles:
            for place, owned in enumerate(car.ownerships):
                later = car.ownerships[place + 1 :]
                begins = [on for on in (car.delivered_on, owned.since) if on is not None]
                if owned.customer != self.id or not begins:
                    continue
                if not later or later[0].since is None or max(begins) < later[0].since:
                    found.append(max(begins))
        return min(found, default=None)

    @property
    def first_advisor(self) -> str | None:
        """Whose customer it was from the beginning, as far as known."""
        for spell in self.past.spells_of[self.id]:
            if spell.since is None and spell.advisor is not None:
                return spell.advisor
        return self.customer.advisor

    def advisor_on(self, on: date) -> str | None:
        """Who had the customer that day, else the first one who did."""
        spells = self.past.spells_of[self.id]
        if not spells:
            return self.customer.advisor
        known = [one for one in spells if one.since is None or one.since <= on]
        return (known[-1] if known else spells[0]).advisor

    @cached_property
    def moves(self) -> list[tuple[date, str, str]]:
        moves = self.past.moves_of[self.id]
        return [(one.on, one.left, one.to) for one in moves if one.on <= self.snapshot.as_of]

    @property
    def reconstructed(self) -> set[tuple[date, str, str]]:
        """Moves that were found by replaying month-ends."""
        moves = self.past.moves_of[self.id]
        return {(one.on, one.left, one.to) for one in moves if one.is_reconstructed}

    def stage_before(self, on: date) -> str | None:
        """The stage on the eve of a day; None when the customer was not there yet."""
        if self.here_since is None or self.here_since >= on:
            return None
        earlier = [to for day, _, to in self.moves if day < on]
        if earlier:
            return earlier[-1]
        return self.moves[0][1] if self.moves else stage_of(self.snapshot, self.customer)

    def is_lost_in(self, stretch: Stretch) -> bool:
        return any(to == "lost" and stretch.has(on) for on, _, to in self.moves)
