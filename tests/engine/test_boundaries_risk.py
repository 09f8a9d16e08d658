"""Both sides of every boundary of RISK-1 to RISK-4, worked out by hand, through the SQL."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.engine.small_worlds import (
    AS_OF,
    CAR,
    at,
    booking,
    car,
    complaint,
    contact,
    days,
    named,
    order,
    overdue_car,
    survey,
    told_of_car,
    utc,
)
from tests.oracle import facts

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("row", "points"),
    named(
        ("call on the visit's day", contact(1, days(-5)), {}),
        ("call the day after", contact(1, days(-4)), {"call_not_connected": 10}),
        ("call at the first minute after", contact(1, at(days(-4), 0)),
         {"call_not_connected": 10}),
        ("call today", contact(1, AS_OF), {"call_not_connected": 10}),
        ("call tomorrow", contact(1, days(1)), {}),
        ("call that came in", contact(1, days(-4), direction="in"), {}),
        ("wrong number", contact(1, days(-4), outcome="wrong_number"), {}),
        ("complaint the day before", complaint(days(-6)), {}),
        ("complaint on the visit's day", complaint(days(-5)), {"complaint": 30}),
        ("message on the visit's day", contact(1, days(-5), "wechat", "delivered"), {}),
        ("message the day after", contact(1, days(-4), "wechat", "delivered"),
         {"wechat_unanswered": 5}),
        ("message 3 days ago", contact(1, days(-3), "wechat", "failed"),
         {"wechat_unanswered": 5}),
        ("message 2 days ago", contact(1, days(-2), "wechat", "failed"), {}),
        ("message replied to", contact(1, days(-3), "wechat", "replied", replied_on=AS_OF), {}),
        ("message replied to tomorrow",
         contact(1, days(-3), "wechat", "replied", replied_on=days(1)), {"wechat_unanswered": 5}),
    ),
)  # fmt: skip
def test_what_counts_since_the_last_visit(row: Any, points: dict[str, int]) -> None:
    """RISK-1: five days after a visit."""
    found = told_of_car(car(days(-20)), order(1, days(-5), 100), row)
    assert found["risk"]["items"] == points


@pytest.mark.parametrize(
    ("answered_at", "more", "points"),
    named(
        ("at the same time", at(days(-10), 23, 59), {}, 5),
        ("a minute later", at(days(-9), 0), {}, 0),
        ("at the end of the third date", utc("2026-03-24 15:59:59"), {}, 0),
        ("on the fourth date", utc("2026-03-24 16:00"), {}, 5),
        ("naming no car", at(days(-9)), {"vin": None}, 0),
        ("by phone", at(days(-9)), {"channel": "phone"}, 5),
    ),
)
def test_a_message_is_answered_by_the_third_local_date(
    answered_at: datetime, more: dict[str, Any], points: int
) -> None:
    """RISK-1: sent on 2026-03-21 at 23:59, answered by 2026-03-24 in the store's zone."""
    answer = {"channel": "wechat", "outcome": "connected", "direction": "in"} | more
    found = told_of_car(
        car(days(-20)),
        contact(1, at(days(-10), 23, 59), "wechat", "no_reply"),
        contact(2, answered_at, **answer),
    )
    assert found["risk"]["items"].get("wechat_unanswered", 0) == points


@pytest.mark.parametrize(
    ("points", "level"),
    named(("59", 41, "high"), ("60", 40, "medium"), ("75", 25, "medium"), ("76", 24, "low")),
)
def test_risk_level(points: int, level: str) -> None:
    """RISK-2: below 60 high, above 75 low; one complaint takes so many points."""
    found = told_of_car(car(days(-20)), complaint(days(-1)), policy={"complaint_points": points})
    assert (found["risk"]["score"], found["risk"]["level"]) == (100 - points, level)


@pytest.mark.parametrize(
    ("score", "scale", "is_low"),
    named(
        ("80 of 100", "80", 100, False),
        ("79.99 of 100", "79.99", 100, True),
        ("8 of 10", "8", 10, False),
        ("7.9 of 10", "7.9", 10, True),
        ("4 of 5", "4", 5, False),
        ("3.99 of 5", "3.99", 5, True),
    ),
)
def test_low_survey(score: str, scale: int, is_low: bool) -> None:
    """RISK-1, RISK-3."""
    answer = facts.Survey("W1", "S1", CAR, at(days(-1)), Decimal(score), scale)
    found = told_of_car(car(days(-20)), order(1, days(-5), 100), answer)["risk"]
    assert found["items"] == ({"satisfaction": 20} if is_low else {})
    assert found["tags"] == (["critical"] if is_low else [])


