"""The oracle at the boundaries of DOMAIN.md, each row worked out by hand.

A car never visited is due 30 days after delivery: at the default 50 km a day its 3,000 km
take 60 days. Most rows therefore choose only the day of delivery.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests.oracle import DEFAULTS, customer_stage, explain, first_run_tasks, segments
from tests.oracle.exact import add_months, half_up
from tests.oracle.facts import Customer, Engagement, Ownership, Staff, World
from tests.oracle.segments import Figures, percent_rank, percentile, quadrants, rfm_tiers
from tests.oracle.settings import Interval, LostSettings, Plan, RiskSettings
from tests.oracle_tests.cast import (
    AS_OF,
    OTHER,
    VIN,
    ago,
    appointment,
    at,
    car,
    complaint,
    contact,
    survey,
    utc,
    visit,
    world,
)


def told(facts: World, as_of: date = AS_OF, **settings: Any) -> dict[str, Any]:
    """What the oracle says of the first car."""
    row = explain(facts, VIN, as_of, replace(DEFAULTS, **settings))
    assert row is not None
    return row


def overdue_by(days: int) -> World:
    """A car never visited whose due date was so many days ago (negative: lies ahead)."""
    return world(car(ago(30 + days)))


def first_plan(km: int, daily_km: int = 50, days: int = 30) -> Any:
    plan = Plan("own", Interval(km=5000, months=6), Interval(km=km, days=days), daily_km)
    return replace(DEFAULTS.due, plans=(plan,))


# DUE


@pytest.mark.parametrize(
    ("days_left", "level"),
    [
        pytest.param(31, "none", id="31-days-before"),
        pytest.param(30, "yellow", id="30-days-before"),
        pytest.param(16, "yellow", id="16-days-before"),
        pytest.param(15, "orange", id="15-days-before"),
        pytest.param(0, "orange", id="due-today"),
        pytest.param(-1, "red", id="one-day-after"),
        pytest.param(-400, "red", id="long-after"),
    ],
)
def test_level_follows_the_days_to_due(days_left: int, level: str) -> None:
    settings = first_plan(km=100_000, days=60)
    assert told(world(car(ago(60 - days_left))), due=settings)["due"]["level"] == level


@pytest.mark.parametrize(("left", "level"), [(31, "none"), (30, "yellow"), (15, "orange")])
def test_level_of_a_visited_car(left: int, level: str) -> None:
    """ICE maintained 2025-12-01 with 1,000 km since 2024-06-01: due 2026-06-01 by time."""
    facts = world(car(date(2024, 6, 1)), visits=(visit(date(2025, 12, 1)),))
    due = told(facts, date(2026, 6, 1) - timedelta(days=left))["due"]
    assert (due["on"], due["basis"], due["level"]) == (date(2026, 6, 1), "time", level)


@pytest.mark.parametrize(
    ("overdue", "red_from", "level"),
    [(1, 1, "red"), (1, 2, "orange"), (2, 2, "red"), (0, 1, "orange")],
)
def test_red_begins_where_the_setting_says(overdue: int, red_from: int, level: str) -> None:
    settings = replace(DEFAULTS.due, red_from_days_overdue=red_from)
    assert told(overdue_by(overdue), due=settings)["due"]["level"] == level


@pytest.mark.parametrize(
    ("base", "months", "due"),
    [
        pytest.param("2025-08-31", 6, "2026-02-28", id="clamped-to-28"),
        pytest.param("2023-08-31", 6, "2024-02-29", id="clamped-to-29"),
        pytest.param("2023-08-29", 6, "2024-02-29", id="leap-day-reached"),
        pytest.param("2024-02-29", 12, "2025-02-28", id="leap-day-left"),
        pytest.param("2025-03-31", 6, "2025-09-30", id="30-day-month"),
        pytest.param("2025-02-28", 6, "2025-08-28", id="not-moved-to-the-end"),
        pytest.param("2025-12-15", 6, "2026-06-15", id="over-new-year"),
    ],
)
def test_months_are_clamped_to_the_months_end(base: str, months: int, due: str) -> None:
    assert add_months(date.fromisoformat(base), months) == date.fromisoformat(due)


def test_daily_distance_leans_on_the_default_and_decides_the_date() -> None:
    """6,000 km in 181 days: (6000 + 3000) / 241 = 37.344; 5000 x 241 / 9000 = 133.9 -> 134."""
    facts = world(car(date(2025, 1, 1)), visits=(visit(date(2025, 7, 1), km=6000),))
    due = told(facts, date(2025, 7, 11))["due"]
    assert due["daily_km"] == Decimal("37.34")
    assert (due["on"], due["basis"]) == (date(2025, 11, 12), "mileage")
    assert due["projected_km"] == 6373  # 6000 + 10 x 37.344


@pytest.mark.parametrize(
    ("km", "due_in", "basis"),
    [
        pytest.param(999, 20, "mileage", id="19.98-days"),
        pytest.param(1000, 20, "mileage", id="exactly-20"),
        pytest.param(1001, 21, "mileage", id="20.02-days"),
        pytest.param(1450, 29, "mileage", id="a-day-before-time"),
        pytest.param(1451, 30, "time", id="same-day-is-time"),
        pytest.param(1501, 30, "time", id="later-than-time"),
    ],
)
def test_mileage_days_are_rounded_up(km: int, due_in: int, basis: str) -> None:
    due = told(world(car(AS_OF)), due=first_plan(km))["due"]
    assert (due["on"], due["basis"]) == (ago(-due_in), basis)


def test_a_third_of_a_day_is_not_lost_to_rounding() -> None:
    """K = 3, D = 3 with default 1: 63 / 63 = 1 km a day exactly; 100 km are 100 days."""
    facts = world(car(ago(3)), visits=(visit(AS_OF, km=3, kind="repair"),))
    due = told(facts, due=first_plan(103, daily_km=1, days=300))["due"]
    assert (due["on"], due["basis"]) == (ago(-100), "mileage")


@pytest.mark.parametrize(
    ("delivered_ago", "daily"),
    [
        pytest.param(729, "18.87", id="inside: 13000 / 689"),
        pytest.param(730, "50.00", id="outside: one reading is left"),
    ],
)
def test_window_of_the_daily_distance(delivered_ago: int, daily: str) -> None:
    facts = world(car(ago(delivered_ago)), visits=(visit(ago(100), km=10000),))
    assert told(facts)["due"]["daily_km"] == Decimal(daily)


def test_no_reading_in_the_window_is_the_default() -> None:
    assert told(world(car(ago(800))))["due"]["daily_km"] == Decimal("50.00")


@pytest.mark.parametrize(
    ("km", "days", "default", "daily"),
    [
        pytest.param(100_000, 10, 50, "500.00", id="bounded-above"),
        pytest.param(32_500, 11, 50, "500.00", id="exactly-500: 35500 / 71"),
        pytest.param(32_499, 11, 50, "499.99", id="below-500"),
        pytest.param(0, 600, 1, "1.00", id="bounded-below"),
    ],
)
def test_daily_distance_is_bounded(km: int, days: int, default: int, daily: str) -> None:
    facts = world(car(ago(days)), visits=(visit(AS_OF, km=km),))
    assert told(facts, due=first_plan(3000, default))["due"]["daily_km"] == Decimal(daily)


@pytest.mark.parametrize(
    ("second_km", "due_on"),
    [
        pytest.param(11_000, date(2025, 8, 1), id="at-the-target"),
        pytest.param(10_999, date(2025, 9, 1), id="one-short-waits-for-the-next-reading"),
    ],
)
def test_when_nothing_remains_the_first_reading_there_is_the_date(
    second_km: int, due_on: date
) -> None:
    """Base 6,000 + 5,000 km; a repair does not move the base."""
    last_km = max(second_km, 11_000)
    visits = (
        visit(date(2025, 7, 1), km=6000),
        visit(date(2025, 8, 1), km=second_km, kind="repair"),
        visit(date(2025, 9, 1), km=last_km, kind="repair"),
    )
    due = told(world(car(date(2025, 1, 1)), visits=visits), date(2025, 9, 2))["due"]
    assert (due["on"], due["basis"]) == (due_on, "mileage")


@pytest.mark.parametrize(
    ("days_between", "km", "latest"),
    [
        pytest.param(0, 2500, 2500, id="same-day-1500"),
        pytest.param(0, 2501, 1000, id="same-day-1501"),
        pytest.param(1, 2500, 2500, id="a-day-1500"),
        pytest.param(1, 2501, 1000, id="a-day-1501"),
        pytest.param(2, 4000, 4000, id="two-days-3000"),
        pytest.param(2, 4001, 1000, id="two-days-3001"),
        pytest.param(2, 999, 1000, id="backwards"),
        pytest.param(2, 1000, 1000, id="standing-still"),
    ],
)
def test_readings_that_jump_or_go_back_are_set_aside(
    days_between: int, km: int, latest: int
) -> None:
    """The odometer is projected from the latest accepted reading at 1 km a day."""
    second = visit(AS_OF, km=km, kind="repair", arrived_at=at(AS_OF, 16))
    facts = world(car(ago(900)), visits=(visit(ago(days_between)), second))
    due = told(facts, due=replace(DEFAULTS.due, fastest_km=1))["due"]
    expected = latest if latest == km else latest + days_between
    assert due["projected_km"] == expected


def test_base_whose_reading_was_set_aside_takes_the_one_before() -> None:
    """Maintenance reads 500 after 4,000: base 4,000 km, due at 9,000."""
    visits = (
        visit(date(2025, 2, 1), km=4000, kind="repair"),
        visit(date(2025, 7, 1), km=500),
        visit(date(2025, 8, 1), km=9000, kind="repair"),
    )
    due = told(world(car(date(2025, 1, 1)), visits=visits), date(2025, 8, 2))["due"]
    assert (due["on"], due["basis"]) == (date(2025, 8, 1), "mileage")


def test_work_orders_of_one_day_are_one_maintenance_visit() -> None:
    day = date(2025, 7, 1)
    visits = (
        visit(day, kind="repair", arrived_at=at(day, 8)),
        visit(day, kind="maintenance", arrived_at=at(day, 15)),
    )
    row = told(world(car(date(2025, 6, 1)), visits=visits), date(2025, 7, 2))
    assert row["due"]["on"] == date(2025, 10, 22)  # 5000 x 90 / 4000 = 112.5 -> 113 days
    assert row["stage"] == "first_experience"


@pytest.mark.parametrize(
    ("arrived", "inactive"),
    [
        pytest.param((2026, 3, 30, 15, 59), 1, id="23:59-in-shanghai"),
        pytest.param((2026, 3, 30, 16, 0), 0, id="midnight-in-shanghai"),
    ],
)
def test_a_visit_is_on_the_stores_own_date(arrived: tuple[int, ...], inactive: int) -> None:
    facts = world(car(ago(300)), visits=(visit(ago(1), arrived_at=utc(*arrived)),))
    assert told(facts)["lost"]["inactive_days"] == inactive


def test_nothing_later_than_as_of_is_seen() -> None:
    late = visit(AS_OF, arrived_at=utc(2026, 3, 31, 16, 0))
    assert told(world(car(ago(300)), visits=(late,)))["lost"]["inactive_days"] == 300


@pytest.mark.parametrize(
    ("void_on", "inactive"),
    [
        pytest.param(None, 300, id="void-from-the-start"),
        pytest.param(ago(0), 300, id="void-since-today"),
        pytest.param(ago(-1), 5, id="void-from-tomorrow"),
    ],
)
def test_a_void_work_order_counts_until_it_turned_void(void_on: date, inactive: int) -> None:
    row = visit(ago(5), status="void", void_on=void_on)
    assert told(world(car(ago(300)), visits=(row,)))["lost"]["inactive_days"] == inactive


def test_a_visit_before_delivery_does_not_count() -> None:
    facts = world(car(ago(5)), visits=(visit(ago(6)),))
    assert (told(facts)["lost"]["inactive_days"], told(facts)["stage"]) == (5, "awareness")


def test_a_visit_on_the_day_of_delivery_counts() -> None:
    assert told(world(car(ago(5)), visits=(visit(ago(5)),)))["stage"] == "first_experience"


def test_readings_of_one_day_are_ordered_by_arrival() -> None:
    """The row of 16:00 comes first in the file; its 9,000 km jump from the 1,100 of 10:00."""
    late = visit(AS_OF, km=9000, kind="repair", arrived_at=at(AS_OF, 16))
    facts = world(car(ago(900)), visits=(late, visit(AS_OF, km=1100)))
    assert told(facts)["due"]["projected_km"] == 1100


def test_of_readings_at_one_time_the_first_row_comes_first() -> None:
    rows = (visit(AS_OF, km=9000, kind="repair"), visit(AS_OF, km=1100))
    for visits, km in ((rows, 9000), (rows[::-1], 1100)):
        assert told(world(car(ago(900)), visits=visits))["due"]["projected_km"] == km


def test_an_empty_delivery_is_the_first_visit() -> None:
    """The repair of 40 days ago stands for it: first check 10 days ago."""
    facts = world(car(None), visits=(visit(ago(40), km=100, kind="repair"),))
    assert (told(facts)["due"]["on"], told(facts)["due"]["basis"]) == (ago(10), "time")


def test_a_car_without_delivery_and_visit_has_no_due_date() -> None:
    row = told(world(car(None)))
    assert row["due"]["on"] is None
    assert (row["due"]["level"], row["due"]["projected_km"]) == ("none", None)
    assert row["lost"] == {
        "is_lost": False,
        "days_overdue": 0,
        "phase": None,
        "inactive_days": None,
    }
    assert (row["risk"]["score"], row["stage"]) == (100, "awareness")


def test_a_car_delivered_after_as_of_does_not_exist() -> None:
    assert explain(world(car(ago(-1))), VIN, AS_OF) is None
    assert explain(world(car(ago(0))), VIN, AS_OF) is not None


@pytest.mark.parametrize(
    ("powertrain", "months"),
    [("ICE", 6), ("HEV", 6), ("BEV", 12), ("PHEV", 12), ("EREV", 12)],
)
def test_regular_interval_by_powertrain(powertrain: str, months: int) -> None:
    facts = world(car(date(2024, 4, 15), powertrain=powertrain), visits=(visit(date(2026, 1, 15)),))
    assert told(facts)["due"]["on"] == add_months(date(2026, 1, 15), months)


def test_the_most_specific_plan_wins() -> None:
    regular = Interval(km=5000, months=6)
    plans = (
        Plan("store", regular),
        Plan("powertrain", regular, powertrain="ICE"),
        Plan("brand", regular, brand="BYD"),
        Plan("model", regular, model="Qin"),
    )
    names = []
    for count in range(1, 5):
        settings = replace(DEFAULTS.due, plans=plans[:count])
        names.append(told(world(car(AS_OF)), due=settings)["due"]["plan"])
    assert names == ["store", "powertrain", "brand", "model"]


@pytest.mark.parametrize(
    ("days_left", "starts_in", "status", "booked"),
    [
        pytest.param(30, 37, "confirmed", True, id="due-plus-7"),
        pytest.param(30, 38, "confirmed", False, id="due-plus-8"),
        pytest.param(-20, 14, "confirmed", True, id="as-of-plus-14"),
        pytest.param(-20, 15, "confirmed", False, id="as-of-plus-15"),
        pytest.param(7, 14, "confirmed", True, id="both-14"),
        pytest.param(8, 15, "confirmed", True, id="due-plus-7-is-later"),
        pytest.param(-20, 0, "confirmed", True, id="today"),
        pytest.param(-20, -1, "confirmed", False, id="yesterday"),
        pytest.param(-20, 5, "requested", False, id="not-confirmed"),
        pytest.param(-20, 5, "cancelled", False, id="cancelled"),
    ],
)
def test_booked_by_a_confirmed_appointment(
    days_left: int, starts_in: int, status: str, booked: bool
) -> None:
    facts = replace(overdue_by(-days_left), appointments=(appointment(ago(-starts_in), status),))
    assert told(facts)["due"]["booked"] is booked


def test_an_appointment_has_the_status_known_on_the_day() -> None:
    statuses = (("confirmed", ago(1)), ("cancelled", ago(-1)))
    facts = replace(overdue_by(5), appointments=(appointment(ago(-3), statuses=statuses),))
    assert [told(facts, ago(day))["due"]["booked"] for day in (2, 1, 0, -1)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("changes", "gone"),
    [
        pytest.param({"status": "sold", "status_on": ago(0)}, True, id="sold-today"),
        pytest.param({"status": "sold", "status_on": ago(-1)}, False, id="sold-tomorrow"),
        pytest.param({"status": "moved"}, True, id="no-date-of-its-own"),
    ],
)
def test_a_car_that_is_gone_raises_nothing(changes: dict[str, Any], gone: bool) -> None:
    """DUE-6: 100 days overdue."""
    row = told(world(car(ago(130), **changes)))
    assert row["due"]["level"] == ("none" if gone else "red")
    assert row["lost"]["is_lost"] is not gone
    assert row["lost"]["phase"] == (None if gone else "deep")
    assert row["lost"]["days_overdue"] == 100
    assert row["risk"]["score"] == 0


def test_an_erased_customers_car_is_gone() -> None:
    facts = replace(overdue_by(100), customers=(Customer("kim", "S1", "ben", erased=True),))
    assert (told(facts)["due"]["level"], told(facts)["lost"]["is_lost"]) == ("none", False)


def test_a_status_without_date_counts_from_its_receipt() -> None:
    facts = replace(world(car(ago(130), status="sold")), received_on=ago(3))
    assert told(facts, ago(4))["due"]["level"] == "red"
    assert told(facts, ago(3))["due"]["level"] == "none"


# RISK


@pytest.mark.parametrize(
    ("overdue", "points"),
    [(6, 0), (7, 15), (13, 15), (14, 30), (42, 90), (48, 90), (49, 100), (500, 100)],
)
def test_overdue_points_for_completed_weeks(overdue: int, points: int) -> None:
    risk = told(overdue_by(overdue))["risk"]
    assert sum(item["points"] for item in risk["items"]) == points
    assert risk["score"] == 100 - points


@pytest.mark.parametrize(
    ("points", "level"),
    [(41, "high"), (40, "medium"), (25, "medium"), (24, "low")],
    ids=["59", "60", "75", "76"],
)
def test_risk_level_by_score(points: int, level: str) -> None:
    facts = world(car(ago(0)), complaints=(complaint(AS_OF),))
    risk = told(facts, risk=RiskSettings(complaint_points=points))["risk"]
    assert (risk["score"], risk["level"]) == (100 - points, level)


@pytest.mark.parametrize(
    ("score", "scale", "low"),
    [
        ("80", 100, False),
        ("79.99", 100, True),
        ("8", 10, False),
        ("7.9", 10, True),
        ("4", 5, False),
        ("3.9", 5, True),
    ],
)
def test_a_survey_below_80_costs_20_and_is_critical(score: str, scale: int, low: bool) -> None:
    work = visit(ago(10))
    facts = world(car(ago(40)), visits=(work,), surveys=(survey(work, ago(9), score, scale),))
    risk = told(facts)["risk"]
    assert risk["score"] == (80 if low else 100)
    assert ("critical" in risk["tags"]) is low


def test_the_last_answered_survey_counts_and_of_equal_times_the_later_row() -> None:
    first, second = visit(ago(20)), visit(ago(10), kind="repair")
    low_first = (survey(first, ago(5), "10"), survey(second, ago(6), "100"))
    same_time = (survey(first, ago(5), "10"), survey(second, ago(5), "100"))
    facts = world(car(ago(40)), visits=(first, second))
    assert told(replace(facts, surveys=low_first))["risk"]["score"] == 80
    assert told(replace(facts, surveys=same_time))["risk"]["score"] == 100
    assert told(replace(facts, surveys=same_time[::-1]))["risk"]["score"] == 80


@pytest.mark.parametrize(
    ("days_before", "points"),
    [(11, 0), (10, 30), (0, 30), (-1, 0)],
    ids=["before-the-visit", "on-its-day", "today", "tomorrow"],
)
def test_a_complaint_since_the_last_visit(days_before: int, points: int) -> None:
    facts = world(
        car(ago(40)),
        visits=(visit(ago(10)),),
        complaints=(complaint(ago(days_before)), complaint(ago(days_before), "K2")),
    )
    assert told(facts)["risk"]["score"] == 100 - points


@pytest.mark.parametrize(
    ("when", "outcome", "points"),
    [
        pytest.param(at(ago(10), 18), "no_answer", 0, id="on-the-visits-day"),
        pytest.param(at(ago(9), 0), "no_answer", 10, id="the-day-after"),
        pytest.param(at(ago(1)), "busy", 10, id="busy"),
        pytest.param(at(ago(1)), "off", 10, id="off"),
        pytest.param(at(ago(1)), "wrong_number", 0, id="wrong-number"),
        pytest.param(at(ago(1)), "callback", 0, id="connected"),
        pytest.param(at(ago(-1)), "off", 0, id="tomorrow"),
    ],
)
def test_calls_not_connected_after_the_last_visit(when: Any, outcome: str, points: int) -> None:
    facts = world(
        car(ago(40)), visits=(visit(ago(10)),), contacts=(contact(when, outcome=outcome),)
    )
    assert told(facts)["risk"]["score"] == 100 - points


def test_a_contact_naming_no_car_counts_for_each() -> None:
    other = car(ago(10), vin=OTHER)
    facts = world(car(ago(10)), other, contacts=(contact(at(ago(1)), vin=None),))
    assert [explain(facts, vin, AS_OF)["risk"]["score"] for vin in (VIN, OTHER)] == [90, 90]
    named = replace(facts, contacts=(contact(at(ago(1)), vin=OTHER),))
    assert [explain(named, vin, AS_OF)["risk"]["score"] for vin in (VIN, OTHER)] == [100, 90]


@pytest.mark.parametrize(
    ("sent_ago", "reply_after", "points"),
    [
        pytest.param(2, None, 0, id="two-days-old"),
        pytest.param(3, None, 5, id="three-days-old"),
        pytest.param(9, 3, 0, id="answered-on-the-third-date"),
        pytest.param(9, 4, 5, id="answered-on-the-fourth"),
        pytest.param(9, -1, 5, id="written-before-it"),
    ],
)
def test_wechat_unanswered(sent_ago: int, reply_after: int | None, points: int) -> None:
    sent = contact(at(ago(sent_ago)), "wechat", "delivered")
    contacts = [sent]
    if reply_after is not None:
        reply_at = at(ago(sent_ago - reply_after), 23)
        contacts.append(contact(reply_at, "wechat", "connected", direction="in", vin=None))
    facts = world(car(ago(20)), contacts=tuple(contacts))
    assert told(facts)["risk"]["score"] == 100 - points


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        pytest.param({}, 0, id="answered"),
        pytest.param({"at": at(ago(9))}, 5, id="at-the-same-time"),
        pytest.param({"customer": "lee"}, 5, id="another-customers"),
        pytest.param({"vin": OTHER}, 5, id="about-another-car"),
        pytest.param({"channel": "sms"}, 5, id="by-another-channel"),
    ],
)
def test_what_answers_a_wechat_message(changes: dict[str, Any], points: int) -> None:
    answer = contact(at(ago(9), 11), "wechat", "connected", direction="in", vin=VIN)
    facts = world(
        car(ago(20)),
        car(ago(20), vin=OTHER),
        customers=(Customer("kim", "S1"), Customer("lee", "S1")),
        contacts=(contact(at(ago(9)), "wechat", "delivered"), replace(answer, **changes)),
    )
    assert told(facts)["risk"]["score"] == 100 - points


@pytest.mark.parametrize(("replied_on", "points"), [(ago(0), 0), (ago(-1), 5)])
def test_a_reply_counts_from_its_receipt(replied_on: date, points: int) -> None:
    sent = contact(at(ago(5)), "wechat", "replied", replied_on=replied_on)
    assert told(world(car(ago(20)), contacts=(sent,)))["risk"]["score"] == 100 - points


@pytest.mark.parametrize(("days", "dormant"), [(89, False), (90, True)])
def test_dormant_from_90_days(days: int, dormant: bool) -> None:
    assert ("dormant" in told(world(car(ago(days))))["risk"]["tags"]) is dormant


CALLED = contact(at(ago(5)))


@pytest.mark.parametrize(
    ("changes", "tagged"),
    [
        pytest.param({}, False, id="not-contacted"),
        pytest.param({"contacts": (CALLED,)}, True, id="no-answer"),
        pytest.param({"contacts": (contact(at(ago(40))),)}, True, id="30-days-before-due"),
        pytest.param({"contacts": (contact(at(ago(41))),)}, False, id="31-days-before-due"),
        pytest.param({"contacts": (contact(at(ago(5)), outcome="callback"),)}, True, id="callback"),
        pytest.param(
            {"contacts": (contact(at(ago(5)), outcome="refused"),)}, False, id="itself-refused"
        ),
        pytest.param(
            {"contacts": (contact(at(ago(5)), "visit", "connected"),)}, False, id="visit-is-none"
        ),
        pytest.param(
            {"contacts": (CALLED, contact(at(ago(6)), "email", "delivered", direction="in"))},
            True,
            id="incoming-before-the-first",
        ),
        pytest.param(
            {"contacts": (CALLED, contact(at(ago(5)), "email", "delivered", direction="in"))},
            False,
            id="incoming-at-the-same-time",
        ),
        pytest.param(
            {
                "contacts": (CALLED,),
                "visits": (visit(ago(5), kind="repair", arrived_at=at(ago(5), 9)),),
            },
            True,
            id="visit-an-hour-before",
        ),
        pytest.param(
            {"contacts": (CALLED,), "visits": (visit(ago(5), kind="repair"),)},
            False,
            id="visit-at-the-same-time",
        ),
        pytest.param(
            {"contacts": (CALLED,), "appointments": (appointment(ago(0), "requested"),)},
            True,
            id="appointment-made-long-ago",
        ),
        pytest.param(
            {
                "contacts": (CALLED,),
                "appointments": (appointment(ago(3), "cancelled", created_at=at(ago(4))),),
            },
            False,
            id="appointment-made-since",
        ),
        pytest.param(
            {
                "contacts": (CALLED,),
                "appointments": (appointment(ago(3), "requested", created_at=at(ago(5))),),
            },
            False,
            id="appointment-made-in-that-call",
        ),
        pytest.param(
            {"contacts": (CALLED,), "appointments": (appointment(ago(0)),)},
            False,
            id="confirmed-for-today",
        ),
        pytest.param(
            {"contacts": (CALLED,), "appointments": (appointment(ago(1)),)},
            True,
            id="confirmed-for-yesterday",
        ),
    ],
)
def test_due_unresponsive(changes: dict[str, Any], tagged: bool) -> None:
    """Due 10 days ago."""
    tags = told(replace(overdue_by(10), **changes))["risk"]["tags"]
    assert ("due_unresponsive" in tags) is tagged


@pytest.mark.parametrize(("overdue", "tagged"), [(0, False), (1, True)])
def test_due_unresponsive_only_after_the_due_date(overdue: int, tagged: bool) -> None:
    facts = replace(overdue_by(overdue), contacts=(CALLED,))
    assert ("due_unresponsive" in told(facts)["risk"]["tags"]) is tagged


@pytest.mark.parametrize(
    ("days", "index"), [(90, "0.0"), (91, "0.3"), (190, "30.0"), (191, "30.0"), (900, "30.0")]
)
def test_pre_churn_days_are_capped(days: int, index: str) -> None:
    risk = told(world(car(ago(days))))["risk"]
    assert risk["pre_churn_score"] == Decimal(index)
    assert risk["unknown"] == ["app", "cancellations", "satisfaction", "enquiries"]


@pytest.mark.parametrize(
    ("rows", "index", "known"),
    [
        pytest.param([("2026-02", 1, None)], "15.0", ["app"], id="app-once"),
        pytest.param([("2026-02", 2, None)], "0.0", ["app"], id="app-twice"),
        pytest.param([("2026-02", None, None)], "0.0", [], id="empty-cells"),
        pytest.param([("2026-01", 0, None)], "0.0", [], id="not-the-last-full-month"),
        pytest.param([("2026-03", 0, 0)], "0.0", [], id="this-month-is-not-full"),
        pytest.param([("2025-12", None, 0)], "10.0", ["enquiries"], id="third-month-back"),
        pytest.param([("2025-11", None, 0)], "0.0", [], id="fourth-month-back"),
        pytest.param(
            [("2026-01", None, 0), ("2026-02", None, 1)], "0.0", ["enquiries"], id="one-enquiry"
        ),
    ],
)
def test_pre_churn_engagement(rows: list[Any], index: str, known: list[str]) -> None:
    """As of 31 March: February is the last full month, December the third last."""
    months = tuple(
        Engagement("kim", date.fromisoformat(f"{month}-01"), opens, enquiries)
        for month, opens, enquiries in rows
    )
    risk = told(world(car(ago(0)), engagement=months))["risk"]
    assert risk["pre_churn_score"] == Decimal(index)
    assert [name for name in ("app", "enquiries") if name not in risk["unknown"]] == known


@pytest.mark.parametrize(
    ("appointments", "index"),
    [
        pytest.param([(364, "cancelled")], "20.0", id="all-cancelled"),
        pytest.param([(365, "cancelled")], "0.0", id="a-year-ago-is-out"),
        pytest.param([(-1, "cancelled")], "0.0", id="starts-tomorrow"),
        pytest.param([(1, "cancelled"), (2, "no_show"), (3, "arrived")], "6.7", id="one-of-3"),
    ],
)
def test_pre_churn_cancellations(appointments: list[Any], index: str) -> None:
    rows = tuple(appointment(ago(days), status) for days, status in appointments)
    facts = world(car(ago(50)), appointments=rows)
    assert told(facts)["risk"]["pre_churn_score"] == Decimal(index)


@pytest.mark.parametrize(
    ("score", "index", "phase"),
    [
        pytest.param("80.2", "60.0", "pre_churn", id="59.95-is-shown-60.0"),
        pytest.param("80.24", "59.9", None, id="59.94-is-shown-59.9"),
        pytest.param("0", "80.0", "pre_churn", id="satisfaction-at-its-cap-of-25"),
    ],
)
def test_the_pre_churn_index_enters_by_what_is_shown(
    score: str, index: str, phase: str | None
) -> None:
    """30 for 200 days, 15 for the app, 10 for no enquiries; the car is not overdue."""
    work = visit(ago(200))
    facts = world(
        car(ago(700), powertrain="BEV"),
        visits=(work,),
        surveys=(survey(work, ago(199), score),),
        engagement=(Engagement("kim", date(2026, 2, 1), 0, 0),),
    )
    row = told(facts)
    assert row["lost"]["days_overdue"] == 0
    assert row["risk"]["pre_churn_score"] == Decimal(index)
    assert row["lost"]["phase"] == phase


# LIFE-1 and WB-1


@pytest.mark.parametrize(
    ("overdue", "phase"),
    [
        (0, None),
        (1, "pre_churn"),
        (29, "pre_churn"),
        (30, "early"),
        (89, "early"),
        (90, "deep"),
        (274, "deep"),
        (275, "complete"),
    ],
)
def test_phase_by_days_overdue(overdue: int, phase: str | None) -> None:
    assert told(overdue_by(overdue))["lost"]["phase"] == phase


@pytest.mark.parametrize(
    ("days", "phase"),
    [
        (89, None),
        (90, "pre_churn"),
        (119, "pre_churn"),
        (120, "early"),
        (179, "early"),
        (180, "deep"),
        (364, "deep"),
        (365, "complete"),
    ],
)
def test_phase_by_days_since_the_last_visit(days: int, phase: str | None) -> None:
    lost = told(world(car(ago(days))), lost=LostSettings(phase_basis="last_visit"))["lost"]
    assert lost["phase"] == phase


@pytest.mark.parametrize(
    ("overdue", "stage", "is_lost"),
    [
        (29, "awareness", False),
        (30, "decline", False),
        (89, "decline", False),
        (90, "lost", True),
    ],
)
def test_decline_and_lost(overdue: int, stage: str, is_lost: bool) -> None:
    row = told(overdue_by(overdue))
    assert (row["stage"], row["lost"]["is_lost"]) == (stage, is_lost)


@pytest.mark.parametrize(
    ("days", "stage", "phase"),
    [
        (0, "first_experience", None),
        (29, "first_experience", "pre_churn"),
        (30, "decline", "early"),
        (90, "lost", "deep"),
    ],
)
def test_any_visit_ends_a_loss_though_the_car_stays_overdue(
    days: int, stage: str, phase: str | None
) -> None:
    """Due 300 days ago, then a repair."""
    facts = replace(overdue_by(300), visits=(visit(ago(days), kind="repair"),))
    row = told(facts)
    assert (row["stage"], row["lost"]["phase"]) == (stage, phase)
    assert (row["lost"]["days_overdue"], row["due"]["level"]) == (300, "red")
    assert row["risk"]["score"] == 0


@pytest.mark.parametrize(
    ("count", "stage"),
    [
        (0, "awareness"),
        (1, "first_experience"),
        (2, "growth"),
        (5, "growth"),
        (6, "maturity"),
    ],
)
def test_stage_by_count_of_visits(count: int, stage: str) -> None:
    facts = world(car(ago(20)), visits=tuple(visit(ago(day)) for day in range(count)))
    assert customer_stage(facts, "kim", AS_OF) == stage


@pytest.mark.parametrize(
    ("second", "stage"),
    [
        pytest.param(car(ago(120), vin=OTHER), "lost", id="both-lost"),
        pytest.param(car(ago(119), vin=OTHER), "decline", id="one-at-89"),
        pytest.param(car(ago(59), vin=OTHER), "awareness", id="one-at-29"),
        pytest.param(car(None, vin=OTHER), "awareness", id="one-without-due-date"),
        pytest.param(car(ago(0), vin=OTHER, status="sold"), "lost", id="the-other-is-sold"),
        pytest.param(car(ago(-1), vin=OTHER), "lost", id="the-other-does-not-exist-yet"),
    ],
)
def test_every_active_vehicle_must_be_overdue(second: Any, stage: str) -> None:
    assert customer_stage(world(car(ago(120)), second), "kim", AS_OF) == stage


def test_a_customer_without_an_active_vehicle_has_the_stage_by_count() -> None:
    sold = car(ago(900), status="sold")
    assert customer_stage(world(sold, visits=(visit(ago(800)),)), "kim", AS_OF) == (
        "first_experience"
    )
    assert customer_stage(world(), "kim", AS_OF) == "awareness"


def test_visits_belong_to_the_owner_of_their_day() -> None:
    owned = (Ownership("kim"), Ownership("lee", ago(10)))
    facts = world(
        car(ago(30), ownerships=owned),
        customers=(Customer("kim", "S1"), Customer("lee", "S1")),
        visits=(visit(ago(11)), visit(ago(10)), visit(ago(9))),
    )
    stages = [customer_stage(facts, name, AS_OF) for name in ("kim", "lee")]
    assert stages == ["first_experience", "growth"]
    assert told(facts)["stage"] == "growth"


# SEG


@pytest.mark.parametrize(
    ("amount", "tier"),
    [("5000.01", "high"), ("5000.00", "mid"), ("2000.00", "mid"), ("1999.99", "low")],
)
def test_value_tier_by_yearly_spend(amount: str, tier: str) -> None:
    facts = world(car(ago(300)), visits=(visit(ago(5), amount=Decimal(amount)),))
    found = segments(facts, "S1", AS_OF)["kim"]
    assert (found.value_tier, found.yearly_spend) == (tier, Decimal(amount))


@pytest.mark.parametrize(
    ("days", "spend"),
    [
        pytest.param(364, "1000.00", id="less-than-a-year"),
        pytest.param(365, "1000.00", id="a-year"),
        pytest.param(366, "997.27", id="1000 x 365 / 366"),
        pytest.param(730, "500.00", id="two-years"),
    ],
)
def test_yearly_spend_from_the_delivery_to_the_last_visit(days: int, spend: str) -> None:
    facts = world(car(ago(days + 40)), visits=(visit(ago(40), amount=Decimal(1000)),))
    assert segments(facts, "S1", AS_OF)["kim"].yearly_spend == Decimal(spend)


def test_the_tier_uses_the_unrounded_spend() -> None:
    """15,000.01 in three years: 5000.0033 is shown 5000.00 and still above 5,000."""
    facts = world(car(ago(1095)), visits=(visit(AS_OF, amount=Decimal("15000.01")),))
    found = segments(facts, "S1", AS_OF)["kim"]
    assert (found.yearly_spend, found.value_tier) == (Decimal("5000.00"), "high")


def test_half_a_fen_is_shown_rounded_up() -> None:
    facts = world(car(ago(730)), visits=(visit(AS_OF, amount=Decimal("10000.01")),))
    assert segments(facts, "S1", AS_OF)["kim"].yearly_spend == Decimal("5000.01")


def test_without_a_visit_there_is_no_rfm_and_the_spend_is_0() -> None:
    found = segments(world(car(ago(10))), "S1", AS_OF)["kim"]
    assert (found.rfm, found.quadrant) == (None, None)
    assert (found.value_tier, found.yearly_spend) == ("low", Decimal("0.00"))


def ranked(count: int) -> list[Figures]:
    """C0 is the best in everything."""
    return [Figures(f"C{row}", row, count - row, Fraction(count - row)) for row in range(count)]


@pytest.mark.parametrize(
    ("count", "diamond", "gold", "silver"),
    [(1, 1, 0, 0), (2, 1, 0, 0), (3, 1, 0, 1), (20, 1, 3, 6), (21, 2, 3, 6), (40, 2, 6, 12)],
)
def test_rfm_cuts_are_rounded_up(count: int, diamond: int, gold: int, silver: int) -> None:
    tiers = list(rfm_tiers(ranked(count), DEFAULTS.segments).values())
    assert [tiers.count(name) for name in ("diamond", "gold", "silver")] == [
        diamond,
        gold,
        silver,
    ]


def test_percent_rank_gives_ties_the_lowest_rank() -> None:
    values = [Fraction(value) for value in (7, 3, 7, 1, 9)]
    ranks = [percent_rank(value, values) for value in values]
    assert ranks == [Fraction(2, 4), Fraction(1, 4), Fraction(2, 4), Fraction(0), Fraction(1)]
    assert percent_rank(Fraction(7), [Fraction(7)]) == 0


def test_rfm_ties_go_by_money_and_then_by_code_point() -> None:
    """All tie but for the id: `C10` is before `C2`, `c1` last."""
    same = [Figures(name, 5, 1, Fraction(9)) for name in ("C2", "c1", "C10")]
    assert rfm_tiers(same, DEFAULTS.segments) == {
        "C10": "diamond",
        "C2": "silver",
        "c1": "regular",
    }
    # Ranks 1, 0, 0 and 0, 0, 1: one composite, so the money decides.
    even = [Figures("A", 1, 1, Fraction(5)), Figures("B", 2, 1, Fraction(6))]
    assert rfm_tiers(even, DEFAULTS.segments) == {"B": "diamond", "A": "regular"}


def test_rfm_looks_at_the_last_730_days() -> None:
    facts = world(
        car(ago(1000)),
        car(ago(1000), vin=OTHER, ownerships=(Ownership("lee"),)),
        customers=(Customer("kim", "S1"), Customer("lee", "S1")),
        visits=(
            visit(ago(730), amount=Decimal(9000)),
            visit(ago(729), vin=OTHER, amount=Decimal(1)),
        ),
    )
    found = segments(facts, "S1", AS_OF)
    assert (found["lee"].rfm, found["kim"].rfm) == ("diamond", "regular")
    assert (found["lee"].quadrant, found["kim"].quadrant) == ("vip", "regular")


@pytest.mark.parametrize(
    ("count", "percent", "expected"),
    [
        pytest.param(1, 76, Fraction(1), id="alone"),
        pytest.param(5, 76, Fraction(404, 100), id="between-two"),
        pytest.param(26, 76, Fraction(20), id="exactly-on-one"),
        pytest.param(5, 81, Fraction(424, 100), id="81st"),
    ],
)
def test_percentile_is_continuous(count: int, percent: int, expected: Fraction) -> None:
    values = [Fraction(value) for value in range(1, count + 1)]
    assert percentile(values, percent) == expected


def test_quadrants_are_high_from_the_percentile_on() -> None:
    """Of 26 the 20th by visits is exactly at the 76th percentile; all tickets are equal."""
    rows = [Figures(f"C{n}", 1, n, Fraction(10 * n)) for n in range(1, 27)]
    found = quadrants(rows, DEFAULTS.segments)
    assert (found["C19"], found["C20"]) == ("potential", "vip")


# TASK


def tasks_of(facts: World, **settings: Any) -> list[Any]:
    return first_run_tasks(facts, "S1", AS_OF, replace(DEFAULTS, **settings))


@pytest.mark.parametrize(
    ("overdue", "kinds", "probability"),
    [
        pytest.param(-30, ["due_call"], "0.35", id="yellow"),
        pytest.param(-15, ["due_call"], "0.45", id="orange"),
        pytest.param(0, ["due_call"], "0.45", id="due-today"),
        pytest.param(1, ["due_call"], "0.40", id="one-day-after"),
        pytest.param(20, ["due_call"], "0.40", id="score-70"),
        pytest.param(21, ["due_call", "risk_call"], "0.40", id="score-55"),
        pytest.param(30, ["due_call", "risk_call"], "0.40", id="30-days"),
        pytest.param(31, ["due_call", "risk_call"], "0.20", id="31-days"),
        pytest.param(89, ["due_call", "risk_call"], "0.20", id="89-days"),
    ],
)
def test_calls_and_their_probability(overdue: int, kinds: list[str], probability: str) -> None:
    facts = overdue_by(overdue)
    found = tasks_of(facts)
    assert [task.kind for task in found] == kinds
    assert {task.probability for task in found} == {Fraction(probability)}
    assert {(task.owner, task.group) for task in found} == {("ben", 1)}
    assert found[0].cycle_key == facts.vehicles[0].delivered_on


def test_nobody_calls_the_lost_the_booked_and_the_gone() -> None:
    booked = replace(overdue_by(5), appointments=(appointment(ago(-1)),))
    assert tasks_of(overdue_by(90)) == []
    assert [task.kind for task in tasks_of(booked)] == ["booking_confirm"]
    assert tasks_of(world(car(ago(35), status="sold"))) == []


def test_each_call_that_failed_takes_a_fifth() -> None:
    calls = (contact(at(ago(3))), contact(at(ago(2)), outcome="busy"))
    facts = replace(overdue_by(5), contacts=calls)
    assert tasks_of(facts)[0].probability == Fraction(40, 100) * Fraction(64, 100)


def test_critical_and_complaint_are_the_managers() -> None:
    work = visit(ago(10))
    facts = world(
        car(ago(40)),
        visits=(work,),
        surveys=(survey(work, ago(9), "79"),),
        complaints=(
            complaint(ago(3), "K1", resolved_at=at(ago(2))),
            complaint(ago(2), "K2", resolved_at=at(ago(-1))),
        ),
    )
    found = tasks_of(facts)
    assert [(task.kind, task.cycle_key, task.owner, task.group) for task in found] == [
        ("critical", work.work_order_no, "ada", 0),
        ("complaint", "K2", "ada", 0),
        ("risk_call", AS_OF, "ben", 1),
        ("second_visit_7d", ago(10), "ben", 1),
    ]


def test_an_advisor_who_left_is_replaced_by_anyone() -> None:
    away = (Staff("ben", "advisor", ("S1",), active=False),)
    assert tasks_of(replace(overdue_by(5), staff=away))[0].owner is None


@pytest.mark.parametrize(
    ("visits", "profit"),
    [
        pytest.param([], "0", id="nothing-known"),
        pytest.param([("100", None)], "50", id="half-of-the-amount"),
        pytest.param([("100", "30")], "30", id="its-margin"),
        pytest.param([("0", "30")], "0", id="not-paid"),
        pytest.param([("900", None), ("100", None), ("100", "20"), ("100", "30")], "100/3"),
    ],
)
def test_profit_is_the_mean_of_the_last_three(visits: list[Any], profit: str) -> None:
    """In order of time; the fourth from the end does not count: (50 + 20 + 30) / 3."""
    rows = tuple(
        visit(
            ago(290 - row),
            amount=Decimal(amount),
            gross_margin=None if margin is None else Decimal(margin),
        )
        for row, (amount, margin) in enumerate(visits)
    )
    facts = world(car(ago(240) if not rows else ago(300)), visits=rows)
    from_model = first_run_tasks(replace(facts, complaints=(complaint(AS_OF),)), "S1", AS_OF)
    assert from_model[0].profit == Fraction(profit)


def test_profit_without_visits_is_the_median_of_the_powertrain() -> None:
    cars = [car(ago(35), vin=f"LHUTZA0000000000{row}") for row in range(1, 6)]
    cars[4] = replace(cars[4], powertrain="BEV")
    paid = [
        visit(ago(300 - row), vin=cars[row].vin, amount=Decimal(amount))
        for row, amount in ((1, 100), (2, 300), (4, 8000))
    ]
    known = [replace(row, delivered_on=ago(400)) for row in cars[1:]]
    facts = world(cars[0], *known, visits=tuple(paid))
    assert tasks_of(facts)[0].profit == Fraction(100)  # of 50 and 150


def test_a_list_is_in_order_of_value() -> None:
    """0.45 x 200 = 90 before 0.40 x 200 = 80; a sold car was once paid 400."""
    cars = (car(ago(36)), car(ago(30), vin=OTHER))
    assert [task.vin for task in tasks_of(world(*cars))] == [VIN, OTHER], "0 each: by row"
    peer = car(ago(400), vin="LHUTZA00000000003", status="sold")
    paid = visit(ago(30), vin=peer.vin, amount=Decimal(400))
    found = tasks_of(world(*cars, peer, visits=(paid,)))
    assert [(task.vin, task.value, task.position) for task in found] == [
        (OTHER, Fraction(90), 1),
        (VIN, Fraction(80), 2),
    ]


# Exact


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        ("1/200", 2, "0.01"),
        ("1/201", 2, "0.00"),
        ("5/2", 0, "3"),
        ("-1/200", 2, "-0.01"),
        ("59.95", 1, "60.0"),
    ],
)
def test_what_is_shown_is_rounded_half_up(value: str, places: int, shown: str) -> None:
    assert half_up(Fraction(value), places) == Decimal(shown)
