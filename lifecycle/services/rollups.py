"""Keeping the rollups: whole rows recomputed from source, never added to."""

from collections.abc import Sequence

from common.sql import column, difference, execute
from lifecycle.models import CustomerRollup, VehicleRollup
from lifecycle.services.compute import customer_rollup_sql, rollup_sql
from lifecycle.services.scope import Scope


def _columns(model: type[VehicleRollup] | type[CustomerRollup], key: str) -> list[str]:
    """Columns to write; `computed_on` last, for a new date alone is no difference."""
    names = [str(field.column) for field in model._meta.concrete_fields]
    return [name for name in names if name not in {key, "computed_on"}] + ["computed_on"]


def lock_vehicles(vehicle_ids: Sequence[int], scope: Scope) -> None:
    """Locks the vehicles' rollup rows, ordered by id, in a statement of its own.

    Under READ COMMITTED a statement that locks and computes at once would compute from a snapshot
    taken before it waited: of two writers the second would leave the first one's sum. Rows that do
    not exist yet are laid first, so that there is something to lock.
    """
    execute(
        """INSERT INTO lifecycle_vehiclerollup (vehicle_id, store_id, computed_on, is_gone, visits,
               maintenance_visits, window_days, window_km, since_base_on, since_base_km, complaints,
               calls_missed, wechats_unanswered, appointments_year, cancelled_year, paid_visits,
               paid_margin, paid_amount)
           SELECT v.id, v.store_id, %(as_of)s, false, 0, 0, 0, 0, ARRAY[]::date[],
               ARRAY[]::integer[], 0, 0, 0, 0, 0, 0, 0, 0
           FROM customers_vehicle v
           LEFT JOIN lifecycle_vehiclerollup r ON r.vehicle_id = v.id
           WHERE v.id IN (SELECT unnest(%(ids)s::bigint[])) AND r.vehicle_id IS NULL
           ORDER BY v.id
           ON CONFLICT DO NOTHING""",
        {"as_of": scope.as_of, "ids": list(vehicle_ids)},
    )
    execute(
        """SELECT 1 FROM lifecycle_vehiclerollup
           WHERE vehicle_id IN (SELECT unnest(%(ids)s::bigint[])) ORDER BY vehicle_id FOR UPDATE""",
        {"ids": list(vehicle_ids)},
    )


def lock_customers(customer_ids: Sequence[int], scope: Scope) -> None:
    """The same for the customers' rollup rows; always after the vehicles'."""
    execute(
        """INSERT INTO lifecycle_customerrollup (customer_id, store_id, computed_on, is_gone,
               visits, amount, recent_visits, recent_amount)
           SELECT c.id, c.store_id, %(as_of)s, false, 0, 0, 0, 0
           FROM customers_customer c
           LEFT JOIN lifecycle_customerrollup r ON r.customer_id = c.id
           WHERE c.id IN (SELECT unnest(%(ids)s::bigint[])) AND r.customer_id IS NULL
           ORDER BY c.id
           ON CONFLICT DO NOTHING""",
        {"as_of": scope.as_of, "ids": list(customer_ids)},
    )
    execute(
        """SELECT 1 FROM lifecycle_customerrollup
           WHERE customer_id IN (SELECT unnest(%(ids)s::bigint[]))
           ORDER BY customer_id FOR UPDATE""",
        {"ids": list(customer_ids)},
    )


def refresh_vehicles(scope: Scope) -> int:
    """Recomputes the rollups of the scope's vehicles; returns how many changed."""
    names = _columns(VehicleRollup, "vehicle_id")
    sql = difference("lifecycle_vehiclerollup", "vehicle_id", names, rollup_sql(scope), 1)
    return execute(sql, scope.params(), keep_plan=scope.is_few)


def refresh_customers(scope: Scope) -> int:
    """Recomputes the rollups of the scope's customers; returns how many changed."""
    names = _columns(CustomerRollup, "customer_id")
    source = customer_rollup_sql(scope)
    sql = difference("lifecycle_customerrollup", "customer_id", names, source, 1)
    return execute(sql, scope.params(), keep_plan=scope.is_few)


def ageing_vehicles(scope: Scope) -> list[int]:
    """Vehicles of the scope's stores whose windows turned by its date, or without a rollup."""
    return column(
        """SELECT r.vehicle_id FROM lifecycle_vehiclerollup r
           WHERE r.store_id = ANY(%(stores)s) AND r.ages_on <= %(as_of)s
           UNION ALL
           SELECT v.id FROM customers_vehicle v
           LEFT JOIN lifecycle_vehiclerollup r ON r.vehicle_id = v.id
           WHERE v.store_id = ANY(%(stores)s) AND r.vehicle_id IS NULL
           UNION
           SELECT d.vehicle_id FROM customers_dirtyvehicle d
           JOIN customers_vehicle v ON v.id = d.vehicle_id
           WHERE v.store_id = ANY(%(stores)s)
           ORDER BY 1""",
        scope.params(),
    )


def ageing_customers(scope: Scope) -> list[int]:
    """The same for customers."""
    return column(
        """SELECT r.customer_id FROM lifecycle_customerrollup r
           WHERE r.store_id = ANY(%(stores)s) AND r.ages_on <= %(as_of)s
           UNION ALL
           SELECT c.id FROM customers_customer c
           LEFT JOIN lifecycle_customerrollup r ON r.customer_id = c.id
           WHERE c.store_id = ANY(%(stores)s) AND r.customer_id IS NULL
           ORDER BY 1""",
        scope.params(),
    )


def owners(vehicle_ids: Sequence[int]) -> list[int]:
    """Everyone who owns or owned one of these vehicles, or does by the rollups kept so far.

    An owner put right on the same day leaves no ownership: to be asked before the refresh.
    """
    return column(
        """SELECT o.customer_id FROM customers_ownership o
           WHERE o.vehicle_id IN (SELECT unnest(%(ids)s::bigint[]))
           UNION
           SELECT r.customer_id FROM lifecycle_vehiclerollup r
           WHERE r.vehicle_id IN (SELECT unnest(%(ids)s::bigint[])) AND r.customer_id IS NOT NULL
           ORDER BY 1""",
        {"ids": list(vehicle_ids)},
    )
