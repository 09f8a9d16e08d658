"""Judging past month-ends after the day and its boards: a month once, then one a night anew.

A store's month is due when its 90 days are over and it was never judged; each is judged anew after
a month, the one judged longest ago first and one of a store's a day, for facts may come late. A
month and its figures commit together, so whoever is killed leaves what is due.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from common.sql import column, rows
from lifecycle.rules.hindsight import month_ends
from lifecycle.services.hindsight import judge, month_board
from lifecycle.services.scope import Scope
from lifecycle.warned import WARNINGS
from pipeline.models import StoreDay
from pipeline.policies import KINDS
from pipeline.services.boards import a_day_waits
from pipeline.services.days import STORES_A_CHUNK
from stores.models import PolicySet, Store
from stores.policies import in_force
from stores.scope import all_stores
from stores.services.policies import ResolvedSet, pin

log = logging.getLogger(__name__)
HINDSIGHT_LOCK = 4706
AGAIN_AFTER = timedelta(days=30)
Work = tuple[date, date, Sequence[int]]


def judge_months(seconds: float | None = None) -> int:
    """Judges what is due, the newest month first; returns how many stores' months.

    Begins nothing new after `seconds`, nor while a day waits. Ten stores a transaction; one that
    fails is logged and does not keep the others.
    """
    begun, judged = time.monotonic(), 0
    for month_end_on, today, store_ids in _due():
        if a_day_waits() or (seconds is not None and time.monotonic() - begun > seconds):
            break
        judged += _judge(month_end_on, today, store_ids)
    return judged


def month_scopes(today: Scope) -> list[Scope]:
    """The stores of `today` at each month-end that can be judged, oldest first."""
    ends = month_ends(today.as_of)
    now = {one.store_id: one for one in today.sets}
    return [Scope(end, list(_sets_at(now, end).values())) for end in ends]


def _due() -> list[Work]:
    """(month-end, the stores' day, at most ten stores)."""
    waiting: dict[tuple[bool, date, date], list[int]] = defaultdict(list)
    for row in _days():
        judged = dict(zip(row["boards"], row["judged"], strict=True))
        is_new, ends = _ends_due(row["on_date"], judged)
        for end in ends:
            waiting[is_new, end, row["on_date"]].append(row["store_id"])
    return [
        (end, on, ids[first : first + STORES_A_CHUNK])
        for (_, end, on), ids in sorted(waiting.items(), reverse=True)
        for first in range(0, len(ids), STORES_A_CHUNK)
    ]


def _ends_due(on: date, judged: Mapping[str, date]) -> tuple[bool, list[date]]:
    """Whether months are missing, and the months to judge on this day."""
    ends = month_ends(on)
    missing = [end for end in ends if month_board(end) not in judged]
    if missing or not ends:
        return True, missing
    if on in (judged[month_board(end)] for end in ends):
        return False, []
    oldest = min(ends, key=lambda end: (judged[month_board(end)], -end.toordinal()))
    return False, [oldest] if judged[month_board(oldest)] <= on - AGAIN_AFTER else []


def _days() -> list[dict[str, Any]]:
    return rows(
        """SELECT d.store_id, d.on_date, coalesce(b.boards, ARRAY[]::text[]) AS boards,
                  coalesce(b.judged, ARRAY[]::date[]) AS judged
           FROM (SELECT store_id, max("on") AS on_date FROM pipeline_storeday GROUP BY 1) AS d
           LEFT JOIN (SELECT store_id, array_agg(board::text) AS boards, array_agg(as_of) AS judged
                      FROM lifecycle_boardday WHERE board LIKE %(months)s GROUP BY 1) AS b
               USING (store_id)
           ORDER BY d.store_id""",
        {"months": f"{WARNINGS.name} ____-__"},
    )


def _judge(month_end_on: date, on: date, store_ids: Sequence[int]) -> int:
    try:
        with transaction.atomic(), all_stores():
            free = _free(store_ids)
            if free:
                stores = list(Store.objects.filter(pk__in=free).order_by("id"))
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL jit = off")
                today = Scope(on, pin(stores, KINDS))
                now = {one.store_id: one for one in today.sets}
                judge(Scope(month_end_on, list(_sets_at(now, month_end_on).values())), today)
            return len(free)
    except Exception:  # the edge of a job: recorded, tried again at the next tick
        log.exception("%s of %s stores from %s on failed", month_end_on, len(store_ids), store_ids)
        return 0


def _sets_at(now: Mapping[int, ResolvedSet], on: date) -> dict[int, ResolvedSet]:
    """The settings pinned for the stores' last day until then, else for their first one.

    What was flagged then was flagged under these; of a store without a day those of `now`. What
    was no setting yet has its shipped value.
    """
    found = (
        StoreDay.objects.filter(pk__in=_day_ids(list(now), on))
        .select_related("policy_set")
        .order_by("store_id")
    )
    return {**now, **{day.store_id: _filled(day.policy_set) for day in found}}


def _filled(pinned: PolicySet) -> ResolvedSet:
    values = in_force(KINDS, pinned.values, {})
    return ResolvedSet(pinned.store_id, pinned.pk, pinned.versions, values)


def _day_ids(store_ids: Sequence[int], on: date) -> list[int]:
    return column(
        """SELECT DISTINCT ON (store_id) id FROM pipeline_storeday
           WHERE store_id = ANY(%(stores)s)
           ORDER BY store_id, "on" > %(on)s, abs("on" - %(on)s)""",
        {"stores": list(store_ids), "on": on},
    )


def _free(store_ids: Sequence[int]) -> list[int]:
    """Those of the stores that nobody else judges now; theirs until the transaction ends."""
    return column(
        """SELECT id FROM unnest(%(ids)s::bigint[]) AS s(id)
           WHERE pg_try_advisory_xact_lock(%(space)s, id::integer) ORDER BY id""",
        {"ids": list(store_ids), "space": HINDSIGHT_LOCK},
    )
