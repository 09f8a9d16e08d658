"""What tells whether this morning's lists are right, store by store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from alerts.policies import TaskPolicy
from common.sql import rows, statement
from pipeline.choices import ChunkState, JobKind
from pipeline.models import JobChunk, StoreDay
from pipeline.selectors.days import latest_days
from pipeline.selectors.health import LONGEST_UNSETTLED
from stores.models import Store


@dataclass(frozen=True)
class StoreList:
    """A store's newest list; `on` is None before the first one.

    Three sums say whether the list follows from the data: `cars` are `computed`; the cars `warned`
    of are `called` for, `booked`, `lost`, their customers `refused` every call or `answered` one
    about this service, or there is no reason to call yet; as many warnings are `differing` from
    what the cars' states say; the `open_tasks` are `on_lists`, `for_later`, of people who left
    (`of_left`) or `without_owner`.
    `adds_up`: every car read was written or unchanged (None: the run's figures are gone).
    `is_running`: a computation of a later day has begun and not ended.
    """

    store: Store
    on: date | None
    made_at: datetime | None
    is_running: bool
    adds_up: bool | None
    cars: int
    computed: int
    visit_on: date | None
    contact_on: date | None
    warned: int
    called: int
    booked: int
    lost: int
    refused: int
    answered: int
    differing: int
    open_tasks: int
    on_lists: int
    people: int
    for_later: int
    of_left: int
    tasks: int
    cards: int
    without_owner: int
    of_gone: int
    doubled: int
    forgotten: int
    unsettled: int


def store_lists(stores: Sequence[Store], now: datetime) -> list[StoreList]:
    """A row for each of the stores, in their order; four queries however many they are."""
    if not stores:
        return []
    days = latest_days(store.pk for store in stores)
    chunks = _chunks(days)
    running = _running(stores)
    facts = {row.pop("store_id"): row for row in _facts(stores, days, now)}
    return [
        StoreList(
            store=store,
            on=day.on if (day := days.get(store.pk)) else None,
            made_at=day.computed_at if day else None,
            is_running=store.pk in running,
            adds_up=_adds_up(chunks.get(store.pk)),
            **facts[store.pk],
        )
        for store in stores
    ]


def _facts(
    stores: Sequence[Store], days: dict[int, StoreDay], now: datetime
) -> list[dict[str, Any]]:
    ids = [store.pk for store in stores]
    dates = [days[pk].on if pk in days else None for pk in ids]
    refused = statement("alerts", "refused").format(people="e.store_id = ANY(%(stores)s)")
    return rows(
        statement("pipeline", "lists").format(refused=refused),
        {
            "stores": ids,
            "days": dates,
            "overdue": [_overdue_days(days.get(pk)) for pk in ids],
            "as_of": max((on for on in dates if on), default=now.date()),
            "waited_since": now - LONGEST_UNSETTLED,
        },
    )


def _overdue_days(day: StoreDay | None) -> int:
    values = day.policy_set.values.get("task", {}) if day else {}
    policy: TaskPolicy = TaskPolicy.from_json(values)
    return policy.overdue_task_days


def _chunks(days: dict[int, StoreDay]) -> dict[int, JobChunk]:
    """{store id: the chunk that made its list}."""
    found = JobChunk.objects.filter(
        run__in={day.run_id for day in days.values()},
        state=ChunkState.DONE,
        store_ids__overlap=list(days),
    )
    return {
        store_id: chunk
        for chunk in found
        for store_id in chunk.store_ids
        if store_id in days and days[store_id].run_id == chunk.run_id
    }


def _running(stores: Sequence[Store]) -> set[int]:
    """Stores that a computation of a day has before it."""
    chunks = JobChunk.objects.filter(
        run__kind=JobKind.DAY,
        state__in=[ChunkState.WAITING, ChunkState.CLAIMED],
        store_ids__overlap=[store.pk for store in stores],
    )
    return {store_id for ids in chunks.values_list("store_ids", flat=True) for store_id in ids}


def _adds_up(chunk: JobChunk | None) -> bool | None:
    if chunk is None or "vehicles" not in chunk.counts:
        return None
    counts = chunk.counts
    return bool(counts["vehicles"] == counts["states_written"] + counts["states_unchanged"])
