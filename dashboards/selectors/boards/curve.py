"""The retention curve as a chart (LIFE-4)."""

from django.utils.translation import gettext

from common.formats import number, percent
from dashboards.charts.line import Line, Point, line
from dashboards.selectors.boards.asked import Asked
from dashboards.selectors.boards.words import NODES
from lifecycle.rules.cells import Cell
from lifecycle.rules.retention import BENCHMARK, Node, retention, worst


def curve(cells: list[Cell], question: Asked) -> Line:
    """The five nodes of the period with the benchmark; the worst step is named."""
    nodes = retention(question.now.of(cells))
    bad = worst(nodes)
    points = [
        _point(node, benchmark, question, is_bad=node is bad)
        for node, benchmark in zip(nodes, BENCHMARK, strict=True)
    ]
    return line(_title(bad), _told(points), points)


def _title(bad: Node | None) -> str:
    if bad is None:
        return gettext("Not enough data for a curve yet")
    facts = {"node": NODES[bad.node], "points": number((bad.points_lost or 0) * 100)}
    return gettext("Most are lost at the %(node)s: %(points)s of 100") % facts


def _told(points: list[Point]) -> str:
    return "; ".join(f"{point.label} {point.told}" for point in points)


def _point(node: Node, benchmark: float, question: Asked, *, is_bad: bool) -> Point:
    label = str(NODES[node.node])
    if node.retention is None or not node.step.is_enough:
        facts = {"n": number(node.step.n)}
        text = gettext("not enough data (%(n)s cars)") % facts
        return Point(label, None, told=text, benchmark=benchmark)
    facts = {
        "share": percent(node.retention),
        "came": number(node.step.hits),
        "risk": number(node.step.n),
        "step": percent(node.step.value or 0),
    }
    text = percent(node.retention)
    if is_bad:
        text += f" (−{number((node.points_lost or 0) * 100)})"
    told = gettext("%(share)s; this step %(came)s of %(risk)s (%(step)s)") % facts
    url = question.people_in("retention", item=node.node, hit=0)
    return Point(label, node.retention, text, told, benchmark, url=url, is_bad=is_bad)
