"""Bars beside each other with a benchmark mark each: a funnel, a Pareto, a comparison."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.charts.canvas import Canvas


@dataclass(frozen=True)
class Bar:
    """A bar of `value` (0 to 1, None: not enough data) with its text; `low`-`high` a whisker."""

    label: str
    value: float | None
    text: str
    told: str
    benchmark: float | None = None
    low: float | None = None
    high: float | None = None
    url: str = ""
    is_bad: bool = False


@dataclass(frozen=True)
class Column:
    """A bar on the canvas; y of its top, of its benchmark and of the whisker's ends."""

    bar: Bar
    x: float
    middle: float
    width: float
    y: float
    height: float
    text_y: float
    benchmark_y: float | None
    low_y: float | None
    high_y: float | None


@dataclass(frozen=True)
class Bars:
    """Inputs of templates/components/charts/bars.html."""

    title: str
    description: str
    view_box: str
    columns: list[Column]
    base: float
    left: float
    right: float
    foot: float
    points: list[Bar]


def bars(
    title: str, description: str, rows: Sequence[Bar], *, canvas: Canvas | None = None
) -> Bars:
    """Columns over 0-100 %; `title` is what the chart says."""
    canvas = canvas or Canvas(left=10, right=10)
    step = 1 / max(len(rows), 1)
    return Bars(
        title=title,
        description=description,
        view_box=canvas.view_box,
        columns=[_column(row, n, step, canvas) for n, row in enumerate(rows)],
        base=canvas.y(0),
        left=canvas.left,
        right=canvas.width - canvas.right,
        foot=canvas.height - 8,
        points=list(rows),
    )


def _column(row: Bar, place: int, step: float, canvas: Canvas) -> Column:
    return column(row, canvas, (place + 0.18) * step, (place + 0.82) * step)


def column(row: Bar, canvas: Canvas, first: float, last: float) -> Column:
    """The bar between two places (0 to 1) of the plot."""
    left, right = canvas.x(first), canvas.x(last)
    top = canvas.y(row.value or 0)
    marks = [
        None if value is None else canvas.y(value) for value in (row.benchmark, row.low, row.high)
    ]
    highest = min([top, *(mark for mark in marks[1:] if mark is not None)])
    return Column(
        bar=row,
        x=left,
        middle=round((left + right) / 2, 1),
        width=round(right - left, 1),
        y=top,
        height=round(canvas.y(0) - top, 1),
        text_y=round(highest - 6, 1),
        benchmark_y=marks[0],
        low_y=marks[1],
        high_y=marks[2],
    )
