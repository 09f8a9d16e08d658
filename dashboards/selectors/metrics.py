"""The figures of /metrics that stand in the database: runs, queues, lists, tasks."""

from collections import Counter
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Min, Q

from alerts.models import Outcome, Task
from common.metrics import Family, by_label, single
from common.models import Heartbeat
from customers.models import DirtyVehicle
from pipeline.choices import Beat, ChunkState, JobKind, JobState
from pipeline.models import JobChunk, JobRun, StoreDay
from pipeline.services.days import business_date
from stores.models import Store

# A chunk set aside before that is history: its day has been computed otherwise, or never will be.
RECENT = timedelta(hours=48)


def families(now: datetime) -> list[Family]:
    """Every figure, over all stores; the caller opens the scope."""
    stores = list(Store.objects.filter(is_active=True))
    return [
        *_runs(now),
        *_lists(stores, now),
        *_settling(now),
        by_label(
            "huitou_heartbeat_age_seconds",
            "Since a background process last came by.",
            "process",
            _heartbeats(now),
        ),
        *_tasks(),
        by_label(
            "huitou_outcomes_today",
            "Outcomes recorded on the stores' present day.",
            "result",
            _outcomes(stores, now),
        ),
    ]


def _runs(now: datetime) -> list[Family]:
    recent = JobChunk.objects.filter(run__started_at__gte=now - RECENT)
    states = dict(recent.values_list("state").annotate(n=Count("id")).order_by())
    # A claimed part whose lease ran out has lost its worker: it waits, too.
    lost = Q(state=ChunkState.CLAIMED, lease_until__lt=now)
    waiting = JobChunk.objects.filter(run__state=JobState.OPEN)
    waiting = waiting.filter(Q(state=ChunkState.WAITING) | lost)
    begun = waiting.aggregate(first=Min("run__started_at"))["first"]
    chunks = {state: states.get(state, 0) for state in ChunkState.values}
    return [
        single(
            "huitou_runs_open",
            "Runs that go on.",
            JobRun.objects.filter(state=JobState.OPEN).count(),
        ),
        by_label("huitou_chunks", "Parts of the runs of 48 hours.", "state", chunks),
        single(
            "huitou_chunk_wait_seconds",
            "How long the oldest part that waits has waited since its run began.",
            _age(begun, now) or 0,
        ),
        *_latest_day(),
    ]


def _latest_day() -> list[Family]:
    """How the newest day that ended went: Prometheus keeps the ones before."""
    ended = JobRun.objects.filter(kind=JobKind.DAY, finished_at__isnull=False)
    run = ended.order_by("-started_at").first()
    seconds = _age(run.started_at, run.finished_at) if run and run.finished_at else None
    failed = None if run is None else int(run.state == JobState.FAILED)
    return [
        single("huitou_day_seconds", "How long the newest day's computation took.", seconds),
        single("huitou_day_failed", "1 when parts of it were set aside.", failed),
    ]


def _lists(stores: list[Store], now: datetime) -> list[Family]:
    """The newest night of each store: how many are how old, and the oldest."""
    newest = {
        row["store_id"]: row
        for row in StoreDay.objects.filter(store__in=stores)
        .values("store_id")
        .annotate(at=Max("computed_at"), newest_on=Max("on"))
    }
    ages: Counter[str] = Counter({"today": 0, "yesterday": 0, "older": 0, "never": 0})
    for store in stores:
        on = newest[store.pk]["newest_on"] if store.pk in newest else None
        ages[_age_word(on, business_date(store, now))] += 1
    return [
        by_label("huitou_stores", "Active stores by the age of their list.", "list", ages),
        single(
            "huitou_oldest_list_seconds",
            "Since the list was made that is the oldest of the stores' newest.",
            _age(min((row["at"] for row in newest.values()), default=None), now),
        ),
    ]


def _age_word(on: date | None, today: date) -> str:
    if on is None:
        return "never"
    days = (today - on).days
    return "today" if days <= 0 else "yesterday" if days == 1 else "older"


def _settling(now: datetime) -> list[Family]:
    marks = DirtyVehicle.objects.aggregate(n=Count("id"), first=Min("marked_at"))
    return [
        single("huitou_dirty_vehicles", "Marks of cars that wait for a new state.", marks["n"]),
        single(
            "huitou_dirty_wait_seconds",
            "How long the oldest of them has waited.",
            _age(marks["first"], now) or 0,
        ),
    ]


def _heartbeats(now: datetime) -> dict[str, float]:
    """By process; one that never came by is left out."""
    beats = Heartbeat.objects.filter(name__in=Beat.values).values_list("name", "beat_at")
    return {name: (now - at).total_seconds() for name, at in beats}


def _tasks() -> list[Family]:
    open_tasks = Task.objects.filter(closed_on__isnull=True)
    kinds = dict(open_tasks.values_list("kind").annotate(n=Count("id")).order_by())
    nobodys = open_tasks.filter(owner=None).count()
    return [
        by_label("huitou_tasks_open", "Open tasks.", "kind", kinds),
        single("huitou_tasks_without_owner", "Open tasks that belong to nobody.", nobodys),
    ]


def _outcomes(stores: list[Store], now: datetime) -> dict[str, float]:
    days: dict[object, list[int]] = {}
    for store in stores:
        days.setdefault(business_date(store, now), []).append(store.pk)
    found: Counter[str] = Counter()
    for on, ids in days.items():
        todays = Outcome.objects.filter(store__in=ids, on_date=on, undone_at=None)
        found.update(dict(todays.values_list("result").annotate(n=Count("id")).order_by()))
    return dict(found)


def _age(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else (now - moment).total_seconds()
