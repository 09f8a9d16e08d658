"""When each store's next run comes, from its clock and what has been computed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max

from pipeline.choices import JobKind, JobState
from pipeline.models import JobChunk, StoreDay
from pipeline.services.days import DAY_BEGINS, business_date
from stores.models import Store


@dataclass(frozen=True)
class NextRun:
    """A store's last computed day and its next run on its own clock; `is_due`: it starts now."""

    store: Store
    last_on: date | None
    starts_at: datetime
    is_due: bool
    is_running: bool


def next_runs(stores: Sequence[Store], now: datetime) -> list[NextRun]:
    """A line for every active store, in the stores' order."""
    ids = [store.pk for store in stores]
    days = StoreDay.objects.filter(store__in=ids).values("store_id").annotate(last=Max("on"))
    last = {row["store_id"]: row["last"] for row in days}
    begun = _begun(stores, now)
    return [
        _next_run(store, last.get(store.pk), begun.get(store.pk), now)
        for store in stores
        if store.is_active
    ]


def _next_run(store: Store, last_on: date | None, begun: JobState | None, now: datetime) -> NextRun:
    today = business_date(store, now)
    is_due = begun is None and (last_on is None or last_on < today)
    following = today + timedelta(days=1)
    starts_at = datetime.combine(following, DAY_BEGINS, ZoneInfo(store.timezone))
    return NextRun(
        store=store,
        last_on=last_on,
        starts_at=starts_at,
        is_due=is_due,
        is_running=begun == JobState.OPEN and (last_on is None or last_on < today),
    )


def _begun(stores: Sequence[Store], now: datetime) -> dict[int, JobState]:
    """The state of the run of each store's present day, by store, where there is one."""
    today = {store.pk: business_date(store, now) for store in stores}
    chunks = JobChunk.objects.filter(
        run__kind=JobKind.DAY,
        run__business_date__in=set(today.values()),
        store_ids__overlap=list(today),
    ).select_related("run")
    return {
        store_id: JobState(chunk.run.state)
        for chunk in chunks.order_by("run__attempt")
        for store_id in chunk.store_ids
        if today.get(store_id) == chunk.run.business_date
    }
