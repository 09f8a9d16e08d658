"""Both sides of every boundary of the second-visit lane (TASK-6) and of confirmations."""

from datetime import date, timedelta
from typing import Any

import pytest

from alerts.models import Task
from customers.models import Appointment, AppointmentChange, Visit
from stores.scope import all_stores
from tests.engine.listed import Listed
from tests.engine.small_worlds import AS_OF, CAR, at, booking, car, contact, days, named, order
from tests.oracle import facts

pytestmark = pytest.mark.django_db
LANE = {"second_visit_48h", "second_visit_7d", "second_visit_14d", "second_visit_3d"}


def first_service(on: date, **more: Any) -> list[Any]:
    """A car with one service on that day; the next is due 182 days after it, by time."""
    return [car(days(-540, on)), order(1, days(-60, on), 900), order(2, on, 1000, "maintenance")]


def serviced(days_ago: int) -> list[Any]:
    return first_service(days(-days_ago))


def due_in(count: int) -> list[Any]:
    """Due in so many days: six months after 1 October is 1 April, 182 days later."""
    return first_service(days(count - 182))


def lane(*rows: Any, **more: Any) -> set[str]:
    return Listed(*rows, **more).kinds() & LANE


@pytest.fixture(autouse=True)
def everywhere() -> Any:
    with all_stores():
        yield


def add_visit(listed: Listed, on: date, kind: str = "repair") -> None:
    Visit.objects.create(
        store=listed.car.store,
        vehicle=listed.car,
        customer=listed.customer,
        work_order_no="NEW",
        arrived_at=at(on),
        arrived_on=on,
        odometer_km=1200,
        kind=kind,
        amount=100,
        received_on=on,
    )


@pytest.mark.parametrize(
    ("days_ago", "kinds"),
    named(
        ("the day itself", 0, {"second_visit_48h"}),
        ("1 day after", 1, {"second_visit_48h"}),
        ("2 days after", 2, {"second_visit_48h"}),
        ("3 days after", 3, set()),
        ("6 days after", 6, set()),
        ("7 days after", 7, {"second_visit_7d"}),
        ("14 days after", 14, {"second_visit_7d"}),
        ("15 days after", 15, set()),
    ),
)
def test_steps_after_the_first_service(days_ago: int, kinds: set[str]) -> None:
    assert lane(*serviced(days_ago)) == kinds


@pytest.mark.parametrize(
    ("count", "kinds"),
    named(
        ("15 before", 15, set()),
        ("14 before", 14, {"second_visit_14d"}),
        ("4 before", 4, {"second_visit_14d"}),
        ("3 before", 3, {"second_visit_14d", "second_visit_3d"}),
        ("the day it is due", 0, {"second_visit_14d", "second_visit_3d"}),
        ("1 after", -1, set()),
    ),
)
def test_steps_before_the_second_is_due(count: int, kinds: set[str]) -> None:
    due_on = date(2026, 4, 1)
    listed = Listed(*first_service(date(2025, 10, 1)), on=days(-count, due_on))
    assert listed.car.state.due_on == due_on
    assert listed.kinds() & LANE == kinds


def test_the_call_within_two_days_is_a_duty_that_rests_on_the_day_of_the_visit() -> None:
    task = Listed(*serviced(0)).open()["second_visit_48h"]
    assert (task.cycle_key, task.due_on) == (str(AS_OF), days(1))
    assert (task.priority_group, task.deadline_at) == (0, at(days(2), 17, 30))


def test_a_service_of_yesterday_is_called_today() -> None:
    task = Listed(*serviced(1)).open()["second_visit_48h"]
    assert (task.due_on, task.deadline_at) == (AS_OF, at(days(1), 17, 30))


def test_the_other_steps_are_ordered_by_value() -> None:
    tasks = Listed(*due_in(3)).open()
    assert {(tasks[kind].priority_group, tasks[kind].deadline_at) for kind in LANE & set(tasks)} \
        == {(1, None)}  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    named(
        ("a second service", [*serviced(8), order(3, days(-7), 1100, "maintenance")]),
        ("a repair since", [*serviced(8), order(3, days(-7), 1100)]),
        ("no service yet", [car(days(-20)), order(1, days(-7), 100)]),
        ("a sold car", [car(days(-540), status="sold", status_on=days(-1)),
                        order(1, days(-7), 1000, "maintenance")]),
    ),
)  # fmt: skip
def test_only_cars_whose_first_service_was_their_last_visit(rows: list[Any]) -> None:
    assert lane(*rows) == set()


