"""Counting the boards after the day: the call lists are ready before any figure is counted.

A store whose figures are older than its day is due; nothing else says so, so a killed worker, a
lost message or two beats change nothing but when it is done.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction

from common.sql import column, rows
from lifecycle.services.boards import refresh_boards
from lifecycle.services.group import has_group, refresh_group
from lifecycle.services.scope import Scope
from pipeline.boards import BOARDS
from pipeline.choices import ChunkState, JobKind, JobState
from pipeline.models import JobChunk
from pipeline.policies import KINDS
from pipeline.services.days import STORES_A_CHUNK
from stores.models import Store
from stores.scope import all_stores
from stores.services.policies import pin

log = logging.getLogger(__name__)
BOARD_LOCK = 4704


def count_boards(seconds: float | None = None, *, backwards: bool = False) -> int:
    """Counts every store whose figures are older than its day; returns how many were counted.

    Begins nothing new after `seconds`, nor while a store's day waits for a worker: the call lists
    go first. Ten stores a transaction; one that fails is logged and does
    not keep the others, and is tried again the next time. Two may work at once, one of them
    `backwards`: what is counted meanwhile is passed over.
    """
    begun, counted = time.monotonic(), 0
    for on, store_ids in chunks()[:: -1 if backwards else 1]:
        if a_day_waits() or (seconds is not None and time.monotonic() - begun > seconds):
            return counted
        counted += _count(store_ids, on)
    _sum_up()
    return counted


def a_day_waits() -> bool:
    """Whether call lists wait for a worker: figures let them go first."""
    return JobChunk.objects.filter(
        run__kind=JobKind.DAY, run__state=JobState.OPEN, state=ChunkState.WAITING
    ).exists()


def chunks() -> list[tuple[date, list[int]]]:
    """What is due, ten stores of one day at a time."""
    return [
        (on, store_ids[first : first + STORES_A_CHUNK])
        for on, store_ids in _due()
        for first in range(0, len(store_ids), STORES_A_CHUNK)
    ]


def _sum_up() -> None:
    """All stores' cells together, once none is due; a store that fails keeps the others apart."""
    if has_group() or _due():
        return
    with transaction.atomic():
        refresh_group()


def _due() -> list[tuple[date, list[int]]]:
    found = rows(
        """SELECT d.store_id, max(d."on") AS on_date
           FROM pipeline_storeday d
           GROUP BY 1
           HAVING max(d."on") > coalesce(
                      (SELECT min(b.as_of) FROM lifecycle_boardday b
                       WHERE b.store_id = d.store_id AND b.board = ANY(%(boards)s)), '-infinity')
               OR (SELECT count(*) FROM lifecycle_boardday b
                   WHERE b.store_id = d.store_id AND b.board = ANY(%(boards)s)) < %(count)s
           ORDER BY 2, 1""",
        {"boards": list(BOARDS), "count": len(BOARDS)},
    )
    by_day: dict[date, list[int]] = defaultdict(list)
    for row in found:
        by_day[row["on_date"]].append(row["store_id"])
    return list(by_day.items())


def _count(store_ids: Sequence[int], on: date) -> int:
    try:
        with transaction.atomic(), all_stores():
            free = _free(store_ids)
            # Somebody else may have counted them while this one had others.
            free = sorted(set(free) & {pk for _, due in _due() for pk in due}) if free else []
            if free:
                stores = list(Store.objects.filter(pk__in=free).order_by("id"))
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL jit = off")
                refresh_boards(Scope(on, pin(stores, KINDS)), BOARDS)
            return len(free)
    except Exception:  # the edge of a job: recorded, tried again at the next tick
        log.exception("the boards of %s stores from %s on failed", len(store_ids), store_ids[0])
        return 0


def _free(store_ids: Sequence[int]) -> list[int]:
    """Those of the stores that nobody else counts now; theirs until the transaction ends."""
    return column(
        """SELECT id FROM unnest(%(ids)s::bigint[]) AS s(id)
           WHERE pg_try_advisory_xact_lock(%(space)s, id::integer) ORDER BY id""",
        {"ids": list(store_ids), "space": BOARD_LOCK},
    )
