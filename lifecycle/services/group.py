"""The boards' cells of all stores together, summed once a night: two hundred stores on one page."""

from common.sql import execute, rows

# Held shared by whoever changes stores' cells, alone by whoever sums them.
LOCK = 4705
# The cell that says the sum is that of the stores' present cells.
_MARK = "whole"
_MARKS = ("board", "split", "period", "item", "part", "model", "powertrain", "band")


def drop_group() -> None:
    """The sum no longer holds: in the transaction that changes cells of a store."""
    execute("SELECT pg_advisory_xact_lock_shared(%(lock)s)", {"lock": LOCK})
    execute(
        "DELETE FROM lifecycle_boardcell WHERE store_id IS NULL AND board = %(mark)s",
        {"mark": _MARK},
    )


def has_group() -> bool:
    return bool(
        rows(
            "SELECT 1 FROM lifecycle_boardcell WHERE store_id IS NULL AND board = %(mark)s",
            {"mark": _MARK},
        )
    )


def refresh_group() -> int:
    """Sums the cells of all stores anew; returns how many there are. In a transaction.

    Advisors are a store's: over all stores nobody parts figures by them.
    """
    execute("SELECT pg_advisory_xact_lock(%(lock)s)", {"lock": LOCK})
    marks = ", ".join(_MARKS)
    execute("DELETE FROM lifecycle_boardcell WHERE store_id IS NULL", {})
    written = execute(
        f"""INSERT INTO lifecycle_boardcell ({marks}, n, hits, amount)
            SELECT {marks}, sum(n), sum(hits), sum(amount)
            FROM lifecycle_boardcell
            WHERE store_id IS NOT NULL AND split <> 'advisor'
            GROUP BY {marks}""",
        {},
    )
    execute(
        """INSERT INTO lifecycle_boardcell (board, split, period, item, part, model, powertrain,
               band, n, hits, amount)
           VALUES (%(mark)s, '', '', '', '', '', '', '', 0, 0, 0)""",
        {"mark": _MARK},
    )
    return written
