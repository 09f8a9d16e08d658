"""TASK-5: what does not fit into a day is the same for whoever calls, for the team, the store."""

import datetime
import re

import pytest
import time_machine
from django.test import Client

from alerts.rules.capacity import fitting, places_of
from tests import factories
from tests.dashboards.lists import TODAY, car, computed_day, customer, task

pytestmark = pytest.mark.django_db
NOON = factories.at(TODAY, 12)
CLOSING = factories.at(TODAY, 17, 30)
TOMORROW = TODAY + datetime.timedelta(days=1)


@pytest.mark.parametrize(
    ("calls", "duties", "places", "fit"),
    [(5, 0, 3, 3), (3, 0, 5, 3), (5, 4, 3, 4), (5, 3, 3, 3), (5, 1, 0, 1), (5, 0, 0, 0)],
    ids=["cut", "all", "duties always", "duties take the places", "a duty", "nothing"],
)
def test_every_obligation_fits_and_by_value_what_places_are_left(calls, duties, places, fit):
    assert fitting(calls, duties, places) == fit


@pytest.mark.parametrize(("done", "left"), [(0, 4), (3, 1), (4, 0), (9, 0)])
def test_what_was_done_takes_its_place(done, left):
    assert places_of(4, done) == left


@pytest.fixture
def sam(north):
    return factories.StaffFactory(group=north.group, name="Sam", role="specialist", at=[north])


def world(north, ada, ben, sam, capacity):
    """Cards of every sort at Ben's, Sam's, Ada's and nobody's; Ben has done one and a half."""
    computed_day(north, advisor_capacity=capacity, specialist_capacity=2, manager_capacity=1)
    duty = {"kind": "risk_call", "priority_group": 0, "deadline_at": CLOSING}

    def person(name):
        return car(customer(north, name, advisor=ben))

    for number in range(5):
        task(person(f"Value {number}"), ben, value=500 - number)
    task(person("Duty"), ben, **duty)
    task(person("Rests"), ben, value=900, due_on=TOMORROW)
    both = customer(north, "Two cars", advisor=ben)
    task(car(both), ben, **duty)
    task(car(both), ben, value=700)
    for name, more in (("Waits by value", {"value": 800}), ("Waits as a duty", duty)):
        vehicle = person(name)
        task(vehicle, ben, **more)
        task(vehicle, ada, kind="complaint", priority_group=0, deadline_at=CLOSING)
    task(person("Nobody's"), None)
    for number in range(4):
        task(person(f"Sam's {number}"), sam, value=300 - number)
        task(person(f"Ada's {number}"), ada, value=200 - number)
    for name in ("Dealt with", "Back on the list"):
        vehicle = person(name)
        factories.OutcomeFactory(customer=vehicle.customer, store=north, staff=ben)
        if name == "Back on the list":
            task(vehicle, ben, kind="retry", value=100)


def page_of(staff, address):
    staff.language = "en"
    staff.save(update_fields=["language"])
    client = Client()
    client.force_login(staff)
    return client.get(address).content.decode()


def own(staff):
    later = page_of(staff, "/today/").split('id="rows-later"')[1].split("</ol>")[0]
    return re.findall(r'"h-row-name">(.*?)</span>', later)


def listed(manager, address):
    return re.findall(r'<th scope="row"><a [^>]+>(.*?)</a>', page_of(manager, address))


def number_of(page, name, label):
    line = re.search(rf'<th scope="row"[^>]*>{name}<br>.*?</tr>', page, re.S).group(0)
    return int(re.search(rf'data-label="{label}">(?:<[^>]+>)(\d+)', line).group(1))


def tomorrow_of(page, name):
    line = re.search(rf'<th scope="row">{name}<br>.*?</tr>', page, re.S).group(0)
    return int(re.findall(r'<td class="h-num">(?:<[^>]+>)?(\d+)', line)[3])


@pytest.mark.parametrize(("capacity", "over"), [(1, 6), (2, 6), (4, 5), (40, 0)])
def test_a_persons_list_the_team_and_the_store_say_the_same_of_one_day(
    north, ada, ben, sam, capacity, over
):
    with time_machine.travel(NOON, tick=False):
        world(north, ada, ben, sam, capacity)
        team, store = page_of(ada, "/team/"), page_of(ada, "/store/")
        names = {one: own(one) for one in (ben, sam, ada)}
        assert len(names[ben]) == over
        assert (len(names[sam]), len(names[ada])) == (2, 4)
        for one, later in names.items():
            assert number_of(team, one.name, "Does not fit") == len(later), one.name
            assert tomorrow_of(store, one.name) == len(later), one.name
            assert listed(ada, f"/team/people/?what=over&who={one.pk}") == later
            address = f"/store/warnings/?kind=cards&level=over&owner={one.pk}"
            assert listed(ada, address) == later
        total = sum(len(later) for later in names.values())
        for page in (team, store):
            told = re.search(r"<span>Does not fit today</span><b>(\d+)</b>", page).group(1)
            assert int(told) == total
        assert len(listed(ada, "/store/warnings/?kind=cards&level=over")) == total
