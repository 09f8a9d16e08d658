"""A counted cell, as the folding rules take it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Cell:
    """How many members share these marks, how many are hits, and their amount in yuan.

    What a member, `item`, `part` and a hit are: lifecycle/sql/boards/<board>.sql.
    """

    period: str
    item: str
    part: str
    n: int
    hits: int
    amount: Decimal = Decimal(0)


def total(cells: Iterable[Cell], *, item: str | None = None, part: str | None = None) -> Cell:
    """The sum of the cells of this item and part; None means any."""
    n, hits, amount = 0, 0, Decimal(0)
    for cell in cells:
        if item in (None, cell.item) and part in (None, cell.part):
            n, hits, amount = n + cell.n, hits + cell.hits, amount + cell.amount
    return Cell("", item or "", part or "", n, hits, amount)


def merged(
    many: Iterable[Mapping[str, Sequence[Cell]]], boards: Iterable[str]
) -> dict[str, list[Cell]]:
    """The cells of several stores or advisors as one pile a board: `total` sums them."""
    piles = list(many)
    return {board: [cell for pile in piles for cell in pile[board]] for board in boards}
