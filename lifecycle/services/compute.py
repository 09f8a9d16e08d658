"""The statements of the engine put together; nothing here writes.

Night, settling, `explain`, the replay of an old date: the same files with another scope and date.
"""

from typing import Any

from common.sql import rows, statement
from lifecycle.services.scope import Scope

VEHICLE_ROLLUP = "lifecycle_vehiclerollup"
CUSTOMER_ROLLUP = "lifecycle_customerrollup"
VEHICLE_STATE = "lifecycle_vehiclestate"


def rollup_sql(scope: Scope) -> str:
    """Rows of VehicleRollup."""
    return statement("lifecycle", "rollup").format(scope=scope.cars("v", "id"))


def customer_rollup_sql(scope: Scope) -> str:
    """Rows of CustomerRollup."""
    return statement("lifecycle", "customer_rollup").format(scope=scope.people("c", "id"))


def state_sql(scope: Scope, rollup: str = VEHICLE_ROLLUP) -> str:
    """Rows of VehicleState from a relation of rollups, with the columns that change daily."""
    # The same cars: a rollup's store is its car's. Spares reading every store's cars for ten; of
    # single cars those are left out whose store's policies are not among the scope's.
    home = "v" if scope.vehicle_ids is None else "r"
    at_home = f" AND {home}.store_id = ANY(%(stores)s)"
    return statement("lifecycle", "state").format(
        policy=statement("lifecycle", "policy"),
        rollup=rollup,
        scope=scope.cars("r", "vehicle_id"),
        car_scope=scope.cars("v", "id"),
        at_home=at_home,
    )


def customer_state_sql(
    scope: Scope, customer_rollup: str = CUSTOMER_ROLLUP, state: str = VEHICLE_STATE
) -> str:
    """Stage and value of customers."""
    return statement("lifecycle", "customer_state").format(
        policy=statement("lifecycle", "policy"),
        customer_rollup=customer_rollup,
        state=state,
        scope=scope.people("c", "customer_id"),
    )


def segments_sql(scope: Scope, customer_rollup: str = CUSTOMER_ROLLUP) -> str:
    """RFM tier and quadrant: always of whole stores."""
    return statement("lifecycle", "segments").format(
        policy=statement("lifecycle", "policy"),
        customer_rollup=customer_rollup,
        scope="c.store_id = ANY(%(stores)s)",
    )


def replay_sql(scope: Scope, select: str) -> str:
    """`select` over fresh `rollup`, `state`, `customer_rollup`, `customer_state` and `segments`.

    Everything is computed from source for the scope's whole stores: segments compare customers.
    """
    whole = scope.narrowed(vehicle_ids=None)
    return f"""
        WITH rollup AS MATERIALIZED ({rollup_sql(whole)}),
        state AS MATERIALIZED ({state_sql(whole, "rollup")}),
        customer_rollup AS MATERIALIZED ({customer_rollup_sql(whole)}),
        customer_state AS MATERIALIZED ({customer_state_sql(whole, "customer_rollup", "state")}),
        segments AS MATERIALIZED ({segments_sql(whole, "customer_rollup")})
        {select}"""


def explain_rows(scope: Scope) -> list[dict[str, Any]]:
    """Rollup, state, customer's state and segments of the scope's vehicles, as of its date.

    One dict a vehicle: columns of VehicleRollup, VehicleState, the daily ones of state.sql, and
    `stage`, `value_tier`, `yearly_amount`, `rfm`, `quadrant` (None without an owner or a visit).
    """
    where = (
        ""
        if scope.vehicle_ids is None
        else "WHERE state.vehicle_id IN (SELECT unnest(%(vehicles)s::bigint[]))"
    )
    select = f"""
        SELECT rollup.*, state.*, cs.stage, cs.value_tier, cs.yearly_amount, g.rfm, g.quadrant,
               v.vin, v.brand, v.model, v.powertrain, v.plate
        FROM state
        JOIN rollup USING (vehicle_id)
        JOIN customers_vehicle v ON v.id = state.vehicle_id
        LEFT JOIN customer_state cs ON cs.customer_id = state.customer_id
        LEFT JOIN segments g ON g.customer_id = state.customer_id
        {where}
        ORDER BY v.vin"""
    return rows(replay_sql(scope, select), scope.params())
