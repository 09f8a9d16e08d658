"""Two clicks and two people at once; each race with a failing control."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from common.exceptions import DomainError
from customers.models import Customer, Vehicle
from customers.services import people, vehicles
from customers.services.people import Person
from customers.services.vehicles import Car
from stores.scope import all_stores
from tests.engine.side_by_side import Held, run_into
from tests.exchange.loading import VIN
from tests.factories import TODAY, at

pytestmark = pytest.mark.django_db(transaction=True)


class Never(Exception):  # noqa: N818 - nothing raises it
    """Stands for the error that a guard catches, so that it catches nothing."""


def entering(north, ben, key):
    """What the page does: all or nothing, the refusal as a word."""

    def work() -> object:
        person, car = Person("王建国", "13800001234"), Car(VIN, "Volta", "One", "ICE")
        try:
            with all_stores(), transaction.atomic():
                return people.add(person, car, store=north, key=key, by=ben, now=at(TODAY)).pk
        except DomainError as error:
            return error.code

    return work


def counted() -> tuple[int, int]:
    with all_stores():
        return Customer.objects.count(), Vehicle.objects.count()


@pytest.fixture
def held(monkeypatch):
    """The first one stops with its customer and car inserted and nothing committed."""
    stop = Held(vehicles._inserted)
    monkeypatch.setattr(vehicles, "_inserted", stop)
    return stop


def test_two_clicks_at_once_enter_one_customer(north, ben, held):
    click = entering(north, ben, uuid.uuid4())
    first, second, waited = run_into(held, click, click)
    assert waited
    assert first == second
    assert counted() == (1, 1)


def test_control_without_the_guard_the_second_click_fails(north, ben, held, monkeypatch):
    monkeypatch.setattr(people, "IntegrityError", Never)
    click = entering(north, ben, uuid.uuid4())
    with pytest.raises(IntegrityError):
        run_into(held, click, click)
    assert counted() == (1, 1)


def test_of_two_people_entering_one_car_the_second_is_told_and_leaves_nothing(north, ben, held):
    both = (entering(north, ben, uuid.uuid4()) for _person in range(2))
    _first, second, waited = run_into(held, *both)
    assert waited
    assert second == "vin_known"
    assert counted() == (1, 1)


def test_control_without_the_guard_the_second_car_is_an_error(north, ben, held, monkeypatch):
    monkeypatch.setattr(vehicles, "IntegrityError", Never)
    both = (entering(north, ben, uuid.uuid4()) for _person in range(2))
    with pytest.raises(IntegrityError):
        run_into(held, *both)
    assert counted() == (1, 1)
