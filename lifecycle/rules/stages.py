"""LIFE-2: how many are in each stage, how many moved, and which step loses most."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lifecycle.rules.cells import Cell
from lifecycle.rules.periods import Period
from lifecycle.rules.rates import Rate

STAGES = ("awareness", "first_experience", "growth", "maturity", "decline", "lost")
# Where the arrow of a stage leads; of maturity what it loses, of decline and loss who came back.
_NEXT = {
    "awareness": ("first_experience", "growth", "maturity"),
    "first_experience": ("growth", "maturity"),
    "growth": ("maturity",),
    "maturity": ("decline", "lost"),
    "decline": ("awareness", "first_experience", "growth", "maturity"),
    "lost": ("awareness", "first_experience", "growth", "maturity", "decline"),
}
_LEAKS = ("decline", "lost")


@dataclass(frozen=True)
class StageFigure:
    """A stage: who is in it, who left it by its arrow (of all who were in it), who leaked from it.

    `moved.n` is everybody who was in the stage at some time of the period: those who are now and
    those who left, so a stage that many pass through is not judged by those who wait in it.
    """

    stage: str
    count: int
    moved: Rate
    leaked: int
    amount: Decimal


def stages(standing: Sequence[Cell], moves: Sequence[Cell], period: Period) -> list[StageFigure]:
    """The six stages of the boards `standing` and `moves` (of the period)."""
    counts = {cell.part: cell for cell in standing if cell.item == "stage"}
    moved: Counter[tuple[str, str]] = Counter()
    for cell in period.of(moves):
        moved[cell.item, cell.part] += cell.n
    return [_figure(stage, counts.get(stage), moved) for stage in STAGES]


def _figure(stage: str, here: Cell | None, moved: Counter[tuple[str, str]]) -> StageFigure:
    left = sum(n for (origin, _), n in moved.items() if origin == stage)
    count = here.n if here else 0
    return StageFigure(
        stage,
        count,
        Rate(sum(moved[stage, to] for to in _NEXT[stage]), count + left),
        sum(moved[stage, to] for to in _LEAKS if to != stage),
        here.amount if here else Decimal(0),
    )


def worst_leak(found: Sequence[StageFigure]) -> StageFigure | None:
    """The stage from which most customers went into decline or loss in the period."""
    inner = [one for one in found if one.stage not in _LEAKS and one.leaked]
    return max(inner, key=lambda one: one.leaked, default=None)


def as_json(
    found: Sequence[StageFigure], moves: Sequence[Cell], period: Period
) -> dict[str, object]:
    """`report stages --json`."""
    leak = worst_leak(found)
    moved: Counter[tuple[str, str]] = Counter()
    for cell in period.of(moves):
        moved[cell.item, cell.part] += cell.n
    return {
        "stages": [
            {
                "stage": one.stage,
                "customers": one.count,
                "amount": float(one.amount),
                "moved_on": one.moved.hits,
                "of": one.moved.n,
                "rate": one.moved.value,
                "leaked": one.leaked,
            }
            for one in found
        ],
        "moves": [
            {"from": origin, "to": to, "customers": n} for (origin, to), n in sorted(moved.items())
        ],
        "worst_leak": leak.stage if leak else None,
    }
