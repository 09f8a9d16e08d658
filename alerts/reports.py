"""The reports that come from tasks and outcomes (see lifecycle/reports.py)."""

from datetime import date
from typing import Any

from alerts.rules import health
from alerts.rules.reasons import as_json, reasons
from lifecycle.reports import Found, Report
from lifecycle.rules.periods import DEFAULT, period


def _reasons(found: Found, as_of: date) -> dict[str, Any]:
    return as_json(reasons(period(DEFAULT, as_of).of(found["reasons"])))


def _health(found: Found, as_of: date) -> dict[str, Any]:
    return health.as_json(health.problems(found["health"]))


REPORTS: dict[str, Report] = {
    "reasons": Report(("reasons",), _reasons),
    "health": Report(("health",), _health),
}
