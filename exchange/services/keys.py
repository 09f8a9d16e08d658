"""All that is sealed, brought under the present keys while people work (R41, R42)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection

from common.sealed_rows import SealedTable, count_stale, no_company, renew_next
from customers.services.keys import CORRECTIONS, CUSTOMERS
from stores.services.keys import STAFF

REJECTIONS = SealedTable("exchange_importrejection", {"row": no_company})
# Corrections first: an import compares with them.
TABLES = (CORRECTIONS, CUSTOMERS, STAFF, REJECTIONS)
# Rows a transaction: people wait no longer for one of them than it takes.
BATCH = 500
# Whoever read a row before it was renewed may write its former value over it.
PASSES = 5

Progress = Callable[[str, int], None]


@dataclass
class Rotation:
    """What was done: rows by table, and the rows that no known key opens."""

    renewed: dict[str, int] = field(default_factory=dict)
    unreadable: dict[str, list[int]] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        return not any(self.unreadable.values())


def rotate(progress: Progress, *, batch: int = BATCH) -> Rotation:
    """Seals and indexes anew what is under former keys.

    Each batch is a transaction of its own; stopped at any moment it goes on where it was, for a
    row says itself under which keys it is.
    """
    done = Rotation()
    for table in TABLES:
        done.renewed[table.table], done.unreadable[table.table] = 0, []
        for _pass in range(PASSES):
            if not _pass_through(table, done, progress, batch):
                break
    return done


def _pass_through(table: SealedTable, done: Rotation, progress: Progress, batch: int) -> int:
    """All stale rows once, in the order of their ids; how many were renewed."""
    last, rows, unreadable = 0, 0, []
    while part := renew_next(table, last, batch):
        if not part.last:
            break
        last, rows = part.last, rows + part.rows
        unreadable += part.unreadable
        progress(table.table, done.renewed[table.table] + rows)
    done.renewed[table.table] += rows
    done.unreadable[table.table] = unreadable
    return rows


def left() -> dict[str, int]:
    """Rows under former keys, by table."""
    return {table.table: count_stale(table) for table in TABLES}


def people_with_recovery_codes() -> int:
    """Of their codes only digests are kept: none can be made again under another key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT d.user_id) FROM otp_static_staticdevice d"
            " JOIN otp_static_statictoken t ON t.device_id = d.id"
        )
        return int(cursor.fetchone()[0])


def corrections_without_source() -> int:
    """Corrected phone numbers of an earlier version, whose source's number was not kept."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM customers_correction WHERE replaced_sealed = ''"
            " AND \"table\" = 'customers_customer' AND \"column\" IN ('phone', 'is_phone_dead')"
        )
        return int(cursor.fetchone()[0])
