"""What ends a task and what keeps it: attempts, refused channels, corrections, reminders."""

from datetime import timedelta
from typing import Any

import pytest

from alerts.models import Task
from alerts.services.outcomes import record
from customers.models import Contact, Customer, Vehicle, Visit
from exchange.explaining import explain
from lifecycle.reasons import task_reasons
from pipeline.services.settle import settling
from stores.scope import all_stores
from tests.alerts import outcome_cards
from tests.engine.listed import Listed
from tests.engine.small_worlds import AS_OF, at, booking, car, complaint, contact, days, named
from tests.engine.test_boundaries_lane import add_visit, book, due_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everywhere() -> Any:
    with all_stores():
        yield


def high(*rows: Any, **more: Any) -> Listed:
    """21 days overdue: score 55."""
    return Listed(car(days(-51)), *rows, **more)


@pytest.mark.parametrize(
    ("attempt", "opens"),
    named(
        ("nobody called", None, True),
        ("not connected", contact(1, AS_OF), False),
        ("connected", contact(1, AS_OF, outcome="connected"), False),
        ("naming no car", contact(1, AS_OF, vin=None), False),
        ("yesterday", contact(1, days(-1)), True),
        ("written to", contact(1, AS_OF, "wechat", "delivered"), True),
        ("she called", contact(1, AS_OF, outcome="connected", direction="in"), True),
    ),
)
def test_one_attempt_fulfils_the_duty(attempt: Any, opens: bool) -> None:
    """RISK-2."""
    listed = high(*([attempt] if attempt else []))
    assert ("risk_call" in listed.kinds()) is opens


def called(listed: Listed, outcome: str = "no_answer", **more: Any) -> None:
    Contact.objects.create(
        store=listed.car.store,
        external_id=f"T{Contact.objects.count() + 10}",
        customer=listed.customer,
        happened_at=at(listed.on),
        happened_on=listed.on,
        channel="phone",
        direction="out",
        outcome=outcome,
        received_on=listed.on,
        **more,
    )


@pytest.mark.parametrize("outcome", ["no_answer", "connected", "wrong_number"])
def test_an_attempt_ends_the_call_for_good(outcome: str) -> None:
    listed = high()
    called(listed, outcome)
    listed.settle()
    assert listed.closed() == {"risk_call": "done"}
    listed.day(1)
    assert listed.kinds() == {"due_call"}


def test_the_attempt_whose_failure_makes_the_level_high_is_one() -> None:
    """14 overdue: 70; two failed calls and the third make 60, 50."""
    listed = Listed(car(days(-44)), contact(1, days(-1)))
    assert listed.car.state.risk_level == "medium"
    called(listed, vehicle=listed.car)
    listed.settle()
    listed.car.state.refresh_from_db()
    assert (listed.car.state.risk_level, listed.car.state.high_on) == ("high", AS_OF)
    assert listed.kinds() == {"due_call"}


def test_a_complaint_on_a_high_car_asks_again_after_yesterdays_attempt() -> None:
    listed = high()
    called(listed)
    listed.day(1)
    row = complaint(days(1))
    listed.car.complaints.create(
        store=listed.car.store, external_id="K1", opened_at=row.opened_at, opened_on=days(1),
        received_on=days(1),
    )  # fmt: skip
    listed.settle()
    task = listed.open()["risk_call"]
    assert (task.cycle_key, task.priority_group) == (str(days(1)), 0)


REFUSALS = named(
    ("phone only", [("phone", False, -1)], True),
    ("both", [("phone", False, -1), ("wechat", False, -1)], False),
    ("one given again", [("phone", False, -2), ("wechat", False, -2), ("phone", True, -1)], True),
    ("given before", [("phone", True, -3), ("phone", False, -2), ("wechat", False, -2)], False),
    ("given and refused at once",
     [("phone", True, -2), ("phone", False, -2), ("wechat", False, -2)], False),
    ("refused tomorrow", [("phone", False, 1), ("wechat", False, -1)], True),
    ("an undated yes never grants again",
     [("phone", False, -2), ("wechat", False, -2), ("wechat", True, None)], False),
)  # fmt: skip


@pytest.mark.parametrize(("words", "opens"), REFUSALS)
def test_nobody_is_called_who_refused_both_channels(words: list[Any], opens: bool) -> None:
    """DOMAIN §9."""
    listed = high()
    for channel, is_granted, day in words:
        word = listed.say(channel, is_granted, None if day is None else at(days(day)))
        if day is None:
            type(word).objects.filter(pk=word.pk).update(given_at=None)
    for compute in (listed.settle, lambda: listed.day(0)):
        compute()
        assert listed.kinds() == ({"due_call", "risk_call"} if opens else set())
    Task.objects.all().delete()
    for compute in (lambda: listed.day(0), listed.settle):
        compute()
        assert listed.kinds() == ({"due_call", "risk_call"} if opens else set())
        Task.objects.all().delete()


