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
from customers.models import Appointment, AppointmentChange, Contact, Customer, DirtyVehicle
from customers.selectors import refused_channels
from stores.models import Staff, Store
from stores.scope import stores_scope
from tests import factories
from tests.alerts.outcome_cards import (
    IN_THREE_DAYS,
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


def confirmation(customer: Customer, owner: Staff) -> tuple[Appointment, Task]:
    """Tomorrow's appointment of the customer's car, and the task to confirm it."""
    car = customer.vehicles.get()
    appointment = factories.AppointmentFactory(
        vehicle=car, starts_on=TOMORROW, created_on=TODAY - datetime.timedelta(days=9)
    )
    key = f"{appointment.pk}:{TOMORROW}"
    (task,) = card(customer, "booking_confirm", owner=owner, cycle_key=key, priority_group=0)
    return appointment, task


# What it writes.


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


# What becomes of the card.


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
