"""Free times: the half hours of a store, what takes a place, the customer's usual time first."""

import datetime
from collections.abc import Iterator, Sequence
from datetime import time

import pytest

from customers.models import Customer
from customers.rules import Habit, habit, offered, slot_capacity, slot_of, slot_times
from customers.selectors import Slot, free_slots
from stores.models import Store
from stores.scope import stores_scope
from tests import factories
from tests.factories import TODAY, at

pytestmark = pytest.mark.django_db
TOMORROW = TODAY + datetime.timedelta(days=1)
# Monday, 15 June 2026.
NOW = at(TODAY, 10, 42)


def day(number: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=number)


@pytest.fixture(autouse=True)
def scope(north: Store) -> Iterator[None]:
    with stores_scope([north.pk]):
        yield


def taken(store: Store, moment: datetime.datetime, **fields: object) -> None:
    factories.AppointmentFactory(store=store, starts_on=moment.date(), starts_at=moment, **fields)


def starts(slots: Sequence[Slot]) -> list[datetime.datetime]:
    return [slot.starts_at for slot in slots]


@pytest.mark.parametrize(("bays", "cars"), [(0, 2), (1, 1), (2, 1), (3, 1), (4, 2), (9, 4)])
def test_half_the_bays_take_a_car_each_half_hour(bays: int, cars: int) -> None:
    assert slot_capacity(bays) == cars


def test_the_last_time_is_an_hour_before_closing() -> None:
    assert slot_times(time(8, 30), time(10, 30)) == [time(8, 30), time(9), time(9, 30)]
    assert slot_times(time(8, 15), time(9, 30)) == [time(8, 15)]
    assert slot_times(time(8, 30), time(9)) == []


@pytest.mark.parametrize(
    ("moment", "start"),
    [
        (time(9, 0), time(8, 45)),
        (time(9, 15), time(9, 15)),
        (time(9, 44), time(9, 15)),
        (time(8, 44), time(8, 15)),
        (time(0, 5), time(0, 0)),
    ],
)
def test_a_moment_falls_into_a_half_hour_counted_from_opening(moment: time, start: time) -> None:
    assert slot_of(moment, time(8, 45)) == start


def test_two_visits_are_no_habit() -> None:
    assert habit([at(day(0)), at(day(7))]) is None


def test_a_habit_is_the_weekday_and_the_hour_most_visits_had() -> None:
    arrivals = [at(day(1), 15), at(day(0), 9, 50), at(day(7), 9, 10), at(day(14), 16)]
    assert habit(arrivals) == Habit(weekday=0, hour=9)


def test_three_visits_at_three_times_are_no_habit() -> None:
    assert habit([at(day(0), 9), at(day(1), 9), at(day(2), 9)]) is None
    assert habit([at(day(0), 9), at(day(7), 11), at(day(14), 15)]) is None


def test_without_a_habit_mornings_and_afternoons_are_offered_by_turns() -> None:
    free = [at(day(number), hour) for number in range(4) for hour in (9, 11, 14, 16)]
    assert offered(free, None, 3) == [at(day(0), 9), at(day(1), 14), at(day(2), 9)]


def test_what_the_days_do_not_give_is_filled_up() -> None:
    free = [at(day(0), 9), at(day(0), 10), at(day(1), 9)]
    assert offered(free, None, 4) == [at(day(0), 9), at(day(1), 9), at(day(0), 10)]


def test_times_begin_two_hours_from_now(north: Store) -> None:
    found = starts(free_slots(north, now=NOW, on=TODAY))
    assert found[0] == at(TODAY, 13)
    assert found[-1] == at(TODAY, 16, 30)
    assert starts(free_slots(north, now=at(TODAY, 11), on=TODAY))[0] == at(TODAY, 13)
    assert free_slots(north, now=at(TODAY, 15), on=TODAY) == []


def test_a_day_that_is_over_has_none(north: Store) -> None:
    assert free_slots(north, now=NOW, on=day(-1)) == []


