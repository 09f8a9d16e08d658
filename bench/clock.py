"""Stop watch: seconds, and the bytes of write-ahead log that went by meanwhile."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from django.db import connection


@dataclass
class Lap:
    """One piece of work; `log_bytes` counts the whole server's log, so nobody else may write."""

    seconds: float = 0.0
    log_bytes: int = 0
    rows: int = 0

    def __add__(self, other: "Lap") -> "Lap":
        return Lap(
            self.seconds + other.seconds,
            self.log_bytes + other.log_bytes,
            self.rows + other.rows,
        )


def log_position() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        return int(cursor.fetchone()[0])


@contextmanager
def lap() -> Iterator[Lap]:
    """Fills the lap it yields when the block ends."""
    found = Lap()
    before, began = log_position(), time.perf_counter()
    yield found
    found.seconds = time.perf_counter() - began
    found.log_bytes = log_position() - before


def run(sql: str, params: object = None) -> Lap:
    """Times one statement; its rows are counted, not fetched one by one."""
    with connection.cursor() as cursor, lap() as found:
        cursor.execute(sql, params)
        found.rows = cursor.rowcount
    return found


def middle(laps: list[Lap]) -> Lap:
    """Medians, each figure by itself."""
    return Lap(
        median(one.seconds for one in laps),
        int(median(one.log_bytes for one in laps)),
        int(median(one.rows for one in laps)),
    )


def ratio(measured: list[Lap], floor: list[Lap], of: Callable[[Lap], float]) -> float:
    """Median of the pairs' ratios: what slows the machine down slows both of a pair."""
    return median(of(a) / max(of(b), 1e-9) for a, b in zip(measured, floor, strict=True))
