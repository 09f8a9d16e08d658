"""What an outcome leads to: tries, promises, corrections; whose they are (TASK-4, TASK-5)."""

import datetime
from collections.abc import Iterator
from decimal import Decimal

import pytest

from alerts.models import Outcome, Task
from customers.models import Customer
from stores.choices import Role
from stores.models import Staff, Store
from stores.scope import stores_scope
from tests import factories
from tests.alerts.outcome_cards import IN_THREE_DAYS, NOW, TOMORROW, card, fresh, led_to, recorded
from tests.dashboards import lists
from tests.factories import TODAY, at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scope(north: Store) -> Iterator[None]:
    with stores_scope([north.pk]):
        yield


@pytest.fixture
def li(north: Store, ben: Staff) -> Customer:
    lists.computed_day(north)
    customer = lists.customer(north, "Li Wei", advisor=ben)
    lists.car(customer)
    return customer


def rounds(customer: Customer, by: Staff, count: int) -> list[Task]:
    """Calls that nobody answers, each on the day the last one named; the tries they led to."""
    found, on = [], TODAY
    for _ in range(count):
        tasks = list(Task.objects.filter(customer=customer, closed_on=None, due_on__lte=on))
        retry = led_to(recorded(customer, "no_answer", by, now=at(on), tasks=tasks))
        found.append(retry)
        on = retry.due_on
    return found


def test_the_next_try_is_worth_what_a_failed_call_leaves(li: Customer, ben: Staff) -> None:
    card(li, "due_call", owner=ben, value=450, stands_in_for=None)
    retry = led_to(recorded(li, "busy", ben))
    assert (retry.due_on, retry.attempts, retry.channel) == (IN_THREE_DAYS, 1, "phone")
    assert (retry.probability, retry.profit_amount) == (Decimal("0.36"), 1000)
    assert retry.value_amount == 360
    assert (retry.priority_group, retry.deadline_at, retry.opened_at) == (1, None, NOW)
    assert (retry.opened_on, retry.customer, retry.store) == (TODAY, li, li.store)


def test_the_next_try_is_about_the_car_that_ranks_first(li: Customer, ben: Staff) -> None:
    card(li, "due_call", owner=ben, value=100)
    second = lists.car(li)
    card(li, "due_call", owner=ben, car=second, value=900)
    assert led_to(recorded(li, "no_answer", ben)).vehicle == second


def test_three_tries_by_phone_then_in_writing(li: Customer, ben: Staff) -> None:
    (due,) = card(li, "due_call", owner=ben)
    tries = rounds(li, ben, 5)
    assert [task.attempts for task in tries] == [1, 2, 3, 4, 5]
    assert [task.channel for task in tries] == ["phone"] * 3 + ["wechat"] * 2
    days = [(task.due_on - TODAY).days for task in tries]
    assert days == [3, 6, 9, 12, 15]
    # Each try takes the place of the last one.
    assert [fresh(task).closed_as for task in tries] == ["done"] * 4 + [""]
    assert (fresh(due).attempts, fresh(due).due_on) == (5, tries[-1].due_on)


def test_tries_and_days_are_the_stores_settings(north: Store, ben: Staff) -> None:
    lists.computed_day(north, retry_days=5, retry_times=1, attempt_factor=0.5)
    customer = lists.customer(north, "Wang Fang")
    lists.car(customer)
    card(customer, "due_call", owner=ben, value=400)
    tries = rounds(customer, ben, 2)
    assert [task.channel for task in tries] == ["phone", "wechat"]
    assert [(task.due_on - TODAY).days for task in tries] == [5, 10]
    assert tries[0].value_amount == 200


def test_three_days_reach_over_the_months_end(li: Customer, ben: Staff) -> None:
    card(li, "due_call", owner=ben)
    outcome = recorded(li, "no_answer", ben, now=at(datetime.date(2026, 2, 27)))
    assert led_to(outcome).due_on == datetime.date(2026, 3, 2)


def test_a_promised_call_that_fails_begins_the_tries_anew(li: Customer, ben: Staff) -> None:
    card(li, "due_call", owner=ben)
    rounds(li, ben, 2)
    recorded(li, "callback", ben)
    tasks = list(Task.objects.filter(customer=li, closed_on=None))
    retry = led_to(recorded(li, "no_answer", ben, now=at(TOMORROW, 15), tasks=tasks))
    assert retry.attempts == 1


@pytest.mark.parametrize("kind", ["complaint", "critical", "booking_confirm", "reminder"])
def test_what_stays_needs_no_next_try(kind: str, li: Customer, ada: Staff) -> None:
    (task,) = card(li, kind, owner=ada, cycle_key="1")
    outcome = recorded(li, "no_answer", ada)
    assert not Task.objects.filter(opened_by=outcome).exists()
    assert (fresh(task).attempts, fresh(task).due_on, fresh(task).closed_on) == (1, TODAY, None)


