"""Both sides of every boundary of DUE-1 to DUE-6, worked out by hand, through the product's SQL."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.engine.small_worlds import (
    AS_OF,
    CAR,
    OTHER,
    at,
    booking,
    car,
    complaint,
    contact,
    days,
    named,
    order,
    overdue_car,
    told,
    told_of_car,
    utc,
)
from tests.oracle import facts

pytestmark = pytest.mark.django_db


# The car is never visited, so due 30 days after its delivery (3,000 km at 50 a day are 60 days).
@pytest.mark.parametrize(
    ("overdue", "level", "points"),
    named(
        ("due in 30", -30, "yellow", {}),
        ("due in 29", -29, "yellow", {}),
        ("due in 16", -16, "yellow", {}),
        ("due in 15", -15, "orange", {}),
        ("due tomorrow", -1, "orange", {}),
        ("due today", 0, "orange", {}),
        ("1 over", 1, "red", {}),
        ("6 over", 6, "red", {}),
        ("7 over", 7, "red", {"overdue": 15}),
        ("13 over", 13, "red", {"overdue": 15}),
        ("14 over", 14, "red", {"overdue": 30}),
        ("48 over", 48, "red", {"overdue": 90}),
        ("49 over is capped", 49, "red", {"overdue": 100}),
    ),
)
def test_level_and_weeks_overdue(overdue: int, level: str, points: dict[str, int]) -> None:
    """DUE-5, RISK-1."""
    found = told_of_car(overdue_car(overdue))
    assert found["due"]["on"] == days(-overdue)
    assert found["due"]["level"] == level
    assert found["lost"]["days_overdue"] == max(0, overdue)
    assert found["risk"]["items"] == points
    assert found["risk"]["score"] == 100 - points.get("overdue", 0)


def slow_car() -> tuple[Any, ...]:
    """Due on 2026-03-15, six months after its maintenance; it runs about 5 km a day."""
    return (
        car(date(2023, 6, 1)),
        order(1, date(2024, 5, 1), 1000),
        order(2, date(2025, 9, 15), 1100, "maintenance"),
    )


@pytest.mark.parametrize(
    ("as_of", "level"),
    named(
        ("31 before", date(2026, 2, 12), "none"),
        ("30 before", date(2026, 2, 13), "yellow"),
        ("16 before", date(2026, 2, 27), "yellow"),
        ("15 before", date(2026, 2, 28), "orange"),
        ("the day", date(2026, 3, 15), "orange"),
        ("1 after", date(2026, 3, 16), "red"),
    ),
)
def test_level_from_day_to_day(as_of: date, level: str) -> None:
    """DUE-5: the same car on other days."""
    found = told_of_car(*slow_car(), as_of=as_of)["due"]
    assert (found["on"], found["basis"]) == (date(2026, 3, 15), "time")
    assert found["level"] == level


@pytest.mark.parametrize(
    ("status_on", "received_on", "is_gone"),
    named(
        ("sold today", AS_OF, days(9), True),
        ("sold tomorrow", days(1), days(-9), False),
        ("undated, received today", None, AS_OF, True),
        ("undated, received tomorrow", None, days(1), False),
    ),
)
def test_a_sold_car_is_gone_from_its_day_on(
    status_on: date | None, received_on: date, is_gone: bool
) -> None:
    """DUE-6: the record keeps due date and score, nothing warns."""
    sold = overdue_car(100, status="sold", status_on=status_on)
    found = told_of_car(sold, booking(AS_OF), received_on=received_on)
    assert found["due"]["on"] == days(-100)
    assert found["risk"]["score"] == 0
    assert (found["due"]["level"] == "none") is is_gone
    assert found["due"]["booked"] is not is_gone
    assert found["lost"]["is_lost"] is not is_gone
    assert (found["lost"]["phase"] is None) is is_gone


@pytest.mark.parametrize(
    ("ahead", "overdue", "is_booked"),
    named(
        ("yesterday", -1, 5, False),
        ("today", 0, 5, True),
        ("14 days ahead", 14, 5, True),
        ("15 days ahead", 15, 5, False),
        ("due + 7 when that is later", 17, -10, True),
        ("due + 8", 18, -10, False),
        ("14 days ahead, due + 6", 14, -8, True),
        ("due + 7 of a car due in 8 days", 15, -8, True),
        ("due + 7 of a car due in 7 days", 14, -7, True),
        ("15 days ahead, due + 8", 15, -7, False),
    ),
)
def test_booked_until_the_later_of_two_days(ahead: int, overdue: int, is_booked: bool) -> None:
    """DUE-5."""
    found = told_of_car(overdue_car(overdue), booking(days(ahead)))
    assert found["due"]["booked"] is is_booked


@pytest.mark.parametrize(
    ("appointment", "is_booked"),
    named(
        ("requested", booking(days(3), "requested"), False),
        ("cancelled", booking(days(3), "cancelled"), False),
        ("confirmed today", booking(days(3), known_on=AS_OF), True),
        ("confirmed tomorrow", booking(days(3), known_on=days(1)), False),
        ("made today", booking(days(3), created_at=at(AS_OF, 23, 59)), True),
        ("made tomorrow", booking(days(3), created_at=at(days(1), 0)), False),
    ),
)
def test_only_what_is_confirmed_by_then_is_booked(
    appointment: facts.Appointment, is_booked: bool
) -> None:
    assert told_of_car(overdue_car(5), appointment)["due"]["booked"] is is_booked


@pytest.mark.parametrize(
    ("base", "powertrain", "due_on"),
    named(
        ("31 August", date(2025, 8, 31), "ICE", date(2026, 2, 28)),
        ("29 August", date(2025, 8, 29), "ICE", date(2026, 2, 28)),
        ("28 August", date(2025, 8, 28), "ICE", date(2026, 2, 28)),
        ("31 August before a leap year", date(2023, 8, 31), "ICE", date(2024, 2, 29)),
        ("29 August before a leap year", date(2023, 8, 29), "ICE", date(2024, 2, 29)),
        ("30 September", date(2025, 9, 30), "ICE", date(2026, 3, 30)),
        ("29 February", date(2024, 2, 29), "ICE", date(2024, 8, 29)),
        ("29 February and a year", date(2024, 2, 29), "BEV", date(2025, 2, 28)),
        ("28 February and a year", date(2023, 2, 28), "BEV", date(2024, 2, 28)),
    ),
)
def test_months_end_at_the_end_of_the_month(base: date, powertrain: str, due_on: date) -> None:
    """DUE-4: calendar months, clamped; the car stands still, so the time decides."""
    found = told_of_car(
        car(days(-600, base), powertrain=powertrain),
        order(1, days(-300, base), 1000),
        order(2, base, 1100, "maintenance"),
        as_of=due_on,
    )["due"]
    assert (found["on"], found["basis"], found["level"]) == (due_on, "time", "orange")


BASE = date(2025, 10, 1)


# Delivered 30 days before BASE, a repair 30 days after it: D = 60 days, K = its reading.
@pytest.mark.parametrize(
    ("base_km", "km", "due_on", "basis"),
    named(
        # remaining x (60 + 60) / (km + 3000), rounded up, from the repair on
        ("2999 x 120 / 6001 is 60 less a bit", 1000, 3001, days(90, BASE), "mileage"),
        ("3000 x 120 / 6000 is 60", 1000, 3000, days(90, BASE), "mileage"),
        ("3001 x 120 / 5999 is 60 and a bit", 1000, 2999, days(91, BASE), "mileage"),
        ("1 km remains", 1000, 5999, days(31, BASE), "mileage"),
        ("nothing remains", 1000, 6000, days(30, BASE), "mileage"),
        ("less than nothing remains", 1000, 6001, days(30, BASE), "mileage"),
        # six months after BASE is 182 days after
        ("a day after the time", 100, 573, days(182, BASE), "time"),
        ("the same day is time", 100, 580, days(182, BASE), "time"),
        ("a day before the time", 100, 590, days(181, BASE), "mileage"),
    ),
)
def test_mileage_rounds_up_to_a_day(base_km: int, km: int, due_on: date, basis: str) -> None:
    """DUE-4."""
    found = told_of_car(
        car(days(-30, BASE)),
        order(1, BASE, base_km, "maintenance"),
        order(2, days(30, BASE), km),
    )["due"]
    assert (found["on"], found["basis"]) == (due_on, basis)


def test_due_stays_on_the_first_reading_that_reached_the_interval() -> None:
    """DUE-4: nothing remains; a later reading does not move the date."""
    found = told_of_car(
        car(days(-30, BASE)),
        order(1, BASE, 1000, "maintenance"),
        order(2, days(20, BASE), 5999),
        order(3, days(30, BASE), 6000),
        order(4, days(60, BASE), 9000),
    )["due"]
    assert (found["on"], found["basis"]) == (days(30, BASE), "mileage")


@pytest.mark.parametrize(
    ("delivered", "km", "daily"),
    named(
        ("the window's first day", 729, 10_000, Decimal("30.66")),  # 13,000 / 424
        ("a day too early", 730, 10_000, Decimal("50.00")),  # one reading is left
        ("500 a day", 395, 42_000, Decimal("500.00")),  # 45,000 / 90
        ("above 500 a day", 395, 42_001, Decimal("500.00")),
        ("below 500 a day", 395, 41_999, Decimal("499.99")),  # 44,999 / 90
    ),
)
def test_daily_distance(delivered: int, km: int, daily: Decimal) -> None:
    """DUE-3: (K + 3000) / (D + 60) of the last 730 days, at most 500."""
    found = told_of_car(car(days(-delivered)), order(1, days(-365), km))["due"]
    assert found["daily_km"] == daily


@pytest.mark.parametrize(
    ("second_km", "projected"),
    named(
        ("1500 a day", 2500, 2500),
        ("standing still", 1000, 1000),
        # Set aside: a day on from yesterday's 1,000 km, at 4,000 / 159 a day.
        ("1501 a day", 2501, 1025),
        ("back", 999, 1025),
    ),
)
def test_a_reading_that_cannot_be_is_set_aside(second_km: int, projected: int) -> None:
    """EXCHANGE §1: never back, and 1,500 km a day at most."""
    rows = (order(1, days(-1), 1000), order(2, AS_OF, second_km))
    assert told_of_car(car(days(-100)), *rows)["due"]["projected_km"] == projected


def test_a_car_delivered_tomorrow_does_not_exist() -> None:
    assert set(told(car(AS_OF), car(days(1), OTHER))) == {CAR}


def test_without_a_delivery_the_first_work_order_stands_for_it() -> None:
    """readings.md: 30 days after 2026-01-10, and 0 km on that day."""
    found = told_of_car(car(None), order(1, date(2026, 1, 10), 500))
    assert (found["due"]["on"], found["due"]["basis"]) == (date(2026, 2, 9), "time")
    assert found["due"]["daily_km"] == Decimal("58.33")  # (500 + 3000) / (0 + 60)
    assert (found["lost"]["days_overdue"], found["lost"]["inactive_days"]) == (50, 80)


def test_without_delivery_and_visit_nothing_is_due() -> None:
    found = told_of_car(car(None), contact(1, days(-2)), complaint(days(-2)))
    assert found["due"] == {
        "on": None,
        "basis": None,
        "level": "none",
        "booked": False,
        "daily_km": Decimal("50.00"),
        "projected_km": None,
    }
    assert found["risk"]["items"] == {"complaint": 30, "call_not_connected": 10}
    assert found["lost"] == {
        "is_lost": False,
        "days_overdue": 0,
        "phase": None,
        "inactive_days": None,
    }


@pytest.mark.parametrize(
    ("timezone", "arrived_at", "inactive"),
    named(
        ("Shanghai, midnight", "Asia/Shanghai", "2026-03-30 16:00", 0),
        ("Shanghai, just before", "Asia/Shanghai", "2026-03-30 15:59:59", 1),
        ("Urumqi, midnight", "Asia/Urumqi", "2026-03-30 18:00", 0),
        ("Urumqi, just before", "Asia/Urumqi", "2026-03-30 17:59:59", 1),
        ("universal, midnight", "UTC", "2026-03-31 00:00", 0),
        ("universal, just before", "UTC", "2026-03-30 23:59:59", 1),
        ("Shanghai, the end of the day", "Asia/Shanghai", "2026-03-31 15:59:59", 0),
        ("Shanghai, tomorrow is not known", "Asia/Shanghai", "2026-03-31 16:00", 20),
    ),
)
def test_a_day_is_that_of_the_store(timezone: str, arrived_at: str, inactive: int) -> None:
    """As of: a time with an offset is converted to the store's zone first."""
    found = told_of_car(car(days(-20)), order(1, utc(arrived_at), 10), timezone=timezone)
    assert found["lost"]["inactive_days"] == inactive
