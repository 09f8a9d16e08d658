"""The queue that tells the upper apps which vehicles' facts have changed."""

from collections.abc import Iterable

from django.db import connection


def mark(vehicle_ids: Iterable[int]) -> None:
    """Queue vehicles to be settled; inside the transaction that changes their facts."""
    ids = sorted(set(vehicle_ids))
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_dirtyvehicle (vehicle_id, marked_at)"
            " SELECT unnest(%s::bigint[]), now()",
            [ids],
        )
