"""Warnings and tasks after the states: closed, opened, put in order. Safe to run again."""

from common.sql import column, execute, statement
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
    state_scope = scope.cars("s", "vehicle_id")
    close = statement("alerts", "warnings").format(
        state_scope=state_scope, warning_scope=scope.cars("w", "vehicle_id")
    )
    opened = statement("alerts", "open_warnings").format(state_scope=state_scope)
    return {
        "warnings_closed": column(close, scope.params())[0],
        "warnings_opened": execute(opened, scope.params()),
    }


def refresh_tasks(scope: Scope) -> dict[str, int]:
    """Counts of tasks closed and opened, and of open ones whose owner or value changed."""
    close = statement("alerts", "close_tasks").format(scope=scope.cars("t", "vehicle_id"))
    opening, wanted = statement("alerts", "open_tasks"), wanted_sql(scope)
    update = statement("alerts", "update_tasks").format(wanted=wanted)
    params = scope.params()
    closed = execute(close, params)
    opened = execute(opening.format(wanted=wanted, kinds="w.kind <> 'overdue_30'"), params)
    # Only now is known which cars have nothing else open.
    opened += execute(opening.format(wanted=wanted, kinds="w.kind = 'overdue_30'"), params)
    return {
        "tasks_closed": closed,
        "tasks_opened": opened,
        "tasks_changed": execute(update, params),
    }