def test_who_refused_both_is_still_met_over_a_complaint_and_a_booking() -> None:
    listed = high(complaint(days(-1)))
    listed.task("retry")
    listed.say("phone", False)
    listed.say("wechat", False)
    listed.settle()
    assert listed.kinds() == {"complaint"}
    assert set(listed.closed().values()) == {"superseded"}
    book(listed, days(1), None)
    listed.settle()
    assert listed.kinds() == {"complaint", "booking_confirm"}


def test_a_channel_given_again_brings_the_calls_back() -> None:
    listed = high()
    words = [listed.say(channel, False) for channel in ("phone", "wechat")]
    listed.settle()
    assert listed.kinds() == set()
    words[0].delete()
    listed.settle()
    assert listed.kinds() == {"due_call", "risk_call"}


def test_the_lane_stops_for_who_refused_both() -> None:
    listed = Listed(*due_in(3))
    listed.say("phone", False)
    listed.say("wechat", False)
    listed.settle()
    assert listed.kinds() == set()


@pytest.mark.parametrize(
    ("kind", "closed_as"),
    named(("next try", "retry", "visited"), ("promised call", "callback", None)),
)
def test_a_visit_ends_the_next_try_and_not_a_promise(kind: str, closed_as: str | None) -> None:
    listed = Listed(car(days(-36)))
    listed.task(kind)
    add_visit(listed, AS_OF)
    listed.settle()
    assert listed.closed().get(kind) == closed_as


@pytest.mark.parametrize(
    ("kind", "closed_as"),
    named(("next try", "retry", "booked"), ("promised call", "callback", None)),
)
def test_a_booking_ends_the_next_try_and_not_a_promise(kind: str, closed_as: str | None) -> None:
    listed = Listed(car(days(-36)))
    listed.task(kind)
    book(listed, days(3))
    listed.settle()
    assert listed.closed().get(kind) == closed_as


def test_the_next_try_of_a_lost_car_is_left_to_win_back() -> None:
    listed = Listed(car(days(-119)))
    listed.task("retry")
    listed.task("callback")
    listed.day(1)
    assert listed.closed()["retry"] == "expired"
    assert listed.kinds() == {"callback"}


@pytest.mark.parametrize(
    ("kind", "proposal", "closed_as"),
    named(
        ("reminder", "reminder", "", None),
        ("wrong number", "correct_data", "phone", None),
        ("said to be sold", "correct_data", "sold", "done"),
        ("said to have moved", "correct_data", "moved", "done"),
        ("promised call", "callback", "", "vehicle_gone"),
        ("next try", "retry", "", "vehicle_gone"),
    ),
)
def test_what_a_car_that_is_gone_leaves_open(
    kind: str, proposal: str, closed_as: str | None
) -> None:
    listed = Listed(car(days(-36)))
    listed.task(kind, proposal=proposal)
    listed.settle()
    assert kind in listed.kinds()
    Vehicle.objects.update(status="sold", status_on=AS_OF)
    listed.settle()
    assert listed.closed().get(kind) == closed_as


@pytest.mark.parametrize(("kind", "proposal"), [("reminder", ""), ("correct_data", "phone")])
def test_of_an_erased_customer_nothing_stays(kind: str, proposal: str) -> None:
    listed = Listed(car(days(-36)))
    listed.task(kind, proposal=proposal)
    Customer.objects.update(erased_on=AS_OF)
    listed.settle()
    assert listed.kinds() == set()


@pytest.mark.parametrize(
    ("kind", "opens"),
    named(("a reminder", "reminder", True), ("a correction", "correct_data", True),
          ("a promise", "callback", False)),
)  # fmt: skip
def test_thirty_days_overdue_with_nothing_to_call_for(kind: str, opens: bool) -> None:
    """A reminder and a correction are no calls."""
    listed = Listed(car(days(-59)))
    long_ago = days(-30)
    Task.objects.filter(kind__in=["due_call", "risk_call"]).update(
        closed_on=long_ago, closed_at=at(long_ago), closed_as="done"
    )
    listed.task(kind)
    listed.day(1)
    assert ("overdue_30" in listed.kinds()) is opens


@pytest.mark.parametrize(
    ("result", "kinds"),
    [
        ("refused", set()),
        ("elsewhere", set()),
        ("do_not_call", set()),
        ("vehicle_gone", {"correct_data"}),
        # Only written to, after calls nobody answered.
        ("messaged", set()),
    ],
)
@pytest.mark.parametrize("days_overdue", [29, 35])
def test_whose_calls_have_ended_is_left_alone_though_a_month_overdue(
    days_overdue: int, result: str, kinds: set[str]
) -> None:
    listed = Listed(car(days(-30 - days_overdue)))
    _ended(listed, result)
    if days_overdue >= 30:
        assert listed.kinds() == kinds
    listed.day(1)
    assert listed.kinds() == kinds


