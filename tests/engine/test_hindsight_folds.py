"""Folds of judged warnings, worked out by hand."""

from datetime import date

import pytest

from lifecycle.rules import hindsight as rules
from lifecycle.rules.cells import Cell
from lifecycle.rules.hindsight import AWAY, LOST, Step
from lifecycle.rules.periods import Period
from lifecycle.rules.rates import difference, wilson

TODAY = date(2026, 6, 15)
YEAR = rules.period("12m", TODAY)
# Of 200 cars due 60 stayed away and 40 were lost. By score the 40 at high risk hold 30 of those
# away; by days overdue the first step holds 30 cars, 12 away, the next 20 with 8; by idle days
# nobody is told apart.
CELLS = [
    Cell("2026-02", "level", "high", 40, 10),
    Cell("2026-02", "level", "medium", 40, 25),
    Cell("2026-01", "level", "low", 120, 105),
    Cell("2026-02", "lost_level", "high", 24, 0),
    Cell("2026-01", "lost_level", "low", 16, 0),
    Cell("2026-02", "not_due", "high", 6, 1),
    Cell("2026-02", "band", "4", 40, 10),
    Cell("2026-02", "band", "9", 160, 130),
    Cell("12m", "score", "040", 40, 10),
    Cell("12m", "score", "100", 160, 130),
    Cell("12m", "lost_score", "040", 24, 0),
    Cell("12m", "lost_score", "100", 16, 0),
    Cell("12m", "overdue", "085", 30, 18),
    Cell("12m", "overdue", "010", 20, 12),
    Cell("12m", "overdue", "000", 150, 110),
    Cell("12m", "lost_overdue", "085", 10, 0),
    Cell("12m", "lost_overdue", "010", 6, 0),
    Cell("12m", "lost_overdue", "000", 24, 0),
    Cell("12m", "idle", "210", 200, 140),
    Cell("12m", "lost_idle", "210", 40, 0),
    # Of other months and stretches: counted nowhere below.
    Cell("2026-03", "level", "high", 999, 0),
    Cell("3m", "score", "040", 999, 0),
]


def test_levels_count_who_came_who_stayed_away_and_who_was_lost() -> None:
    high, medium, low = rules.levels(CELLS, YEAR)
    assert (high.flagged, high.came, high.lost) == (40, 10, 24)
    assert (high.came_rate.value, high.away_rate.value, high.lost_rate.value) == (0.25, 0.75, 0.6)
    assert (high.not_due.n, high.not_due.hits) == (6, 1)
    assert (medium.flagged, medium.away_rate.hits, low.flagged) == (40, 15, 120)


def test_precision_recall_and_lift_of_the_three_rules() -> None:
    ours, overdue, idle = rules.findings(CELLS, "12m", YEAR, AWAY)
    assert (ours.flagged, ours.found, ours.total, ours.everybody) == (40, 30, 60, 200)
    assert (ours.precision, ours.recall, ours.lift) == (0.75, 0.5, pytest.approx(2.5))
    # Thirty of the first step with 12 away, ten of the twenty of the next with 8: 12 + 4.
    assert (overdue.found, overdue.precision) == (16, 0.4)
    assert overdue.recall == pytest.approx(16 / 60)
    assert overdue.lift == pytest.approx(0.4 / 0.3)
    # Drawn by lot: as many as everywhere.
    assert (idle.precision, idle.lift) == (pytest.approx(0.3), pytest.approx(1))


def test_the_same_of_those_lost() -> None:
    ours, overdue, idle = rules.findings(CELLS, "12m", YEAR, LOST)
    assert (ours.precision, ours.recall, ours.lift) == (0.6, 0.6, pytest.approx(3))
    assert (overdue.found, idle.found) == (13, pytest.approx(8))


def test_the_most_urgent_come_first_in_each_ranking() -> None:
    assert rules.ranking(CELLS, "12m", "score")[0] == Step(40, 30, 24)
    assert rules.ranking(CELLS, "12m", "overdue")[0] == Step(30, 12, 10)


@pytest.mark.parametrize(("flagged", "found"), [(0, 0), (15, 6), (30, 12), (35, 14), (500, 20)])
def test_of_a_step_that_is_cut_its_share_counts(flagged: int, found: float) -> None:
    steps = [Step(30, 12, 0), Step(20, 8, 0)]
    assert rules.found_among(steps, flagged, AWAY) == pytest.approx(found)


def test_merit_is_claimed_only_where_chance_does_not_explain_it() -> None:
    """40 flags count as 13: 75 % against 40 % may still be chance, against 30 % it is not."""
    away = rules.findings(CELLS, "12m", YEAR, AWAY)
    assert [one.side for one in away] == [0, 0, 1]
    assert rules.verdict(away) == "mixed"
    more = [Cell(c.period, c.item, c.part, 10 * c.n, 10 * c.hits) for c in CELLS]
    assert rules.verdict(rules.findings(more, "12m", YEAR, AWAY)) == "better"


def test_a_simple_rule_that_is_better_is_named_so() -> None:
    worse = [
        Cell("2026-02", "level", "high", 300, 200),
        Cell("2026-02", "level", "low", 300, 100),
        Cell("12m", "score", "040", 300, 200),
        Cell("12m", "score", "100", 300, 100),
        Cell("12m", "overdue", "050", 300, 50),
        Cell("12m", "overdue", "000", 300, 250),
        Cell("12m", "idle", "300", 300, 200),
        Cell("12m", "idle", "200", 300, 100),
    ]
    away = rules.findings(worse, "12m", YEAR, AWAY)
    assert [one.side for one in away] == [0, -1, 0]
    assert rules.verdict(away) == "worse"


def test_fewer_than_twenty_flags_are_not_judged() -> None:
    few = [Cell("2026-02", "level", "high", 19, 0), Cell("12m", "score", "040", 19, 0)]
    assert rules.verdict(rules.findings(few, "12m", YEAR, AWAY)) == "few"
    assert rules.verdict(rules.findings([], "12m", YEAR, AWAY)) == "few"


def test_bands_are_of_ten_points_the_last_with_a_hundred() -> None:
    found = rules.bands(CELLS, YEAR)
    assert [(one.low, one.high) for one in found][::9] == [(0, 9), (90, 100)]
    assert (found[4].away.hits, found[4].away.n) == (30, 40)
    # As wide as of a third of the cars.
    assert found[4].interval == wilson(0.75, 40 / 3)
    assert not found[0].away.is_enough


def test_months_are_those_whose_ninety_days_are_over() -> None:
    ends = rules.month_ends(TODAY)
    assert (ends[0], ends[-1], len(ends)) == (date(2024, 6, 30), date(2026, 2, 28), 21)
    # 29 June is the 90th day after 31 March, 28 June is not.
    assert rules.month_ends(date(2026, 6, 28))[-1] == date(2026, 2, 28)
    assert rules.month_ends(date(2026, 6, 29))[-1] == date(2026, 3, 31)
    for as_of, last in ((date(2026, 6, 28), "2026-02"), (date(2026, 6, 29), "2026-03")):
        assert rules.period("3m", as_of).last == last
    assert Period("12m", "2025-03", "2026-02") == YEAR


def test_the_interval_of_a_difference_is_newcombes() -> None:
    """His tenth method gives 0.1705 to 0.8090 for nine of ten against three of ten."""
    low, high = difference(0.9, 0.3, 10)
    assert (round(low, 4), round(high, 4)) == (0.1705, 0.8090)
    assert difference(0.5, 0.5, 50)[0] == pytest.approx(-difference(0.5, 0.5, 50)[1])
