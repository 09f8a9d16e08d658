"""The members of the boards of cars in use, of following up, and of who came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from .board_people import Boards, Line
from .boards import fell_due, month
from .exact import add_days
from .known import Known
from .person import Person


def lines(boards: Boards) -> Iterator[Line]:
    for known in boards.snapshot.vehicles:
        if known.delivered_on is not None:
            yield from _car(boards, known)
            yield from _followed(boards, known)
    for person in boards.people:
        yield from _arrivals(boards, person)


def own(boards: Boards, known: Known) -> tuple[str, str | None, str | None]:
    """A car, its owner of the day, and whose customer that was from the beginning."""
    who = known.owner.external_id if known.owner else None
    return known.vehicle.vin, who, boards.by_id[who].first_advisor if who else None


def _car(boards: Boards, known: Known) -> Iterator[Line]:
    if not known.is_gone:
        yield Line("cars", "", "car", "", True, *own(boards, known))


def first_since(known: Known, due: date) -> date | None:
    """The visit by which a car came that fell due: any from 30 days before on."""
    return min((v.on for v in known.visits if v.on >= add_days(due, -30)), default=None)


def is_answered(known: Known, due: date) -> bool:
    """Booked or visited from 30 days before to 30 days after due."""
    came, first, last = first_since(known, due), add_days(due, -30), add_days(due, 30)
    booked = (one.created_on or one.starts_on for one in known.appointments)
    return (came is not None and came <= last) or any(first <= on <= last for on in booked)


def _is_followed(known: Known, due: date) -> bool:
    """Called or written to from 30 days before to 30 after, and not after the visit."""
    came = first_since(known, due)
    last = add_days(due, 30) if came is None else min(add_days(due, 30), came)
    talks = [
        known.world.contact_on(one)
        for one in known.contacts
        if one.direction == "out" and one.channel != "visit"
    ]
    return any(add_days(due, -30) <= on <= last for on in talks)


def _followed(boards: Boards, known: Known) -> Iterator[Line]:
    """Each step's members are the hits of the one before; `alone` those nobody followed up."""
    for due, _ in fell_due(known):
        until, came = add_days(due, 90), first_since(known, due)
        if until > known.as_of:
            continue
        steps = [
            ("followed", _is_followed(known, due)),
            ("answered", is_answered(known, due)),
            ("came", came is not None and came <= until),
        ]
        if not steps[0][1]:
            steps = [steps[0], ("alone", steps[1][1])]
        for item, is_hit in steps:
            yield Line("due_followed", month(until), item, "", is_hit, *own(boards, known))
            if not is_hit and item != "followed":
                break


def _arrivals(boards: Boards, person: Person) -> Iterator[Line]:
    """Once a month, and once a stretch of months, as new and as returning."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for n, (visit, _) in enumerate(person.visits):
        item = "returning" if n else "new"
        names = [one.name for one in boards.stretches if one.has(visit.on)]
        for period in [month(visit.on), *names] if visit.on >= boards.horizon else []:
            sums[period, item] += visit.amount
    for (period, item), amount in sums.items():
        marks = (period, item, "", True, person.car, person.id, person.first_advisor)
        yield Line("arrivals", *marks, amount)
