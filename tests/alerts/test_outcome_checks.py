"""What an entry must say for its result; each refusal names the field and says what is missing."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from alerts.models import Outcome, Task
from alerts.services.outcomes import closing_at
from common.exceptions import DomainError
from customers.models import Contact, Customer
from stores.models import Staff, Store
from stores.scope import stores_scope
from tests import factories
from tests.alerts.outcome_cards import IN_THREE_DAYS, NOW, card, recorded
from tests.dashboards import lists
from tests.factories import TODAY, at

pytestmark = pytest.mark.django_db


def in_days(days: int, hour: int = 10, minute: int = 0) -> datetime.datetime:
    return at(TODAY + datetime.timedelta(days=days), hour, minute)


@pytest.fixture(autouse=True)
def scope(north: Store) -> Iterator[None]:
    with stores_scope([north.pk]):
        yield


@pytest.fixture
def li(north: Store, ben: Staff) -> Customer:
    """Li Wei with two cars and a call about each."""
    lists.computed_day(north)
    customer = lists.customer(north, "Li Wei", advisor=ben)
    for _ in range(2):
        card(customer, "due_call", owner=ben, car=lists.car(customer))
    return customer


def refusal(customer: Customer, by: Staff, result: str, **fields: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        recorded(customer, result, by, **fields)
    assert caught.value.code == "bad_outcome"
    assert not Outcome.objects.exists()
    assert not Contact.objects.exists()
    return caught.value


@pytest.mark.parametrize(
    ("result", "fields", "field"),
    [
        pytest.param("refused", {"reason": ""}, "reason", id="no reason"),
        pytest.param("refused", {"reason": "weather"}, "reason", id="unknown reason"),
        pytest.param("elsewhere", {"reason": "weather"}, "reason", id="unknown reason elsewhere"),
        pytest.param("shrugged", {}, "result", id="unknown result"),
        pytest.param("connected", {"channel": "pigeon"}, "channel", id="unknown channel"),
        pytest.param("connected", {"direction": "up"}, "direction", id="unknown direction"),
        pytest.param("connected", {"note": "x" * 2001}, "note", id="long note"),
        pytest.param(
            "connected", {"agreed_on": TODAY - datetime.timedelta(1)}, "agreed_on", id="agreed past"
        ),
        pytest.param(
            "connected", {"agreed_on": datetime.date(2030, 1, 1)}, "agreed_on", id="agreed far"
        ),
        pytest.param("callback", {"callback_at": None}, "callback_at", id="no day"),
        pytest.param("callback", {"callback_at": NOW}, "callback_at", id="callback now"),
        pytest.param("callback", {"callback_at": in_days(61)}, "callback_at", id="in 61 days"),
        pytest.param("vehicle_gone", {"reason": ""}, "reason", id="gone how"),
        pytest.param("vehicle_gone", {"reason": "price"}, "reason", id="gone for the price"),
        pytest.param("vehicle_gone", {}, "vehicle_id", id="which of two cars"),
        pytest.param("settled", {"note": " "}, "note", id="settled without a word"),
        pytest.param("settled", {}, "result", id="nothing to settle"),
        pytest.param("done", {}, "result", id="nothing to be done with"),
        pytest.param("booked", {"slot": None}, "slot", id="no time"),
        pytest.param("booked", {"slot": NOW}, "slot", id="a time that is over"),
        pytest.param("booked", {"slot": in_days(1, 8, 29)}, "slot", id="before opening"),
        pytest.param("booked", {"slot": in_days(1, 17, 30)}, "slot", id="at closing"),
        pytest.param("booked", {"slot": in_days(400)}, "slot", id="in more than a year"),
        pytest.param("no_answer", {"direction": "in"}, "result", id="caller who did not answer"),
        pytest.param("wrong_number", {"direction": "in"}, "result", id="caller's wrong number"),
        pytest.param("messaged", {"direction": "in"}, "result", id="caller written to"),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    result: str, fields: dict[str, Any], field: str, li: Customer, ben: Staff
) -> None:
    error = refusal(li, ben, result, **fields)
    assert error.data["field"] == field
    assert error.message.endswith(".")


@pytest.mark.parametrize(
    ("result", "fields"),
    [
        pytest.param("elsewhere", {"reason": "price"}, id="elsewhere for the price"),
        pytest.param("callback", {"callback_at": in_days(60, 17, 30)}, id="in 60 days"),
        pytest.param(
            "callback", {"callback_at": NOW + datetime.timedelta(minutes=1)}, id="in a minute"
        ),
        pytest.param("booked", {"slot": in_days(1, 8, 30)}, id="at opening"),
        pytest.param("booked", {"slot": in_days(1, 17, 29)}, id="before closing"),
        pytest.param("connected", {"agreed_on": TODAY}, id="agreed for today"),
    ],
)
def test_the_boundary_itself_is_right(
    result: str, fields: dict[str, Any], li: Customer, ben: Staff
) -> None:
    assert recorded(li, result, ben, **fields).result == result


def test_a_full_time_is_refused_and_nothing_else_is_written(
    north: Store, li: Customer, ben: Staff
) -> None:
    for minute in (0, 20):
        factories.AppointmentFactory(
            store=north, starts_on=IN_THREE_DAYS, starts_at=at(IN_THREE_DAYS, 9, minute)
        )
    error = refusal(li, ben, "booked", slot=at(IN_THREE_DAYS, 9, 15))
    assert error.data["field"] == "slot"
    assert not Task.objects.exclude(result="").exists()


def test_a_promise_needs_a_car_to_remember_it_by(north: Store, ben: Staff) -> None:
    error = refusal(lists.customer(north, "No car"), ben, "callback", direction="in")
    assert error.data["field"] == "result"


def test_a_booking_without_a_card_needs_the_car(li: Customer, ben: Staff) -> None:
    Task.objects.all().delete()
    assert refusal(li, ben, "booked", direction="in").data["field"] == "vehicle_id"
    car = li.vehicles.last()
    assert recorded(li, "booked", ben, direction="in", vehicle_id=car.pk).vehicle == car


def test_what_is_not_asked_for_is_not_kept(li: Customer, ben: Staff) -> None:
    assert recorded(li, "connected", ben, callback_at=in_days(1)).callback_at is None


def test_a_promise_for_a_day_ends_at_the_stores_closing_time(north: Store) -> None:
    north.timezone = "Asia/Tokyo"
    closing = closing_at(north, TODAY)
    assert closing.isoformat() == "2026-06-15T17:30:00+09:00"
