"""LIFE-3: the three questions about where customers are lost, each with a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass

from lifecycle.rules.cells import Cell, total
from lifecycle.rules.periods import Period
from lifecycle.rules.rates import Rate

# Settings' figures of DOMAIN: below (returned, saved) or above (lost) them something is wrong.
RETURNED, LOST, SAVED = 0.60, 0.20, 0.10


@dataclass(frozen=True)
class Question:
    """`name` returned, mature_loss or saved; `is_bad` None where there is not enough data."""

    name: str
    rate: Rate
    limit: float
    is_more_better: bool

    @property
    def is_bad(self) -> bool | None:
        if not self.rate.is_enough or self.rate.value is None:
            return None
        return self.rate.value < self.limit if self.is_more_better else self.rate.value > self.limit


def questions(
    returned: Sequence[Cell], span: Sequence[Cell], due: Sequence[Cell], period: Period
) -> list[Question]:
    """Of the boards `returned` and `due_answered` in the period, and the yearly loss of `span`.

    The loss is always of the last 12 full months: it is a yearly one.
    """
    came = total(period.of(returned), item="first")
    saved = total(period.of(due), item="saved")
    return [
        Question("returned", Rate(came.hits, came.n), RETURNED, is_more_better=True),
        Question("mature_loss", loss(span, "12m", "maturity"), LOST, is_more_better=False),
        Question("saved", Rate(saved.hits, saved.n), SAVED, is_more_better=True),
    ]


def loss(span: Sequence[Cell], stretch: str, stage: str | None = None) -> Rate:
    """Who became lost in the stretch of those there when it began: of a stage or of all."""
    found = total((cell for cell in span if cell.period == stretch), item=stage, part="lost")
    return Rate(found.hits, found.n)


def as_json(found: Sequence[Question]) -> dict[str, object]:
    """`report bottlenecks --json`; `verdict` ok, bad or unknown."""
    words = {None: "unknown", True: "bad", False: "ok"}
    return {
        "questions": [
            {
                "question": one.name,
                "n": one.rate.n,
                "hits": one.rate.hits,
                "rate": one.rate.value,
                "limit": one.limit,
                "verdict": words[one.is_bad],
            }
            for one in found
        ]
    }
