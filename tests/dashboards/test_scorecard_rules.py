"""KPI-1: scores worked by hand, small numbers, noise between stores."""

from decimal import Decimal

import pytest

from lifecycle.rules.cells import Cell
from lifecycle.rules.periods import period
from lifecycle.rules.scorecard import card
from lifecycle.rules.sidebyside import READS, Figure, figures
from tests.factories import TODAY

YEAR = period("12m", TODAY)
WEIGHTS = {"retention": 50, "revenue": 30, "satisfaction": 20}


def cell(item: str, n: int, hits: int = 0, amount: int = 0, part: str = "") -> Cell:
    return Cell("12m", item, part, n, hits, Decimal(amount))


def found(*cells: Cell) -> dict[str, list[Cell]]:
    return {"scorecard": list(cells), "calls": [], "gaming": []}


OWN = found(cell("came", 40, 30), cell("csat", 20, 20, 1800))
STORE = found(cell("came", 200, 100), cell("csat", 100, 100, 8000))


def test_a_score_worked_by_hand() -> None:
    own = found(*OWN["scorecard"], cell("revenue", 10, 10, 9000, "2026-05"))
    made = card(own, STORE, YEAR, {"2026-05": Decimal(12000)}, WEIGHTS)
    # (30 + 20 x 0.5) / 60; 9000 of 12000; (1800 + 20 x 80) / 40.
    assert [part.scored for part in made.parts] == pytest.approx([2 / 3, 0.75, 0.85])
    assert [part.raw for part in made.parts] == pytest.approx([0.75, 0.75, 0.90])
    assert made.score == pytest.approx(50 * 2 / 3 + 30 * 0.75 + 20 * 0.85)


def test_without_a_target_the_others_weigh_more() -> None:
    made = card(OWN, STORE, YEAR, {}, WEIGHTS)
    assert made.part("revenue").scored is None
    assert [part.weight for part in made.parts] == pytest.approx([5 / 7, 0, 2 / 7])
    assert made.score == pytest.approx(100 * (5 / 7 * 2 / 3 + 2 / 7 * 0.85))


def test_only_months_with_a_target_are_held_against_it() -> None:
    own = found(
        *OWN["scorecard"],
        cell("revenue", 5, 5, 30000, "2026-04"),
        cell("revenue", 5, 5, 6000, "2026-05"),
    )
    # The target of June is not of the twelve full months.
    targets = {"2026-05": Decimal(12000), "2026-06": Decimal(90000)}
    made = card(own, STORE, YEAR, targets, WEIGHTS)
    assert (made.in_targeted, made.target, made.targeted_months) == (6000, 12000, 1)
    assert made.part("revenue").raw == 0.5
    assert made.revenue == 36000


def test_more_than_the_target_earns_no_more_than_the_whole_part() -> None:
    own = found(*OWN["scorecard"], cell("revenue", 5, 5, 30000, "2026-05"))
    made = card(own, STORE, YEAR, {"2026-05": Decimal(12000)}, WEIGHTS)
    assert made.part("revenue").raw == 2.5
    assert made.part("revenue").scored == 1


def test_fewer_than_20_customers_due_have_no_score() -> None:
    made = card(found(cell("came", 19, 19)), STORE, YEAR, {}, WEIGHTS)
    assert made.score is None
    assert made.retention.n == 19


def test_few_of_the_best_do_not_beat_many_of_the_good() -> None:
    few = card(found(cell("came", 20, 20)), STORE, YEAR, {}, WEIGHTS)
    many = card(found(cell("came", 400, 340)), STORE, YEAR, {}, WEIGHTS)
    assert few.part("retention").raw == 1
    assert few.score == pytest.approx(75)
    assert many.score is not None
    assert many.score > few.score


def test_whoever_was_lost_before_counts_on_neither_side_of_the_yearly_loss() -> None:
    own = found(cell("owned", 80, 8), cell("owned", 20, 0, part="lost"))
    made = card(own, STORE, YEAR, {}, WEIGHTS)
    assert (made.loss.hits, made.loss.n, made.customers) == (8, 80, 100)


def sides_of(hits: int, n: int) -> dict[str, list[Cell]]:
    none: dict[str, list[Cell]] = {board: [] for board in READS}
    return {**none, "due_answered": [Cell("2026-05", "answered", "", n, hits)]}


def due(found: dict[str, list[Cell]]) -> Figure:
    return next(one for one in figures(found, YEAR) if one.name == "due_answered")


def test_the_group_board_does_not_mark_noise() -> None:
    group = due(sides_of(200, 400))
    assert due(sides_of(25, 40)).stands_out(group) == 0  # 62 %, but of 40
    assert due(sides_of(15, 40)).stands_out(group) == 0
    assert due(sides_of(250, 400)).stands_out(group) == 1  # 62 % of 400
    assert due(sides_of(150, 400)).stands_out(group) == -1
    assert due(sides_of(19, 19)).value is None


def test_a_lower_loss_is_better() -> None:
    group = Figure("yearly_loss", 0.2, 1000, 0.18, 0.22)
    assert Figure("yearly_loss", 0.1, 500, 0.08, 0.13).is_better(group) is True
    assert Figure("yearly_loss", 0.3, 500, 0.26, 0.34).is_better(group) is False


def test_an_nps_has_a_width_even_of_one_mind() -> None:
    none: dict[str, list[Cell]] = {board: [] for board in READS}
    of_one_mind = {**none, "answers": [Cell("2026-05", "nps", "promoter", 20, 20)]}
    nps = next(one for one in figures(of_one_mind, YEAR) if one.name == "nps")
    assert nps.value == 1
    assert nps.low is not None
    assert 0.6 < nps.low < 0.95
