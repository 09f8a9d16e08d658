"""The people behind a figure: the members that it counted, by the board's own statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext

from common.formats import plate
from common.sql import rows, statement
from customers.models import Customer
from dashboards.selectors.boards.asked import Asked
from dashboards.selectors.boards.telling import TITLES, hit_words
from lifecycle.boards import SPLITS, Board
from lifecycle.rules.cells import total
from lifecycle.rules.periods import MONTHS
from lifecycle.selectors import Cell, cells
from lifecycle.services.boards import from_source, member_sql
from lifecycle.services.scope import Scope
from pipeline.boards import ALL_BOARDS
from pipeline.policies import KINDS
from stores.services.policies import resolve

PAGE_SIZE = 50
# A part of a statement for each mark of an address; what is not given is any.
_CONDITIONS = {
    "item": "item = %(item)s",
    "item_from": "item >= %(item_from)s",
    "item_to": "item <= %(item_to)s",
    "part": "part = %(part)s",
    "part_from": "part >= %(part_from)s",
    "hit": "is_hit = (%(hit)s = '1')",
    "from_month": "period >= %(from_month)s",
    "to_month": "period <= %(to_month)s",
    "stretch": "period = %(stretch)s",
}


@dataclass(frozen=True)
class Figure:
    """A figure whose people are asked for, as its address names it."""

    board: Board
    marks: Mapping[str, str]

    def counted(self, question: Asked) -> int:
        """What the night counted, for this figure to be held against."""
        found = cells(
            question.store_ids,
            [self.board.name],
            split=question.split,
            value=question.value or None,
        )[self.board.name]
        chosen = [cell for cell in found if self._has(cell)]
        sum_ = total(chosen)
        hit = self.marks.get("hit", "")
        return sum_.n if not hit else sum_.hits if hit == "1" else sum_.n - sum_.hits

    def _has(self, cell: Cell) -> bool:
        marks = self.marks
        return (
            marks.get("item", cell.item) == cell.item
            and marks.get("item_from", "") <= cell.item <= marks.get("item_to", "~")
            and marks.get("part", cell.part) == cell.part
            and cell.part >= marks.get("part_from", "")
            and marks.get("stretch", cell.period) == cell.period
            and marks.get("from_month", "") <= cell.period <= marks.get("to_month", "~")
        )


@dataclass(frozen=True)
class Member:
    """One line: somebody who counts, with the car and the amount that counted.

    A car before its first owner counts without a customer.
    """

    customer_id: int | None
    vehicle_id: int | None
    name: str
    plate: str
    model: str
    advisor: str
    period: str
    is_hit: bool
    amount: Any


@dataclass(frozen=True)
class Members:
    """One page of the members and how many there are in all."""

    rows: list[Member]
    count: int


MOST_EXPORTED = 5_000


def sheet(figure: Figure, question: Asked) -> tuple[dict[str, int], list[list[Any]]]:
    """Headings with widths, and a row a member, phones masked; at most MOST_EXPORTED rows."""
    found = members(figure, question, most=MOST_EXPORTED).rows
    phones = {
        person.pk: person.phone_masked
        for person in Customer.objects.filter(pk__in={one.customer_id or 0 for one in found})
    }
    yes, no = hit_words(figure.board.name, figure.marks)
    table = [
        [
            one.name or "–",
            phones.get(one.customer_id or 0, ""),
            one.model,
            plate(one.plate),
            one.advisor,
            one.period,
            yes if one.is_hit else no,
            float(one.amount),
        ]
        for one in found
    ]
    return _widths(), table


def _widths() -> dict[str, int]:
    return {
        gettext("Customer"): 16,
        gettext("Phone"): 14,
        gettext("Car"): 22,
        gettext("Plate"): 12,
        gettext("Advisor"): 14,
        gettext("Month"): 10,
        gettext("What happened"): 26,
        gettext("Amount (¥)"): 12,
    }


def figure_of(given: Mapping[str, str]) -> Figure | None:
    """The figure an address names; None when no figure of such a board opens its people."""
    board = ALL_BOARDS.get(given.get("board", ""))
    if board is None or board.name not in TITLES:
        return None
    return Figure(board, {name: given[name] for name in _CONDITIONS if given.get(name)})


def members(figure: Figure, question: Asked, *, first: int = 0, most: int = PAGE_SIZE) -> Members:
    """The members as of the date counted for, from `first` on, by name; one statement.

    Facts that came since change them: the page shows both numbers. Reads visits: of the chosen
    stores only, and only after a click.
    """
    scope = Scope(question.as_of or date.min, resolve(question.stores, KINDS))
    where = [_CONDITIONS[name] for name in figure.marks]
    if question.split:
        where.append(f"m.{SPLITS[question.split]} = %(value)s")
    text = statement("dashboards", "board_members").format(
        members=member_sql(figure.board, _KEPT), where=" AND ".join(where) or "true"
    )
    found = rows(
        from_source(scope, figure.board, text, kept_states=True),
        scope.params(value=question.value, first=first, most=most, **figure.marks),
    )
    count = found[0].pop("count") if found else 0
    return Members([_member(row) for row in found], count)


_KEPT = {
    "state": "lifecycle_vehiclestate",
    "customer_state": "lifecycle_customerstate",
    "segments": "lifecycle_customerstate",
}


def _member(row: dict[str, Any]) -> Member:
    row.pop("count", None)
    # A stretch of months is said above the list, not on each line.
    if row["period"].removesuffix("-1") in MONTHS:
        row["period"] = ""
    return Member(**row)
