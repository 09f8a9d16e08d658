"""What the scorecard needs beside the counted cells: weights, targets, people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from lifecycle.models import RevenueTarget
from lifecycle.policies import ScorecardPolicy
from lifecycle.rules.cells import Cell, merged
from lifecycle.rules.periods import Period
from lifecycle.rules.scorecard import PARTS, READS, Card, card
from stores.models import Staff, Store
from stores.services.policies import values_in_force

NONE: dict[str, list[Cell]] = {board: [] for board in READS}
TargetsOf = Mapping[int, Mapping[str, Decimal]]


@dataclass(frozen=True)
class Grounds:
    """`weights` in percent; `targets` {staff id: {month: yuan}} over the stores."""

    weights: Mapping[str, int]
    targets: TargetsOf

    def people(self, ids: Iterable[int | None]) -> list[Staff]:
        """Those of these ids, by name; one query."""
        wanted = [pk for pk in ids if pk is not None]
        return list(Staff.objects.filter(pk__in=wanted).order_by("name", "pk"))


def grounds_of(store_ids: Sequence[int]) -> Grounds:
    """One store's weights; of several stores the group's."""
    stores = list(Store.objects.filter(pk__in=store_ids).select_related("group"))
    if not stores:
        return Grounds({name: getattr(ScorecardPolicy(), name) for name in PARTS}, {})
    only = stores[0] if len(stores) == 1 else None
    return Grounds(values_in_force(ScorecardPolicy, stores[0].group, only), targets_of(store_ids))


def targets_of(store_ids: Sequence[int]) -> dict[int, dict[str, Decimal]]:
    """{staff id: {month as 2026-05: yuan}}."""
    found: dict[int, dict[str, Decimal]] = {}
    for row in RevenueTarget.objects.filter(store__in=store_ids):
        months = found.setdefault(row.staff_id, {})
        month = f"{row.month_on:%Y-%m}"
        months[month] = months.get(month, Decimal(0)) + row.amount
    return found


def targets_in(store: Store, month_on: date) -> dict[int, Decimal]:
    """{staff id: yuan} of one month."""
    rows = RevenueTarget.objects.filter(store=store, month_on=month_on)
    return dict(rows.values_list("staff_id", "amount"))


def cards_of(
    by_advisor: Mapping[Any, Mapping[str, list[Cell]]],
    period: Period,
    grounds: Grounds,
    *,
    also: Iterable[int] = (),
) -> dict[int, Card]:
    """{staff id: card} of everybody with figures, and of `also`; nobody's customers have none.

    They count in the whole that small numbers are drawn towards.
    """
    whole = merged(by_advisor.values(), READS)
    ids = dict.fromkeys([*(pk for pk in by_advisor if pk is not None), *also])
    return {
        pk: card(
            by_advisor.get(pk, NONE), whole, period, grounds.targets.get(pk, {}), grounds.weights
        )
        for pk in ids
    }
