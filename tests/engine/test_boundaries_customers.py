"""Both sides of every boundary of LIFE-1, WB-1 and SEG, worked out by hand, through the SQL."""

from decimal import Decimal
from typing import Any

import pytest

from tests.engine.small_worlds import (
    AS_OF,
    CAR,
    OTHER,
    at,
    car,
    days,
    named,
    order,
    overdue_car,
    told,
    told_of_car,
)
from tests.oracle import facts

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("overdue", "is_lost", "phase", "stage"),
    named(
        ("due today", 0, False, None, "awareness"),
        ("1 over", 1, False, "pre_churn", "awareness"),
        ("29 over", 29, False, "pre_churn", "awareness"),
        ("30 over", 30, False, "early", "decline"),
        ("31 over", 31, False, "early", "decline"),
        ("89 over", 89, False, "early", "decline"),
        ("90 over", 90, True, "deep", "lost"),
        ("274 over", 274, True, "deep", "lost"),
        ("275 over", 275, True, "complete", "lost"),
    ),
)
def test_loss_phase_and_stage(overdue: int, is_lost: bool, phase: str | None, stage: str) -> None:
    """LIFE-1, WB-1."""
    found = told_of_car(overdue_car(overdue))
    assert (found["lost"]["is_lost"], found["lost"]["phase"]) == (is_lost, phase)
    assert found["stage"] == stage


def test_any_visit_ends_the_loss_but_not_the_overdue_days() -> None:
    """LIFE-1: a repair yesterday; level, days overdue and RISK-1 run from the due date alone."""
    found = told_of_car(overdue_car(200), order(1, days(-1), 2000))
    assert found["due"]["level"] == "red"
    assert found["lost"] == {
        "is_lost": False,
        "days_overdue": 200,
        "phase": "pre_churn",
        "inactive_days": 1,
    }
    assert found["risk"]["items"] == {"overdue": 100}
    assert found["stage"] == "first_experience"


@pytest.mark.parametrize(
    ("visited", "is_lost", "stage"),
    named(
        ("29 days ago", 29, False, "first_experience"),
        ("30 days ago", 30, False, "decline"),
        ("89 days ago", 89, False, "decline"),
        ("90 days ago", 90, True, "lost"),
    ),
)
def test_loss_returns_so_many_days_after_the_visit_that_ended_it(
    visited: int, is_lost: bool, stage: str
) -> None:
    """LIFE-1: due 200 days ago, then a repair."""
    found = told_of_car(overdue_car(200), order(1, days(-visited), 2000))
    assert (found["lost"]["is_lost"], found["stage"]) == (is_lost, stage)


@pytest.mark.parametrize(
    ("first", "second", "stage"),
    named(
        ("29 and 30", 29, overdue_car(30, OTHER), "awareness"),
        ("30 and 30", 30, overdue_car(30, OTHER), "decline"),
        ("90 and 89", 90, overdue_car(89, OTHER), "decline"),
        ("90 and 90", 90, overdue_car(90, OTHER), "lost"),
        ("90 and sold", 90, overdue_car(0, OTHER, status="sold", status_on=AS_OF), "lost"),
        ("90 and sold tomorrow", 90,
         overdue_car(0, OTHER, status="sold", status_on=days(1)), "awareness"),
        ("90 and not delivered yet", 90, car(days(1), OTHER), "lost"),
        ("90 and delivered today", 90, car(AS_OF, OTHER), "awareness"),
        ("90 and never delivered nor visited", 90, car(None, OTHER), "awareness"),
    ),
)  # fmt: skip
def test_decline_and_loss_need_every_active_car(
    first: int, second: facts.Vehicle, stage: str
) -> None:
    """LIFE-1."""
    assert told_of_car(overdue_car(first), second)["stage"] == stage


@pytest.mark.parametrize(
    ("visited", "stage"),
    named(
        ("before the delivery", 331, "awareness"),
        ("on the day of the delivery", 330, "first_experience"),
    ),
)
def test_a_customer_whose_only_car_is_sold_has_the_stage_by_count(visited: int, stage: str) -> None:
    """LIFE-1; a visit before the delivery is kept, not counted."""
    gone = overdue_car(300, status="sold", status_on=days(-10))
    assert told_of_car(gone, order(1, days(-visited), 10))["stage"] == stage


def test_work_orders_of_one_day_are_one_visit() -> None:
    """Maintenance if any is, amounts add up, the latest reading of the day by time counts."""
    found = told_of_car(
        car(days(-20)),
        order(1, at(days(-2), 0, 0), 700, "maintenance", amount=Decimal("1000.00")),
        order(2, at(days(-2), 23, 59), 720, amount=Decimal("999.99")),
        as_of=days(-2),
    )
    assert found["stage"] == "first_experience"
    assert found["segments"]["yearly_spend"] == Decimal("1999.99")
    assert found["due"]["projected_km"] == 720
    assert found["due"]["level"] == "none"


def test_work_orders_on_both_sides_of_midnight_are_two_visits() -> None:
    found = told_of_car(
        car(days(-20)), order(1, at(days(-2), 23, 59), 700), order(2, at(days(-1), 0, 0), 700)
    )
    assert found["stage"] == "growth"


@pytest.mark.parametrize(
    ("visits", "stage"),
    named(
        ("none", 0, "awareness"),
        ("1", 1, "first_experience"),
        ("2", 2, "growth"),
        ("5", 5, "growth"),
        ("6", 6, "maturity"),
    ),
)
def test_stage_by_count(visits: int, stage: str) -> None:
    """LIFE-1: days apart; the last one is three days ago."""
    rows = [order(n, days(-3 - n), 100) for n in range(visits)]
    assert told_of_car(car(days(-20)), *rows)["stage"] == stage


