"""What was entered as spent, beside what the same months brought."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from common.sql import rows, statement
from lifecycle.models import Spending
from lifecycle.rules.cells import Cell, total
from lifecycle.rules.spending import Entered
from lifecycle.selectors.boards import allowed
from stores.models import Store


def spending_in(store: Store, month_on: date) -> list[Spending]:
    """The month's rows, at most one a purpose."""
    return list(Spending.objects.filter(store=store, month_on=month_on))


def latest_spending(store: Store, months: int = 24) -> list[Spending]:
    """The store's newest rows, whoever entered them with it."""
    found = Spending.objects.filter(store=store).select_related("set_by")
    return list(found.order_by("-month_on", "purpose")[: 2 * months])


def entered(store_ids: Sequence[int], first: str, last: str) -> list[Entered]:
    """Of months like 2026-05, both inclusive, with the cells of the night; one query."""
    found = rows(
        statement("lifecycle", "spending"),
        {
            "stores": allowed(store_ids),
            "first": date.fromisoformat(f"{first}-01"),
            "last": date.fromisoformat(f"{last}-01"),
        },
    )
    return [Entered(**row) for row in found]


def entered_beside(
    by_store: Mapping[int, Mapping[str, Sequence[Cell]]], store_ids: Sequence[int]
) -> list[Entered]:
    """The same of all months, beside cells that were counted for another date."""
    months: dict[tuple[int, date], list[Spending]] = defaultdict(list)
    for row in Spending.objects.filter(store__in=store_ids).order_by("month_on", "purpose"):
        months[row.store_id, row.month_on].append(row)
    return [
        _entered(one, by_store.get(store_id, {}), is_both=len(of_month) == 2)
        for (store_id, _), of_month in months.items()
        for one in of_month
    ]


def _entered(row: Spending, found: Mapping[str, Iterable[Cell]], *, is_both: bool) -> Entered:
    month = f"{row.month_on:%Y-%m}"
    revenue, came = (
        total((cell for cell in found.get(board, ()) if cell.period == month), item=row.purpose)
        for board in ("revenue", "arrivals")
    )
    return Entered(month, row.purpose, is_both, 1, row.amount, revenue.amount, came.n)
