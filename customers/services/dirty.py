"""The queue that tells the upper apps which vehicles' facts have changed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection

_collected: ContextVar[set[int] | None] = ContextVar("huitou_dirty", default=None)


@contextmanager
def collect() -> Iterator[set[int]]:
    """Inside, `mark` also adds to the set: for whoever settles at the end of the transaction."""
    ids: set[int] = set()
    token = _collected.set(ids)
    try:
        yield ids
    finally:
        _collected.reset(token)


def mark(vehicle_ids: Iterable[int]) -> None:
    """Queue vehicles to be settled; inside the transaction that changes their facts."""
    ids = sorted(set(vehicle_ids))
    if not ids:
        return
    collected = _collected.get()
    if collected is not None:
        collected.update(ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_dirtyvehicle (vehicle_id, marked_at)"
            " SELECT unnest(%s::bigint[]), now()",
            [ids],
        )
