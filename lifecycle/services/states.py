"""Writing states, stages and segments: only rows that differ."""

from common.sql import execute, statement
from lifecycle.models import VehicleState
from lifecycle.services.compute import customer_state_sql, segments_sql, state_sql
from lifecycle.services.scope import Scope


def refresh_vehicles(scope: Scope) -> int:
    """States of the scope's vehicles; a car not delivered by then loses its row."""
    names = [str(f.column) for f in VehicleState._meta.concrete_fields if f.column != "vehicle_id"]
    sql = statement("lifecycle", "write_state").format(
        state=state_sql(scope),
        columns=", ".join(names),
        old=", ".join(f"o.{name}" for name in names),
        new=", ".join(f"n.{name}" for name in names),
        update=", ".join(f"{name} = EXCLUDED.{name}" for name in names),
    )
    written = execute(sql, scope.params(first_days=list(scope.first_day_ids)))
    return written + execute(
        f"""DELETE FROM lifecycle_vehiclestate s USING lifecycle_vehiclerollup r
            WHERE r.vehicle_id = s.vehicle_id AND r.delivered_on > %(as_of)s
                AND {scope.cars("s", "vehicle_id")}""",
        scope.params(),
    )


def refresh_customers(scope: Scope) -> int:
    """Stage, value and transitions of the scope's customers; an erased one loses its row."""
    sql = statement("lifecycle", "write_stage").format(customer_state=customer_state_sql(scope))
    written = execute(sql, scope.params())
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
    return execute(
        f"""WITH new AS MATERIALIZED ({segments_sql(scope)})
            UPDATE lifecycle_customerstate s
            SET rfm = coalesce(n.rfm, ''), quadrant = coalesce(n.quadrant, '')
            FROM lifecycle_customerstate o
            LEFT JOIN new n USING (customer_id)
            WHERE s.customer_id = o.customer_id AND o.store_id = ANY(%(stores)s)
                AND (o.rfm, o.quadrant) <> (coalesce(n.rfm, ''), coalesce(n.quadrant, ''))""",
        scope.params(),
    )


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
