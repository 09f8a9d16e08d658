"""The reports that come from tasks and outcomes (see lifecycle/reports.py)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from alerts.rules import health, week
from alerts.rules.reasons import as_json, reasons
from lifecycle.reports import Found, Report, Split
from lifecycle.rules.periods import DEFAULT, period
from stores.models import Store


def _reasons(found: Found, as_of: date) -> dict[str, Any]:
    return as_json(reasons(period(DEFAULT, as_of).of(found["reasons"])))


def _health(found: Found, as_of: date) -> dict[str, Any]:
    return health.as_json(health.problems(found["health"]))


def _week(by_store: Split, as_of: date, store_ids: Sequence[int]) -> dict[str, Any]:
    """The last full week of each store."""
    last = week.last_full(as_of)
    codes = Store.objects.filter(pk__in=store_ids).order_by("code").values_list("pk", "code")
    return {
        "week": last,
        "stores": [
            {
                "store": code,
                "figures": week.as_json(week.changes(by_store.get(pk, _NONE)["week"], last)),
            }
            for pk, code in codes
        ],
    }


_NONE: Found = {"week": []}
REPORTS: dict[str, Report] = {
    "reasons": Report(("reasons",), _reasons),
    "health": Report(("health",), _health),
    "week": Report(("week",), _week, by="store"),
}
