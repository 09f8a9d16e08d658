"""The number at "Today's calls" is what the list shows, on every page, for one query."""

import datetime
import re

import pytest
import time_machine
from django.test import Client

from dashboards.selectors import menu
from stores.access import reader_of
from stores.choices import Role
from stores.scope import stores_scope
from tests import factories
from tests.dashboards.lists import TODAY, car, computed_day, customer, days_ago, task

pytestmark = pytest.mark.django_db
NOON = factories.at(TODAY, 12)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def sam(north):
    return specialist(north, "SAM")


def specialist(store, code):
    return factories.StaffFactory(
        group=store.group, code=code, role=Role.SPECIALIST, at=[store], language="en"
    )


def lost(store, name):
    person = customer(store, name)
    person.state.stage, person.state.yearly_amount = "lost", 1000
    person.state.save()
    factories.ConsentEventFactory(customer=person, channel="phone", is_granted=True)
    car(person, state={"is_lost": True, "phase": "early", "idle_from_on": days_ago(120)})
    return person


def told(staff, address="/customers/"):
    """The number in the menu of a page."""
    client = Client()
    client.force_login(staff)
    page = client.get(address).content.decode()
    return int(re.search(r'href="/today/".*?class="h-count">(\d+)<', page).group(1))


def shown(staff):
    """The cards of the list that wait, also those that do not fit."""
    client = Client()
    client.force_login(staff)
    return client.get("/today/").content.decode().count('id="row-')


@pytest.mark.parametrize(
    ("capacity", "people", "count"), [(50, 6, 6), (4, 6, 4), (50, 0, 0)],
    ids=["all of them", "as many as fit", "nobody is lost"],
)  # fmt: skip
def test_a_specialist_counts_the_lost_customers_of_the_list(north, sam, capacity, people, count):
    computed_day(north, specialist_capacity=capacity)
    for number in range(people):
        lost(north, f"Lost {number}")
    assert told(sam) == told(sam, "/today/") == shown(sam) == count


def test_calls_and_what_was_done_take_the_places_of_lost_customers(north, ada, sam):
    computed_day(north, specialist_capacity=5)
    for number in range(9):
        lost(north, f"Lost {number}")
    task(car(customer(north, "A call")), sam)
    task(car(customer(north, "Rests")), sam, due_on=TODAY + datetime.timedelta(days=1))
    waits = car(customer(north, "With the manager"))
    task(waits, sam)
    task(waits, ada, kind="complaint", priority_group=0, deadline_at=NOON)
    factories.OutcomeFactory(customer=customer(north, "Done"), store=north, staff=sam)
    # Five places, one is done, one has a call: three lost customers and two cards.
    assert told(sam) == shown(sam) == 5


def test_calls_beyond_the_day_are_counted_and_leave_no_place(north, sam):
    computed_day(north, specialist_capacity=2)
    lost(north, "Lost")
    for number in range(3):
        task(car(customer(north, f"Call {number}")), sam)
    assert told(sam) == shown(sam) == 3


def test_each_of_two_specialists_counts_the_own_share(north, sam):
    computed_day(north)
    other = specialist(north, "TOM")
    for number in range(5):
        lost(north, f"Lost {number}")
    counts = [told(sam), told(other)]
    assert counts == [shown(sam), shown(other)]
    assert sum(counts) == 5
    factories.AbsenceFactory(staff=other)
    assert (told(sam), told(other)) == (5, 0)


def test_an_advisor_counts_every_card_of_the_list(north, ben):
    computed_day(north, advisor_capacity=2)
    for number in range(4):
        task(car(customer(north, f"Call {number}")), ben)
    lost(north, "Lost")
    assert told(ben) == shown(ben) == 4


def test_before_the_first_night_the_list_is_empty(north, sam, ben):
    assert told(sam) == told(ben) == 0


@pytest.mark.parametrize(("enough", "queries"), [(100, 1), (3, 2)], ids=["as shipped", "long days"])
def test_it_costs_one_query(north, sam, monkeypatch, django_assert_num_queries, enough, queries):
    computed_day(north)
    for number in range(6):
        lost(north, f"Lost {number}")
    monkeypatch.setattr(menu, "ENOUGH", enough)
    reader = reader_of(sam)
    with stores_scope(reader.store_ids), django_assert_num_queries(queries):
        assert menu.cards_on_list(reader, NOON) == 6


def test_a_specialists_list_costs_at_most_twelve_queries(
    north, sam, client, django_assert_max_num_queries
):
    computed_day(north)
    for number in range(6):
        lost(north, f"Lost {number}")
        task(car(customer(north, f"Call {number}")), sam)
    client.force_login(sam)
    with django_assert_max_num_queries(12):
        assert client.get("/today/").status_code == 200
