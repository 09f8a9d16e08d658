"""The least that the same work could cost: read the same rows, write the same rows."""

from django.db import connection

from bench.clock import Lap, run

FACTS = (
    ("customers_visit", "amount"),
    ("customers_contact", "happened_at"),
    ("customers_complaint", "opened_at"),
    ("customers_vehicle", "delivered_on"),
)


def states() -> Lap:
    """FW: reads the rollup and creates a table of the same state rows."""
    read = run("SELECT max(visits), max(paid_amount) FROM lifecycle_vehiclerollup")
    written = run("CREATE TABLE bench_floor AS SELECT * FROM lifecycle_vehiclestate")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_floor")
    return Lap(read.seconds + written.seconds, written.log_bytes, written.rows)


def facts() -> Lap:
    """FV: scans visits, contacts, complaints and vehicles."""
    total = Lap()
    for table, column in FACTS:
        total += run(f"SELECT max({column}) FROM {table}")  # noqa: S608
    return total
