"""Warnings and tasks after the states: closed, opened, put in order. Safe to run again."""

from common.sql import execute, rows, statement
from lifecycle.services.compute import VEHICLE_ROLLUP, VEHICLE_STATE
from lifecycle.services.scope import Scope

TASKS = "alerts_task"
# For a replay: as if nothing had ever been opened.
NO_TASKS = f"(SELECT * FROM {TASKS} WHERE false)"
# Kinds of which every open task is among the wanted ones, for it closes with its reason.
_SURELY_WANTED = "'due_call', 'complaint', 'booking_confirm'"


def wanted_sql(
    scope: Scope,
    state: str = VEHICLE_STATE,
    rollup: str = VEHICLE_ROLLUP,
    tasks: str = TASKS,
) -> str:
    """Tasks the states ask for, beside what is kept of them (alerts/sql/wanted.sql)."""
    return statement("alerts", "wanted").format(
        policy=statement("lifecycle", "policy"),
        state=state,
        rollup=rollup,
        tasks=tasks,
        scope=scope.cars("s", "vehicle_id"),
        task_scope=scope.cars("t", "vehicle_id"),
        surely_wanted=_SURELY_WANTED,
        refused=_refused_sql(scope, state),
        phoned=_phoned_sql("alive", "high_on"),
        declined=_declined_sql("alive.vehicle_id", "base_on::text", tasks),
        confirmed=_confirmed_sql(),
    )


def _declined_sql(vehicle: str, cycle_key: str, tasks: str) -> str:
    """Whether the call for this service was declined (alerts/sql/declined.sql)."""
    return statement("alerts", "declined").format(vehicle=vehicle, cycle_key=cycle_key, tasks=tasks)


def _confirmed_sql() -> str:
    return statement("alerts", "confirmed").format(appointment="a.id")


def _refused_sql(scope: Scope, state: str = VEHICLE_STATE) -> str:
    people = "e.store_id = ANY(%(stores)s)"
    if scope.vehicle_ids is not None:
        owners = f"SELECT s.customer_id FROM {state} s WHERE {scope.cars('s', 'vehicle_id')}"
        people = f"e.customer_id IN ({owners})"
    return statement("alerts", "refused").format(people=people)


def _phoned_sql(alias: str, since: str) -> str:
    return statement("alerts", "phoned").format(
        vehicle=f"{alias}.vehicle_id", customer=f"{alias}.customer_id", since=f"{alias}.{since}"
    )


def refresh_warnings(scope: Scope) -> dict[str, int]:
    """Counts of warnings closed and opened."""
    close = statement("alerts", "close_warnings").format(scope=scope.cars("w", "vehicle_id"))
    opened = statement("alerts", "open_warnings").format(scope=scope.cars("s", "vehicle_id"))
    params = scope.params()
    return {
        "warnings_closed": execute(close, params, keep_plan=scope.is_few),
        "warnings_opened": execute(opened, params, keep_plan=scope.is_few),
    }


def refresh_tasks(scope: Scope) -> dict[str, int]:
    """Counts of tasks closed and opened, and of open ones whose owner or value changed."""
    close = statement("alerts", "close_tasks").format(
        scope=scope.cars("t", "vehicle_id"),
        refused=_refused_sql(scope),
        phoned=_phoned_sql("t", "opened_on"),
        confirmed=_confirmed_sql(),
    )
    opening = statement("alerts", "open_tasks").format(
        wanted=wanted_sql(scope),
        left_alone=statement("alerts", "left_alone").format(
            vehicle="a.vehicle_id", cycle_key="a.cycle_key", days="a.overdue_task_days"
        ),
    )
    params = scope.params()
    closed = execute(close, params, keep_plan=scope.is_few)
    # A statement of its own: what was closed just now makes room.
    found = rows(opening, params, keep_plan=scope.is_few)[0]
    return {
        "tasks_closed": closed,
        "tasks_opened": found["opened"],
        "tasks_changed": found["changed"],
    }
