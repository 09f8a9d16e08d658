"""The cohort page: who keeps coming, by when they began."""

from dataclasses import dataclass

from dashboards.charts.bars import Bars
from dashboards.charts.heat import Heat
from dashboards.charts.line import Line
from dashboards.selectors.boards import cohort_cards as cards
from dashboards.selectors.boards.asked import Asked
from lifecycle.selectors import cells

READS = ("cohorts", "cohorts_visit", "funnel", "satisfaction", "silence", "survival")


@dataclass(frozen=True)
class CohortBoard:
    """Inputs of templates/dashboards/boards/cohorts.html; None: not enough data yet."""

    by_delivery: Heat | None
    by_first_visit: Heat | None
    funnel: Bars | None
    satisfaction: Bars | None
    silence: Bars | None
    second_step: Line | None
    # Boards that are not counted by the split asked for.
    unparted: list[str]


def cohort_board(question: Asked, by: str = "") -> CohortBoard:
    """Six cards out of one query; `by` month or quarter, else what the numbers allow."""
    found = cells(question.store_ids, READS, split=question.split, value=question.value or None)
    return CohortBoard(
        by_delivery=cards.cohort_map(found["cohorts"], "cohorts", question, by),
        by_first_visit=cards.cohort_map(found["cohorts_visit"], "cohorts_visit", question, by),
        funnel=cards.visit_funnel(found["funnel"], question),
        satisfaction=cards.satisfaction_bars(found["satisfaction"], question),
        silence=cards.silence_bars(found["silence"], question),
        second_step=cards.second_step(found["survival"], question),
        unparted=[name for name in READS if not question.parts(name)],
    )