@pytest.mark.parametrize("kind", ["risk_call", "callback", "second_visit_48h", "overdue_30"])
def test_every_other_call_leads_to_the_next_try(kind: str, li: Customer, ben: Staff) -> None:
    card(li, kind, owner=ben)
    assert led_to(recorded(li, "no_answer", ben)).kind == "retry"


def test_a_waiting_try_is_brought_up_to_date(li: Customer, ben: Staff) -> None:
    (waiting,) = card(li, "retry", owner=ben, due_on=TOMORROW, attempts=1)
    (risk,) = card(li, "risk_call", owner=ben)
    outcome = recorded(li, "no_answer", ben, tasks=[risk])
    assert not Task.objects.filter(opened_by=outcome).exists()
    waiting = fresh(waiting)
    assert (waiting.due_on, waiting.attempts, waiting.closed_on) == (IN_THREE_DAYS, 2, None)


def test_an_open_correction_is_brought_up_to_date(li: Customer, ben: Staff) -> None:
    (known,) = card(li, "correct_data", owner=ben, proposal="moved")
    (due,) = card(li, "due_call", owner=ben)
    recorded(li, "vehicle_gone", ben, reason="sold", note="To a cousin.", tasks=[due])
    assert (fresh(known).proposal, fresh(known).note) == ("sold", "To a cousin.")
    assert Task.objects.filter(kind="correct_data").count() == 1


@pytest.mark.parametrize("result", ["no_answer", "wrong_number"])
def test_a_follow_up_goes_to_whose_card_it_is(
    result: str, li: Customer, ada: Staff, ben: Staff
) -> None:
    carl = factories.StaffFactory(group=ben.group, at=[li.store])
    card(li, "due_call", owner=carl, stands_in_for=ben)
    task = led_to(recorded(li, result, ada))
    assert (task.owner, task.stands_in_for, task.assigned_to) == (carl, ben, None)


def test_a_follow_up_of_a_given_task_is_given_too(li: Customer, ada: Staff, ben: Staff) -> None:
    card(li, "due_call", owner=ada, assigned_to=ada)
    task = led_to(recorded(li, "no_answer", ben))
    assert (task.owner, task.assigned_to) == (ada, ada)


@pytest.mark.parametrize("result", ["no_answer", "wrong_number", "callback"])
def test_without_a_card_it_is_the_callers(result: str, north: Store, li: Customer) -> None:
    """As of a specialist's lost customer."""
    sam = factories.StaffFactory(group=north.group, role=Role.SPECIALIST, at=[north])
    task = led_to(recorded(li, result, sam))
    assert (task.owner, task.assigned_to, task.stands_in_for) == (sam, sam, None)
    assert task.vehicle == li.vehicles.get()
    assert task.policy_set.store == north


def test_nobodys_card_becomes_the_callers(li: Customer, ben: Staff) -> None:
    card(li, "due_call", owner=None)
    task = led_to(recorded(li, "no_answer", ben))
    assert (task.owner, task.assigned_to) == (ben, ben)


def test_without_a_card_the_first_car_still_here_is_meant(li: Customer, ben: Staff) -> None:
    first = li.vehicles.get()
    first.status = "sold"
    first.save()
    second = lists.car(li)
    assert led_to(recorded(li, "no_answer", ben)).vehicle == second


def test_without_a_car_there_is_nothing_to_follow_up(north: Store, li: Customer) -> None:
    sam = factories.StaffFactory(group=north.group, at=[north])
    nobody = lists.customer(north, "No car")
    assert recorded(nobody, "no_answer", sam).contact is not None
    assert not Task.objects.exists()


def test_a_promise_for_later_today_keeps_the_card_on_the_list(li: Customer, ben: Staff) -> None:
    (due,) = card(li, "due_call", owner=ben)
    promise = led_to(recorded(li, "callback", ben, callback_at=at(TODAY, 16)))
    assert (promise.due_on, promise.deadline_at) == (TODAY, at(TODAY, 16))
    assert fresh(due).due_on == TODAY


def test_a_promise_kept_leads_to_the_next_one(li: Customer, ben: Staff) -> None:
    card(li, "due_call", owner=ben)
    first = led_to(recorded(li, "callback", ben))
    tasks = list(Task.objects.filter(customer=li, closed_on=None))
    again = recorded(
        li, "callback", ben, now=at(TOMORROW, 15), tasks=tasks, callback_at=at(IN_THREE_DAYS, 9)
    )
    assert fresh(first).closed_as == "done"
    assert led_to(again).due_on == IN_THREE_DAYS


def test_each_contact_leads_to_a_task_of_its_own(li: Customer, ben: Staff) -> None:
    card(li, "due_call", owner=ben)
    tries = rounds(li, ben, 2)
    made = list(Outcome.objects.order_by("pk").values_list("pk", flat=True))
    assert [int(task.cycle_key) for task in tries] == made