@pytest.mark.parametrize(
    ("since", "kinds"),
    named(
        ("hers since the day of the service", -7, {"second_visit_7d"}),
        ("hers since the day after", -6, set()),
    ),
)
def test_the_first_service_is_the_present_owners(since: int, kinds: set[str]) -> None:
    owned = (facts.Ownership("C1"), facts.Ownership("C2", days(since)))
    bought = facts.Vehicle(CAR, "VW", "Lavida", "ICE", "S1", days(-540), owned)
    assert lane(bought, order(1, days(-7), 1000, "maintenance")) == kinds


@pytest.mark.parametrize(
    ("ahead", "kinds"),
    named(
        ("nothing booked", None, {"second_visit_14d", "second_visit_3d"}),
        ("tomorrow: the confirmation sees to it", 1, set()),
        ("in two days", 2, {"second_visit_3d"}),
        # Later than due + 7 and today + 14: not booked by DUE-5.
        ("in 15 days", 15, {"second_visit_14d", "second_visit_3d"}),
    ),
)
def test_a_booking_spares_the_booking_call_but_not_the_last_word(
    ahead: int | None, kinds: set[str]
) -> None:
    more = [] if ahead is None else [booking(days(ahead))]
    assert lane(*due_in(3), *more) == kinds


@pytest.mark.parametrize(
    ("result", "kinds"),
    named(
        ("refused", "refused", set()),
        ("elsewhere", "elsewhere", set()),
        ("do not call", "do_not_call", set()),
        ("written to", "messaged", {"second_visit_14d", "second_visit_3d"}),
    ),
)
def test_who_refused_the_due_call_is_not_asked_by_the_lane(result: str, kinds: set[str]) -> None:
    listed = Listed(*due_in(15))
    Task.objects.filter(kind="due_call").update(
        closed_on=AS_OF, closed_at=at(AS_OF), closed_as="done", result=result
    )
    listed.day(12)
    assert listed.kinds() & LANE == kinds


def test_steps_missed_stay_until_the_car_comes() -> None:
    """TASK-6: overdue work never disappears."""
    listed = Listed(*serviced(0))
    for count in (7, 20):
        listed.day(count)
    assert listed.kinds() == {"second_visit_48h", "second_visit_7d"}
    add_visit(listed, days(20))
    listed.settle()
    assert listed.closed() == dict.fromkeys(("second_visit_48h", "second_visit_7d"), "visited")
    assert listed.kinds() == set()


def test_a_finished_step_does_not_come_back() -> None:
    listed = Listed(*serviced(1))
    Task.objects.update(closed_on=AS_OF, closed_at=at(AS_OF), closed_as="done")
    listed.day(1)
    assert listed.kinds() == set()


def test_the_lane_ends_with_the_loss() -> None:
    listed = Listed(*due_in(1))
    assert listed.kinds() & LANE
    listed.day(91)
    assert {listed.closed()[kind] for kind in LANE & set(listed.closed())} == {"expired"}
    assert not listed.kinds() & LANE


def test_a_booking_closes_the_booking_step_and_its_end_opens_it_again() -> None:
    listed = Listed(*due_in(13))
    made = book(listed, days(5))
    listed.settle()
    assert listed.closed() == {"second_visit_14d": "booked", "due_call": "booked"}
    AppointmentChange.objects.create(appointment=made, status="cancelled", from_on=AS_OF)
    Task.objects.update(attempts=2, due_on=days(3))
    listed.settle()
    tasks = listed.open()
    assert set(tasks) == {"second_visit_14d", "due_call"}
    assert {(task.due_on, task.attempts) for task in tasks.values()} == {(AS_OF, 0)}
    assert all(task.given_at for task in tasks.values())


def book(listed: Listed, on: date, created_on: date | None = AS_OF) -> Appointment:
    made = Appointment.objects.create(
        store=listed.car.store,
        external_id=f"A{on}",
        vehicle=listed.car,
        starts_at=at(on),
        starts_on=on,
        status="confirmed",
        created_at=at(created_on) if created_on else None,
        created_on=created_on,
        received_on=AS_OF,
    )
    AppointmentChange.objects.create(
        appointment=made, status="confirmed", from_on=created_on or days(-60)
    )
    return made


@pytest.mark.parametrize(
    ("appointment", "opens"),
    named(
        ("the day after tomorrow", booking(days(2)), False),
        ("tomorrow", booking(days(1)), True),
        ("today", booking(AS_OF), True),
        ("yesterday", booking(days(-1)), False),
        ("made two days before", booking(days(1), created_at=at(days(-1), 23, 59)), True),
        ("made the day before", booking(days(1), created_at=at(AS_OF, 0)), False),
        ("for today, made yesterday", booking(AS_OF, created_at=at(days(-1))), False),
        ("for today, made the day before that", booking(AS_OF, created_at=at(days(-2))), True),
        ("requested", booking(days(1), "requested"), False),
        ("cancelled", booking(days(1), "cancelled"), False),
        ("confirmed today", booking(days(1), known_on=AS_OF), True),
        ("confirmed tomorrow", booking(days(1), known_on=days(1)), False),
    ),
)
def test_an_appointment_is_confirmed_the_day_before(
    appointment: facts.Appointment, opens: bool
) -> None:
    tasks = Listed(car(days(-20)), appointment).open()
    assert ("booking_confirm" in tasks) is opens
    if opens:
        task = tasks["booking_confirm"]
        assert task.owner
        assert task.owner.code == "ben"
        assert (task.priority_group, task.deadline_at) == (0, at(AS_OF, 17, 30))
        starts_on = appointment.starts_at.date()
        made = Appointment.objects.get()
        assert task.cycle_key == f"{made.pk}:{starts_on}"


