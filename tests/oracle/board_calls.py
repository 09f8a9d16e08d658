"""The members of the boards of calls and reasons (KPI-1, TASK-7, DOMAIN §8's fairness)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from .board_people import Boards, Line
from .boards import month
from .exact import add_days
from .facts import Contact

CONNECTED = ("connected", "booked", "refused", "callback")
MISSED = ("no_answer", "busy", "off", "wrong_number")
BURST, WITHIN = 5, timedelta(minutes=5)


def lines(boards: Boards) -> Iterator[Line]:
    yield from _calls(boards)
    yield from _bursts(boards)
    yield from _handed(boards)
    yield from _reasons(boards)


def _made(boards: Boards) -> list[Contact]:
    """Outgoing calls by somebody, as far back as months are kept."""
    world = boards.snapshot.world
    return [
        one
        for one in world.contacts
        if one.channel == "phone"
        and one.direction == "out"
        and one.external_id in boards.past.staff_of
        and boards.horizon <= world.contact_on(one) <= boards.as_of
    ]


def _calls(boards: Boards) -> Iterator[Line]:
    for call in _made(boards):
        person, on = boards.by_id[call.customer], boards.snapshot.world.contact_on(call)
        own = (call.vin or person.car, person.id, boards.past.staff_of[call.external_id])
        hit = call.outcome in CONNECTED
        yield Line("calls", month(on), "called", call.outcome, hit, *own)
        if call.outcome == "booked":
            arrived = any(on <= day <= add_days(on, 30) for day in person.days)
            yield Line("calls", month(on), "booked", "", arrived, *own)


def _bursts(boards: Boards) -> Iterator[Line]:
    """Five or more calls of one person that were not connected, within five minutes."""
    world = boards.snapshot.world
    piles: dict[tuple[str, str], list[Contact]] = defaultdict(list)
    for call in _made(boards):
        if call.outcome in MISSED:
            store = world.customer_by_id[call.customer].store
            piles[store, boards.past.staff_of[call.external_id]].append(call)
    for (_, staff), calls in piles.items():
        calls.sort(key=lambda one: one.at)
        in_burst: set[str] = set()
        for first in range(len(calls) - BURST + 1):
            some = calls[first : first + BURST]
            if some[-1].at - some[0].at <= WITHIN:
                in_burst |= {one.external_id for one in some}
        for call in calls:
            person, when = boards.by_id[call.customer], month(world.contact_on(call))
            own = (call.vin or person.car, person.id, staff)
            yield Line("gaming", when, "bulk", "", call.external_id in in_burst, *own)


def _handed(boards: Boards) -> Iterator[Line]:
    """Lost customers whose owner that day is another than 30 days before."""
    for person in boards.people:
        for on, _, to in [] if person.is_gone else person.moves:
            if to != "lost" or on < boards.horizon:
                continue
            spells = person.past.spells_of[person.id]
            then, now = (
                next((s.advisor for s in spells[::-1] if s.since is None or s.since <= day), None)
                for day in (add_days(on, -30), on)
            )
            hit = then is not None and now is not None and then != now
            own = (person.car, person.id, then or person.customer.advisor)
            yield Line("gaming", month(on), "moved", "", hit, *own)


def _reasons(boards: Boards) -> Iterator[Line]:
    for said in boards.past.said:
        if said.reason and not said.is_undone and boards.horizon <= said.on <= boards.as_of:
            person = boards.by_id[said.customer]
            own = (said.vin or person.car, person.id, person.first_advisor)
            hit = said.reason not in ("moved", "sold")
            yield Line("reasons", month(said.on), said.reason, "", hit, *own)
