"""Recording an outcome: what it writes, and what becomes of a card (TASK-4)."""

import datetime
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts.choices import Result
from alerts.models import Outcome, Task
from alerts.services.outcomes import record
from common.exceptions import DomainError, NotFound
from customers.models import Contact, Customer, DirtyVehicle
from stores.models import Staff, Store
from stores.scope import stores_scope
from tests import factories
from tests.alerts.outcome_cards import (
    NOW,
    TOMORROW,
    card,
    entry,
    fresh,
    led_to,
    recorded,
    touched,
)
from tests.dashboards import lists
from tests.factories import TODAY, at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scope(north: Store) -> Iterator[None]:
    with stores_scope([north.pk]):
        yield


@pytest.fixture
def li(north: Store, ben: Staff) -> Customer:
    """Li Wei, Ben's customer, with one car."""
    lists.computed_day(north)
    customer = lists.customer(north, "Li Wei", advisor=ben)
    lists.car(customer)
    return customer


CONTACTS = {
    "booked": "booked", "callback": "callback", "no_answer": "no_answer", "busy": "busy",
    "off": "off", "wrong_number": "wrong_number", "refused": "refused", "elsewhere": "refused",
    "do_not_call": "refused", "connected": "connected", "vehicle_gone": "connected",
    "settled": "connected", "messaged": "no_reply",
}  # fmt: skip


@pytest.mark.parametrize(("result", "kept"), CONTACTS.items())
def test_an_outcome_is_a_contact_to_every_rule(
    result: str, kept: str, li: Customer, ben: Staff
) -> None:
    card(li, "due_call", "critical", owner=ben)
    outcome = recorded(li, result, ben, **({"note": "Rang twice."} if result != "settled" else {}))
    contact = Contact.objects.get()
    assert outcome.contact == contact
    assert (contact.outcome, contact.direction, contact.staff) == (kept, "out", ben)
    assert contact.external_id == f"huitou-{outcome.key}"
    assert contact.channel == ("wechat" if result == "messaged" else "phone")
    assert (contact.happened_at, contact.happened_on, contact.received_on) == (NOW, TODAY, TODAY)
    assert contact.vehicle == li.vehicles.get()
    assert contact.note == outcome.note


def test_what_is_done_at_the_desk_is_no_contact(li: Customer, ben: Staff) -> None:
    (reminder,) = card(li, "reminder", owner=ben)
    assert recorded(li, "done", ben).contact is None
    assert fresh(reminder).closed_as == "done"
    assert not Contact.objects.exists()


def test_a_contact_about_two_cars_names_neither(li: Customer, ben: Staff) -> None:
    card(li, "due_call", owner=ben)
    card(li, "due_call", owner=ben, car=lists.car(li))
    assert recorded(li, "connected", ben).contact.vehicle is None


def test_an_outcome_holds_for_half_a_minute(li: Customer, ben: Staff) -> None:
    card(li, "due_call", owner=ben)
    outcome = recorded(li, "connected", ben, agreed_on=datetime.date(2026, 12, 1))
    assert outcome.final_at - outcome.at == datetime.timedelta(seconds=30)
    assert (outcome.staff, outcome.on_date, outcome.store) == (ben, TODAY, li.store)
    assert outcome.agreed_on == datetime.date(2026, 12, 1)


def test_every_car_of_the_customer_is_queued_to_be_settled(
    li: Customer, south: Store, ben: Staff
) -> None:
    card(li, "due_call", owner=ben)
    # Also one at home in a store the advisor does not see.
    other = factories.VehicleFactory(customer=li, store=south, group=south.group)
    recorded(li, "no_answer", ben)
    marked = set(DirtyVehicle.objects.values_list("vehicle_id", flat=True))
    with stores_scope([li.store_id, south.pk]):
        assert marked == {*li.vehicles.values_list("pk", flat=True)}
    assert other.pk in marked


@pytest.mark.parametrize("result", Result.values)
def test_recording_takes_few_statements(result: str, li: Customer, ben: Staff) -> None:
    kinds = ("due_call", "retry", "risk_call", "critical", "reminder")
    card(li, *kinds, owner=ben)
    card(li, *kinds, owner=ben, car=lists.car(li))
    car = li.vehicles.first()
    one = entry(li, result, vehicle_id=car.pk)
    with CaptureQueriesContext(connection) as ran:
        record(one, by=ben, now=NOW)
    # The two of the savepoint are none of its own.
    assert len(ran) - 2 <= 15


# More than once, and meanwhile.


def test_the_same_key_again_is_the_outcome_there_is(li: Customer, ben: Staff) -> None:
    card(li, "due_call", owner=ben)
    once = entry(li, "no_answer")
    first = record(once, by=ben, now=NOW)
    later = NOW + datetime.timedelta(minutes=5)
    assert record(once, by=ben, now=later) == first
    assert Outcome.objects.count() == Contact.objects.count() == 1


