"""TASK-7: the reasons customers gave, counted."""

from collections.abc import Sequence
from dataclasses import dataclass

from lifecycle.rules.cells import Cell


@dataclass(frozen=True)
class ReasonFigure:
    """A reason; `share` of all reasons given, `is_solvable` whether the house can do something."""

    reason: str
    count: int
    share: float
    is_solvable: bool


def reasons(cells: Sequence[Cell]) -> list[ReasonFigure]:
    """The reasons of the cells of the board `reasons`, the most frequent first."""
    counts: dict[str, tuple[int, int]] = {}
    for cell in cells:
        n, hits = counts.get(cell.item, (0, 0))
        counts[cell.item] = n + cell.n, hits + cell.hits
    everybody = sum(n for n, _ in counts.values())
    found = [
        ReasonFigure(name, n, n / everybody, hits == n) for name, (n, hits) in counts.items() if n
    ]
    return sorted(found, key=lambda one: (-one.count, one.reason))


def as_json(found: Sequence[ReasonFigure]) -> dict[str, object]:
    """`report reasons --json`."""
    return {
        "reasons": [
            {
                "reason": one.reason,
                "count": one.count,
                "share": one.share,
                "is_solvable": one.is_solvable,
            }
            for one in found
        ]
    }