def test_one_day_is_listed_whole(north: Store) -> None:
    found = starts(free_slots(north, now=NOW, on=TOMORROW))
    assert (len(found), found[0], found[-1]) == (17, at(TOMORROW, 8, 30), at(TOMORROW, 16, 30))


@pytest.mark.parametrize(
    ("status", "is_free"),
    [
        ("requested", False),
        ("confirmed", False),
        ("cancelled", True),
        ("no_show", True),
        ("arrived", True),
        ("completed", True),
    ],
)
def test_what_is_agreed_takes_a_place(status: str, is_free: bool, north: Store) -> None:
    taken(north, at(TOMORROW, 9))
    taken(north, at(TOMORROW, 9, 25), status=status)
    assert (at(TOMORROW, 9) in starts(free_slots(north, now=NOW, on=TOMORROW))) is is_free


def test_another_stores_appointments_take_none_here(north: Store, south: Store) -> None:
    north.bays = 2
    taken(south, at(TOMORROW, 9))
    assert at(TOMORROW, 9) in starts(free_slots(north, now=NOW, on=TOMORROW))


@pytest.fixture
def tuesday_person(north: Store) -> Customer:
    """Comes on Tuesdays between two and three, and once on a Friday."""
    customer = factories.CustomerFactory(store=north)
    car = factories.VehicleFactory(customer=customer)
    for number, hour in ((-7 * 20 + 1, 14), (-7 * 40 + 1, 14), (-7 * 60 + 4, 9)):
        factories.VisitFactory(
            vehicle=car, arrived_on=day(number), arrived_at=at(day(number), hour, 20)
        )
    return customer


def test_the_next_two_usual_times_come_first(north: Store, tuesday_person: Customer) -> None:
    slots = free_slots(north, now=NOW, customer=tuesday_person)
    assert starts(slots) == [
        at(day(1), 14), at(day(8), 14), at(day(0), 14), at(day(2), 14),
    ]  # fmt: skip
    assert [slot.is_usual for slot in slots] == [True, True, False, False]


def test_a_full_usual_time_gives_way_to_the_next_half_hour(
    north: Store, tuesday_person: Customer
) -> None:
    for _ in range(2):
        taken(north, at(day(1), 14))
        taken(north, at(day(8), 14))
        taken(north, at(day(8), 14, 30))
    usual = [s.starts_at for s in free_slots(north, now=NOW, customer=tuesday_person) if s.is_usual]
    assert usual == [at(day(1), 14, 30), at(day(15), 14)]


def test_of_one_day_the_usual_time_is_marked(north: Store, tuesday_person: Customer) -> None:
    slots = free_slots(north, now=NOW, customer=tuesday_person, on=TOMORROW)
    assert [s.starts_at for s in slots if s.is_usual] == [at(TOMORROW, 14), at(TOMORROW, 14, 30)]


def test_void_visits_are_no_habit(north: Store, tuesday_person: Customer) -> None:
    tuesday_person.visits.filter(arrived_on=day(-7 * 20 + 1)).update(status="void")
    slots = free_slots(north, now=NOW, customer=tuesday_person)
    assert not any(slot.is_usual for slot in slots)


def test_a_store_that_is_full_for_weeks_offers_none(north: Store) -> None:
    north.opens_at, north.closes_at = time(9), time(10)
    north.bays = 1
    for number in range(28):
        taken(north, at(day(number), 9))
    assert free_slots(north, now=NOW) == []


def test_times_are_those_of_the_stores_clock(north: Store) -> None:
    north.timezone = "Asia/Tokyo"
    # A quarter to midnight in Shanghai is tomorrow in Tokyo.
    first = free_slots(north, now=at(TODAY, 23, 45), count=1)[0].starts_at
    assert first.isoformat() == "2026-06-16T08:30:00+09:00"


def test_it_takes_two_questions(
    north: Store, tuesday_person: Customer, django_assert_num_queries
) -> None:
    with django_assert_num_queries(2):
        free_slots(north, now=NOW, customer=tuesday_person)
    with django_assert_num_queries(1):
        free_slots(north, now=NOW, on=TOMORROW)