def test_who_did_not_see_the_last_outcome_is_told_of_it(
    li: Customer, ada: Staff, ben: Staff
) -> None:
    card(li, "due_call", owner=ben)
    unseen = entry(li, "refused")
    first = recorded(li, "booked", ben)
    with pytest.raises(DomainError, match=r"^Ben recorded “Booked” at 10:42\.$") as caught:
        record(unseen, by=ada, now=NOW)
    assert caught.value.code == "taken"
    assert caught.value.data == {"outcome": first}


def test_an_outcome_taken_back_is_nobody_in_the_way(li: Customer, ada: Staff, ben: Staff) -> None:
    card(li, "due_call", owner=ben)
    seen = entry(li, "refused")
    factories.OutcomeFactory(customer=li, store=li.store, staff=ada, undone_at=NOW)
    assert record(seen, by=ben, now=NOW).result == "refused"


def test_what_was_taken_back_is_not_recorded_by_an_old_click(li: Customer, ben: Staff) -> None:
    card(li, "due_call", owner=ben)
    once = entry(li, "refused")
    factories.OutcomeFactory(key=once.key, customer=li, store=li.store, staff=ben, undone_at=NOW)
    with pytest.raises(DomainError) as caught:
        record(once, by=ben, now=NOW)
    assert caught.value.code == "undone"


def test_what_circumstances_closed_is_left_out(li: Customer, ben: Staff) -> None:
    due, risk = card(li, "due_call", "risk_call", owner=ben)
    shown = entry(li, "no_answer")
    Task.objects.filter(pk=due.pk).update(closed_on=TODAY, closed_as="visited", closed_at=NOW)
    outcome = record(shown, by=ben, now=NOW)
    assert (fresh(due).closed_as, fresh(due).attempts) == ("visited", 0)
    assert touched(outcome) == {"risk_call"}


def test_with_nothing_left_the_call_is_recorded_all_the_same(li: Customer, ben: Staff) -> None:
    (due,) = card(li, "due_call", owner=ben)
    shown = entry(li, "no_answer")
    Task.objects.filter(pk=due.pk).update(closed_on=TODAY, closed_as="visited", closed_at=NOW)
    outcome = record(shown, by=ben, now=NOW)
    assert outcome.contact.outcome == "no_answer"
    # Nobody who was here is to be called again.
    assert not Task.objects.filter(closed_on=None).exists()


# Whose it is.


def test_a_customer_of_another_store_is_not_there(li: Customer, south: Store, ben: Staff) -> None:
    stranger = factories.CustomerFactory(store=south)
    with pytest.raises(NotFound):
        record(entry(stranger, "no_answer", []), by=ben, now=NOW)


@pytest.mark.parametrize("gone", ["erased_on", "merged_on"])
def test_an_erased_or_merged_customer_is_not_there(gone: str, li: Customer, ben: Staff) -> None:
    other = lists.customer(li.store, "Somebody")
    fields = {"erased_on": TODAY} if gone == "erased_on" else {"merged_into": li}
    Customer.objects.filter(pk=other.pk).update(**fields)
    with pytest.raises(NotFound):
        record(entry(other, "no_answer", []), by=ben, now=NOW)


def test_a_task_of_another_customer_is_not_there(li: Customer, ben: Staff) -> None:
    other = lists.customer(li.store, "Somebody")
    (task,) = card(other, "due_call", owner=ben)
    with pytest.raises(NotFound):
        record(entry(li, "no_answer", [task]), by=ben, now=NOW)


def test_a_task_that_never_was_is_not_there(li: Customer, ben: Staff) -> None:
    with pytest.raises(NotFound):
        record(entry(li, "no_answer", [Task(pk=99_999)]), by=ben, now=NOW)


def test_a_car_of_another_customer_is_not_there(li: Customer, ben: Staff) -> None:
    card(li, "due_call", owner=ben)
    car = lists.car(lists.customer(li.store, "Somebody"))
    with pytest.raises(NotFound):
        recorded(li, "vehicle_gone", ben, vehicle_id=car.pk)


# The store's clock.


def test_the_day_is_that_of_the_store(north: Store, li: Customer, ben: Staff) -> None:
    north.timezone = "America/New_York"
    north.save()
    (due,) = card(li, "due_call", owner=ben)
    # 10:42 in Shanghai is the evening before in New York.
    outcome = recorded(li, "no_answer", ben)
    yesterday = TODAY - datetime.timedelta(days=1)
    assert outcome.on_date == outcome.contact.happened_on == yesterday
    assert fresh(due).due_on == TODAY + datetime.timedelta(days=2)


@pytest.mark.parametrize(
    ("moment", "on"),
    [(at(TODAY, 23, 59), TODAY), (at(TOMORROW, 0, 0), TOMORROW)],
)
def test_midnight_divides_the_days(
    moment: datetime.datetime, on: datetime.date, li: Customer, ben: Staff
) -> None:
    (risk,) = card(li, "risk_call", owner=ben)
    outcome = recorded(li, "no_answer", ben, now=moment)
    assert outcome.on_date == fresh(risk).closed_on == on
    assert led_to(outcome).due_on == on + datetime.timedelta(days=3)
