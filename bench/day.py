"""A store group's day as the workers run it, and what each of its steps takes."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import wraps
from typing import Any
from unittest.mock import patch

from django.db.models import Max

from bench.clock import Lap, lap
from bench.data import AS_OF
from pipeline.choices import ChunkState, JobState
from pipeline.models import JobRun, StoreDay
from pipeline.services import chunks, compute, days
from stores.models import Store
from stores.scope import all_stores

# Step, module, function: what pipeline.services.compute calls, in its order.
STEPS = (
    ("ageing", compute.rollups, "ageing_vehicles"),
    ("locks", compute.rollups, "lock_vehicles"),
    ("rollups", compute.rollups, "refresh_vehicles"),
    ("customers", compute.rollups, "refresh_customers"),
    ("states", compute.states, "refresh_vehicles"),
    ("stages", compute.states, "refresh_customers"),
    ("segments", compute.states, "refresh_segments"),
    ("warnings", compute, "refresh_warnings"),
    ("tasks", compute, "refresh_tasks"),
    ("screening", compute.states, "screen_pre_churn"),
    ("snapshots", compute.snapshots, "record"),
)


@dataclass
class Day:
    """One run of the whole group."""

    on: date
    whole: Lap
    counts: Counter[str]
    steps: dict[str, Lap] = field(default_factory=dict)


def last() -> date | None:
    """The last computed day of this database."""
    with all_stores():
        found: date | None = StoreDay.objects.aggregate(last=Max("on"))["last"]
    return found


def following() -> date:
    """The next day to compute; Mondays have the screening besides, so they are passed over."""
    before = last()
    if before is None:
        return AS_OF
    step = 2 if (before + timedelta(days=1)).isoweekday() == 1 else 1
    return before + timedelta(days=step)


def run_day(on: date) -> Day:
    """The day in this process, chunk after chunk."""
    steps: dict[str, Lap] = {name: Lap() for name, _, _ in STEPS}
    run = open_run(on)
    with lap() as whole, _watched(steps):
        for chunk_id in run.chunks.order_by("id").values_list("id", flat=True):
            chunks.run_next("bench", chunk_id)
    return Day(on, whole, _counts(run), steps)


def open_run(on: date) -> JobRun:
    """The run of every store's day, with its chunks to do."""
    with all_stores():
        run = days.start_day(stores=Store.objects.order_by("id"), on=on)
    # What an interrupted bench had claimed is free again.
    run.chunks.filter(state=ChunkState.CLAIMED).update(state=ChunkState.WAITING, attempt=0)
    return run


def _counts(run: JobRun) -> Counter[str]:
    run.refresh_from_db()
    errors = [chunk.error for chunk in run.chunks.all() if chunk.error]
    if run.state != JobState.DONE:
        raise RuntimeError(f"the day failed: {errors}")
    total: Counter[str] = Counter()
    for chunk in run.chunks.all():
        total.update(chunk.counts)
    return total


@contextmanager
def _watched(steps: dict[str, Lap]) -> Iterator[None]:
    with ExitStack() as stack:
        for name, module, function in STEPS:
            watched = _timed(getattr(module, function), steps, name)
            stack.enter_context(patch.object(module, function, watched))
        yield


def _timed(function: Any, steps: dict[str, Lap], name: str) -> Any:
    @wraps(function)
    def timed(*args: Any, **kwargs: Any) -> Any:
        with lap() as found:
            result = function(*args, **kwargs)
        found.rows = result if isinstance(result, int) else 0
        steps[name] += found
        return result

    return timed
