"""Taking an outcome back: every row as it was, by whom it may be, and until when (TASK-4)."""

import datetime
from collections.abc import Iterator

import pytest

from alerts.choices import Result
from alerts.models import Outcome, Task
from alerts.services.outcomes import may_undo, record, undo
from common.exceptions import DomainError, NotAllowed, NotFound
from customers.models import Customer, DirtyVehicle
from stores.models import AuditEntry, Staff, Store
from stores.scope import stores_scope
from tests import factories
from tests.alerts.outcome_cards import (
    IN_THREE_DAYS,
    NOW,
    TOMORROW,
    all_rows,
    card,
    entry,
    fresh,
    led_to,
    recorded,
)
from tests.dashboards import lists
from tests.factories import TODAY, at

pytestmark = pytest.mark.django_db
SECOND = datetime.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def scope(north: Store) -> Iterator[None]:
    with stores_scope([north.pk]):
        yield


@pytest.fixture
def li(north: Store, ada: Staff, ben: Staff) -> Customer:
    """Li Wei, whose card has a task of every kind, worked before, beside others that rest."""
    lists.computed_day(north)
    customer = lists.customer(north, "Li Wei", advisor=ben)
    first, second = lists.car(customer), lists.car(customer)
    complaint = factories.ComplaintFactory(vehicle=first)
    appointment = factories.AppointmentFactory(vehicle=first, starts_on=TOMORROW)
    calls = ("due_call", "overdue_30", "risk_call", "second_visit_48h", "second_visit_14d")
    card(customer, *calls, "critical", "reminder", owner=ben, car=first, attempts=1)
    card(customer, "complaint", owner=ada, car=first, cycle_key=str(complaint.pk))
    card(
        customer, "booking_confirm", owner=ben, car=first, priority_group=0,
        cycle_key=f"{appointment.pk}:{TOMORROW}", deadline_at=at(TODAY, 17, 30),
    )  # fmt: skip
    card(
        customer, "overdue_30", owner=ben, car=first, cycle_key="old", closed_as="booked",
        closed_on=TODAY, closed_at=NOW,
    )  # fmt: skip
    card(customer, "due_call", "callback", owner=ada, car=second, note="After four.")
    card(customer, "retry", owner=ben, car=second, attempts=2, result="busy")
    card(customer, "correct_data", owner=ben, car=first, proposal="phone", note="Old.")
    card(customer, "retry", owner=ben, car=first, due_on=IN_THREE_DAYS, assigned_to=ada)
    return customer


def shown(customer: Customer) -> list[Task]:
    return list(Task.objects.filter(customer=customer, closed_on=None, due_on=TODAY))


# Nobody who calls has not been reached.
INCOMING = ("booked", "callback", "refused", "elsewhere", "connected", "vehicle_gone",
            "do_not_call", "settled")  # fmt: skip


@pytest.mark.parametrize(
    ("result", "direction"),
    [*((result, "out") for result in Result.values), *((result, "in") for result in INCOMING)],
)
def test_everything_is_as_it_was(result: str, direction: str, li: Customer, ben: Staff) -> None:
    first = li.vehicles.order_by("pk").first()
    before = all_rows()
    one = entry(li, result, shown(li), vehicle_id=first.pk, direction=direction)
    outcome = record(one, by=ben, now=NOW)
    assert all_rows() != before
    undo(outcome, by=ben, now=NOW + SECOND)
    assert all_rows() == before


@pytest.mark.parametrize("result", ["no_answer", "callback", "refused", "booked"])
def test_everything_is_as_it_was_when_no_car_was_named(
    result: str, li: Customer, ben: Staff
) -> None:
    before = all_rows()
    undo(recorded(li, result, ben, tasks=shown(li)), by=ben, now=NOW)
    assert all_rows() == before


def test_a_phone_that_was_dead_before_stays_dead(li: Customer, ben: Staff) -> None:
    li.is_phone_dead = True
    li.save()
    undo(recorded(li, "wrong_number", ben), by=ben, now=NOW)
    li.refresh_from_db()
    assert li.is_phone_dead


def test_the_outcome_stays_marked_and_the_log_says_who(li: Customer, ben: Staff) -> None:
    outcome = recorded(li, "booked", ben, vehicle_id=li.vehicles.first().pk)
    undone = undo(outcome, by=ben, now=NOW + SECOND)
    kept = Outcome.objects.get()
    assert undone == kept
    assert (kept.undone_at, kept.contact, kept.appointment) == (NOW + SECOND, None, None)
    logged = AuditEntry.objects.get(action="outcome_undone")
    assert (logged.actor, logged.thing, logged.thing_id) == (ben, "outcome", outcome.pk)
    assert logged.store == li.store


