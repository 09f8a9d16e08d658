"""Looking back at month-ends: who was flagged, and what the 90 days after it showed.

Flags are replayed as of the month-end and know nothing of later days; the rest is as of the 90th
day after it. So a month changes only when facts of its own days come late.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from django.db import transaction

from common.sql import execute, rows, statement
from lifecycle.models import BoardDay, JudgedWarning
from lifecycle.rules.hindsight import last_day
from lifecycle.services.boards import counted_now, refresh_board
from lifecycle.services.compute import rollup_sql, state_sql
from lifecycle.services.scope import Scope
from lifecycle.warned import WARNINGS

_COLUMNS = [
    str(field.column) for field in JudgedWarning._meta.concrete_fields if not field.primary_key
]
_KEY = ("store_id", "month_end_on", "vehicle_id")


def judge(then: Scope, today: Scope) -> int:
    """Keeps what became of the month-end `then`'s flags and counts the board as of `today`.

    Returns how many rows differed. Inside the caller's transaction; the same again writes nothing.
    """
    params = _params(then)
    execute("DROP TABLE IF EXISTS pg_temp.judged_now", {})
    execute(f"CREATE TEMP TABLE judged_now ON COMMIT DROP AS {judged_sql(then)}", params)
    execute("ANALYZE judged_now", {})
    written = execute(_GONE, params) + execute(_NEW, params)
    _stamp(then, today)
    refresh_board(today, WARNINGS)
    return written


def cells_from_source(today: Scope, month_ends: Iterable[Scope]) -> list[dict[str, Any]]:
    """The board's cells as of `today`, every month-end replayed; writes nothing that stays."""
    with transaction.atomic():
        names = ", ".join(_COLUMNS)
        execute("DROP TABLE IF EXISTS pg_temp.judged_all", {})
        execute(
            f"""CREATE TEMP TABLE judged_all ON COMMIT DROP AS
                SELECT {names} FROM lifecycle_judgedwarning WHERE false""",
            {},
        )
        for then in month_ends:
            found = (
                f"INSERT INTO judged_all ({names}) SELECT {names} FROM ({judged_sql(then)}) AS j"
            )
            execute(found, _params(then))
        return rows(counted_now(WARNINGS, {"judged": "judged_all"}), today.params())


def judged_sql(then: Scope) -> str:
    """Rows of JudgedWarning for the month-end that is the scope's date."""
    whole = then.narrowed(vehicle_ids=None)
    of_flagged = "v.id IN (SELECT vehicle_id FROM flagged WHERE is_due)"
    return statement("lifecycle", "hindsight").format(
        rollup=rollup_sql(whole),
        state=state_sql(whole, "rollup"),
        later_rollup=_later(statement("lifecycle", "rollup").format(scope=of_flagged)),
        later_state=_later(state_sql(whole, "later_rollup")),
    )


def month_board(month_end_on: date) -> str:
    """The name under which BoardDay keeps when a month was judged."""
    return f"{WARNINGS.name} {month_end_on:%Y-%m}"


def _later(sql: str) -> str:
    """The same statement as of the last of the 90 days."""
    return sql.replace("%(as_of)s", "%(until)s").replace("%(month)s", "%(until_month)s")


def _params(then: Scope) -> dict[str, Any]:
    until = last_day(then.as_of)
    return then.params(until=until, until_month=until.replace(day=1))


def _stamp(then: Scope, today: Scope) -> None:
    BoardDay.objects.bulk_create(
        [
            BoardDay(
                store_id=one.store_id,
                board=month_board(then.as_of),
                as_of=today.as_of,
                policy_set_id=cast(int, one.policy_set_id),  # pinned
            )
            for one in then.sets
        ],
        update_conflicts=True,
        unique_fields=["store", "board"],
        update_fields=["as_of", "policy_set"],
    )


def _differs() -> str:
    rest = [name for name in _COLUMNS if name not in _KEY]
    old, new = (", ".join(f"{alias}.{name}" for name in rest) for alias in "on")
    return f"ROW({old}) IS DISTINCT FROM ROW({new})"


_GONE = """
    DELETE FROM lifecycle_judgedwarning o
    WHERE o.store_id = ANY(%(stores)s) AND (
        o.month_end_on < %(as_of)s::date - interval '30 months'
        OR (o.month_end_on = %(as_of)s
            AND NOT EXISTS (SELECT FROM judged_now n
                            WHERE n.vehicle_id = o.vehicle_id AND n.store_id = o.store_id)))"""
_NEW = f"""
    INSERT INTO lifecycle_judgedwarning ({", ".join(_COLUMNS)})
    SELECT {", ".join(f"n.{name}" for name in _COLUMNS)}
    FROM judged_now n
    LEFT JOIN lifecycle_judgedwarning o ON o.store_id = n.store_id
        AND o.month_end_on = n.month_end_on AND o.vehicle_id = n.vehicle_id
    WHERE o.id IS NULL OR {_differs()}
    ON CONFLICT ON CONSTRAINT judged_once_a_month DO UPDATE
    SET {", ".join(f"{name} = EXCLUDED.{name}" for name in _COLUMNS if name not in _KEY)}"""
