"""The progress of a day: done, connected, booked, and when the list will be done."""

import datetime

import pytest

from alerts.selectors.progress import Progress, done_today, finish_at, progress, team_progress
from stores.scope import stores_scope
from tests import factories
from tests.dashboards.lists import TODAY, car, customer, task

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scope(north, south):
    with stores_scope([north.pk, south.pk]):
        yield


def recorded(store, staff, result, minute=0, *, person=None, **fields):
    return factories.OutcomeFactory(
        customer=person or customer(store, f"{result} {minute}"),
        staff=staff,
        result=result,
        at=factories.at(TODAY, 9, minute),
        **fields,
    )


@pytest.mark.parametrize(
    ("result", "attempts", "connected"),
    [
        ("booked", 1, 1),
        ("callback", 1, 1),
        ("refused", 1, 1),
        ("elsewhere", 1, 1),
        ("connected", 1, 1),
        ("do_not_call", 1, 1),
        ("vehicle_gone", 1, 1),
        ("settled", 1, 1),
        ("no_answer", 1, 0),
        ("busy", 1, 0),
        ("off", 1, 0),
        ("wrong_number", 1, 0),
        ("messaged", 0, 0),
        ("done", 0, 0),
    ],
)
def test_a_result_counts_as_an_attempt_and_as_connected(north, ben, result, attempts, connected):
    recorded(north, ben, result)
    found = progress(ben.pk, TODAY)
    assert (found.done, found.attempts, found.connected) == (1, attempts, connected)
    assert found.booked == (result == "booked")


def test_what_the_customer_began_is_no_attempt_but_a_booking_is_one(north, ben):
    recorded(north, ben, "booked", direction="in")
    found = progress(ben.pk, TODAY)
    assert (found.done, found.attempts, found.connected, found.booked) == (1, 0, 0, 1)
    assert found.connected_rate is None


def test_two_outcomes_of_a_customer_are_two_attempts_and_one_done(north, ben):
    person = customer(north, "Twice")
    recorded(north, ben, "no_answer", 0, person=person)
    recorded(north, ben, "booked", 30, person=person)
    found = progress(ben.pk, TODAY)
    assert (found.done, found.attempts, found.connected_rate) == (1, 2, 0.5)
    assert (found.first_at, found.last_at) == (
        factories.at(TODAY, 9, 0),
        factories.at(TODAY, 9, 30),
    )


def test_an_outcome_that_was_undone_or_of_another_day_or_person_does_not_count(north, ben, ada):
    recorded(north, ben, "booked", undone_at=factories.at(TODAY, 9, 1))
    recorded(north, ben, "booked", on_date=TODAY - datetime.timedelta(days=1))
    recorded(north, ada, "booked")
    assert progress(ben.pk, TODAY) == Progress()


@pytest.mark.parametrize(
    ("owner", "due_in", "is_open", "done"),
    [
        ("ben", 0, True, 0),
        ("ben", 3, True, 1),
        ("ben", 0, False, 1),
        ("ada", 0, True, 1),
    ],
    ids=["back on the list", "rests", "closed", "a colleague's"],
)
def test_a_customer_who_is_back_on_the_list_is_not_done(
    north, ben, ada, owner, due_in, is_open, done
):
    person = customer(north, "Calls at three")
    recorded(north, ben, "callback", person=person)
    due_on = TODAY + datetime.timedelta(days=due_in)
    closed_on = None if is_open else TODAY
    task(car(person), {"ben": ben, "ada": ada}[owner], due_on=due_on, closed_on=closed_on)
    found = progress(ben.pk, TODAY)
    assert (found.done, found.attempts) == (done, 1)
    assert len(done_today(ben.pk, TODAY)) == done


def test_the_team_is_counted_by_person_in_one_query(north, south, ben, ada, cleo,
                                                    django_assert_num_queries):  # fmt: skip
    recorded(north, ben, "booked", 1)
    recorded(north, ben, "refused", 2)
    recorded(north, ada, "settled", 3)
    recorded(south, cleo, "booked", 4)
    with django_assert_num_queries(1):
        team = team_progress([north.pk], TODAY)
    assert {pk: (one.done, one.booked) for pk, one in team.items()} == {
        ben.pk: (2, 1),
        ada.pk: (1, 0),
    }
    assert team[ben.pk] == progress(ben.pk, TODAY)


def pace(done: int, minutes: int) -> Progress:
    first = factories.at(TODAY, 9)
    last = first + datetime.timedelta(minutes=minutes)
    return Progress(done=done, attempts=done, first_at=first, last_at=last)


@pytest.mark.parametrize(
    ("so_far", "left", "finish"),
    [
        (pace(3, 10), 12, (11, 0)),
        (pace(13, 60), 12, (11, 0)),
        (pace(2, 10), 12, None),
        (pace(3, 0), 12, None),
        (pace(3, 10), 0, None),
        (pace(3, 120), 12, (22, 0)),
        (pace(3, 120), 13, None),
        (Progress(), 12, None),
    ],
    ids=[
        "five minutes each",
        "a full hour",
        "two are no pace",
        "all at once",
        "none left",
        "twelve hours",
        "more than twelve hours",
        "not begun",
    ],
)
def test_the_end_is_told_at_the_pace_so_far(so_far, left, finish):
    expected = factories.at(TODAY, *finish) if finish else None
    assert finish_at(so_far, left, factories.at(TODAY, 10)) == expected


def test_who_is_done_is_listed_once_newest_first(north, ben, django_assert_max_num_queries):
    early, late = customer(north, "Early"), customer(north, "Late")
    recorded(north, ben, "no_answer", 0, person=early)
    booked = factories.AppointmentFactory(vehicle=car(late))
    recorded(north, ben, "booked", 10, person=late, appointment=booked)
    latest = recorded(north, ben, "callback", 20, person=early)
    recorded(north, ben, "refused", 30, person=early, undone_at=factories.at(TODAY, 9, 31))
    later = TODAY + datetime.timedelta(days=2)
    task(car(early), ben, kind="callback", cycle_key="1", due_on=later, opened_by=latest)
    with django_assert_max_num_queries(1):
        found = done_today(ben.pk, TODAY)
        facts = [
            (
                one.customer.name,
                one.result,
                one.appointment.vehicle.model if one.appointment else "",
            )
            for one in found
        ]
    assert [fact[:2] for fact in facts] == [("Early", "callback"), ("Late", "booked")]
    assert facts[1][2] == booked.vehicle.model
