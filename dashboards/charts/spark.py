"""A spark line: the shape of a figure over months, without axes; its number stands beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, EDGE = 120, 28, 3


@dataclass(frozen=True)
class Spark:
    """Inputs of templates/components/charts/spark.html; `end` is the last point, None without."""

    title: str
    view_box: str
    path: str
    end: tuple[float, float] | None


def spark(title: str, values: Sequence[float | None]) -> Spark:
    """Scaled from the lowest to the highest value; gaps where one is missing."""
    known = [value for value in values if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    spread = (high - low) or 1.0
    step = (WIDTH - 2 * EDGE) / max(len(values) - 1, 1)
    places: list[tuple[float, float] | None] = [
        None
        if value is None
        else (round(EDGE + n * step, 1), round(_height(value, low, spread), 1))
        for n, value in enumerate(values)
    ]
    drawn = [place for place in places if place]
    return Spark(title, f"0 0 {WIDTH} {HEIGHT}", _path(places), drawn[-1] if drawn else None)


def _height(value: float, low: float, spread: float) -> float:
    return HEIGHT - EDGE - (value - low) / spread * (HEIGHT - 2 * EDGE)


def _path(places: Sequence[tuple[float, float] | None]) -> str:
    parts, is_open = [], False
    for place in places:
        if place:
            parts.append(f"{'L' if is_open else 'M'}{place[0]} {place[1]}")
        is_open = place is not None
    return " ".join(parts)
