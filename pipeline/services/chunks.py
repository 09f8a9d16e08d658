"""Claiming and running chunks: a lease, one transaction for result and `done`, three attempts.

Stores of a chunk that failed are tried again alone, so that only the one at fault is set aside.
"""

import logging
from datetime import timedelta
from typing import cast

from django.db import connection, transaction
from django.utils import timezone

from common.logs import told
from common.sql import column, execute
from lifecycle.models import BoardDay
from lifecycle.services.scope import Scope
from lifecycle.services.snapshots import reconstruct
from pipeline.choices import ChunkState, JobKind, JobState
from pipeline.models import JobChunk, JobRun, StoreDay
from pipeline.policies import KINDS
from pipeline.services.compute import DAY_LOCK, compute_day, lock_stores
from pipeline.services.days import history_dates, start_history
from stores.models import Store
from stores.scope import all_stores
from stores.services.policies import pin

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=15)
# Between the claim and the work's lock lies the begin of a transaction, no more.
START = timedelta(seconds=5)
CHUNK_LOCK = 4703
ATTEMPTS = 3
# Attempts that do not count for a chunk stopped with its worker or its database; more are its own.
FORGIVABLE = 5


class LeaseLost(RuntimeError):
    """Another worker took the chunk over; this one's result is rolled back."""


def run_next(worker: str, chunk_id: int | None = None) -> bool:
    """Claims one chunk (the given one, else the oldest) and runs it; False when none was free.

    Given a chunk of the past while some day waits, it takes one of the day's instead; the past
    waits for the next sweep.
    """
    chunk = _claim(worker, _day_before(chunk_id))
    if chunk is None:
        return False
    tries = chunk.attempt - chunk.forgiven
    if tries > ATTEMPTS:
        error = chunk.error or "three attempts were lost"
        _settle_failure(chunk, ChunkState.QUARANTINED, error, attempt=chunk.attempt - 1)
        return True
    if tries > 1:
        _part(chunk)
    session = connection.connection
    try:
        with transaction.atomic(), all_stores():
            counts = _work(chunk)
            _finish(chunk, counts)
    except LeaseLost:
        log.warning("chunk %s of run %s was taken over", chunk.number, chunk.run_id)
    except Exception as error:  # the edge of a job: recorded, retried, then set aside
        log.exception("chunk %s of run %s failed", chunk.number, chunk.run_id)
        # As in the log: an error's own words may quote a row, those of its cause may be safe.
        words = " ".join(map(told, filter(None, (error, error.__cause__))))
        if connection.connection is not session:  # thrown out, or the server has gone
            _give_back(chunk, words)
        else:
            state = ChunkState.QUARANTINED if tries >= ATTEMPTS else ChunkState.WAITING
            _settle_failure(chunk, state, words)
    except BaseException:
        # Stopped with its worker: whoever runs it again need not wait for the lease to run out.
        _give_back(chunk, chunk.error)
        raise
    _close_run(chunk.run_id)
    return True


def _day_before(chunk_id: int | None) -> int | None:
    """A waiting chunk of a day for one of a history, whose messages may be hundreds."""
    if chunk_id is None:
        return None
    if JobChunk.objects.filter(pk=chunk_id, run__kind=JobKind.HISTORY).exists():
        waiting = JobChunk.objects.filter(run__kind=JobKind.DAY, state=ChunkState.WAITING)
        return waiting.order_by("id").values_list("id", flat=True).first() or chunk_id
    return chunk_id


def _claim(worker: str, chunk_id: int | None) -> JobChunk | None:
    ids = column(
        """UPDATE pipeline_jobchunk SET state = 'claimed', attempt = attempt + 1,
               claimed_by = %(worker)s, claimed_at = now(), lease_until = now() + %(lease)s,
               -- Lost when the whole server was started again: no fault of the chunk's.
               forgiven = least(%(forgivable)s, forgiven + (
                   state = 'claimed' AND claimed_at < pg_postmaster_start_time())::integer)
           WHERE id IN (
               SELECT id FROM pipeline_jobchunk
               WHERE (%(id)s::bigint IS NULL OR id = %(id)s)
                   AND (state = 'waiting'
                        OR (state = 'claimed' AND lease_until < now())
                        -- Whoever works on a chunk holds this lock; a killed one's is free at once.
                        OR (state = 'claimed' AND claimed_at < now() - %(start)s
                            AND pg_try_advisory_xact_lock(%(space)s, id::integer)))
               ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
           RETURNING id""",
        {
            "worker": worker,
            "lease": LEASE,
            "forgivable": FORGIVABLE,
            "start": START,
            "space": CHUNK_LOCK,
            "id": chunk_id,
        },
    )
    return JobChunk.objects.select_related("run").get(pk=ids[0]) if ids else None


