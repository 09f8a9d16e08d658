"""Locks of what is computed, for whoever changes facts and tasks of some cars beside the engine."""

from collections.abc import Iterable

from common.sql import column

# A store's day: the night takes it alone, a settling shares it (pipeline.services.compute).
DAY_LOCK = 4701


def lock_cars(vehicle_ids: Iterable[int], store_ids: Iterable[int]) -> list[int]:
    """Locks the cars' rollups as a settling does, before its caller locks tasks; returns whose.

    A settling holds the rollups and goes on to the tasks: the other way round the two would wait
    for each other. Cars of a store whose night is running are left out: nobody waits for it.
    """
    return column(
        """WITH free AS MATERIALIZED (
               SELECT id, pg_try_advisory_xact_lock_shared(%(space)s, id) AS is_free
               FROM (SELECT unnest(%(stores)s::integer[]) AS id ORDER BY 1) AS s
           )
           SELECT r.vehicle_id
           FROM lifecycle_vehiclerollup r
           JOIN free ON free.id = r.store_id AND free.is_free
           WHERE r.vehicle_id = ANY(%(vehicles)s)
           ORDER BY r.vehicle_id
           FOR UPDATE OF r""",
        {
            "space": DAY_LOCK,
            "stores": sorted(set(store_ids)),
            "vehicles": sorted(set(vehicle_ids)),
        },
    )
