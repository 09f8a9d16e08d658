"""Contacts a customer began, with what else such a contact may say."""

import pytest

from alerts.services.incoming import note
from alerts.services.outcomes import undo
from customers.models import ConsentEvent
from customers.selectors import refused_channels
from stores.scope import all_stores
from tests.alerts.outcome_cards import NOW, entry
from tests.dashboards.lists import car, computed_day, customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang(north, ben):
    computed_day(north)
    one = customer(north, "Wang", advisor=ben)
    car(one)
    with all_stores():
        yield one


def test_no_calls_and_no_letters_are_two_refusals_and_are_taken_back_together(wang, ben):
    said = entry(wang, "do_not_call", direction="in")
    outcome = note(said, no_letters=True, by=ben, now=NOW)
    assert refused_channels(wang) == {"phone", "wechat"}
    undo(outcome, by=ben, now=NOW)
    assert refused_channels(wang) == set()


def test_what_is_sent_twice_is_refused_once(wang, ben):
    said = entry(wang, "connected", direction="in", channel="wechat")
    for _ in range(2):
        note(said, no_letters=True, by=ben, now=NOW)
    assert ConsentEvent.objects.filter(customer=wang, channel="wechat").count() == 1