def _part(chunk: JobChunk) -> None:
    """Leaves the chunk its first store; each other gets one of its own and what was tried."""
    first, *others = chunk.store_ids
    with transaction.atomic():
        run = JobRun.objects.select_for_update().get(pk=chunk.run_id)
        held = run.chunks.filter(pk=chunk.pk, attempt=chunk.attempt, state=ChunkState.CLAIMED)
        if others and held.update(store_ids=[first]):
            chunk.store_ids = [first]
            JobChunk.objects.bulk_create(
                JobChunk(
                    run=run,
                    number=number,
                    store_ids=[store_id],
                    as_of=chunk.as_of,
                    attempt=chunk.attempt - 1,
                    forgiven=chunk.forgiven,
                    error=chunk.error,
                )
                for number, store_id in enumerate(others, start=run.chunks.count())
            )


def _work(chunk: JobChunk) -> dict[str, int]:
    stores = list(Store.objects.filter(pk__in=chunk.store_ids).order_by("id"))
    params = {"space": CHUNK_LOCK, "id": chunk.pk}
    # A sign of life only: taken over after the lease, a chunk is worked whether it is held or not.
    execute("SELECT pg_try_advisory_xact_lock(%(space)s, %(id)s::integer)", params)
    with connection.cursor() as cursor:
        # Estimates of fenced steps mislead the choice of joins far less than compiling costs.
        cursor.execute("SET LOCAL jit = off")
        # A killed worker's statement would go on, with its locks, until it has a result to tell.
        cursor.execute("SET LOCAL client_connection_check_interval = '2s'")
    if chunk.run.kind == JobKind.HISTORY:
        moved = reconstruct(Scope(chunk.as_of, pin(stores, KINDS)), history_dates(chunk.as_of))
        # Counted before the past was known, they are due again.
        BoardDay.objects.filter(store__in=stores, board="moves").delete()
        return {"transitions": moved}
    return _compute(chunk, stores)


def _compute(chunk: JobChunk, stores: list[Store]) -> dict[str, int]:
    """The day of the chunk's stores, but of those that went on to a later day meanwhile."""
    lock_stores(DAY_LOCK, [store.pk for store in stores])
    days = StoreDay.objects.filter(store__in=stores)
    later = set(days.filter(on__gt=chunk.as_of).values_list("store_id", flat=True))
    before = set(days.filter(on__lt=chunk.as_of).values_list("store_id", flat=True))
    sets = pin([store for store in stores if store.pk not in later], KINDS)
    first = frozenset(one.store_id for one in sets if one.store_id not in before)
    counts = compute_day(Scope(chunk.as_of, sets, first_day_ids=first))
    now = timezone.now()
    StoreDay.objects.bulk_create(
        [
            StoreDay(
                store_id=one.store_id,
                on=chunk.as_of,
                run=chunk.run,
                policy_set_id=cast(int, one.policy_set_id),  # pinned
                is_first=one.store_id in first,
                computed_at=now,
            )
            for one in sets
        ],
        update_conflicts=True,
        unique_fields=["store", "on"],
        update_fields=["run", "policy_set", "is_first", "computed_at"],
    )
    return counts


def _finish(chunk: JobChunk, counts: dict[str, int]) -> None:
    done = JobChunk.objects.filter(
        pk=chunk.pk, attempt=chunk.attempt, state=ChunkState.CLAIMED
    ).update(
        state=ChunkState.DONE, counts=counts, finished_at=timezone.now(), lease_until=None, error=""
    )
    if not done:
        raise LeaseLost


def _give_back(chunk: JobChunk, error: str) -> None:
    """Free at once, and the attempt does not count."""
    forgiven = min(FORGIVABLE, chunk.forgiven + 1)
    _settle_failure(chunk, ChunkState.WAITING, error, forgiven=forgiven)


def _settle_failure(chunk: JobChunk, state: ChunkState, error: str, **counters: int) -> None:
    held = JobChunk.objects.filter(pk=chunk.pk, attempt=chunk.attempt, state=ChunkState.CLAIMED)
    done = held.update(state=state, error=error, lease_until=None, **counters)
    if done and state == ChunkState.QUARANTINED:
        log.error("chunk %s of run %s was set aside", chunk.number, chunk.run_id)
    _close_run(chunk.run_id)


def _close_run(run_id: int) -> None:
    """Ends the run when no chunk is left to do; a store's first day asks for its history."""
    with transaction.atomic():
        run = JobRun.objects.select_for_update().get(pk=run_id)
        states = set(run.chunks.values_list("state", flat=True))
        if run.state != JobState.OPEN or states & {ChunkState.WAITING, ChunkState.CLAIMED}:
            return
        failed = ChunkState.QUARANTINED in states
        run.state = JobState.FAILED if failed else JobState.DONE
        run.finished_at = timezone.now()
        run.save(update_fields=["state", "finished_at"])
        if run.kind == JobKind.DAY:
            _ask_for_history(run)


def _ask_for_history(run: JobRun) -> None:
    with all_stores():
        first = StoreDay.objects.filter(run=run, is_first=True).values("store_id")
        stores = list(Store.objects.filter(pk__in=first).order_by("id"))
    known = JobChunk.objects.filter(run__kind=JobKind.HISTORY).exclude(state=ChunkState.QUARANTINED)
    asked = {store_id for chunk in known for store_id in chunk.store_ids}
    stores = [store for store in stores if store.pk not in asked]
    if stores:
        start_history(stores, run.business_date)
