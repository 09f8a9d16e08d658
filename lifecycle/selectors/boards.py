"""The boards' figures as the night counted them: one query a page, never over visits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from common.sql import column, rows, statement
from lifecycle.boards import SPLITS
from lifecycle.rules.cells import Cell
from stores.scope import scope_ids

Found = dict[str, list[Cell]]
# Whether the stores asked for are all there are, and their sum holds (services.group).
_WHOLE = (
    "EXISTS (SELECT FROM lifecycle_boardcell WHERE store_id IS NULL AND board = 'whole') "
    "AND NOT EXISTS (SELECT FROM stores_store WHERE id <> ALL(%(stores)s))"
)


@dataclass(frozen=True)
class Stamp:
    """As of when figures were counted: the oldest of the stores', and how many have any."""

    as_of: date | None
    stores: int


def cells(
    store_ids: Sequence[int], boards: Iterable[str], *, split: str = "", value: Any = None
) -> Found:
    """{board: its cells, summed over the stores}: of all, or of one advisor, model, …

    A board that is not parted by `split` has no cells then.
    """
    found: Found = {board: [] for board in boards}
    for row in _read(store_ids, list(found), split, value, ()):
        found[row["board"]].append(_cell(row))
    return found


def cells_by(store_ids: Sequence[int], boards: Iterable[str], split: str) -> dict[Any, Found]:
    """{value of the split: {board: cells}}, such as each advisor's (None: nobody's)."""
    names = list(boards)
    found: dict[Any, Found] = {}
    for row in _read(store_ids, names, split, None, (SPLITS[split],)):
        of_value = found.setdefault(row[SPLITS[split]], {name: [] for name in names})
        of_value[row["board"]].append(_cell(row))
    return found


def cells_by_store(store_ids: Sequence[int], boards: Iterable[str]) -> dict[int, Found]:
    """{store id: {board: cells}}."""
    names = list(boards)
    found: dict[int, Found] = {}
    for row in _read(store_ids, names, "", None, ("store_id",)):
        of_store = found.setdefault(row["store_id"], {name: [] for name in names})
        of_store[row["board"]].append(_cell(row))
    return found


def models_of(store_ids: Sequence[int]) -> list[str]:
    """The models of the stores' cars in use, as the boards name them."""
    return column(
        statement("lifecycle", "board_models").format(whole=_WHOLE),
        {"stores": allowed(store_ids)},
    )


def stamp(store_ids: Sequence[int], boards: Iterable[str]) -> Stamp:
    """As of when these boards of the stores were counted."""
    found = rows(
        """SELECT min(as_of) AS as_of, count(DISTINCT store_id) AS stores
           FROM lifecycle_boardday
           WHERE store_id = ANY(%(stores)s) AND board = ANY(%(boards)s)""",
        {"stores": allowed(store_ids), "boards": list(boards)},
    )[0]
    return Stamp(found["as_of"], found["stores"])


def _read(
    store_ids: Sequence[int],
    boards: Sequence[str],
    split: str,
    value: Any,
    more: tuple[str, ...],
) -> list[dict[str, Any]]:
    of_stores = split == "advisor" or "store_id" in more
    text = statement("lifecycle", "board_cells").format(
        whole="false" if of_stores else _WHOLE,
        which="" if value is None else f" AND {SPLITS[split]} = %(value)s",
        by="".join(f", {name}" for name in more),
    )
    return rows(
        text,
        {"stores": allowed(store_ids), "boards": list(boards), "split": split, "value": value},
    )


def allowed(store_ids: Sequence[int]) -> list[int]:
    """Our own statements do not pass the scoped manager: the scope is asked here."""
    scope = scope_ids()
    return list(store_ids) if scope is None else sorted(set(store_ids) & set(scope))


def _cell(row: dict[str, Any]) -> Cell:
    return Cell(row["period"], row["item"], row["part"], row["n"], row["hits"], row["amount"])
