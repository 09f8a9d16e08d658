"""The least that the same work could cost: read the same rows, write the same rows."""

from collections.abc import Iterator
from contextlib import contextmanager

from bench.clock import Lap, run

# What the rollup reads of each table.
FACTS = {
    "customers_visit": "vehicle_id arrived_at odometer_km amount gross_margin kind void_on",
    "customers_contact": "vehicle_id customer_id happened_at channel direction outcome replied_on",
    "customers_complaint": "vehicle_id opened_at opened_on",
    "customers_vehicle": "id store_id delivered_on status status_on",
}


def states() -> Lap:
    """FW: reads the rollup and creates a table of the same state rows."""
    with _one_process():
        read = run(_scan("lifecycle_vehiclerollup", "ages_on paid_amount paid_visits"))
        written = run("CREATE TABLE bench_floor AS SELECT * FROM lifecycle_vehiclestate")
        run("DROP TABLE bench_floor")
    return Lap(read.seconds + written.seconds, written.log_bytes, written.rows)


def facts() -> Lap:
    """FV: scans visits, contacts, complaints and vehicles for the columns the rollup reads."""
    total = Lap()
    with _one_process():
        for table, columns in FACTS.items():
            total += run(_scan(table, columns))
    return total


def _scan(table: str, columns: str) -> str:
    read = ", ".join(f"max({name})" for name in columns.split())
    return f"SELECT {read} FROM {table}"  # noqa: S608


@contextmanager
def _one_process() -> Iterator[None]:
    """Without helpers, as the day's fenced statements run."""
    run("SET max_parallel_workers_per_gather = 0")
    yield
    run("RESET max_parallel_workers_per_gather")
