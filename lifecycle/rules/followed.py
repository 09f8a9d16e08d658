"""Due, followed up, answered, came: how far those who fell due went, and what calling does."""

from collections.abc import Sequence
from dataclasses import dataclass

from lifecycle.rules.cells import Cell, total
from lifecycle.rules.rates import Rate

STEPS = ("followed", "answered", "came")


@dataclass(frozen=True)
class Followed:
    """`steps`: those who took each step, of all who fell due, each part of the one before.

    `called` and `alone`: booked or visited, of those followed up and of those nobody followed up.
    """

    due: int
    steps: dict[str, Rate]
    called: Rate
    alone: Rate


def followed(cells: Sequence[Cell]) -> Followed:
    """Of the board `due_followed`, its cells of the period."""
    due = total(cells, item="followed").n
    steps = {name: Rate(total(cells, item=name).hits, due) for name in STEPS}
    answered, alone = (total(cells, item=name) for name in ("answered", "alone"))
    return Followed(due, steps, Rate(answered.hits, answered.n), Rate(alone.hits, alone.n))


def as_json(found: Followed) -> dict[str, object]:
    return {
        "due": found.due,
        "steps": [
            {"step": name, "cars": rate.hits, "share": rate.value}
            for name, rate in found.steps.items()
        ],
        "answered_when_followed_up": found.called.value,
        "answered_alone": found.alone.value,
        "alone": found.alone.n,
    }
