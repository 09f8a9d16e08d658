"""Opening runs: which stores' day has come, one run a business date, chunks of about ten stores."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext

from common.dates import month_end
from common.exceptions import DomainError
from pipeline.choices import ChunkState, JobKind, JobState
from pipeline.models import JobChunk, JobRun, StoreDay
from stores.models import Staff, Store
from stores.scope import all_stores

STORES_A_CHUNK = 10
DAY_BEGINS = time(0, 5)
MONTHS_OF_HISTORY = 24


def business_date(store: Store, now: datetime) -> date:
    """The store's day: its local date from 00:05 on, before that the day before."""
    local = now.astimezone(ZoneInfo(store.timezone))
    return local.date() if local.time() >= DAY_BEGINS else local.date() - timedelta(days=1)


def open_due_runs(now: datetime) -> list[int]:
    """Starts the day of every store whose day has come and has no run; ids of all chunks to do.

    Safe to call at once from anywhere (two beats): a run is unique by kind and date. A store whose
    chunk failed waits for a person's *run again*.
    """
    due: dict[date, list[Store]] = {}
    with all_stores():
        for store in Store.objects.filter(is_active=True).order_by("id"):
            due.setdefault(business_date(store, now), []).append(store)
        for on, stores in due.items():
            waiting = _without_run(stores, on)
            if waiting:
                _start(JobKind.DAY, waiting, on, None)
    # Days before the past.
    return list(
        JobChunk.objects.filter(state__in=[ChunkState.WAITING, ChunkState.CLAIMED])
        .order_by("run__kind", "id")
        .values_list("id", flat=True)
    )


def _without_run(stores: Sequence[Store], on: date) -> list[Store]:
    done = set(StoreDay.objects.filter(on__gte=on).values_list("store_id", flat=True))
    chunks = JobChunk.objects.filter(run__kind=JobKind.DAY, run__business_date=on)
    begun = {store_id for chunk in chunks for store_id in chunk.store_ids}
    return [store for store in stores if store.pk not in done and store.pk not in begun]


def start_day(*, stores: Iterable[Store], on: date, by: Staff | None = None) -> JobRun:
    """A run of the day `on` for these stores, also when one was done: safe to run again.

    An open run of that date takes them in instead. Raises DomainError('earlier_day') when a store
    has been computed for a later date: looking back is for `explain` and `report`.
    """
    stores = list(stores)
    with all_stores():
        last = StoreDay.objects.filter(store__in=stores).aggregate(last=Max("on"))["last"]
    if last is not None and on < last:
        text = gettext(
            "The last run was for %(last)s; %(day)s is earlier. To look back, use explain --as-of."
        )
        raise DomainError("earlier_day", text % {"last": last, "day": on}, last=last)
    return _start(JobKind.DAY, stores, on, by)


def run_again(run: JobRun, by: Staff | None) -> JobRun:
    """A new attempt of a finished run for the same stores; an open one is returned as it is."""
    if run.state == JobState.OPEN:
        return run
    ids = {store_id for chunk in run.chunks.all() for store_id in chunk.store_ids}
    stores = list(Store.objects.filter(pk__in=ids).order_by("id"))
    if run.kind == JobKind.DAY:
        return start_day(stores=stores, on=run.business_date, by=by)
    return _start(JobKind(run.kind), stores, run.business_date, by)


def start_history(stores: Iterable[Store], on: date) -> JobRun:
    """Reconstruction of the last 24 month-ends before `on`, one chunk a store."""
    return _start(JobKind.HISTORY, list(stores), on, None)


def history_dates(on: date) -> list[date]:
    """The last 24 month-ends before the month of `on`, oldest first."""
    dates, last = [], on.replace(day=1) - timedelta(days=1)
    for _ in range(MONTHS_OF_HISTORY):
        dates.append(month_end(last))
        last = last.replace(day=1) - timedelta(days=1)
    return dates[::-1]


def _start(kind: JobKind, stores: Sequence[Store], on: date, by: Staff | None) -> JobRun:
    size = STORES_A_CHUNK if kind == JobKind.DAY else 1
    runs = JobRun.objects.filter(kind=kind, business_date=on)
    try:
        with transaction.atomic():
            attempt = (runs.aggregate(top=Max("attempt"))["top"] or 0) + 1
            run = JobRun.objects.create(kind=kind, business_date=on, attempt=attempt, started_by=by)
            _add_chunks(run, stores, size)
            return run
    except IntegrityError:
        # Somebody else opened it in the same moment, or it is still open from before.
        joined = _join(runs, stores, size)
    # Null: it has ended meanwhile.
    return joined or _start(kind, stores, on, by)


def _join(runs: QuerySet[JobRun], stores: Sequence[Store], size: int) -> JobRun | None:
    """The open run, with chunks for those of the stores that it does not have."""
    with transaction.atomic():
        run = runs.filter(state=JobState.OPEN).select_for_update().first()
        if run is None:
            return None
        begun = {store_id for chunk in run.chunks.all() for store_id in chunk.store_ids}
        missing = [store for store in stores if store.pk not in begun]
        _add_chunks(run, missing, size, run.chunks.count())
        return run


def _add_chunks(run: JobRun, stores: Sequence[Store], size: int, first: int = 0) -> None:
    JobChunk.objects.bulk_create(
        JobChunk(run=run, number=n, store_ids=[s.pk for s in part], as_of=run.business_date)
        for n, part in enumerate(_parts(stores, size), start=first)
    )


def _parts(stores: Sequence[Store], size: int) -> Iterable[Sequence[Store]]:
    return [stores[start : start + size] for start in range(0, len(stores), size)]
