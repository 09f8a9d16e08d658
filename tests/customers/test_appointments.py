"""Appointments agreed, moved and called off here."""

import datetime
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from common.exceptions import DomainError
from customers.models import Appointment, AppointmentChange, Vehicle
from customers.services import appointments
from customers.services.appointments import Booking
from stores.models import Staff, Store
from stores.scope import stores_scope
from tests import factories
from tests.factories import TODAY, at

pytestmark = pytest.mark.django_db
NOW = at(TODAY, 10, 42)
LATER = TODAY + datetime.timedelta(days=3)
NINE = at(LATER, 9)


@pytest.fixture(autouse=True)
def scope(north: Store, south: Store) -> Iterator[None]:
    with stores_scope([north.pk, south.pk]):
        yield


@pytest.fixture
def car(north: Store) -> Vehicle:
    return factories.VehicleFactory(customer__store=north)


def booked(car: Vehicle, by: Staff, starts_at: datetime.datetime = NINE, **fields: Any) -> Booking:
    values = {"store": car.store, "by": by, "now": NOW, "key": uuid.uuid4(), **fields}
    return appointments.book(car, starts_at, **values)


def test_an_appointment_is_confirmed_with_its_first_status(car: Vehicle, ben: Staff) -> None:
    key = uuid.uuid4()
    one = booked(car, ben, key=key, source="visit").appointment
    assert (one.external_id, one.source, one.booked_by) == (f"huitou-{key}", "visit", ben)
    assert (one.created_at, one.created_on, one.received_on) == (NOW, TODAY, TODAY)
    change = AppointmentChange.objects.get(appointment=one)
    assert (change.status, change.status_at, change.from_on) == ("confirmed", NOW, TODAY)


def test_the_date_is_that_of_the_stores_clock(north: Store, car: Vehicle, ben: Staff) -> None:
    north.timezone = "America/New_York"
    # Noon in New York.
    one = booked(car, ben, at(LATER, 0), store=north).appointment
    assert one.starts_on == LATER - datetime.timedelta(days=1)
    assert one.created_on == TODAY - datetime.timedelta(days=1)


def test_a_car_has_one_appointment_ahead_at_a_store(south: Store, car: Vehicle, ben: Staff) -> None:
    ahead = factories.AppointmentFactory(vehicle=car, status="requested")
    kept = [
        factories.AppointmentFactory(vehicle=car, store=south),
        factories.AppointmentFactory(vehicle=car, starts_on=TODAY - datetime.timedelta(days=1)),
        factories.AppointmentFactory(vehicle=car, status="no_show"),
        factories.AppointmentFactory(store=car.store),
    ]
    booking = booked(car, ben)
    assert [one.appointment_id for one in booking.replaced] == [ahead.pk]
    assert list(Appointment.objects.filter(status="cancelled")) == [ahead]
    appointments.restore(booking.replaced)
    ahead.refresh_from_db()
    assert ahead.status == "requested"
    assert not AppointmentChange.objects.filter(appointment=ahead).exists()
    assert all(one.status == Appointment.objects.get(pk=one.pk).status for one in kept)


def test_a_missed_one_is_replaced_where_it_is_named(car: Vehicle, ben: Staff) -> None:
    this_morning = factories.AppointmentFactory(
        vehicle=car, starts_on=TODAY, starts_at=at(TODAY, 9)
    )
    booking = booked(car, ben, replaces=[this_morning.pk])
    assert [one.appointment_id for one in booking.replaced] == [this_morning.pk]


def test_a_move_within_the_half_hour_needs_no_second_place(
    north: Store, car: Vehicle, ben: Staff
) -> None:
    north.bays = 1
    booked(car, ben, at(LATER, 9), store=north)
    assert booked(car, ben, at(LATER, 9, 15), store=north).appointment.starts_at == at(LATER, 9, 15)


def test_the_place_is_counted_over_the_half_hour(north: Store, car: Vehicle, ben: Staff) -> None:
    north.bays = 2
    factories.AppointmentFactory(store=north, starts_on=LATER, starts_at=at(LATER, 9, 29))
    factories.AppointmentFactory(store=north, starts_on=LATER, starts_at=at(LATER, 10))
    with pytest.raises(DomainError) as caught:
        booked(car, ben, at(LATER, 9), store=north)
    assert (caught.value.code, caught.value.data) == ("bad_slot", {"field": "slot"})
    assert booked(car, ben, at(LATER, 9, 30), store=north)


def test_calling_off_nothing_asks_nothing(north: Store, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert appointments.cancel([], store=north, now=NOW) == []
