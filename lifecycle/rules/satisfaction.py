"""LIFE-7: satisfaction of the first service against coming to the second."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atanh, sqrt, tanh

from lifecycle.rules.cells import Cell, total
from lifecycle.rules.rates import ENOUGH, Rate

BANDS = ("high", "mid", "low")
# Of the industry: return rates of the bands (none for the middle one), and the correlation.
BENCHMARK: dict[str, float | None] = {"high": 0.91, "mid": None, "low": 0.38}
BENCHMARK_R = 0.82
_Z = 1.959963984540054


@dataclass(frozen=True)
class Correlation:
    """Pearson's r between satisfaction and return (0 or 1), with Fisher's 95 % interval."""

    r: float
    low: float
    high: float
    n: int


def bands(cells: Sequence[Cell]) -> dict[str, Rate]:
    """{band: returned to the second service} of the board `satisfaction`; high is 90 or more."""
    found = {band: total(cells, item=band) for band in BANDS}
    return {band: Rate(cell.hits, cell.n) for band, cell in found.items()}


def correlation(cells: Sequence[Cell]) -> Correlation | None:
    """None below 20 answers, or where everybody answered or acted alike."""
    rows = [(float(cell.part), cell.n, cell.hits) for cell in cells]
    n = sum(count for _, count, _ in rows)
    if n < ENOUGH:
        return None
    hits = sum(came for _, _, came in rows)
    mean = sum(score * count for score, count, _ in rows) / n
    spread = sum(count * (score - mean) ** 2 for score, count, _ in rows)
    together = sum(came * (score - mean) for score, _, came in rows)
    turns = hits * (n - hits) / n
    if spread <= 0 or turns <= 0:
        return None
    r = together / sqrt(spread * turns)
    # Beyond 1 lies only the rounding of floats.
    z, half = atanh(max(-0.999999, min(0.999999, r))), _Z / sqrt(n - 3)
    return Correlation(r, tanh(z - half), tanh(z + half), n)


def as_json(cells: Sequence[Cell]) -> dict[str, object]:
    """`report satisfaction --json`."""
    found = correlation(cells)
    return {
        "bands": [
            {"band": band, "answers": rate.n, "returned": rate.hits, "rate": rate.value}
            for band, rate in bands(cells).items()
        ],
        "correlation": None
        if found is None
        else {"r": found.r, "low": found.low, "high": found.high, "n": found.n},
        "benchmark": {"bands": BENCHMARK, "r": BENCHMARK_R},
    }
