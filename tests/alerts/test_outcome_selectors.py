"""Reads of outcomes: the latest, and who did what."""

import datetime
from collections.abc import Iterator

import pytest
from django.utils import translation

from alerts.selectors.outcomes import latest, who_did_what
from stores.models import Staff, Store
from stores.scope import stores_scope
from tests import factories
from tests.factories import TODAY, at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scope(north: Store) -> Iterator[None]:
    with stores_scope([north.pk]):
        yield


def test_the_latest_outcome_is_the_last_one_that_stands(north: Store, ben: Staff) -> None:
    customer = factories.CustomerFactory(store=north)
    assert latest(customer.pk) is None
    fields = {"customer": customer, "store": north, "staff": ben}
    first = factories.OutcomeFactory(**fields)
    # Its clock was ahead; it was recorded first all the same.
    type(first).objects.filter(pk=first.pk).update(at=at(TODAY, 10, 30))
    second = factories.OutcomeFactory(**fields)
    factories.OutcomeFactory(**fields, undone_at=at(TODAY, 10))
    assert latest(customer.pk) == second


def test_it_is_said_who_did_what_when_on_the_stores_clock(north: Store, ben: Staff) -> None:
    north.timezone = "Asia/Tokyo"
    north.save()
    outcome = factories.OutcomeFactory(store=north, staff=ben, result="booked", at=at(TODAY, 9, 42))
    with translation.override("en"):
        assert who_did_what(outcome) == "Ben recorded “Booked” at 10:42."
        assert who_did_what(outcome, TODAY) == "Ben recorded “Booked” at 10:42."
        tomorrow = TODAY + datetime.timedelta(days=1)
        assert who_did_what(outcome, tomorrow) == "Ben recorded “Booked” on 15 Jun at 10:42."
