"""Fifty hands at once on one customer and on one place in the workshop, through gunicorn (T20)."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from threading import Barrier

import pytest

from tests.chaos.advisors import Visitor, compute_day, hidden, with_new_key
from tests.chaos.conftest import CARS, STORES
from tests.chaos.rig import Rig, Yard
from tests.figures import say

pytestmark = [pytest.mark.proof, pytest.mark.chaos, pytest.mark.slow]

HANDS = 50
# What may come of one card; none asks for more than a click.
PICKS = ("result=no_answer", "result=connected", "result=refused&reason=price", "result=busy")
WON, TAKEN, REFUSED = 200, 409, 422
CALLED = """
SELECT t.customer_id FROM alerts_task t JOIN stores_staff s ON s.id = t.owner_id
WHERE s.code = %s AND t.kind = 'due_call' AND t.closed_on IS NULL AND t.customer_id = ANY(%s)
    AND NOT EXISTS (SELECT 1 FROM alerts_outcome o WHERE o.customer_id = t.customer_id)
ORDER BY t.id
"""
CARS_OF_STORE = """
SELECT DISTINCT ON (customer_id) customer_id, id FROM customers_vehicle
WHERE store_id = 1 AND status = 'active' ORDER BY customer_id, id LIMIT %s
"""

# A customer, the form's fields and the button that is pressed.
Sent = tuple[int, dict[str, str], str]


class Desk:
    """A store whose day is computed, and a web server it is worked through."""

    def __init__(self, rig: Rig, session: str, **environment: str) -> None:
        self.rig = rig
        self.url = rig.web(workers=2, **environment).url
        first = Visitor(self.url, session)
        self.token = hidden(first.get("/today/").text)["csrfmiddlewaretoken"]
        self.cookies = first.cookies

    def visitor(self) -> Visitor:
        """Another window of the same person."""
        visitor = Visitor(self.url)
        visitor.cookies |= self.cookies
        return visitor

    def called(self) -> int:
        """Somebody on the advisor's list of whom nothing is recorded yet."""
        return int(self.rig.value(CALLED, ["B1-1", self._free()]))

    def _free(self) -> list[int]:
        """Those to call; not whom the manager of an open complaint keeps from being called."""
        visitor = self.visitor()
        opened = ((one, hidden(visitor.get(f"/today/{one}/").text)) for one in visitor.people())
        return [one for one, fields in islice(opened, 40) if "key" in fields]

    def outcomes(self, customer_id: int) -> int:
        found = self.rig.value(
            "SELECT count(*) FROM alerts_outcome WHERE customer_id = %s", [customer_id]
        )
        return int(found)

    def at_once(self, sent: list[Sent]) -> Counter[int]:
        """All of them in the same moment; how often which status came."""
        ready = Barrier(len(sent))

        def press(one: Sent) -> int:
            visitor = self.visitor()
            ready.wait()
            customer, fields, pick = one
            fields = fields | {"csrfmiddlewaretoken": self.token}
            return visitor.record(customer, fields, pick).status

        with ThreadPoolExecutor(len(sent)) as pool:
            return Counter(pool.map(press, sent))


@pytest.fixture(scope="module")
def rig(yard: Yard) -> Iterator[Rig]:
    with yard.rig(STORES, CARS) as rig:
        compute_day(rig)
        yield rig


@pytest.fixture(scope="module")
def session(rig: Rig) -> str:
    return rig.sign_in("B1-1")


@pytest.fixture(scope="module")
def desk(rig: Rig, session: str) -> Desk:
    return Desk(rig, session)


def windows(desk: Desk, count: int) -> list[Sent]:
    """So many windows with one customer's card, each about to send something."""
    customer = desk.called()
    fields = desk.visitor().card(customer)
    return [(customer, with_new_key(fields), PICKS[n % len(PICKS)]) for n in range(count)]