def test_nobody_confirms_to_a_customer_who_is_here() -> None:
    assert Listed(car(days(-20)), order(1, AS_OF, 100), booking(days(1))).kinds() == set()


def test_a_lost_cars_appointment_is_confirmed_too() -> None:
    assert Listed(car(days(-500)), booking(days(1))).kinds() == {"booking_confirm"}


def test_of_two_appointments_the_earlier_is_confirmed_first() -> None:
    listed = Listed(car(days(-20)))
    later, earlier = book(listed, days(1), None), book(listed, AS_OF, None)
    listed.settle()
    assert listed.open()["booking_confirm"].cycle_key == f"{earlier.pk}:{AS_OF}"
    Task.objects.update(closed_on=AS_OF, closed_at=at(AS_OF), closed_as="done")
    listed.settle()
    assert listed.open()["booking_confirm"].cycle_key == f"{later.pk}:{days(1)}"


@pytest.mark.parametrize("status", ["cancelled", "completed", "requested"])
def test_an_appointment_that_is_off_needs_no_confirmation(status: str) -> None:
    listed = Listed(car(days(-20)), booking(days(1)))
    change = AppointmentChange.objects.create(
        appointment=Appointment.objects.get(), status=status, from_on=AS_OF
    )
    listed.settle()
    assert listed.closed() == {"booking_confirm": "superseded"}
    change.delete()
    listed.settle()
    assert listed.kinds() == {"booking_confirm"}


def test_a_moved_appointment_is_confirmed_on_its_new_eve() -> None:
    listed = Listed(car(days(-20)), booking(days(1)))
    Appointment.objects.update(starts_at=at(days(4)), starts_on=days(4))
    listed.settle()
    assert listed.closed() == {"booking_confirm": "superseded"}
    listed.day(3)
    assert listed.open()["booking_confirm"].cycle_key.endswith(str(days(4)))


def test_a_confirmation_ends_with_its_day() -> None:
    listed = Listed(car(days(-20)), booking(days(1)))
    listed.day(1)
    assert listed.kinds() == {"booking_confirm"}
    listed.day(2)
    assert listed.closed()["booking_confirm"] == "expired"


def test_a_confirmation_ends_when_the_car_is_here() -> None:
    listed = Listed(car(days(-20)), booking(days(1)))
    add_visit(listed, AS_OF)
    listed.settle()
    assert listed.closed() == {"booking_confirm": "visited"}
    listed.day(1)
    assert "booking_confirm" not in listed.kinds()


def test_nobody_came_and_the_call_is_back() -> None:
    """DUE-5, TASK-4: booked, missed, due again."""
    listed = Listed(car(days(-36)))
    book(listed, days(3))
    listed.settle()
    assert listed.closed() == {"due_call": "booked"}
    listed.day(3)
    assert "due_call" not in listed.kinds()
    listed.day(4)
    assert "due_call" in listed.kinds()


def test_booked_by_hand_beyond_the_window_stays_closed_until_it_is_off() -> None:
    """The appointment lies too far ahead for DUE-5, yet it is one."""
    listed = Listed(car(days(-36)), contact(1, days(-30), outcome="connected"))
    made = book(listed, days(20))
    Task.objects.update(closed_on=AS_OF, closed_at=at(AS_OF), closed_as="booked", result="booked")
    listed.settle()
    listed.day(5)
    assert not listed.car.state.is_booked
    assert listed.kinds() == set()
    AppointmentChange.objects.create(appointment=made, status="no_show", from_on=days(5))
    listed.settle()
    assert listed.kinds() == {"due_call"}


def test_thirty_days_overdue_with_an_appointment_ahead_is_on_nobodys_list() -> None:
    listed = Listed(car(days(-36)))
    book(listed, days(45))
    Task.objects.update(closed_on=AS_OF, closed_at=at(AS_OF), closed_as="booked", result="booked")
    listed.day(25)
    assert listed.car.state.due_on + timedelta(days=31) == days(25)
    assert "overdue_30" not in listed.kinds()
