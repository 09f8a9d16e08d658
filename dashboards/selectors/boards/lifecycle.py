"""The lifecycle board: one query over counted cells, folded into cards."""

from dataclasses import dataclass

from dashboards.charts.line import Line
from dashboards.selectors.boards import standing
from dashboards.selectors.boards.asked import Asked
from dashboards.selectors.boards.asking import Verdict, revenue_sentence, verdicts
from dashboards.selectors.boards.curve import curve
from dashboards.selectors.boards.headline import Headline, headlines
from lifecycle.selectors import cells

READS = (
    "retention",
    "returned",
    "span",
    "due_answered",
    "standing",
    "moves",
    "answers",
    "reasons",
)


@dataclass(frozen=True)
class LifecycleBoard:
    """Inputs of templates/dashboards/boards/lifecycle.html."""

    headlines: list[Headline]
    curve: Line
    verdicts: list[Verdict]
    revenue: str
    stages: standing.StageMap
    quadrants: list[standing.ShareRow]
    tiers: list[standing.ShareRow]
    warnings: list[standing.LevelCount]
    reasons: list[standing.BarRow] | None


def lifecycle_board(question: Asked) -> LifecycleBoard:
    """The cards of the question; what is not parted by the split asked for has no cells."""
    found = cells(question.store_ids, READS, split=question.split, value=question.value or None)
    return LifecycleBoard(
        headlines=headlines(found, question),
        curve=curve(found["retention"], question),
        verdicts=verdicts(found, question),
        revenue=revenue_sentence(found["span"], question),
        stages=standing.stage_map(found["standing"], found["moves"], question),
        quadrants=standing.quadrants(found["standing"], question),
        tiers=standing.tiers(found["standing"], question),
        warnings=standing.warnings(found["standing"], question),
        reasons=standing.reason_bars(found["reasons"], question),
    )
