"""Reports computed from source for any date, writing nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lifecycle.boards import SPLITS, Board
from lifecycle.reports import Report
from lifecycle.rules.cells import Cell
from lifecycle.services.boards import cells_now
from lifecycle.services.hindsight import cells_from_source
from lifecycle.services.scope import Scope
from lifecycle.warned import PAST

MonthEnds = Callable[[Scope], Iterable[Scope]]


def report(
    wanted: Report,
    boards: Mapping[str, Board],
    scopes: Iterable[Scope],
    month_ends: MonthEnds = lambda scope: (),
) -> dict[str, Any]:
    """The report of these scopes' stores together, as of each one's date; as JSON's values.

    `month_ends` gives the scopes of the past month-ends that a board of the past looks back at.
    """
    days = list(scopes)
    as_of = max(scope.as_of for scope in days)
    if wanted.by:
        stores = [pk for scope in days for pk in scope.store_ids]
        split = _cells_by(days, [boards[name] for name in wanted.boards], wanted.by)
        return {"as_of": as_of.isoformat(), **wanted.fold(split, as_of, stores)}
    found = {board: _cells(days, boards[board], month_ends) for board in wanted.boards}
    return {"as_of": as_of.isoformat(), **wanted.fold(found, as_of)}


def _cells(scopes: Sequence[Scope], board: Board, month_ends: MonthEnds) -> list[Cell]:
    """The stores' cells summed, as a page for several stores reads them."""
    if board.name in PAST:
        return _summed(
            row for scope in scopes for row in cells_from_source(scope, month_ends(scope))
        )
    return _summed(row for scope in scopes for row in cells_now(scope, board))


def _cells_by(
    scopes: Sequence[Scope], boards: Sequence[Board], by: str
) -> dict[Any, dict[str, list[Cell]]]:
    """{advisor's or store's id: {board: its cells}}."""
    split = by if by in SPLITS else ""
    column = SPLITS.get(by, "store_id")
    found: dict[Any, dict[str, list[Cell]]] = {}
    for board in boards:
        piles: dict[Any, list[dict[str, Any]]] = {}
        for scope in scopes:
            for row in cells_now(scope, board, split=split):
                piles.setdefault(row[column], []).append(row)
        for value, pile in piles.items():
            of_value = found.setdefault(value, {one.name: [] for one in boards})
            of_value[board.name] = _summed(pile)
    return found


def _summed(found: Iterable[dict[str, Any]]) -> list[Cell]:
    summed: dict[tuple[str, str, str], list[Any]] = {}
    for row in found:
        sums = summed.setdefault((row["period"], row["item"], row["part"]), [0, 0, 0])
        for place, name in enumerate(("n", "hits", "amount")):
            sums[place] += row[name]
    return [Cell(*marks, *sums) for marks, sums in sorted(summed.items())]
