"""Satisfaction and recommendation of a period."""

from collections.abc import Sequence
from dataclasses import dataclass

from lifecycle.rules.cells import Cell, total
from lifecycle.rules.rates import ENOUGH


@dataclass(frozen=True)
class Answers:
    """`satisfaction` on 0-100 and `nps` from -100 to 100, each None without answers."""

    satisfaction: float | None
    answers: int
    nps: float | None
    nps_answers: int

    @property
    def is_enough(self) -> bool:
        return self.answers >= ENOUGH


def answers(cells: Sequence[Cell]) -> Answers:
    """Of the board `answers`, its cells of the period."""
    csat = total(cells, item="csat")
    nps = total(cells, item="nps")
    promoters = total(cells, item="nps", part="promoter").n
    detractors = total(cells, item="nps", part="detractor").n
    return Answers(
        float(csat.amount / csat.n) if csat.n else None,
        csat.n,
        100 * (promoters - detractors) / nps.n if nps.n else None,
        nps.n,
    )
