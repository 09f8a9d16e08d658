"""Reports computed from source for any date, writing nothing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lifecycle.boards import Board
from lifecycle.reports import Report
from lifecycle.rules.cells import Cell
from lifecycle.services.boards import cells_now
from lifecycle.services.scope import Scope


def report(wanted: Report, boards: Mapping[str, Board], scopes: Iterable[Scope]) -> dict[str, Any]:
    """The report of these scopes' stores together, as of each one's date; as JSON's values."""
    days = list(scopes)
    found = {board: _cells(days, boards[board]) for board in wanted.boards}
    as_of = max(scope.as_of for scope in days)
    return {"as_of": as_of.isoformat(), **wanted.fold(found, as_of)}


def _cells(scopes: Sequence[Scope], board: Board) -> list[Cell]:
    """The stores' cells summed, as a page for several stores reads them."""
    summed: dict[tuple[str, str, str], list[Any]] = {}
    for scope in scopes:
        for row in cells_now(scope, board):
            sums = summed.setdefault((row["period"], row["item"], row["part"]), [0, 0, 0])
            for place, name in enumerate(("n", "hits", "amount")):
                sums[place] += row[name]
    return [Cell(*marks, *sums) for marks, sums in sorted(summed.items())]
