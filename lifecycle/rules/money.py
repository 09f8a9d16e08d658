"""Revenue by the stage customers were in: what changed, and whose change it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lifecycle.rules.cells import Cell, total
from lifecycle.rules.stages import STAGES

NEW, GONE = "new", "gone"


@dataclass(frozen=True)
class Part:
    """A stage's amounts before and now; `share` its change as a fraction of all before."""

    stage: str
    before: Decimal
    now: Decimal
    share: float | None

    @property
    def change(self) -> Decimal:
        return self.now - self.before


@dataclass(frozen=True)
class Change:
    """The whole and its parts; the parts' changes add up to the whole's."""

    before: Decimal
    now: Decimal
    parts: list[Part]

    @property
    def share(self) -> float | None:
        return float((self.now - self.before) / self.before) if self.before else None


def revenue_change(span: Sequence[Cell], stretch: str) -> Change:
    """Amounts of the stretch and of the equal one before it, by the stage when that one began.

    Customers who were not there when it began are `new`, those erased or merged since are `gone`.
    """
    cells = [cell for cell in span if cell.period == stretch]
    before = total(cells, part="before").amount
    parts = [_part(cells, stage, before) for stage in (*STAGES, NEW, GONE)]
    return Change(before, total(cells, part="now").amount, parts)


def _part(cells: Sequence[Cell], stage: str, whole: Decimal) -> Part:
    before = total(cells, item=stage, part="before").amount
    now = total(cells, item=stage, part="now").amount
    return Part(stage, before, now, float((now - before) / whole) if whole else None)


def as_json(change: Change) -> dict[str, object]:
    return {
        "before": float(change.before),
        "now": float(change.now),
        "change": change.share,
        "parts": [
            {"stage": p.stage, "before": float(p.before), "now": float(p.now), "share": p.share}
            for p in change.parts
        ],
    }
