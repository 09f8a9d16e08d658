"""TASK-6: the second-visit lane, its steps' states and whom it shows to whom."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client

from alerts.models import Task
from alerts.policies import TaskPolicy
from alerts.selectors.lane import FILTERS, KINDS, LaneOf, lane_rows, summary
from stores.choices import Role
from stores.scope import all_stores
from tests import factories
from tests.dashboards.lists import TODAY, car, computed_day, customer, days_ago, task

pytestmark = pytest.mark.django_db
LONG_AGO = days_ago(1000)


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


@pytest.fixture(autouse=True)
def scope(db):
    with all_stores():
        yield


@pytest.fixture
def store(north, ben):
    computed_day(north)
    return north


def first_served(store, base_on, *, due_on=None, advisor=None, name="Zhang", **state):
    """A customer whose car had its first service on `base_on`."""
    facts = {"base_on": base_on, "last_visit_on": base_on, "maintenance_visits": 1, **state}
    one = customer(store, name, advisor=advisor)
    return car(one, state={**facts, "due_on": due_on})


def lane_of(store, since=LONG_AGO, advisor=None):
    advisor_id = advisor.pk if advisor else None
    return LaneOf(store.pk, TODAY, since, TaskPolicy(), advisor_id or 0, advisor_id)


def rows_of(store, only="", **more):
    lane = lane_of(store, **more)
    return lane_rows(lane, summary(lane, only).vehicle_ids)


def states(store, **more):
    """{step: state} of the only car."""
    (row,) = rows_of(store, **more)
    return {
        kind.removeprefix("second_visit_"): step.state
        for kind, step in zip(KINDS, row.steps, strict=True)
    }


def step_task(vehicle, step, owner=None, **fields):
    base_on = vehicle.rollup.base_on
    return task(
        vehicle, owner, kind=f"second_visit_{step}", cycle_key=base_on.isoformat(), **fields
    )


@pytest.mark.parametrize(
    ("base", "due", "expected"),
    [
        (0, 180, {"48h": "ahead", "7d": "ahead", "14d": "ahead", "3d": "ahead"}),
        (-2, 178, {"48h": "ahead", "7d": "ahead"}),
        (-3, 177, {"48h": "missed", "7d": "ahead"}),
        (-14, 166, {"48h": "missed", "7d": "ahead"}),
        (-15, 165, {"48h": "missed", "7d": "missed", "14d": "ahead"}),
        (-170, 0, {"14d": "ahead", "3d": "ahead"}),
        (-170, -1, {"14d": "missed", "3d": "missed"}),
        (-170, None, {"14d": "ahead", "3d": "ahead"}),
    ],
    ids=[
        "on its day", "48 hours on", "a day later", "two weeks on", "a day after that",
        "due today", "due yesterday", "no due date",
    ],
)  # fmt: skip
def test_a_step_nobody_did_is_missed_when_its_time_is_over(store, base, due, expected):
    due_on = None if due is None else in_days(due)
    first_served(store, in_days(base), due_on=due_on)
    found = states(store)
    assert {step: found[step] for step in expected} == expected


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "open"),
        ({"due_on": in_days(1)}, "ahead"),
        ({"due_on": in_days(3), "attempts": 1}, "open"),
        ({"closed_on": TODAY, "closed_as": "done"}, "done"),
        ({"closed_on": TODAY, "closed_as": "visited"}, "visited"),
        ({"closed_on": TODAY, "closed_as": "superseded"}, "ahead"),
    ],
    ids=["open", "rests till its day", "tried", "done", "came in", "its reason went"],
)
def test_a_step_in_its_time_is_what_its_task_says(store, ben, fields, state):
    vehicle = first_served(store, days_ago(8), due_on=in_days(170))
    step_task(vehicle, "7d", ben, **fields)
    assert states(store)["7d"] == state


def test_a_late_step_is_missed_and_still_with_somebody(store, ben):
    vehicle = first_served(store, days_ago(5), due_on=in_days(170))
    step_task(vehicle, "48h", ben)
    (row,) = rows_of(store)
    assert (row.steps[0].state, row.steps[0].owner) == ("missed", "Ben")


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"is_booked": True}, "booked"),
        ({"last_visit_on": days_ago(2)}, "visited"),
        ({}, "ahead"),
    ],
    ids=["booked", "came in for something else", "nothing of that"],
)
def test_a_step_that_is_not_needed_says_why(store, facts, state):
    first_served(store, days_ago(160), due_on=in_days(20), **facts)
    assert states(store)["14d"] == state


@pytest.mark.parametrize(("result", "state"), [("refused", "refused"), ("no_answer", "ahead")])
def test_who_said_no_to_the_call_is_not_asked_again(store, ben, result, state):
    vehicle = first_served(store, days_ago(160), due_on=in_days(3))
    task(
        vehicle, ben, kind="due_call", cycle_key=days_ago(160).isoformat(), result=result,
        closed_on=TODAY, closed_as="done",
    )  # fmt: skip
    assert states(store)["14d"] == state


def test_who_asked_for_neither_call_nor_message_is_left_alone(store):
    vehicle = first_served(store, days_ago(160), due_on=in_days(3))
    for channel in ("phone", "wechat"):
        factories.ConsentEventFactory(customer=vehicle.customer, channel=channel, is_granted=False)
    assert states(store)["3d"] == "refused"


@pytest.mark.parametrize(
    ("since", "state"), [(days_ago(8), "missed"), (days_ago(7), "before")], ids=["then", "before"]
)
def test_what_was_over_before_the_first_list_is_not_missed(store, since, state):
    first_served(store, days_ago(10), due_on=in_days(170))
    assert states(store, since=since)["48h"] == state


def test_a_done_step_tells_what_came_of_it_by_whom_and_when(store, ben):
    vehicle = first_served(store, days_ago(3), due_on=in_days(177))
    one = step_task(vehicle, "48h", ben, closed_on=days_ago(1), closed_as="done")
    undone = factories.OutcomeFactory(
        customer=vehicle.customer, staff=ben, result="no_answer", undone_at=factories.at(TODAY)
    )
    told = factories.OutcomeFactory(
        customer=vehicle.customer, staff=ben, result="connected", agreed_on=in_days(170),
        at=factories.at(days_ago(1)), on_date=days_ago(1),
    )  # fmt: skip
    for outcome in (undone, told):
        factories.OutcomeTaskFactory(task=one, outcome=outcome)
    (row,) = rows_of(store)
    step = row.steps[0]
    assert (step.state, step.result, step.who, step.at) == ("done", "connected", "Ben", told.at)
    assert row.agreed_on == in_days(170)


@pytest.mark.parametrize(
    ("facts", "is_there"),
    [
        ({}, True),
        ({"maintenance_visits": 2}, False),
        ({"maintenance_visits": 0}, False),
        ({"is_gone": True}, False),
        ({"is_lost": True, "phase": "deep"}, False),
        ({"base_on": days_ago(399), "last_visit_on": days_ago(399)}, True),
        ({"base_on": days_ago(400), "last_visit_on": days_ago(400)}, False),
    ],
    ids=["one service", "two", "none", "sold", "lost", "399 days ago", "400 days ago"],
)
def test_the_lane_holds_cars_with_one_service_of_late(store, facts, is_there):
    first_served(store, facts.pop("base_on", days_ago(20)), due_on=in_days(160), **facts)
    assert len(rows_of(store)) == is_there


def test_a_service_of_the_former_owner_is_not_the_new_ones_first(store):
    vehicle = first_served(store, days_ago(20), due_on=in_days(160))
    vehicle.ownerships.update(since_on=days_ago(10))
    assert rows_of(store) == []


def test_counts_are_those_of_the_rows(store, ben):
    late = first_served(store, days_ago(5), due_on=in_days(175), name="Late")
    step_task(late, "48h", ben)
    fresh = first_served(store, days_ago(1), due_on=in_days(179), name="Fresh")
    step_task(fresh, "48h", ben)
    first_served(store, days_ago(9), due_on=in_days(171), name="Calm")
    found = summary(lane_of(store))
    assert [(one.due, one.done, one.missed) for one in found.steps] == [
        (1, 0, 2), (0, 0, 0), (0, 0, 0), (0, 0, 0),
    ]  # fmt: skip
    assert found.totals == {"": 3, "missed": 2, "week": 2}
    for only in FILTERS:
        assert len(rows_of(store, only=only)) == found.totals[only]


def test_what_needs_doing_stands_first(store, ben):
    """Open steps by the end of their time, then by the day of the next one, then the rest."""
    first_served(store, days_ago(20), due_on=in_days(160), name="Next in months")
    first_served(store, days_ago(6), due_on=in_days(174), name="Next tomorrow")
    step_task(first_served(store, days_ago(1), due_on=in_days(179), name="Open"), "48h", ben)
    step_task(first_served(store, days_ago(5), due_on=in_days(175), name="Late"), "48h", ben)
    first_served(store, days_ago(300), due_on=days_ago(9), name="Over")
    names = [row.name for row in rows_of(store)]
    assert names == ["Late", "Open", "Next tomorrow", "Next in months", "Over"]


def test_pages_follow_one_another_without_gap(store):
    for number in range(5):
        first_served(store, days_ago(10 + number), due_on=in_days(170), name=f"Person {number}")
    lane = lane_of(store)
    ids = summary(lane).vehicle_ids
    both = [*lane_rows(lane, ids[:3]), *lane_rows(lane, ids[3:])]
    assert [row.vehicle_id for row in both] == ids
    assert [row.name for row in both] == [row.name for row in lane_rows(lane, ids)]


# The page.


def signed_in(staff):
    staff.language = "en"
    staff.save(update_fields=["language"])
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def two(store, ada, ben):
    """A first-time customer of Ben's and one of nobody's, both called late."""
    mine = first_served(store, days_ago(5), due_on=in_days(175), advisor=ben, name="Mine")
    step_task(mine, "48h", ben)
    other = first_served(store, days_ago(5), due_on=in_days(175), name="Other")
    step_task(other, "48h", ada)
    return mine, other


def test_an_advisor_sees_the_own_customers_and_a_manager_all(two, ada, ben):
    of_ben = signed_in(ben).get("/lane/").content.decode()
    assert "Mine" in of_ben
    assert "Other" not in of_ben
    assert "my first-time customers" in of_ben
    of_ada = signed_in(ada).get("/lane/").content.decode()
    assert "Mine" in of_ada
    assert "Other" in of_ada


def test_an_advisor_sees_whom_he_stands_in_for(two, ben):
    Task.objects.update(owner=ben)
    assert "Other" in signed_in(ben).get("/lane/").content.decode()


def test_a_specialist_sees_the_store(two, north):
    hugo = factories.StaffFactory(group=north.group, role=Role.SPECIALIST, at=[north])
    assert "Other" in signed_in(hugo).get("/lane/").content.decode()


def test_a_row_leads_to_the_own_card_or_to_the_customer(two, ben, ada):
    mine, other = two
    of_ada = signed_in(ada).get("/lane/").content.decode()
    assert f'href="/today/{other.customer_id}/"' in of_ada
    assert f'href="/customers/{mine.customer_id}/"' in of_ada


def test_the_page_says_late_steps_in_words(two, ada):
    page = signed_in(ada).get("/lane/?only=missed").content.decode()
    assert page.count("h-mark-missed") == 2
    assert "12 Jun, still with Ben" in page
    assert re.search(r"<dd>2</dd>", page)


def test_htmx_gets_the_list_alone(two, ada):
    fragment = signed_in(ada).get("/lane/?only=week", headers={"hx-request": "true"})
    assert fragment.content.decode().lstrip().startswith("<div")


@pytest.mark.parametrize(
    ("address", "text"),
    [("/lane/", "No first-time customers"), ("/lane/?only=missed", "Nobody here")],
)
def test_an_empty_lane_says_what_comes_here(store, ada, address, text):
    assert text in signed_in(ada).get(address).content.decode()


@pytest.mark.parametrize("query", ["only=nonsense", "store=SOUTH", "store=NOWHERE"])
def test_an_address_that_means_nothing_is_not_found(two, south, ben, query):
    assert signed_in(ben).get(f"/lane/?{query}").status_code == 404


def test_the_page_costs_at_most_twelve_queries(store, ada, django_assert_max_num_queries):
    for number in range(60):
        first_served(store, days_ago(10), due_on=in_days(170), name=f"Person {number}")
    client = signed_in(ada)
    with django_assert_max_num_queries(12):
        assert client.get("/lane/").status_code == 200
