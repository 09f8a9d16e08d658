"""Several lines over the same two shares, told apart by their strokes: what a ranking finds."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.charts.canvas import Canvas

# Strokes of templates/components/charts/curves.html, the own line first.
STROKES = ("own", "dashed", "dotted")


@dataclass(frozen=True)
class Track:
    """A line through places (0 to 1, 0 to 1), from the left; `told` are its values in the table."""

    label: str
    places: Sequence[tuple[float, float]]
    told: Sequence[str]


@dataclass(frozen=True)
class Curve:
    """A line on the canvas with its stroke."""

    label: str
    path: str
    stroke: str


@dataclass(frozen=True)
class Tick:
    """A place on an axis with its label."""

    at: float
    label: str


@dataclass(frozen=True)
class Mark:
    """An upright line with a text at its head, on the side where there is room."""

    x: float
    text_x: float
    anchor: str
    text: str


@dataclass(frozen=True)
class Curves:
    """Inputs of templates/components/charts/curves.html; `even` is the line of pure chance."""

    title: str
    description: str
    view_box: str
    curves: list[Curve]
    even: str
    across: list[Tick]
    up: list[Tick]
    mark: Mark | None
    left: float
    right: float
    top: float
    base: float
    foot: float
    heads: list[str]
    rows: list[tuple[str, list[str]]]


def curves(
    title: str,
    description: str,
    tracks: Sequence[Track],
    steps: Sequence[str],
    *,
    mark: tuple[float, str] | None = None,
) -> Curves:
    """Both axes go from 0 to 100 %; `steps` name the lines of the table, `mark` is a place."""
    canvas = Canvas(height=300)
    quarters = [n / 4 for n in range(5)]
    return Curves(
        title=title,
        description=description,
        view_box=canvas.view_box,
        curves=[
            Curve(track.label, _path(track.places, canvas), stroke)
            for track, stroke in zip(tracks, STROKES, strict=False)
        ],
        even=_path([(0, 0), (1, 1)], canvas),
        across=[Tick(canvas.x(one), f"{one:.0%}") for one in quarters],
        up=[Tick(canvas.y(one), f"{one:.0%}") for one in quarters[1:]],
        mark=_mark(*mark, canvas) if mark else None,
        left=canvas.left,
        right=canvas.width - canvas.right,
        top=canvas.y(1),
        base=canvas.y(0),
        foot=canvas.height - 8,
        heads=[track.label for track in tracks],
        rows=[(step, [track.told[place] for track in tracks]) for place, step in enumerate(steps)],
    )


def _path(places: Sequence[tuple[float, float]], canvas: Canvas) -> str:
    return "M" + " L".join(f"{canvas.x(x)} {canvas.y(y)}" for x, y in places)


def _mark(place: float, text: str, canvas: Canvas) -> Mark:
    """The text stands beside the line's foot, where the curves are not."""
    x = canvas.x(place)
    is_left = place < 0.6
    return Mark(x, round(x + (6 if is_left else -6), 1), "start" if is_left else "end", text)
