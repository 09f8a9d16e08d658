"""KPI-2's lifetime value, worked by hand (docs/readings.md)."""

from decimal import Decimal

import pytest

from lifecycle.rules.cells import Cell
from lifecycle.rules.kpi import READS, kpis
from lifecycle.rules.periods import Period

YEAR = Period("12m", "2025-06", "2026-05")
HALF = Period("6m", "2025-12", "2026-05")


def lifetime_value(period: Period, *, spent: int, people: int, lost: int, there: int):
    found = {name: [] for name in READS}
    found["revenue"] = [Cell(period.last, "returning", "maintenance", 1, 1, Decimal(spent))]
    found["span"] = [
        Cell(period.code, "growth", "now", people, people, Decimal(spent)),
        Cell(period.code, "growth", "lost", there, lost, Decimal(0)),
        Cell(period.code + "-1", "growth", "lost", 999, 999, Decimal(0)),
    ]
    return next(one for one in kpis(found, period) if one.name == "lifetime_value")


def test_a_years_spend_lasts_as_long_as_customers_stay() -> None:
    """2,000 a year, a quarter lost a year: four years."""
    one = lifetime_value(YEAR, spent=80_000, people=40, lost=10, there=40)
    assert one.value == pytest.approx(8_000)
    assert one.n == 40


def test_half_a_year_is_taken_for_half_a_year() -> None:
    """19 of 100 lost in half a year leave 81 %, 65.61 % in a whole one; 4,000 spent a year."""
    one = lifetime_value(HALF, spent=200_000, people=100, lost=19, there=100)
    assert one.value == pytest.approx(4_000 / 0.3439)


def test_nobody_stays_for_ever() -> None:
    assert lifetime_value(YEAR, spent=80_000, people=40, lost=0, there=40).value == 40_000


@pytest.mark.parametrize(("people", "there"), [(19, 40), (40, 19), (40, 0)])
def test_of_few_people_there_is_no_figure(people: int, there: int) -> None:
    assert lifetime_value(YEAR, spent=80_000, people=people, lost=0, there=there).value is None
