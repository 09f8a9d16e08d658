"""The order of the day for a scope: rollups, states, stages and segments, warnings, tasks.

Locks are always taken in one order: the stores' day lock, vehicles by id, customers by id, the
stores' segment lock. The night takes the day lock alone, a settling shares it: a night that read a
car before its settling must not write after it.
"""

from collections.abc import Iterable

from alerts.services.refresh import refresh_tasks, refresh_warnings
from common.sql import column, execute
from lifecycle.services import rollups, snapshots, states
from lifecycle.services.locks import DAY_LOCK as DAY_LOCK
from lifecycle.services.scope import Scope

SEGMENT_LOCK = 4702


def lock_stores(space: int, store_ids: Iterable[int], *, shared: bool = False) -> None:
    """Holds an advisory lock of each store, in order of id, until the transaction ends."""
    name = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    execute(
        f"SELECT {name}(%(space)s, id) FROM unnest(%(stores)s::integer[]) AS id",
        {"space": space, "stores": sorted(set(store_ids))},
    )


def free_stores(space: int, store_ids: Iterable[int]) -> set[int]:
    """As `lock_stores` shared, but of those stores only whose lock nobody holds alone."""
    query = "SELECT pg_try_advisory_xact_lock_shared(%(space)s, %(store)s) AS is_free"
    return {
        store_id
        for store_id in sorted(set(store_ids))
        if column(query, {"space": space, "store": store_id})[0]
    }


def compute_day(scope: Scope) -> dict[str, int]:
    """Computes whole stores for the scope's date; returns counts that reconcile.

    `vehicles` = `states_written` + `states_unchanged`. Runs inside the caller's transaction.
    """
    lock_stores(DAY_LOCK, scope.store_ids)
    vehicle_ids = rollups.ageing_vehicles(scope)
    rollups.lock_vehicles(vehicle_ids, scope)
    execute(
        "DELETE FROM customers_dirtyvehicle WHERE vehicle_id IN (SELECT unnest(%(ids)s::bigint[]))",
        {"ids": vehicle_ids},
    )
    owner_ids = rollups.owners(vehicle_ids)
    ageing = scope.narrowed(vehicle_ids=vehicle_ids)
    rolled = rollups.refresh_vehicles(ageing)
    states.take_along(ageing)
    customer_ids = sorted({*rollups.ageing_customers(scope), *owner_ids})
    rollups.lock_customers(customer_ids, scope)
    rollups.refresh_customers(scope.narrowed(vehicle_ids=None, customer_ids=customer_ids))
    lock_stores(SEGMENT_LOCK, scope.store_ids)
    written = states.refresh_vehicles(scope)
    moved = states.refresh_customers(scope)
    segments = states.refresh_segments(scope)
    counts = {
        "rollups_read": len(vehicle_ids),
        "rollups_written": rolled,
        "states_written": written,
        "customers_written": moved,
        "segments_written": segments,
        **refresh_warnings(scope),
        **refresh_tasks(scope),
        "screened": states.screen_pre_churn(scope),
    }
    vehicles = snapshots.record(scope)
    return {"vehicles": vehicles, "states_unchanged": vehicles - written, **counts}


def compute_vehicles(scope: Scope) -> set[int]:
    """Recomputes the rollups, states, warnings and tasks of some vehicles.

    Returns the customers whose own rollup or stage may have changed.
    """
    ids = list(scope.vehicle_ids or ())
    rollups.lock_vehicles(ids, scope)
    owner_ids = rollups.owners(ids)
    rollups.refresh_vehicles(scope)
    states.refresh_vehicles(scope)
    refresh_warnings(scope)
    refresh_tasks(scope)
    return set(owner_ids)


def compute_customers(scope: Scope) -> None:
    """Recomputes some customers; their stores' segments when visits or amounts changed."""
    ids = list(scope.customer_ids or ())
    rollups.lock_customers(ids, scope)
    changed = rollups.refresh_customers(scope)
    if changed or len(ids) > 1:
        lock_stores(SEGMENT_LOCK, scope.store_ids)
    states.refresh_customers(scope)
    if changed:
        states.refresh_segments(scope)
