"""Warnings and tasks after the states: closed, opened, put in order. Safe to run again."""

from common.sql import execute, rows, statement
from lifecycle.services.compute import VEHICLE_ROLLUP, VEHICLE_STATE
from lifecycle.services.scope import Scope


def wanted_sql(scope: Scope, state: str = VEHICLE_STATE, rollup: str = VEHICLE_ROLLUP) -> str:
    """Tasks the states ask for (alerts/sql/wanted.sql)."""
    return statement("alerts", "wanted").format(
        policy=statement("lifecycle", "policy"),
        state=state,
        rollup=rollup,
        scope=scope.cars("s", "vehicle_id"),
    )


def refresh_warnings(scope: Scope) -> dict[str, int]:
    """Counts of warnings closed and opened."""
    close = statement("alerts", "close_warnings").format(scope=scope.cars("w", "vehicle_id"))
    opened = statement("alerts", "open_warnings").format(scope=scope.cars("s", "vehicle_id"))
    return {
        "warnings_closed": execute(close, scope.params()),
        "warnings_opened": execute(opened, scope.params()),
    }


def refresh_tasks(scope: Scope) -> dict[str, int]:
    """Counts of tasks closed and opened, and of open ones whose owner or value changed."""
    close = statement("alerts", "close_tasks").format(scope=scope.cars("t", "vehicle_id"))
    opening = statement("alerts", "open_tasks").format(wanted=wanted_sql(scope))
    params = scope.params()
    closed = execute(close, params, keep_plan=scope.is_few)
    # A statement of its own: what was closed just now makes room.
    found = rows(opening, params, keep_plan=scope.is_few)[0]
    return {
        "tasks_closed": closed,
        "tasks_opened": found["opened"],
        "tasks_changed": found["changed"],
    }