@pytest.mark.parametrize(
    ("inactive", "is_dormant", "index"),
    named(
        ("89", 89, False, "0.0"),
        ("90", 90, True, "0.0"),
        ("91", 91, True, "0.3"),
        ("189", 189, True, "29.7"),
        ("190", 190, True, "30.0"),
        ("191 is capped", 191, True, "30.0"),
    ),
)
def test_days_without_a_visit(inactive: int, is_dormant: bool, index: str) -> None:
    """RISK-3, RISK-4."""
    found = told_of_car(car(days(-inactive)))["risk"]
    assert ("dormant" in found["tags"]) is is_dormant
    assert found["pre_churn_score"] == Decimal(index)


@pytest.mark.parametrize(
    ("called", "overdue", "is_unresponsive"),
    named(
        ("31 days before due", -31, 1, False),
        ("30 days before due", -30, 1, True),
        ("due today", -30, 0, False),
        ("on the day", 1, 1, True),
        ("tomorrow", 2, 1, False),
    ),
)
def test_nothing_came_back(called: int, overdue: int, is_unresponsive: bool) -> None:
    """RISK-3: an outgoing contact from 30 days before due on; `called` counts from due."""
    found = told_of_car(overdue_car(overdue), contact(1, days(called - overdue)))
    assert ("due_unresponsive" in found["risk"]["tags"]) is is_unresponsive


# 30 for the days, 15 for the app and 10 for the enquiries: 5 more make 60.
@pytest.mark.parametrize(
    ("score", "index", "phase"),
    named(
        ("60.0", "80", "60.0", "pre_churn"),
        ("59.9", "80.4", "59.9", None),  # 1.96 x 2.5 = 4.9
        ("59.95 is shown as 60.0", "80.2", "60.0", "pre_churn"),  # 1.98 x 2.5 = 4.95
        ("59.9475 is shown as 59.9", "80.21", "59.9", None),
    ),
)
def test_pre_churn_goes_by_the_shown_index(score: str, index: str, phase: str | None) -> None:
    """RISK-4, Exact: an electric car not due yet, 190 days after its maintenance."""
    found = told_of_car(
        car(days(-454), powertrain="BEV"),
        order(1, days(-190), 100, "maintenance"),
        survey(1, score, days(-189)),
        facts.Engagement("C1", date(2026, 2, 1), 1, 0),
    )
    assert found["due"]["level"] == "none"
    assert found["risk"]["pre_churn_score"] == Decimal(index)
    assert found["risk"]["unknown"] == ["cancellations"]
    assert found["lost"]["phase"] == phase


@pytest.mark.parametrize(
    ("months", "index", "unknown"),
    named(
        ("1 open", ((2, 1, None),), "15.0", ["enquiries"]),
        ("2 opens", ((2, 2, None),), "0.0", ["enquiries"]),
        ("this month is not full", ((3, 0, 0),), "0.0", ["app", "enquiries"]),
        ("enquiries three months back", ((12, None, 0),), "10.0", ["app"]),
        ("enquiries four months back", ((11, None, 0),), "0.0", ["app", "enquiries"]),
        ("one enquiry in three months", ((12, None, 1), (2, 5, 0)), "0.0", []),
    ),
)
def test_full_months_of_the_app(
    months: tuple[tuple[int, int | None, int | None], ...], index: str, unknown: list[str]
) -> None:
    """RISK-4: the last full month is February."""
    rows = [
        facts.Engagement("C1", date(2025 if month > 3 else 2026, month, 1), opens, enquiries)
        for month, opens, enquiries in months
    ]
    found = told_of_car(car(days(-20)), *rows)["risk"]
    assert found["pre_churn_score"] == Decimal(index)
    assert set(found["unknown"]) == {*unknown, "cancellations", "satisfaction"}


@pytest.mark.parametrize(
    ("started", "index", "is_unknown"),
    named(
        ("today", 0, "20.0", False),
        ("364 days ago", -364, "20.0", False),
        ("365 days ago", -365, "0.0", True),
        ("tomorrow", 1, "0.0", True),
    ),
)
def test_cancelled_appointments_of_a_year(started: int, index: str, is_unknown: bool) -> None:
    """RISK-4: all of them cancelled is 100 % x 0.2."""
    row = booking(days(started), "cancelled", known_on=days(-400))
    found = told_of_car(car(days(-20)), row)["risk"]
    assert found["pre_churn_score"] == Decimal(index)
    assert ("cancellations" in found["unknown"]) is is_unknown
