"""What stands in a dealer's records beside a world's facts: numbers, plates, consents, warnings.

Kept apart from `World`, which holds what the day needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from random import Random

from .exact import add_days, add_months
from .facts import World

NUMBERS = ("", "13800000001", "13800000002", "13800000003")
PLATES = ("", "沪A10001", "沪A10002")
CHANNELS = ("phone", "sms", "wechat", "app", "email")
LEVELS = ("yellow", "orange", "orange", "red", "red")
# Around the beginnings and ends of weeks, the 14 weeks' first day and the year before a day.
DAYS_BEFORE = (0, 1, 6, 7, 8, 13, 14, 60, 89, 90, 91, 92, 97, 98, 365)


@dataclass(frozen=True)
class Consent:
    """A yes or no for a channel; without a time it is known from when it was recorded."""

    customer: str
    channel: str
    at: datetime
    is_dated: bool
    is_granted: bool


@dataclass(frozen=True)
class Correction:
    """Somebody is to put a record right; one a car."""

    customer: str
    vin: str
    proposal: str
    opened_on: date
    closed_on: date | None


@dataclass(frozen=True)
class Warned:
    """A warning that began on a day."""

    vin: str
    kind: str
    level: str
    on: date


@dataclass(frozen=True)
class Records:
    """`phones` by customer ('' none), `dead` the numbers nobody answers, `plates` by VIN."""

    phones: Mapping[str, str] = field(default_factory=dict)
    dead: frozenset[str] = frozenset()
    plates: Mapping[str, str] = field(default_factory=dict)
    consents: Sequence[Consent] = ()
    corrections: Sequence[Correction] = ()
    warned: Sequence[Warned] = ()


def records(world: World, as_of: date, dice: Random) -> Records:
    people = [one.external_id for one in world.customers]
    return Records(
        phones={who: dice.choice(NUMBERS) for who in people},
        dead=frozenset(who for who in people if dice.random() < 0.2),
        plates={car.vin: dice.choice(PLATES) for car in world.vehicles},
        consents=_consents(people, as_of, dice),
        corrections=_corrections(world, people, as_of, dice),
        warned=_warned(world, as_of, dice),
    )


def near(as_of: date, dice: Random) -> date:
    """The first or last day of a week, or some days before; sometimes tomorrow."""
    if dice.random() < 0.4:
        monday = add_days(as_of, -as_of.weekday() - 7 * dice.randint(0, 14))
        return min(add_days(monday, dice.choice((-1, 0, 1))), add_days(as_of, 1))
    return add_days(as_of, -dice.choice((-1, *DAYS_BEFORE)))


def _consents(people: list[str], as_of: date, dice: Random) -> list[Consent]:
    found = []
    for who in people:
        for channel in dice.sample(CHANNELS, dice.choice((0, 0, 1, 2))):
            on = add_days(as_of, dice.choice((0, 0, 1, -1, -400)))
            at = datetime.combine(on, dice.choice((time(4), time(16), time(23, 59))), tzinfo=UTC)
            is_dated, is_granted = dice.random() < 0.7, dice.random() < 0.5
            found.append(Consent(who, channel, at, is_dated, is_granted))
    return found


def _corrections(world: World, people: list[str], as_of: date, dice: Random) -> list[Correction]:
    found = []
    for car in world.vehicles:
        if dice.random() < 0.5:
            opened_on = near(as_of, dice)
            closed_on = max(opened_on, near(as_of, dice)) if dice.random() < 0.5 else None
            about = dice.choice(("phone", "phone", "sold"))
            found.append(Correction(dice.choice(people), car.vin, about, opened_on, closed_on))
    return found


def _warned(world: World, as_of: date, dice: Random) -> list[Warned]:
    """The first one of a store is often long ago: what begins on its first day is no news."""
    found = []
    for car in world.vehicles:
        if dice.random() < 0.3:
            found.append(Warned(car.vin, "risk", "high", add_months(as_of, -6)))
        for _ in range(dice.randint(0, 3)):
            kind = dice.choice(("due", "due", "due", "risk"))
            level = dice.choice(LEVELS) if kind == "due" else "high"
            found.append(Warned(car.vin, kind, level, near(as_of, dice)))
    return found
