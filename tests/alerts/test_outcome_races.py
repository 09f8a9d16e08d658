"""Two hands on one customer, two customers for one place; each race with a control.

The control takes the guard away and must fail: what it guards is really in danger.
"""

import datetime
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from alerts.models import Outcome, Task
from alerts.services.outcomes import Entry, record, recording, undo
from common.exceptions import DomainError
from customers.models import Appointment, Contact, Customer
from customers.services import appointments
from stores.models import Staff, Store
from stores.scope import all_stores
from tests.alerts import outcome_cards
from tests.alerts.outcome_cards import IN_THREE_DAYS, NOW, card
from tests.dashboards import lists
from tests.engine.side_by_side import Held, run_into
from tests.factories import StaffFactory, at

pytestmark = pytest.mark.django_db(transaction=True)
HANDS = 50


@pytest.fixture
def li(north: Store, ben: Staff) -> Customer:
    with all_stores():
        lists.computed_day(north)
        customer = lists.customer(north, "Li Wei", advisor=ben)
        card(customer, "due_call", "risk_call", owner=ben)
        return customer


def pressed(one: Entry, by: Staff, now: datetime.datetime = NOW) -> Callable[[], str]:
    """A press of a button, in a transaction of its own; what it answered."""

    def work() -> str:
        try:
            with all_stores(), transaction.atomic():
                return f"recorded {record(one, by=by, now=now).pk}"
        except DomainError as error:
            return f"{error.code}: {error.message}"

    return work


def at_once(works: list[Callable[[], str]]) -> Counter[str]:
    """All at once, each on a connection of its own; how often which answer came."""

    def run(work: Callable[[], str]) -> str:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return Counter(pool.map(run, works))


def entries(customer: Customer, *results: str, **fields: Any) -> list[Entry]:
    """Entries of pages that all know the same."""
    with all_stores():
        return [outcome_cards.entry(customer, result, **fields) for result in results]


def counts(customer: Customer) -> tuple[int, int, int]:
    """Outcomes, contacts and next tries of a customer."""
    with all_stores():
        tries = Task.objects.filter(customer=customer, kind="retry")
        return Outcome.objects.count(), Contact.objects.count(), tries.count()


def test_fifty_clicks_with_one_key_make_one_outcome(li: Customer, ben: Staff) -> None:
    (one,) = entries(li, "no_answer")
    answers = at_once([pressed(one, ben)] * HANDS)
    assert list(answers.values()) == [HANDS]
    assert next(iter(answers)).startswith("recorded")
    assert counts(li) == (1, 1, 1)


def test_of_fifty_hands_on_one_customer_one_records_and_the_rest_are_told(
    li: Customer, ben: Staff
) -> None:
    answers = at_once([pressed(one, ben) for one in entries(li, *["no_answer"] * HANDS)])
    assert sorted(answers.values()) == [1, HANDS - 1]
    assert answers["taken: Ben recorded “No answer” at 10:42."] == HANDS - 1
    assert counts(li) == (1, 1, 1)


def without_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """The customer's row is read, not held."""

    def unlocked(customer_id: int) -> Customer:
        found: Customer = Customer.objects.select_related("store").get(pk=customer_id)
        return found

    monkeypatch.setattr(recording, "lock_customer", unlocked)


def two_hands(
    first: Entry, second: Entry, by: Staff, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, str, bool]:
    """The second presses after the first has looked and before it has written."""
    held = Held(recording.known)
    monkeypatch.setattr(recording, "known", held)
    return run_into(held, pressed(first, by), pressed(second, by))


def test_the_second_of_two_waits_and_is_told(
    li: Customer, ben: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, waited = two_hands(*entries(li, "booked", "refused"), ben, monkeypatch)
    assert waited
    assert first.startswith("recorded")
    assert second == "taken: Ben recorded “Booked” at 10:42."


def test_without_the_customers_lock_two_outcomes_are_made(
    li: Customer, ben: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    without_turns(monkeypatch)
    # A retry and a correction: nothing else keeps the two apart.
    first, second, _waited = two_hands(*entries(li, "booked", "refused"), ben, monkeypatch)
    assert first.startswith("recorded")
    assert second.startswith("recorded")
    assert counts(li)[0] == 2


def test_without_the_customers_lock_a_double_click_is_an_error(
    li: Customer, ben: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the unique key still keeps the second outcome out, but breaks the page."""
    without_turns(monkeypatch)
    (one,) = entries(li, "no_answer")
    with pytest.raises(IntegrityError):
        two_hands(one, one, ben, monkeypatch)
    assert counts(li)[0] == 1


def test_taking_back_waits_for_the_outcome_that_comes_in_between(
    li: Customer, ben: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first,) = entries(li, "no_answer")
    pressed(first, ben)()
    (second,) = entries(li, "connected")
    with all_stores():
        outcome = Outcome.objects.get()

    def take_back() -> str:
        try:
            with all_stores():
                return str(undo(outcome, by=ben, now=NOW).undone_at)
        except DomainError as error:
            return error.code

    held = Held(recording.known)
    monkeypatch.setattr(recording, "known", held)
    recorded, undone, waited = run_into(held, pressed(second, ben), take_back)
    assert waited
    assert recorded.startswith("recorded")
    assert undone == "taken"


# The workshop's last place.


def last_place(north: Store, count: int) -> list[Callable[[], str]]:
    """So many customers of as many advisors who want a time that has one place left."""
    north.bays = 2
    north.save()
    slot = at(IN_THREE_DAYS, 9)
    works = []
    for number in range(count):
        by = StaffFactory(group=north.group, at=[north])
        with all_stores():
            customer = lists.customer(north, f"Customer {number}", advisor=by)
            lists.car(customer)
            (one,) = entries(customer, "booked", slot=slot)
        works.append(pressed(one, by))
    return works


def booked() -> int:
    with all_stores():
        return int(Appointment.objects.filter(status="confirmed").count())


def test_of_those_who_want_the_last_place_one_gets_it(north: Store) -> None:
    answers = at_once(last_place(north, 12))
    assert answers["bad_outcome: This time has just been taken. Choose another one."] == 11
    assert booked() == 1


def two_bookings(north: Store, monkeypatch: pytest.MonkeyPatch) -> bool:
    """The second looks for a place after the first has found one; whether it had to wait."""
    held = Held(appointments.slot_capacity)
    monkeypatch.setattr(appointments, "slot_capacity", held)
    return run_into(held, *last_place(north, 2))[2]


def test_the_second_booking_waits_for_the_first(
    north: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert two_bookings(north, monkeypatch)
    assert booked() == 1


def test_without_the_slots_lock_the_last_place_is_given_twice(
    north: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(appointments, "lock_slot", lambda *_args: None)
    two_bookings(north, monkeypatch)
    assert booked() == 2
