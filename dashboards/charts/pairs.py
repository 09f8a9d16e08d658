"""Two bars a group over the same scale: how one share differs from thing to thing."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.charts.bars import Bar, Column, column
from dashboards.charts.canvas import Canvas


@dataclass(frozen=True)
class Pair:
    """A group of two bars with its label; the second is drawn lighter."""

    label: str
    first: Bar
    second: Bar


@dataclass(frozen=True)
class Group:
    """A pair on the canvas; x of its label."""

    label: str
    middle: float
    first: Column
    second: Column


@dataclass(frozen=True)
class Pairs:
    """Inputs of templates/components/charts/pairs.html."""

    title: str
    description: str
    view_box: str
    groups: list[Group]
    base: float
    left: float
    right: float
    foot: float
    points: list[Bar]


def pairs(
    title: str, description: str, rows: Sequence[Pair], *, canvas: Canvas | None = None
) -> Pairs:
    """Groups of two over 0-100 %, side by side; `title` is what the chart says."""
    canvas = canvas or Canvas(left=10, right=10)
    step = 1 / max(len(rows), 1)
    return Pairs(
        title=title,
        description=description,
        view_box=canvas.view_box,
        groups=[_group(row, n, step, canvas) for n, row in enumerate(rows)],
        base=canvas.y(0),
        left=canvas.left,
        right=canvas.width - canvas.right,
        foot=canvas.height - 8,
        points=[bar for row in rows for bar in (row.first, row.second)],
    )


def _group(row: Pair, place: int, step: float, canvas: Canvas) -> Group:
    first = column(row.first, canvas, (place + 0.16) * step, (place + 0.48) * step)
    second = column(row.second, canvas, (place + 0.52) * step, (place + 0.84) * step)
    return Group(row.label, canvas.x((place + 0.5) * step), first, second)
