"""What becomes of a card: every result with the tasks it meets (TASK-4)."""

import datetime
from collections.abc import Iterator

import pytest

from alerts.models import Task
from customers.models import AppointmentChange, Customer
from customers.selectors import refused_channels
from stores.models import Staff, Store
from stores.scope import stores_scope
from tests import factories
from tests.alerts.outcome_cards import (
    IN_THREE_DAYS,
    NOW,
    TOMORROW,
    card,
    confirmation,
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


@pytest.mark.parametrize("result", ["no_answer", "busy", "off"])
def test_who_is_not_reached_rests_for_three_days(result: str, li: Customer, ben: Staff) -> None:
    due, risk, complaint = card(li, "due_call", "risk_call", "complaint", owner=ben)
    outcome = recorded(li, result, ben)
    due, risk, complaint = fresh(due), fresh(risk), fresh(complaint)
    assert (due.closed_on, due.due_on, due.attempts) == (None, IN_THREE_DAYS, 1)
    assert (risk.closed_on, risk.closed_as, risk.attempts) == (TODAY, "done", 1)
    assert (complaint.closed_on, complaint.due_on, complaint.attempts) == (None, TODAY, 1)
    assert {task.result for task in (due, risk, complaint)} == {result}
    assert led_to(outcome).kind == "retry"


def test_a_booking_closes_the_calls_and_is_confirmed_at_once(li: Customer, ben: Staff) -> None:
    kinds = ("due_call", "overdue_30", "retry", "second_visit_14d", "risk_call", "callback")
    tasks = card(li, *kinds, owner=ben)
    outcome = recorded(li, "booked", ben)
    appointment = outcome.appointment
    assert (appointment.status, appointment.booked_by) == ("confirmed", ben)
    assert (appointment.starts_at, appointment.starts_on) == (at(IN_THREE_DAYS, 9), IN_THREE_DAYS)
    assert (appointment.vehicle, appointment.store) == (li.vehicles.get(), li.store)
    change = AppointmentChange.objects.get(appointment=appointment)
    assert (change.status, change.status_at, change.from_on) == ("confirmed", NOW, TODAY)
    assert {task.kind: fresh(task).closed_as for task in tasks} == {
        **dict.fromkeys(kinds[:4], "booked"),
        "risk_call": "done",
        "callback": "done",
    }
    assert not Task.objects.filter(closed_on=None).exists()


def test_a_booking_is_for_the_car_that_ranks_first_unless_one_is_named(
    li: Customer, ben: Staff
) -> None:
    second = lists.car(li)
    (poor,) = card(li, "due_call", owner=ben, value=100)
    (rich,) = card(li, "due_call", owner=ben, car=second, value=900)
    outcome = recorded(li, "booked", ben)
    assert (outcome.vehicle, outcome.appointment.vehicle) == (second, second)
    assert fresh(rich).closed_as == "booked"
    # The other car was spoken about, too: in a few days again.
    assert (fresh(poor).closed_on, fresh(poor).due_on) == (None, IN_THREE_DAYS)
    named = recorded(li, "booked", ben, tasks=[fresh(poor)], vehicle_id=poor.vehicle_id)
    assert named.appointment.vehicle == poor.vehicle


def test_a_confirmation_that_is_booked_again_moves_the_appointment(
    li: Customer, ben: Staff
) -> None:
    old, task = confirmation(li, ben)
    outcome = recorded(li, "booked", ben, slot=at(IN_THREE_DAYS, 9, 30))
    old.refresh_from_db()
    assert old.status == "cancelled"
    assert AppointmentChange.objects.get(appointment=old).status == "cancelled"
    assert outcome.appointment.starts_at == at(IN_THREE_DAYS, 9, 30)
    assert fresh(task).closed_as == "done"


def test_a_confirmed_appointment_stays_as_it_is(li: Customer, ben: Staff) -> None:
    appointment, task = confirmation(li, ben)
    recorded(li, "connected", ben)
    appointment.refresh_from_db()
    assert appointment.status == "confirmed"
    assert fresh(task).closed_as == "done"


@pytest.mark.parametrize("result", ["refused", "elsewhere", "vehicle_gone"])
def test_who_does_not_come_after_all_is_not_called_for_it_again(
    result: str, li: Customer, ben: Staff
) -> None:
    appointment, task = confirmation(li, ben)
    week_ago = TODAY - datetime.timedelta(days=8)
    (call,) = card(li, "due_call", owner=ben, closed_on=week_ago, closed_as="booked")
    (former,) = card(
        li, "due_call", owner=ben, cycle_key="2025-01-01", closed_as="booked",
        closed_on=datetime.date(2025, 7, 1),
    )  # fmt: skip
    recorded(li, result, ben, tasks=[task])
    appointment.refresh_from_db()
    assert appointment.status == "cancelled"
    assert fresh(task).closed_as == "done"
    # Closed as booked it would open again with the cancelled appointment.
    assert (fresh(call).closed_as, fresh(call).closed_on) == ("done", week_ago)
    assert fresh(former).closed_as == "booked"


def test_a_promised_call_is_kept_by_whoever_promised(li: Customer, ada: Staff, ben: Staff) -> None:
    due, risk, retry = card(li, "due_call", "risk_call", "retry", owner=ben, value=440)
    outcome = recorded(li, "callback", ada, note="After four.")
    promise = led_to(outcome)
    assert (promise.kind, promise.owner, promise.assigned_to) == ("callback", ada, ada)
    assert (promise.due_on, promise.deadline_at) == (TOMORROW, at(TOMORROW, 15))
    assert (promise.priority_group, promise.note) == (0, "After four.")
    assert promise.value_amount == 440
    assert (fresh(due).due_on, fresh(due).closed_on) == (TOMORROW, None)
    assert fresh(risk).closed_as == fresh(retry).closed_as == "done"


@pytest.mark.parametrize("result", ["refused", "elsewhere"])
def test_who_says_no_is_not_asked_again(result: str, li: Customer, ben: Staff) -> None:
    tasks = card(li, "due_call", "overdue_30", "risk_call", "retry", "callback", owner=ben)
    (complaint,) = card(li, "complaint", owner=ben, cycle_key="1")
    outcome = recorded(li, result, ben)
    assert {fresh(task).closed_as for task in tasks} == {"done"}
    assert fresh(complaint).closed_on is None
    assert outcome.reason == ("price" if result == "refused" else "competitor")
    assert not Task.objects.filter(opened_by=outcome).exists()


def test_who_was_spoken_to_rests_and_the_tries_count_anew(li: Customer, ben: Staff) -> None:
    due, risk, lane = card(li, "due_call", "risk_call", "second_visit_48h", owner=ben, attempts=2)
    outcome = recorded(li, "connected", ben)
    assert (fresh(due).due_on, fresh(due).attempts) == (IN_THREE_DAYS, 0)
    assert fresh(risk).closed_as == fresh(lane).closed_as == "done"
    assert not Task.objects.filter(opened_by=outcome).exists()


def test_the_message_after_the_last_try_ends_the_chain(li: Customer, ben: Staff) -> None:
    (due,) = card(li, "due_call", owner=ben)
    (retry,) = card(li, "retry", owner=ben, channel="wechat", attempts=4)
    outcome = recorded(li, "messaged", ben)
    assert fresh(due).closed_as == fresh(retry).closed_as == "done"
    assert outcome.channel == "wechat"
    assert not Task.objects.filter(closed_on=None).exists()


def test_a_message_beside_the_calls_ends_nothing(li: Customer, ben: Staff) -> None:
    due, retry, care = card(li, "due_call", "retry", "second_visit_7d", owner=ben)
    recorded(li, "messaged", ben)
    assert (fresh(due).closed_on, fresh(due).due_on) == (None, IN_THREE_DAYS)
    assert fresh(retry).closed_on is None
    assert fresh(care).closed_as == "done"


def test_a_settled_complaint_is_resolved_in_words(li: Customer, ada: Staff) -> None:
    complaint = factories.ComplaintFactory(vehicle=li.vehicles.get())
    task, critical = card(li, "complaint", "critical", owner=ada, cycle_key=str(complaint.pk))
    (due,) = card(li, "due_call", owner=ada)
    recorded(li, "settled", ada, note="New wipers, free.")
    complaint.refresh_from_db()
    assert (complaint.resolved_at, complaint.resolved_on) == (NOW, TODAY)
    assert complaint.resolution == "New wipers, free."
    assert fresh(task).closed_as == fresh(critical).closed_as == "done"
    assert (fresh(due).closed_on, fresh(due).result) == (None, "")


def test_a_wrong_number_is_dead_and_to_be_corrected(li: Customer, ben: Staff) -> None:
    due, risk = card(li, "due_call", "risk_call", owner=ben)
    outcome = recorded(li, "wrong_number", ben, note="A dentist.")
    li.refresh_from_db()
    assert li.is_phone_dead
    correction = led_to(outcome)
    assert (correction.kind, correction.proposal) == ("correct_data", "phone")
    assert (correction.due_on, correction.note, correction.owner) == (TODAY, "A dentist.", ben)
    assert (fresh(due).closed_on, fresh(due).due_on) == (None, IN_THREE_DAYS)
    assert fresh(risk).closed_as == "done"


@pytest.mark.parametrize("reason", ["sold", "moved"])
def test_a_car_that_is_gone_is_proposed_as_such_and_the_other_one_stays(
    reason: str, li: Customer, ben: Staff
) -> None:
    gone = lists.car(li)
    (due,) = card(li, "due_call", owner=ben, car=gone)
    (other,) = card(li, "due_call", owner=ben)
    outcome = recorded(li, "vehicle_gone", ben, reason=reason, vehicle_id=gone.pk)
    correction = led_to(outcome)
    assert (correction.kind, correction.proposal, correction.vehicle) == (
        "correct_data",
        reason,
        gone,
    )
    assert fresh(due).closed_as == "done"
    assert (fresh(other).closed_on, fresh(other).due_on, fresh(other).result) == (None, TODAY, "")
    assert touched(outcome) == {"due_call"}


def test_do_not_call_withdraws_the_phone_at_once(li: Customer, ben: Staff) -> None:
    calls = card(li, "due_call", "risk_call", "second_visit_14d", owner=ben)
    (letter,) = card(li, "retry", owner=ben, channel="wechat")
    (complaint,) = card(li, "complaint", owner=ben, cycle_key="1")
    recorded(li, "do_not_call", ben)
    assert refused_channels(li) == {"phone"}
    assert {fresh(task).closed_as for task in calls} == {"done"}
    assert fresh(letter).closed_on is None
    assert fresh(complaint).closed_on is None


@pytest.mark.parametrize("result", ["booked", "refused", "callback", "do_not_call", "vehicle_gone"])
def test_what_the_customer_said_holds_for_the_resting_calls(
    result: str, li: Customer, ben: Staff
) -> None:
    (resting,) = card(li, "retry", owner=ben, due_on=IN_THREE_DAYS)
    (risk,) = card(li, "risk_call", owner=ben)
    recorded(li, result, ben, tasks=[risk])
    assert fresh(resting).closed_on == TODAY


def test_a_promise_for_later_stays_when_the_customer_is_spoken_to(li: Customer, ben: Staff) -> None:
    (promise,) = card(li, "callback", owner=ben, due_on=IN_THREE_DAYS)
    (risk,) = card(li, "risk_call", owner=ben)
    recorded(li, "connected", ben, tasks=[risk])
    assert fresh(promise).closed_on is None


def test_every_task_touched_is_noted(li: Customer, ben: Staff) -> None:
    card(li, "due_call", "complaint", "reminder", owner=ben, cycle_key="1")
    assert touched(recorded(li, "connected", ben)) == {"due_call", "complaint"}


# Whoever comes by himself.


def test_who_calls_by_himself_leaves_the_card_as_it_is(li: Customer, ben: Staff) -> None:
    due, risk = card(li, "due_call", "risk_call", owner=ben)
    outcome = recorded(li, "connected", ben, direction="in", channel="visit")
    assert (outcome.contact.direction, outcome.contact.channel) == ("in", "visit")
    assert fresh(due).due_on == fresh(risk).due_on == TODAY
    assert fresh(risk).closed_on is None
    assert touched(outcome) == set()


@pytest.mark.parametrize(
    "result", ["booked", "callback", "refused", "elsewhere", "do_not_call", "vehicle_gone"]
)
def test_what_a_caller_says_counts_as_in_a_call(result: str, li: Customer, ben: Staff) -> None:
    (risk,) = card(li, "risk_call", owner=ben)
    recorded(li, result, ben, direction="in")
    assert fresh(risk).closed_as == "done"


def test_a_customer_without_a_card_can_be_booked(li: Customer, ben: Staff) -> None:
    outcome = recorded(li, "booked", ben, direction="in")
    assert outcome.appointment.vehicle == li.vehicles.get()