@pytest.mark.parametrize(
    ("result", "on_the_last_day", "afterwards"),
    [
        ("refused", set(), {"overdue_30"}),
        ("messaged", set(), {"overdue_30"}),
        ("vehicle_gone", {"correct_data"}, {"correct_data"}),
    ],
)
def test_a_month_after_a_no_being_overdue_is_a_reason_of_its_own(
    result: str, on_the_last_day: set[str], afterwards: set[str]
) -> None:
    """TASK-6: said five days overdue; on a list again thirty days later, and no day sooner."""
    listed = Listed(car(days(-35)))
    _ended(listed, result)
    Task.objects.filter(kind="risk_call").update(closed_on=AS_OF, closed_as="done")
    listed.day(29)
    assert listed.kinds() - {"risk_call"} == on_the_last_day
    Task.objects.filter(kind="risk_call").update(closed_on=AS_OF, closed_as="done")
    listed.day(30)
    assert listed.kinds() - {"risk_call"} == afterwards


def _ended(listed: Listed, result: str) -> None:
    """All calls of the car but the due call are over; that one ends with this result."""
    Task.objects.exclude(kind="due_call").update(closed_on=AS_OF, closed_as="done")
    if result == "messaged":
        listed.task("retry", channel="wechat")
    entry = outcome_cards.entry(listed.customer, result)
    with settling():
        record(entry, by=listed.person("ben"), now=at(AS_OF))


def test_a_resting_task_keeps_resting() -> None:
    listed = Listed(car(days(-36)))
    Task.objects.update(due_on=days(3), attempts=1)
    listed.day(1)
    listed.settle()
    task = listed.open()["due_call"]
    assert (task.due_on, task.attempts) == (days(3), 1)


def test_the_same_night_again_writes_nothing_about_any_kind() -> None:
    listed = Listed(*due_in(3), booking(days(20)), complaint(days(-3)))
    for kind in ("retry", "callback", "correct_data", "reminder"):
        listed.task(kind)
    listed.settle()
    before = list(Task.objects.order_by("pk").values())
    listed.day(0)
    listed.settle()
    assert list(Task.objects.order_by("pk").values()) == before


def told(listed: Listed, kind: str, **fields: Any) -> list[str]:
    task = listed.open()[kind]
    for name, value in fields.items():
        setattr(task, name, value)
    return task_reasons(kind, listed.car.rollup, listed.car.state, listed.on, task)


def test_every_kind_says_why() -> None:
    listed = Listed(*due_in(3), booking(days(2)), contact(1, days(-3)))
    listed.task("retry", attempts=1)
    listed.task("callback", deadline_at=at(days(2), 9, 30))
    listed.task("reminder", note="Ask about the tyres")
    listed.task("correct_data", proposal="sold", note="Her son said so")
    assert told(listed, "second_visit_3d")[-1] == (
        "The second service is agreed for 2 Apr: make sure of it"
    )
    assert told(listed, "retry") == ["Attempt 2: not reached on 28 Mar"]
    assert told(listed, "retry", channel="wechat") == [
        "1 call did not get through, the latest on 28 Mar: write instead"
    ]
    assert told(listed, "callback") == ["A call is promised for 2 Apr, by 09:30"]
    assert told(listed, "reminder") == ["Ask about the tyres"]
    assert told(listed, "correct_data") == [
        "The car is said to be sold: check it and correct the record",
        "Her son said so",
    ]


def test_explain_tells_the_hour_of_the_appointment_before_and_after_the_first_run() -> None:
    listed = Listed(car(days(-20)), booking(days(1)))
    store = [listed.car.store]
    kept = next(explain(store, AS_OF))["tasks"]
    replayed = next(explain(store, AS_OF - timedelta(days=0), None))["tasks"]
    assert kept == replayed
    assert kept[0]["reasons"] == ["Appointment tomorrow at 10:00: confirm"]
    before = next(explain(store, AS_OF - timedelta(days=1)))["tasks"]
    assert before == []


def test_nothing_kept_changes_what_a_replay_says() -> None:
    """A replay knows no task that was opened or closed since."""
    listed = Listed(*due_in(3))
    first = days(-1)
    before = next(explain([listed.car.store], first))["tasks"]
    Task.objects.update(
        closed_on=days(-5), closed_at=at(AS_OF), closed_as="done", result="refused",
        assigned_to=listed.person("bea"),
    )  # fmt: skip
    assert next(explain([listed.car.store], first))["tasks"] == before
    assert {task["kind"] for task in before} == {"due_call", "second_visit_14d"}
    assert {task["owner"] for task in before} == {"ben"}
    assert not Visit.objects.filter(arrived_on=AS_OF).exists()
