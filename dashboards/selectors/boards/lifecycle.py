"""The lifecycle board: one query over counted cells, folded into cards."""

from dataclasses import dataclass

from dashboards.charts.line import Line
from dashboards.selectors.boards.asked import Asked
from dashboards.selectors.boards.curve import curve
from lifecycle.selectors import cells

READS = ("retention",)


@dataclass(frozen=True)
class LifecycleBoard:
    """Inputs of templates/dashboards/boards/lifecycle.html."""

    curve: Line


def lifecycle_board(question: Asked) -> LifecycleBoard:
    """The cards of the question; a board that is not parted by the split is of everybody."""
    found = cells(question.store_ids, READS, split=question.split, value=question.value or None)
    return LifecycleBoard(curve=curve(found["retention"], question))