def test_of_fifty_outcomes_of_one_card_one_is_recorded(desk: Desk) -> None:
    sent = windows(desk, HANDS)
    answers = desk.at_once(sent)
    made = desk.outcomes(sent[0][0])
    figures = {"won": answers[WON], "told": answers[TAKEN], "recorded": made}
    say("T20", what="50 outcomes of one card", hands=HANDS, **figures)
    assert answers == {WON: 1, TAKEN: HANDS - 1}
    assert made == 1


def test_one_form_sent_fifty_times_is_one_outcome(desk: Desk) -> None:
    one = windows(desk, 1)[0]
    answers = desk.at_once([one] * HANDS)
    made = desk.outcomes(one[0])
    say("T20", what="one form 50 times", hands=HANDS, answered=answers[WON], recorded=made)
    assert answers == {WON: HANDS}
    assert made == 1


def bookings(rig: Rig, count: int, hour: int) -> tuple[datetime, list[Sent]]:
    """So many customers who want the only place of a half hour in three days."""
    rig.execute("UPDATE stores_store SET bays = 2 WHERE id = 1")
    slot = (datetime.now(UTC) + timedelta(days=3)).replace(
        hour=hour, minute=0, second=0, microsecond=0
    )
    asked = f"result=booked&slot={slot:%Y-%m-%dT%H:%M:%SZ}"
    seen = "SELECT coalesce(max(id), 0) FROM alerts_outcome WHERE customer_id = %s"
    sent = [
        (one, with_new_key({"seen": str(rig.value(seen, [one])), "vehicle": str(car)}), asked)
        for one, car in rig.rows(CARS_OF_STORE, [count])
    ]
    return slot, sent


def booked(rig: Rig, slot: datetime) -> int:
    return int(
        rig.value(
            "SELECT count(*) FROM customers_appointment"
            " WHERE store_id = 1 AND starts_at = %s AND status = 'confirmed'",
            [slot],
        )
    )


def test_of_fifty_who_want_the_last_place_one_gets_it(desk: Desk) -> None:
    # 02:00 UTC is ten o'clock at the store.
    slot, sent = bookings(desk.rig, HANDS, hour=2)
    answers = desk.at_once(sent)
    made = booked(desk.rig, slot)
    figures = {"won": answers[WON], "refused": answers[REFUSED], "booked": made}
    say("T20", what="50 bookings of one place", hands=HANDS, **figures)
    assert answers == {WON: 1, REFUSED: HANDS - 1}
    assert made == 1


@pytest.fixture
def unguarded(
    rig: Rig, session: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Desk]:
    """A web server without the guard that the test names."""
    settings = {"DJANGO_SETTINGS_MODULE": "tests.chaos.unguarded"}
    yield Desk(rig, session, CHAOS_HARM=request.param, CHAOS_MEET=str(tmp_path), **settings)
    rig.processes[-1].kill()


@pytest.mark.parametrize("unguarded", ["no_lock", "no_look"], indirect=True)
def test_without_the_lock_or_the_look_more_than_one_is_recorded(
    unguarded: Desk, request: pytest.FixtureRequest
) -> None:
    """The control."""
    customer = unguarded.called()
    fields = unguarded.visitor().card(customer)
    unguarded.at_once([(customer, with_new_key(fields), "result=connected") for _ in range(6)])
    made = unguarded.outcomes(customer)
    name = request.node.callspec.params["unguarded"]
    say("T20", control=True, what=name.replace("_", " "), hands=6, recorded=made)
    assert made > 1


@pytest.mark.parametrize("unguarded", ["no_slot_lock"], indirect=True)
def test_without_the_slots_lock_the_last_place_is_given_twice(unguarded: Desk) -> None:
    """The control."""
    slot, sent = bookings(unguarded.rig, 6, hour=4)
    unguarded.at_once(sent)
    made = booked(unguarded.rig, slot)
    say("T20", control=True, what="no lock of the half hour", hands=6, booked=made)
    assert made > 1
