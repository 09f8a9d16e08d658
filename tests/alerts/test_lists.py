"""Reads of tasks: who has what on a day, what rests, the first cards of a long list."""

import datetime

import pytest

from alerts.choices import TaskKind
from alerts.selectors import call_list, loads, resting, store_cards
from stores.scope import stores_scope
from tests import factories
from tests.dashboards.lists import TODAY, car, customer, task

pytestmark = pytest.mark.django_db
TOMORROW = TODAY + datetime.timedelta(days=1)
CLOSING = factories.at(TODAY, 17, 30)


@pytest.fixture(autouse=True)
def scope(north):
    with stores_scope([north.pk]):
        yield


def names(cards):
    return [card.customer.name for card in cards]


@pytest.mark.parametrize(
    ("due_in", "is_listed"), [(-30, True), (-1, True), (0, True), (1, False), (3, False)]
)
def test_a_task_is_on_the_list_from_its_day_on(north, ben, due_in, is_listed):
    on = TODAY + datetime.timedelta(days=due_in)
    task(car(customer(north, "Somebody")), ben, due_on=on)
    assert names(call_list(ben.pk, TODAY)) == (["Somebody"] if is_listed else [])
    assert bool(store_cards(north.pk, TODAY)) == is_listed
    assert bool(loads(north.pk, TODAY)) == is_listed


def test_tasks_of_a_car_stand_in_the_order_of_their_kinds(north, ben):
    vehicle = car(customer(north, "Every kind"))
    for kind in reversed(TaskKind.values):
        task(vehicle, ben, kind=kind)
    (card,) = call_list(ben.pk, TODAY)
    assert [one.kind for one in card.tasks] == TaskKind.values


def test_a_card_shows_only_what_is_due(north, ben):
    person = customer(north, "Two cars")
    due, rests = car(person), car(person)
    task(due, ben)
    task(rests, ben, due_on=TOMORROW)
    (card,) = call_list(ben.pk, TODAY)
    assert [one.vehicle for one in card.tasks] == [due]
    (card,) = call_list(ben.pk, TOMORROW)
    assert {one.vehicle for one in card.tasks} == {due, rests}


def test_what_rests_can_be_read_by_customer_the_next_first(north, ben, django_assert_num_queries):
    person = customer(north, "Somebody")
    task(car(person), ben)
    for days, kind in ((3, "retry"), (1, "callback"), (2, "due_call")):
        on = TODAY + datetime.timedelta(days=days)
        task(car(person), ben, kind=kind, due_on=on)
    task(car(person), ben, due_on=TOMORROW, closed_on=TODAY, closed_as="done")
    with django_assert_num_queries(1):
        found = resting(person.pk, TODAY)
        assert [(one.kind, one.owner, one.vehicle.customer_id) for one in found] == [
            (kind, ben, person.pk) for kind in ("callback", "due_call", "retry")
        ]


@pytest.mark.parametrize(("calls", "expected"), [(1, 1), (5, 5), (12, 12), (13, 12), (100, 12)])
def test_the_first_cards_are_those_of_the_whole_list(north, ben, calls, expected):
    for number in range(12):
        task(car(customer(north, f"Customer {number:02}")), ben, value=400 - number)
    whole = call_list(ben.pk, TODAY)
    first = call_list(ben.pk, TODAY, calls)
    assert names(first) == names(whole)[:expected]


def test_the_first_cards_are_whole(north, ben):
    two = customer(north, "Two cars")
    task(car(two), ben, value=400)
    task(car(two), ben, value=1)
    for number in range(30):
        task(car(customer(north, f"Customer {number}")), ben, value=300)
    (card,) = call_list(ben.pk, TODAY, 1)
    assert len(card.tasks) == 2


def test_obligations_and_cards_with_the_manager_take_no_place(north, ben, ada):
    for name in ("Duty 1", "Duty 2", "Duty 3"):
        task(car(customer(north, name)), ben, priority_group=0, deadline_at=CLOSING)
    complains = car(customer(north, "Complains"))
    task(complains, ben, value=400)
    task(complains, ada, kind="complaint", priority_group=0, deadline_at=CLOSING)
    for number, value in enumerate((300, 200, 100), 1):
        task(car(customer(north, f"Call {number}")), ben, value=value)
    duties = ["Duty 1", "Duty 2", "Duty 3"]
    assert names(call_list(ben.pk, TODAY, 1)) == duties
    assert names(call_list(ben.pk, TODAY, 4)) == [*duties, "Complains", "Call 1"]
    assert names(call_list(ben.pk, TODAY, 5)) == [*duties, "Complains", "Call 1", "Call 2"]


def test_a_fleet_does_not_hide_the_customers_behind_it(north, ben):
    fleet = customer(north, "Fleet")
    for number in range(60):
        task(car(fleet), ben, value=900 - number)
    for number in range(5):
        task(car(customer(north, f"Customer {number}")), ben, value=300 - number)
    found = call_list(ben.pk, TODAY, 3)
    assert names(found) == ["Fleet", "Customer 0", "Customer 1"]
    assert len(found[0].tasks) == 60


def test_the_first_cards_are_one_query(north, ben, django_assert_num_queries):
    for number in range(30):
        task(car(customer(north, f"Customer {number}")), ben)
    with django_assert_num_queries(1):
        assert len(call_list(ben.pk, TODAY, 10)) == 10