@pytest.mark.parametrize(
    ("amount", "tier"),
    named(
        ("1,999.99", "1999.99", "low"),
        ("2,000.00", "2000.00", "mid"),
        ("5,000.00", "5000.00", "mid"),
        ("5,000.01", "5000.01", "high"),
    ),
)
def test_value_tier_of_the_first_year(amount: str, tier: str) -> None:
    """SEG-3: less than a year counts as one."""
    found = told_of_car(car(days(-365)), order(1, AS_OF, 10, amount=Decimal(amount)))["segments"]
    assert (found["value_tier"], found["yearly_spend"]) == (tier, Decimal(amount))


@pytest.mark.parametrize(
    ("span", "amount", "tier", "shown"),
    named(
        ("4999.992", 366, "5013.69", "mid", "4999.99"),
        ("5000.0016 is above though 5,000.00 is shown", 366, "5013.70", "high", "5000.00"),
        ("1999.9993 is below though 2,000.00 is shown", 1000, "5479.45", "low", "2000.00"),
        ("2000.0029", 1000, "5479.46", "mid", "2000.00"),
    ),
)
def test_value_tier_goes_by_the_exact_amount(span: int, amount: str, tier: str, shown: str) -> None:
    """SEG-3, Exact: the amount x 365 / the days from the delivery to the last visit."""
    found = told_of_car(car(days(-span)), order(1, AS_OF, 10, amount=Decimal(amount)))["segments"]
    assert (found["value_tier"], found["yearly_spend"]) == (tier, Decimal(shown))


def crowd(amounts: list[list[int]]) -> dict[str, dict[str, Any]]:
    """Customers A01, A02, … with visits of these amounts ten, twenty, … days ago: {id: segments}.

    The car of customer n has a VIN ending in n.
    """
    rows: list[Any] = []
    for n, own in enumerate(amounts, start=1):
        vin = f"LHUTZA{n:011d}"
        rows.append(car(days(-100), vin, customer=f"A{n:02d}"))
        rows += [
            order(100 * n + v, days(-10 * v), 10, vin=vin, amount=Decimal(amount))
            for v, amount in enumerate(own, start=1)
        ]
    return {f"A{int(vin[-3:]):02d}": row["segments"] for vin, row in told(*rows).items()}


@pytest.mark.parametrize(
    ("count", "diamond", "gold", "silver"),
    named(
        ("1", 1, 1, 0, 0),  # ceil 0.05, 0.2, 0.5 are 1
        ("2", 2, 1, 0, 0),  # 0.1, 0.4, 1.0
        ("3", 3, 1, 0, 1),  # 0.15, 0.6, 1.5
        ("20", 20, 1, 3, 6),  # exactly 1, 4 and 10
        ("21", 21, 2, 3, 6),  # 1.05, 4.2, 10.5 are 2, 5, 11
    ),
)
def test_tiers_are_cut_at_the_next_whole_customer(
    count: int, diamond: int, gold: int, silver: int
) -> None:
    """SEG-1: all alike but for the amount, of which the first customer has most."""
    found = crowd([[1000 - n] for n in range(count)])
    names = ["diamond"] * diamond + ["gold"] * gold + ["silver"] * silver
    names += ["regular"] * (count - len(names))
    assert [row["rfm"] for row in found.values()] == names


def test_customers_alike_in_all_are_ranked_by_their_number() -> None:
    """SEG-1: composite, then money, then external id."""
    assert [row["rfm"] for row in crowd([[500]] * 3).values()] == ["diamond", "silver", "regular"]


def test_quadrants_are_high_from_the_cut_on() -> None:
    """SEG-2 of 26 customers: visits cut at place 19 of 0…25, tickets between places 20 and 21.

    Tickets 100…2600: 2,125. The last seven came twice, so place 19 is 2 visits.
    """
    found = crowd([[100 * n] if n <= 19 else [100 * n] * 2 for n in range(1, 27)])
    areas = [row["quadrant"] for row in found.values()]
    assert areas == ["regular"] * 19 + ["loyal"] * 2 + ["vip"] * 5


def test_at_the_cut_is_high() -> None:
    """SEG-2: when place 19 is one visit, everybody who came once is at the cut."""
    found = crowd([[100 * n] if n <= 20 else [100 * n] * 2 for n in range(1, 27)])
    areas = [row["quadrant"] for row in found.values()]
    assert areas == ["loyal"] * 21 + ["vip"] * 5


def test_a_customer_without_a_visit_has_neither_tier_nor_quadrant() -> None:
    found = told(car(days(-100)), car(days(-100), OTHER, customer="C2"), order(1, days(-1), 10))
    assert found[CAR]["segments"]["rfm"] == "diamond"
    assert found[CAR]["segments"]["quadrant"] == "vip"
    assert (found[OTHER]["segments"]["rfm"], found[OTHER]["segments"]["quadrant"]) == (None, None)
    assert found[OTHER]["segments"]["value_tier"] == "low"


@pytest.mark.parametrize(
    ("visited", "frequency_is_counted"),
    named(("729 days ago", 729, True), ("730 days ago", 730, False)),
)
def test_the_window_of_the_segments(visited: int, frequency_is_counted: bool) -> None:
    """SEG-1, SEG-2: A01 came long ago and dearly, A02 lately and cheaply.

    Inside the window they share frequency, and money outweighs nothing: recency 0 + money 1
    against 1 + 0, then the amount decides. Outside, all three speak for A02.
    """
    found = told(
        car(days(-800)),
        car(days(-800), OTHER, customer="C2"),
        order(1, days(-visited), 10, amount=Decimal(900)),
        order(2, days(-5), 10, vin=OTHER, amount=Decimal(100)),
    )
    assert (found[CAR]["segments"]["rfm"] == "diamond") is frequency_is_counted
