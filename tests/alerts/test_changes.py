"""What changed on a person's list since it was last looked at."""

import datetime

import pytest

from alerts.selectors.changes import changes, seen_at
from alerts.services.looks import look
from stores.scope import stores_scope
from tests import factories
from tests.dashboards.lists import TODAY, car, customer, task

pytestmark = pytest.mark.django_db
LAST_LOOK = factories.at(TODAY, 9)
BEFORE, AFTER = factories.at(TODAY, 8), factories.at(TODAY, 11)


@pytest.fixture(autouse=True)
def scope(north):
    with stores_scope([north.pk]):
        yield


@pytest.fixture
def told(ben):
    """Names of who came, went and was given since nine, for Ben."""

    def read() -> tuple[list[str], list[str], list[str]]:
        found = changes(ben, LAST_LOOK, TODAY)
        parts = (found.new, found.gone, found.given)
        assert bool(found) == any(parts)
        assert found.count == sum(len(part) for part in parts)
        return tuple([change.customer.name for change in part] for part in parts)

    return read


def closed(store, owner, name, *, closed_at=AFTER, closed_as="visited", **fields):
    return task(
        car(customer(store, name)),
        owner,
        opened_at=BEFORE,
        closed_at=closed_at,
        closed_on=TODAY,
        closed_as=closed_as,
        **fields,
    )


def test_nothing_changed_is_nothing(north, ben, told):
    task(car(customer(north, "Before")), ben, opened_at=BEFORE)
    closed(north, ben, "Closed before", closed_at=BEFORE)
    assert told() == ([], [], [])


def test_new_is_what_was_opened_since_newest_first_one_line_a_customer(north, ben, told):
    two = customer(north, "Two reasons")
    task(car(two), ben, opened_at=AFTER)
    task(car(two), ben, opened_at=AFTER + datetime.timedelta(minutes=2), kind="complaint")
    task(car(customer(north, "Between")), ben, opened_at=AFTER + datetime.timedelta(minutes=1))
    task(car(customer(north, "Rests")), ben, opened_at=AFTER,
         due_on=TODAY + datetime.timedelta(days=1))  # fmt: skip
    assert told() == (["Two reasons", "Between"], [], [])


def test_what_a_person_led_to_oneself_is_not_new(north, ben, ada, told):
    mine = factories.OutcomeFactory(customer=customer(north, "Mine"), staff=ben)
    theirs = factories.OutcomeFactory(customer=customer(north, "Theirs"), staff=ada)
    for outcome in (mine, theirs):
        task(car(outcome.customer), ben, opened_at=AFTER, kind="callback", opened_by=outcome)
    task(car(customer(north, "Own reminder")), ben, opened_at=AFTER, kind="reminder")
    assert told() == (["Theirs"], [], [])


def test_given_is_what_came_from_somebody_else(north, ben, ada, told):
    task(car(customer(north, "Given")), ben, opened_at=BEFORE, given_at=AFTER, stands_in_for=ada)
    task(car(customer(north, "Given at once")), ben, opened_at=AFTER, given_at=AFTER)
    task(car(customer(north, "Given before")), ben, opened_at=BEFORE, given_at=BEFORE)
    task(car(customer(north, "Not mine")), ada, opened_at=BEFORE, given_at=AFTER)
    assert told() == ([], [], ["Given at once", "Given"])


def test_gone_tells_how(north, ben):
    closed(north, ben, "Came in", closed_as="visited")
    (gone,) = changes(ben, LAST_LOOK, TODAY).gone
    assert gone.customer.name == "Came in"
    assert gone.latest.closed_as == "visited"
    assert (gone.latest.by_name, gone.latest.by_result) == (None, None)


def test_gone_tells_which_colleague(north, ben, ada):
    gone_task = closed(north, ben, "Booked by Ada", closed_as="booked")
    # Undone, earlier: not what closed it.
    for result, minutes, undone_at in (("refused", 0, AFTER), ("no_answer", -50, None)):
        factories.OutcomeFactory(
            customer=gone_task.customer,
            staff=ada,
            result=result,
            at=AFTER + datetime.timedelta(minutes=minutes),
            undone_at=undone_at,
        )
    factories.OutcomeFactory(customer=gone_task.customer, staff=ada, result="booked", at=AFTER)
    (gone,) = changes(ben, LAST_LOOK, TODAY).gone
    assert (gone.latest.by_name, gone.latest.by_result) == ("Ada", "booked")


def test_what_a_person_closed_oneself_is_not_gone(north, ben, told):
    mine = closed(north, ben, "Mine", closed_as="done")
    factories.OutcomeFactory(customer=mine.customer, staff=ben, result="refused", at=AFTER)
    later = closed(north, ben, "Called, then came in")
    factories.OutcomeFactory(
        customer=later.customer,
        staff=ben,
        result="no_answer",
        at=AFTER - datetime.timedelta(minutes=30),
    )
    assert told() == ([], ["Called, then came in"], [])


def test_a_customer_who_is_still_on_the_list_is_not_gone(north, ben, ada, told):
    still = closed(north, ben, "Still here", closed_as="superseded")
    task(still.vehicle, ben, kind="risk_call", opened_at=BEFORE)
    with_colleague = closed(north, ben, "Now with Ada", closed_as="superseded")
    task(with_colleague.vehicle, ada, kind="complaint", opened_at=BEFORE)
    closed(north, ben, "Rested", due_on=TODAY + datetime.timedelta(days=2))
    assert told() == ([], ["Now with Ada"], [])


def test_two_queries_whatever_changed(north, ben, django_assert_num_queries):
    for number in range(4):
        task(car(customer(north, f"New {number}")), ben, opened_at=AFTER)
        task(car(customer(north, f"Given {number}")), ben, opened_at=BEFORE, given_at=AFTER)
        closed(north, ben, f"Gone {number}")
    with django_assert_num_queries(2):
        found = changes(ben, LAST_LOOK, TODAY)
        assert found.count == 12
        assert all(
            change.customer.name and change.latest.vehicle.model
            for part in (found.new, found.gone, found.given)
            for change in part
        )


def test_changes_are_told_from_the_start_of_the_list_then_from_the_last_look(ben, ada):
    began = factories.at(TODAY, 6)
    assert seen_at(ben, began) == began
    look(ben, LAST_LOOK)
    assert seen_at(ben, began) == LAST_LOOK
    look(ben, AFTER)
    assert seen_at(ben, began) == AFTER
    assert seen_at(ada, began) == began


def test_an_older_page_takes_no_look_back(ben):
    look(ben, AFTER)
    look(ben, LAST_LOOK)
    assert seen_at(ben, BEFORE) == AFTER
