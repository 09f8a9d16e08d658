"""Channels a customer does not want to be reached on."""

import datetime
from collections.abc import Iterator

import pytest

from customers.models import Customer
from customers.selectors import refused_channels
from customers.services.consent import withdraw
from stores.models import AuditEntry, Staff, Store
from stores.scope import stores_scope
from tests import factories
from tests.factories import TODAY, at

pytestmark = pytest.mark.django_db
NOW = at(TODAY, 10, 42)


@pytest.fixture(autouse=True)
def scope(north: Store) -> Iterator[None]:
    with stores_scope([north.pk]):
        yield


@pytest.fixture
def customer(north: Store) -> Customer:
    return factories.CustomerFactory(store=north)


def test_a_withdrawal_stands_at_once_and_is_logged(customer: Customer, ben: Staff) -> None:
    event = withdraw(customer, "phone", by=ben, at=NOW)
    assert refused_channels(customer) == {"phone"}
    assert (event.given_at, event.is_granted, event.source) == (NOW, False, "call")
    logged = AuditEntry.objects.get(action="consent_withdrawn")
    assert (logged.actor, logged.thing, logged.thing_id) == (ben, "customer", customer.pk)
    assert logged.detail == {"channel": "phone", "source": "call"}


def test_who_never_said_anything_refuses_nothing(customer: Customer) -> None:
    factories.ConsentEventFactory(customer=customer, channel="sms", is_granted=True)
    assert refused_channels(customer) == set()


@pytest.mark.parametrize(
    ("minutes", "refused"),
    [
        pytest.param(-1, {"phone"}, id="granted before"),
        pytest.param(0, {"phone"}, id="granted in the same moment"),
        pytest.param(1, set(), id="granted later"),
        pytest.param(None, {"phone"}, id="granted without a date"),
    ],
)
def test_only_a_later_consent_turns_a_channel_on_again(
    minutes: int | None, refused: set[str], customer: Customer, ben: Staff
) -> None:
    withdraw(customer, "phone", by=ben, at=NOW)
    given_at = None if minutes is None else NOW + datetime.timedelta(minutes=minutes)
    factories.ConsentEventFactory(customer=customer, channel="phone", given_at=given_at)
    assert refused_channels(customer) == refused
