"""Reports computed from source for any date, writing nothing."""

from collections.abc import Iterable
from typing import Any

from lifecycle.boards import BOARDS
from lifecycle.reports import REPORTS
from lifecycle.rules.cells import Cell
from lifecycle.services.boards import cells_now
from lifecycle.services.scope import Scope


def report(name: str, scopes: Iterable[Scope]) -> dict[str, Any]:
    """The report of these scopes' stores together, as of each one's date; as JSON's values.

    Raises KeyError for a name that is none of REPORTS.
    """
    wanted = REPORTS[name]
    days = list(scopes)
    found: dict[str, list[Cell]] = {board: [] for board in wanted.boards}
    for scope in days:
        for board in wanted.boards:
            found[board] += [_cell(row) for row in cells_now(scope, BOARDS[board])]
    as_of = max(scope.as_of for scope in days)
    return {"report": name, "as_of": as_of.isoformat(), **wanted.fold(found, as_of)}


def _cell(row: dict[str, Any]) -> Cell:
    names = ("period", "item", "part", "n", "hits", "amount")
    return Cell(*(row[name] for name in names))
