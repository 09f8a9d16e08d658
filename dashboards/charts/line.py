"""A line with its benchmark and, where there is one, the band of its 95 % interval."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.charts.canvas import Canvas


@dataclass(frozen=True)
class Point:
    """One place of the line; values are fractions from 0 to 1, None where there are too few.

    `text` stands at the point (in short), `told` in the table (with its n); `url` opens the people.
    """

    label: str
    value: float | None
    text: str = ""
    told: str = ""
    benchmark: float | None = None
    low: float | None = None
    high: float | None = None
    url: str = ""
    is_bad: bool = False


@dataclass(frozen=True)
class Mark:
    """A point on the canvas."""

    point: Point
    x: float
    y: float
    text_x: float
    text_y: float


@dataclass(frozen=True)
class Grid:
    """A horizontal line with its label."""

    y: float
    label: str


@dataclass(frozen=True)
class Line:
    """Inputs of templates/components/charts/line.html."""

    title: str
    description: str
    view_box: str
    path: str
    benchmark: str
    band: str
    marks: list[Mark]
    labels: list[Mark]
    grid: list[Grid]
    left: float
    right: float
    foot: float
    # A row of the table each.
    tabled: list[Point]
    points: list[Point]


def line(
    title: str,
    description: str,
    points: Sequence[Point],
    *,
    canvas: Canvas | None = None,
) -> Line:
    """A line over 0-100 %; gaps where a value is missing. `title` is what the chart says.

    Points without a label have none on the axis, no dot and no row of the table.
    """
    canvas = canvas or Canvas()
    count = max(len(points), 1)
    places = [canvas.x((n + 0.5) / count) for n in range(len(points))]
    marks = [_mark(point, x, canvas) for point, x in zip(points, places, strict=True)]
    labels = [mark for mark in marks if mark.point.label]
    return Line(
        title=title,
        description=description,
        view_box=canvas.view_box,
        path=_path([(m.x, m.y) if m.point.value is not None else None for m in marks]),
        benchmark=_path(
            [
                None if p.benchmark is None else (x, canvas.y(p.benchmark))
                for p, x in zip(points, places, strict=True)
            ]
        ),
        band=_band(points, places, canvas),
        marks=[mark for mark in labels if mark.point.value is not None],
        labels=labels,
        grid=[Grid(canvas.y(n / 4), f"{n * 25}%") for n in range(1, 5)],
        left=canvas.left,
        right=canvas.width - canvas.right,
        foot=canvas.height - 8,
        tabled=[point for point in points if point.label],
        points=list(points),
    )


def _mark(point: Point, x: float, canvas: Canvas) -> Mark:
    """The text stands above the point, below it where the benchmark would cross it."""
    value = point.value or 0.0
    y = canvas.y(value)
    crossed = point.benchmark is not None and 0 <= point.benchmark - value < 0.12
    return Mark(point, x, y, x, round(y + 20 if crossed else y - 9, 1))


def _path(places: Sequence[tuple[float, float] | None]) -> str:
    """Straight pieces; a missing place ends one and begins another."""
    parts, is_open = [], False
    for place in places:
        if place is None:
            is_open = False
            continue
        parts.append(f"{'L' if is_open else 'M'}{place[0]} {place[1]}")
        is_open = True
    return " ".join(parts)


def _band(points: Sequence[Point], places: Sequence[float], canvas: Canvas) -> str:
    known = [
        (x, canvas.y(point.low), canvas.y(point.high))
        for point, x in zip(points, places, strict=True)
        if point.low is not None and point.high is not None
    ]
    if len(known) < 2:
        return ""
    there = [f"{x} {high}" for x, _, high in known]
    back = [f"{x} {low}" for x, low, _ in reversed(known)]
    return f"M{' L'.join([*there, *back])}Z"
