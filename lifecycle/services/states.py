"""Writing states, stages and segments: only rows that differ."""

from collections.abc import Iterator
from contextlib import contextmanager

from common.sql import execute, statement
from lifecycle.models import VehicleState
from lifecycle.services.compute import customer_state_sql, segments_sql, state_sql
from lifecycle.services.scope import Scope


def refresh_vehicles(scope: Scope) -> int:
    """States of the scope's vehicles; a car not delivered by then loses its row."""
    names = [str(f.column) for f in VehicleState._meta.concrete_fields if f.column != "vehicle_id"]
    old = ", ".join(f"o.{name}" for name in names)
    new = ", ".join(f"duty.{n}" if n in {"high_on", "is_duty"} else f"n.{n}" for n in names)
    sql = statement("lifecycle", "write_state").format(
        state=state_sql(scope),
        columns=", ".join(names),
        own=", ".join(f"n.{name}" for name in names if name not in {"high_on", "is_duty"}),
        # See `take_along`: spares reading every store's states for ten.
        at_home=" AND o.store_id = ANY(%(stores)s)" if scope.vehicle_ids is None else "",
        differs=f"ROW({old}) IS DISTINCT FROM ROW({new})",
        update=", ".join(f"{name} = EXCLUDED.{name}" for name in names),
    )
    with _joined_in_bulk(scope):
        params = scope.params(first_days=list(scope.first_day_ids))
        written = execute(sql, params, keep_plan=scope.is_few)
        return written + execute(
            f"""DELETE FROM lifecycle_vehiclestate s USING lifecycle_vehiclerollup r
                WHERE r.vehicle_id = s.vehicle_id AND r.delivered_on > %(as_of)s
                    AND {scope.cars("r", "vehicle_id")}""",
            scope.params(),
        )


def refresh_customers(scope: Scope) -> int:
    """Stage, value and transitions of the scope's customers; an erased one loses its row."""
    sql = statement("lifecycle", "write_stage").format(customer_state=customer_state_sql(scope))
    written = execute(sql, scope.params(), keep_plan=scope.is_few)
    execute(
        f"""DELETE FROM lifecycle_stagetransition t
            WHERE t.changed_on = %(as_of)s AND t.from_stage = t.to_stage
                AND {scope.people("t", "customer_id")}""",
        scope.params(),
    )
    return written + execute(
        f"""DELETE FROM lifecycle_customerstate s USING lifecycle_customerrollup r
            WHERE r.customer_id = s.customer_id AND r.is_gone
                AND {scope.people("s", "customer_id")}""",
        scope.params(),
    )


def refresh_segments(scope: Scope) -> int:
    """RFM tier and quadrant of all customers of the scope's stores."""
    params = scope.params()
    # In two statements: every customer joined to the fenced segments, found or not, would be
    # compared row against row when the planner takes the segments for a handful.
    written = execute(
        f"""WITH new AS MATERIALIZED ({segments_sql(scope)})
            UPDATE lifecycle_customerstate s
            SET rfm = n.rfm, quadrant = n.quadrant
            FROM new n
            WHERE s.customer_id = n.customer_id AND (s.rfm, s.quadrant) <> (n.rfm, n.quadrant)""",
        params,
    )
    return written + execute(
        """UPDATE lifecycle_customerstate s
           SET rfm = '', quadrant = ''
           WHERE s.store_id = ANY(%(stores)s) AND (s.rfm, s.quadrant) <> ('', '')
               AND NOT EXISTS (
                   SELECT 1 FROM lifecycle_customerrollup r
                   WHERE r.customer_id = s.customer_id AND r.store_id = s.store_id
                       AND r.visits > 0 AND NOT r.is_gone)""",
        params,
    )


def take_along(scope: Scope) -> None:
    """States of cars that moved to another store go along, with the day their level became high.

    For the scope's vehicles after their rollups: whole stores are compared with their own states.
    """
    execute(
        f"""UPDATE lifecycle_vehiclestate s SET store_id = r.store_id
            FROM lifecycle_vehiclerollup r
            WHERE r.vehicle_id = s.vehicle_id AND r.store_id <> s.store_id
                AND {scope.cars("r", "vehicle_id")}""",
        scope.params(),
    )


@contextmanager
def _joined_in_bulk(scope: Scope) -> Iterator[None]:
    """Whole stores are read in the order of the heap, as the index of a store is not.

    They are joined by hash: sorting the wide rows for a merge costs more.

    On a store's first day also against the planner's figures: a store that was not there at the
    last ANALYZE is taken for one row, and the plans would be searched car by car.
    """
    kinds = [] if scope.vehicle_ids is not None else ["mergejoin", "indexscan"]
    if kinds and scope.first_day_ids:
        kinds.append("nestloop")
    for kind in kinds:
        execute(f"SET LOCAL enable_{kind} = off", {})
    yield
    for kind in kinds:
        execute(f"SET LOCAL enable_{kind} = on", {})


def screen_pre_churn(scope: Scope) -> int:
    """Monday's index of the vehicles at or above the threshold (RISK-4); other days nothing."""
    if scope.as_of.isoweekday() != 1:
        return 0
    return execute(
        f"""INSERT INTO lifecycle_prechurnscreening (store_id, vehicle_id, screened_on, index)
            SELECT s.store_id, s.vehicle_id, %(as_of)s, s.pre_churn_index
            FROM ({state_sql(scope)}) s
            JOIN jsonb_to_recordset(%(policies)s::jsonb) AS p(store_id bigint, warning jsonb)
                USING (store_id)
            WHERE NOT s.is_gone
                AND s.pre_churn_index >= (p.warning ->> 'index_threshold')::integer
            ON CONFLICT (vehicle_id, screened_on) DO NOTHING""",
        scope.params(),
    )
