"""LIFE-5: of the customers whose first visit was in a period, how many came how often."""

from collections.abc import Sequence
from dataclasses import dataclass

from lifecycle.rules.cells import Cell, total

MOST = 6
# Of the industry, by number of visits.
BENCHMARK = (1.00, 0.82, 0.64, 0.51, 0.39, 0.33)


@dataclass(frozen=True)
class Step:
    """`customers` came at least `n` times; `share` of those who came at all, a fraction."""

    n: int
    customers: int
    share: float | None


def funnel(cells: Sequence[Cell]) -> list[Step]:
    """Six steps of the board `funnel`, its cells of the period; the last is six or more."""
    everybody = total(cells).n
    counts = [sum(c.n for c in cells if int(c.part) >= n) for n in range(1, MOST + 1)]
    return [
        Step(n, count, count / everybody if everybody else None)
        for n, count in enumerate(counts, start=1)
    ]


def as_json(steps: Sequence[Step]) -> dict[str, object]:
    """EXCHANGE: `report funnel --json`."""
    return {
        "visits": [
            {"n": step.n, "customers": step.customers, "share": step.share} for step in steps
        ],
        "benchmark": {str(n): share for n, share in enumerate(BENCHMARK, start=1)},
    }
