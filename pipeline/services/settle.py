"""Settling: the vehicles whose facts changed are recomputed now, for their store's open day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date

from django.db import transaction

from common.sql import column, execute, rows
from customers.services import dirty
from lifecycle.services.scope import Scope
from pipeline.models import StoreDay
from pipeline.selectors.days import latest_days, resolved
from pipeline.services.compute import (
    DAY_LOCK,
    compute_customers,
    compute_vehicles,
    free_stores,
    lock_stores,
)
from stores.scope import all_stores


@contextmanager
def settling() -> Iterator[dict[int, StoreDay]]:
    """A transaction that ends with settling the vehicles marked in it: for pages and the API.

    Nobody waits for a store's night: its cars stay marked, and the sweeper settles them after it.
    Yields what holds, at the end, the days of the stores it settled for: nobody need ask again.
    """
    days: dict[int, StoreDay] = {}
    with transaction.atomic(), dirty.collect() as ids:
        yield days
        settle(ids, wait=False, told=days)


def settle(
    vehicle_ids: Iterable[int], *, wait: bool = True, told: dict[int, StoreDay] | None = None
) -> int:
    """Recomputes these vehicles and their owners inside the caller's transaction.

    Each for the last computed day of its store, under the policies pinned for it. Vehicles of
    stores without a day are left to the store's first run; with `wait` False those of a store whose
    night is running stay marked. Returns how many were recomputed; `told` is given the days.
    """
    ids = sorted(set(vehicle_ids))
    if not ids:
        return 0
    with all_stores():
        homes = _homes("customers_vehicle", ids)
        if wait:
            lock_stores(DAY_LOCK, homes.values(), shared=True)
        else:
            free = free_stores(DAY_LOCK, homes.values())
            homes = {pk: store_id for pk, store_id in homes.items() if store_id in free}
        # Marks go before anything else is read: one set later must stay.
        execute(
            """DELETE FROM customers_dirtyvehicle
               WHERE vehicle_id IN (SELECT unnest(%(ids)s::bigint[]))""",
            {"ids": list(homes)},
        )
        # Read behind the lock: who waited for the night computes the night's day.
        days = latest_days(set(homes.values()))
        if told is not None:
            told.update(days)
        owners: set[int] = set()
        done = 0
        for scope in _scopes(homes, days):
            owners |= compute_vehicles(scope)
            done += len(scope.vehicle_ids or ())
        _settle_customers(owners, days)
    return done


@transaction.atomic
def settle_left_over(limit: int = 5000) -> int:
    """Settles up to `limit` marked vehicles that nobody else is settling; for the sweeper."""
    ids = column(
        """DELETE FROM customers_dirtyvehicle WHERE id IN (
               SELECT id FROM customers_dirtyvehicle
               ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
           RETURNING vehicle_id""",
        {"limit": limit},
    )
    return settle(ids)


def _settle_customers(customer_ids: set[int], known: dict[int, StoreDay]) -> None:
    """`known`: the days of the cars' stores, which their locks hold."""
    homes = _homes("customers_customer", sorted(customer_ids))
    others = set(homes.values()) - known.keys()
    days = known | latest_days(others) if others else known
    for scope in _scopes(homes, days):
        compute_customers(
            scope.narrowed(vehicle_ids=None, customer_ids=scope.vehicle_ids),
        )


def _homes(table: str, ids: list[int]) -> dict[int, int]:
    """{id: store id} of vehicles or customers; an array, for a list of 50,000 is slow to read."""
    found = rows(
        f"""SELECT t.id, t.store_id FROM {table} t
            JOIN unnest(%(ids)s::bigint[]) AS wanted(id) ON wanted.id = t.id""",
        {"ids": ids},
    )
    return {row["id"]: row["store_id"] for row in found}


def _scopes(homes: dict[int, int], days: dict[int, StoreDay]) -> list[Scope]:
    """One scope a date: ids (vehicles' or customers') with their stores' sets."""
    by_date: defaultdict[date, list[int]] = defaultdict(list)
    for row_id, store_id in homes.items():
        if store_id in days:
            by_date[days[store_id].on].append(row_id)
    first = frozenset(store_id for store_id, day in days.items() if day.is_first)
    return [
        Scope(
            on,
            [resolved(days[store_id]) for store_id in sorted({homes[i] for i in ids})],
            sorted(ids),
            None,
            first,
        )
        for on, ids in sorted(by_date.items())
    ]
