"""LIFE-4: the retention curve over maintenance nodes."""

from collections.abc import Iterable
from dataclasses import dataclass

from lifecycle.rules.cells import Cell, total
from lifecycle.rules.rates import Rate

NODES = ("first", "second", "third", "fourth", "out_of_warranty")
# Of the industry, never the store's own: shares of the cohort that came, by node.
BENCHMARK = (0.94, 0.63, 0.42, 0.31, 0.18)


@dataclass(frozen=True)
class Node:
    """One node; rates are fractions, None where nobody was at risk.

    `step_loss` is of those who came to the node before, `points_lost` of the whole cohort (of
    out_of_warranty: against the fourth service), `cumulative_loss` 1 - retention.
    """

    node: str
    step: Rate
    retention: float | None
    points_lost: float | None

    @property
    def step_loss(self) -> float | None:
        return None if self.step.value is None else 1 - self.step.value

    @property
    def cumulative_loss(self) -> float | None:
        return None if self.retention is None else 1 - self.retention


def retention(cells: Iterable[Cell]) -> list[Node]:
    """The five nodes from the cells of the board `retention`, in order.

    Retention is the product of the step rates; out of warranty stands alone.
    """
    found = list(cells)
    nodes: list[Node] = []
    kept: float | None = 1.0
    for name in NODES[:-1]:
        step = _step(found, name)
        before = kept
        kept = None if kept is None or step.value is None else kept * step.value
        lost = None if before is None or kept is None else before - kept
        nodes.append(Node(name, step, kept, lost))
    late = _step(found, NODES[-1])
    lost = None if kept is None or late.value is None else kept - late.value
    return [*nodes, Node(NODES[-1], late, late.value, lost)]


def kept_to_second(cells: Iterable[Cell]) -> Rate:
    """Retention at the second service, as a rate of those at risk there."""
    node = retention(cells)[1]
    if node.retention is None:
        return Rate(0, 0)
    return Rate(round(node.retention * node.step.n), node.step.n)


def worst(nodes: Iterable[Node]) -> Node | None:
    """The service at which most points are lost, of those with enough data."""
    known = [node for node in nodes if node.points_lost is not None and node.step.is_enough]
    return max(known, key=lambda node: node.points_lost or 0, default=None)


def as_json(nodes: Iterable[Node]) -> dict[str, object]:
    """EXCHANGE: `report retention --json`."""
    return {
        "nodes": [
            {
                "node": node.node,
                "at_risk": node.step.n,
                "came": node.step.hits,
                "step_rate": node.step.value,
                "step_loss": node.step_loss,
                "retention": node.retention,
                "points_lost": node.points_lost,
                "cumulative_loss": node.cumulative_loss,
            }
            for node in nodes
        ],
        "benchmark": dict(zip(NODES, BENCHMARK, strict=True)),
    }


def _step(cells: Iterable[Cell], name: str) -> Rate:
    found = total(cells, item=name)
    return Rate(found.hits, found.n)