def test_the_cars_are_queued_to_be_settled_again(li: Customer, ben: Staff) -> None:
    outcome = recorded(li, "no_answer", ben)
    DirtyVehicle.objects.all().delete()
    undo(outcome, by=ben, now=NOW)
    marked = set(DirtyVehicle.objects.values_list("vehicle_id", flat=True))
    assert marked == set(li.vehicles.values_list("pk", flat=True))


def test_taking_back_twice_changes_nothing_more(li: Customer, ben: Staff) -> None:
    outcome = recorded(li, "no_answer", ben)
    first = undo(outcome, by=ben, now=NOW)
    much_later = NOW + datetime.timedelta(hours=1)
    assert undo(outcome, by=ben, now=much_later).undone_at == first.undone_at
    assert AuditEntry.objects.filter(action="outcome_undone").count() == 1


def test_half_a_minute_is_the_last_moment(li: Customer, ben: Staff) -> None:
    outcome = recorded(li, "no_answer", ben)
    last = NOW + 30 * SECOND
    assert may_undo(outcome, by=ben, now=last)
    assert not may_undo(outcome, by=ben, now=last + SECOND)
    with pytest.raises(DomainError) as caught:
        undo(outcome, by=ben, now=last + SECOND)
    assert caught.value.code == "too_late"
    undo(outcome, by=ben, now=last)
    assert Outcome.objects.get().undone_at == last


def test_a_colleagues_outcome_is_not_taken_back_but_the_manager_may(
    li: Customer, ada: Staff, ben: Staff
) -> None:
    outcome = recorded(li, "no_answer", ben)
    carl = factories.StaffFactory(group=ben.group, at=[li.store])
    assert not may_undo(outcome, by=carl, now=NOW)
    with pytest.raises(NotAllowed):
        undo(outcome, by=carl, now=NOW)
    assert may_undo(outcome, by=ada, now=NOW)
    assert undo(outcome, by=ada, now=NOW).undone_at == NOW
    assert not may_undo(Outcome.objects.get(), by=ada, now=NOW)


def test_an_outcome_of_another_store_is_not_there(south: Store, ben: Staff) -> None:
    stranger = factories.OutcomeFactory(store=south, customer__store=south)
    with pytest.raises(NotFound):
        undo(stranger, by=ben, now=NOW)


def test_what_somebody_followed_up_stays(li: Customer, ada: Staff, ben: Staff) -> None:
    first = recorded(li, "no_answer", ben)
    second = recorded(li, "connected", ada, now=NOW + SECOND, tasks=shown(li))
    with pytest.raises(DomainError, match="Ada") as caught:
        undo(first, by=ben, now=NOW + 2 * SECOND)
    assert (caught.value.code, caught.value.data) == ("taken", {"outcome": second})
    # Step by step, as long as there is time.
    undo(second, by=ada, now=NOW + 3 * SECOND)
    undo(first, by=ben, now=NOW + 4 * SECOND)
    assert not Outcome.objects.filter(undone_at=None).exists()


def test_what_was_opened_meanwhile_makes_room(li: Customer, ada: Staff) -> None:
    """Of two complaints the second one's task is opened by the settling of the first."""
    car = li.vehicles.first()
    other = factories.ComplaintFactory(vehicle=car)
    (first,) = Task.objects.filter(kind="complaint")
    outcome = recorded(li, "settled", ada, tasks=[first])
    second = lists.task(car, ada, kind="complaint", cycle_key=str(other.pk))
    undo(outcome, by=ada, now=NOW)
    assert fresh(first).closed_on is None
    # Closed as by circumstances: it opens again when its turn comes.
    assert fresh(second).closed_as == "superseded"


def test_recorded_anew_after_taking_back(li: Customer, ben: Staff) -> None:
    second = li.vehicles.order_by("pk").last()
    tasks = [task for task in shown(li) if task.vehicle == second]
    undo(recorded(li, "no_answer", ben, tasks=tasks), by=ben, now=NOW)
    retry = led_to(recorded(li, "no_answer", ben, tasks=tasks, now=NOW + SECOND))
    assert (retry.kind, retry.attempts) == ("retry", 3)
