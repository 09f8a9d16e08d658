"""Whose task it is (TASK-5): the advisor, stand-ins, the team, the manager, who was given it."""

from typing import Any

import pytest

from alerts.models import Task
from stores.models import Staff
from stores.scope import all_stores
from tests.engine.listed import PEOPLE, Listed
from tests.engine.small_worlds import at, booking, car, complaint, contact, days, named
from tests.oracle import facts

pytestmark = pytest.mark.django_db
DEPUTY = facts.Staff("dan", "advisor", ("S1",))


@pytest.fixture(autouse=True)
def everywhere() -> Any:
    with all_stores():
        yield


def overdue(*rows: Any, **more: Any) -> Listed:
    return Listed(car(days(-36)), *rows, **more)


def test_the_fixed_advisors_day() -> None:
    listed = overdue()
    task = listed.open()["due_call"]
    assert (listed.owner(), task.stands_in_for, task.given_at) == ("ben", None, None)


def test_away_the_stand_in_with_the_hand_over_line() -> None:
    listed = overdue()
    listed.away("ben", "bea")
    listed.settle()
    task = listed.open()["due_call"]
    assert (listed.owner(), task.stands_in_for) == ("bea", listed.person("ben"))
    assert task.given_at
    listed.day(1)
    task = listed.open()["due_call"]
    assert (listed.owner(), task.stands_in_for) == ("ben", None)


def test_what_keeps_its_owner_is_not_given_anew() -> None:
    listed = overdue()
    listed.settle()
    listed.day(1)
    assert listed.open()["due_call"].given_at is None


@pytest.mark.parametrize("stand_in", [None, "bea"])
def test_a_stand_in_who_is_away_leaves_it_to_the_team(stand_in: str | None) -> None:
    listed = overdue(staff=(*PEOPLE, DEPUTY))
    listed.away("ben", stand_in)
    listed.away("bea")
    listed.settle()
    assert (listed.owner(), listed.open()["due_call"].stands_in_for) == (
        "dan",
        listed.person("ben"),
    )


def test_with_the_whole_team_away_the_manager_has_it() -> None:
    listed = overdue()
    listed.away("ben", "bea")
    listed.away("bea", "ben")
    listed.settle()
    assert listed.owner() == "ada"


def test_a_managers_deputy_must_be_there() -> None:
    listed = overdue(complaint(days(-1)), staff=(*PEOPLE, DEPUTY))
    assert listed.owner("complaint") == "ada"
    listed.away("ada", "dan")
    listed.settle()
    assert listed.owner("complaint") == "dan"
    listed.away("dan")
    listed.settle()
    # Nobody is left for the store: the customer's advisor, rather than nobody at all.
    assert listed.owner("complaint") == "ben"


def test_an_advisor_of_another_store_has_left_this_ones_customers() -> None:
    """Whatever stores are computed together."""
    listed = overdue()
    Staff.objects.get(code="ben").staffstore_set.all().delete()
    listed.settle()
    assert listed.owner() == "bea"


@pytest.mark.parametrize("kind", ["due_call", "booking_confirm", "callback", "reminder"])
def test_given_by_hand_beats_the_rule(kind: str) -> None:
    listed = overdue(*([booking(days(1))] if kind == "booking_confirm" else []))
    listed.task("callback")
    listed.task("reminder", cycle_key="r", assigned_to=listed.person("ben"))
    Task.objects.filter(kind=kind).update(assigned_to=listed.person("bea"))
    listed.settle()
    assert listed.owner(kind) == "bea"
    listed.away("bea", "ada")
    listed.settle()
    assert listed.owner(kind) == "ada"
    listed.day(1)
    if kind in listed.kinds():
        assert listed.owner(kind) == "bea"


def test_given_to_somebody_away_without_a_stand_in_the_rule_names_the_owner() -> None:
    listed = overdue()
    Task.objects.update(assigned_to=listed.person("bea"))
    listed.away("bea")
    listed.settle()
    assert listed.owner() == "ben"


def test_a_complaint_can_be_given_too() -> None:
    listed = overdue(complaint(days(-1)))
    Task.objects.filter(kind="complaint").update(assigned_to=listed.person("bea"))
    listed.settle()
    task = listed.open()["complaint"]
    assert (listed.owner("complaint"), task.stands_in_for) == ("bea", None)


@pytest.mark.parametrize(
    ("kind", "fields"),
    named(
        ("next try", "retry", {}),
        ("promised call", "callback", {}),
        ("correction", "correct_data", {"proposal": "phone"}),
        ("a step of the lane long past", "second_visit_48h", {}),
        ("a risk call of a car that is low again", "risk_call", {"cycle_key": "2026-03-01"}),
    ),
)
def test_what_nothing_asks_for_any_more_moves_with_its_owner(
    kind: str, fields: dict[str, Any]
) -> None:
    listed = overdue()
    more = {"cycle_key": str(days(-36))} if kind == "second_visit_48h" else {}
    if more:
        listed.car.rollup.__class__.objects.update(maintenance_visits=1, last_visit_on=days(-36))
    listed.task(kind, **more | fields)
    listed.away("ben", "bea")
    if more:
        # Settling would roll the car up again: the night reads the rollup as it is.
        listed.day(0)
    else:
        listed.settle()
    assert listed.owner(kind) == "bea"


def test_a_reminder_is_its_authors_also_of_a_car_that_is_gone() -> None:
    listed = overdue()
    listed.task("reminder", owner=listed.person("bea"), assigned_to=listed.person("bea"))
    listed.settle()
    assert (listed.owner("reminder"), listed.open()["reminder"].stands_in_for) == ("bea", None)
    listed.car.__class__.objects.update(status="sold", status_on=listed.on)
    listed.away("bea", "ada")
    listed.settle()
    assert listed.kinds() == {"reminder"}
    task = listed.open()["reminder"]
    assert (listed.owner("reminder"), task.stands_in_for) == ("ada", listed.person("bea"))


def test_a_retrys_value_falls_with_every_call_and_what_is_no_call_keeps_its_own() -> None:
    """TASK-2: 0.40 x 0.8 for one failed call, x 0.64 for two; a reminder has no value."""
    listed = overdue(contact(1, days(-2)))
    listed.task("retry")
    listed.task("callback", value_amount=7, probability=1, profit_amount=7)
    listed.settle()
    assert listed.open()["retry"].probability == listed.open()["due_call"].probability
    assert float(listed.open()["retry"].probability) == pytest.approx(0.40 * 0.8)
    again = contact(2, days(0))
    listed.customer.contacts.create(
        store=listed.car.store, external_id="T2", vehicle=listed.car, happened_at=at(days(0)),
        happened_on=days(0), channel=again.channel, direction="out", outcome=again.outcome,
        received_on=days(0),
    )  # fmt: skip
    listed.settle()
    assert float(listed.open()["retry"].probability) == pytest.approx(0.40 * 0.64)
    assert listed.open()["callback"].value_amount == 7
