"""Random pasts for random worlds: what happens leans on the edges of months and stretches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from hypothesis import strategies as st

from .exact import add_days, add_months
from .facts import Contact, Survey, World
from .histories import History, crowds, histories
from .past import Move, Past, Said, Spell
from .records import near, records

STAGES = ("awareness", "first_experience", "growth", "maturity", "decline", "lost")
REASONS = ("price", "service", "moved", "sold", "forgot", "other")
STRETCH_EDGES = (0, 3, 6, 12, 24, 25)


@dataclass(frozen=True)
class Told:
    """A world, the day to ask about, and its past."""

    world: World
    as_of: date
    past: Past


@st.composite
def told(draw: st.DrawFn) -> Told:
    """A random world, or a crowd of one store, with a random past."""
    history: History = draw(st.one_of(histories(), crowds()))
    dice = draw(st.randoms(use_true_random=False))
    world = _with_answers(_moved_to_edges(history, dice), dice)
    world = _with_calls(world, history.as_of, dice)
    return Told(world, history.as_of, _past(world, history.as_of, dice))


def _edge(as_of: date, dice: Random) -> date:
    """The first day of a stretch of months, the day before or after it, or the last days."""
    month = add_months(as_of.replace(day=1), -dice.choice(STRETCH_EDGES))
    return min(add_days(month, dice.choice((-1, 0, 1))), as_of)


def _day(as_of: date, dice: Random) -> date:
    if dice.random() < 0.2:
        return min(near(as_of, dice), as_of)
    if dice.random() < 0.5:
        return _edge(as_of, dice)
    return add_days(as_of, -dice.choice((0, 1, 30, 89, 91, 200, 364, 400, 600, 800)))


def _moved_to_edges(history: History, dice: Random) -> World:
    """One visit in three, with its time of day, goes to the edge of a stretch."""
    visits = []
    for visit in history.world.visits:
        if dice.random() < 0.33:
            on = _edge(history.as_of, dice)
            at = datetime.combine(on, dice.choice((time(4), time(16), time(23, 59))), tzinfo=UTC)
            visit = replace(visit, arrived_at=at)
        visits.append(visit)
    return replace(history.world, visits=tuple(visits))


def _with_answers(world: World, dice: Random) -> World:
    """Every other visit without an answer gets one, some days later or on its day."""
    answered = {(one.store, one.work_order_no) for one in world.surveys}
    more = [
        Survey(
            work_order_no=visit.work_order_no,
            store=visit.store,
            vin=visit.vin,
            answered_at=visit.arrived_at + timedelta(days=dice.choice((0, 0, 1, 30))),
            score=Decimal(dice.choice(("100", "90", "89.99", "70", "69.99", "12.5"))),
        )
        for visit in world.visits
        if (visit.store, visit.work_order_no) not in answered and dice.random() < 0.5
    ]
    return replace(world, surveys=(*world.surveys, *more))


def _with_calls(world: World, as_of: date, dice: Random) -> World:
    """A dozen more calls, most of them in a burst of a few minutes."""
    begun = datetime.combine(_day(as_of, dice), time(3), tzinfo=UTC)
    calls = [
        Contact(
            external_id=f"B{row}",
            customer=dice.choice(world.customers).external_id,
            vin=None,
            at=begun + timedelta(seconds=dice.choice((0, 60, 120, 240, 299, 300, 301, 900))),
            channel="phone",
            direction=dice.choice(("out", "out", "out", "out", "in")),
            outcome=dice.choice(("no_answer", "busy", "off", "wrong_number", "booked", "callback")),
        )
        for row in range(dice.randint(0, 12))
    ]
    return replace(world, contacts=(*world.contacts, *calls))


def _past(world: World, as_of: date, dice: Random) -> Past:
    surveyed = [survey.work_order_no for survey in world.surveys]
    advisors = [person.code for person in world.staff]
    moves = _moves(world, as_of, dice)
    return Past(
        moves=moves,
        spells=_spells(world, moves, as_of, dice),
        said=_said(world, as_of, dice),
        referred_by=_referred_by(world, dice),
        staff_of={
            one.external_id: dice.choice(advisors[:2])
            for one in world.contacts
            if dice.random() < 0.9
        },
        nps={number: dice.randint(0, 10) for number in surveyed if dice.random() < 0.7},
        warranties={
            car.vin: (dice.choice((None, 3, 12, 24, 36)), dice.choice((None, 100, 3000, 20000)))
            for car in world.vehicles
        },
        records=records(world, as_of, dice),
    )


def _moves(world: World, as_of: date, dice: Random) -> list[Move]:
    """0-4 a customer on different days, each from where the last one led."""
    moves = []
    for customer in world.customers:
        days = sorted({_day(as_of, dice) for _ in range(dice.randint(0, 4))})
        stage = dice.choice(STAGES)
        for on in days:
            to = dice.choice([one for one in STAGES if one != stage])
            moves.append(Move(customer.external_id, on, stage, to, dice.random() < 0.2))
            stage = to
    return moves


def _spells(world: World, moves: list[Move], as_of: date, dice: Random) -> list[Spell]:
    """None, one from the beginning, or more from later days on, many shortly before a move."""
    spells = []
    advisors = [person.code for person in world.staff]
    for customer in world.customers:
        if dice.random() < 0.3:
            continue
        if dice.random() < 0.8:
            spells.append(Spell(customer.external_id, dice.choice([None, *advisors]), None))
        days = [_day(as_of, dice) for _ in range(dice.randint(0, 2))]
        for move in moves:
            if move.customer == customer.external_id and dice.random() < 0.5:
                days.append(add_days(move.on, -dice.choice((0, 1, 29, 30, 31))))
        for on in sorted(set(days)):
            spells.append(Spell(customer.external_id, dice.choice([None, *advisors]), on))
    return spells


def _said(world: World, as_of: date, dice: Random) -> list[Said]:
    cars: list[str | None] = [None, *(car.vin for car in world.vehicles)]
    return [
        Said(
            customer=dice.choice(world.customers).external_id,
            vin=dice.choice(cars),
            on=_day(as_of, dice),
            reason=dice.choice(("", *REASONS)),
            is_undone=dice.random() < 0.2,
        )
        for _ in range(dice.randint(0, 4))
    ]


def _referred_by(world: World, dice: Random) -> dict[str, str]:
    found = {}
    for customer in world.customers:
        same = [
            one.external_id
            for one in world.customers
            if one.store == customer.store and one != customer
        ]
        if same and dice.random() < 0.5:
            found[customer.external_id] = dice.choice(same)
    return found
