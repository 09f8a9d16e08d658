"""Tasks look for work in the database; messages only tell them when."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from common.models import Heartbeat
from pipeline import tasks
from pipeline.choices import Beat, ChunkState, JobKind, JobState
from pipeline.models import JobChunk, JobRun
from pipeline.selectors import leases

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
EARLIER, LATER = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)


@pytest.fixture
def run() -> JobRun:
    return JobRun.objects.create(kind=JobKind.DAY, business_date=NOW.date())


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[int, ...]]]:
    sent: list[tuple[str, tuple[int, ...]]] = []
    monkeypatch.setattr(tasks, "wake", lambda name, *ids: sent.append((name, ids)))
    return sent


def chunk(
    run: JobRun, number: int, state: str = ChunkState.WAITING, lease: datetime | None = None
) -> JobChunk:
    return JobChunk.objects.create(
        run=run, number=number, store_ids=[], as_of=NOW.date(), state=state, lease_until=lease
    )


@pytest.mark.parametrize(
    ("state", "lease", "is_free"),
    [
        (ChunkState.WAITING, None, True),
        (ChunkState.CLAIMED, EARLIER, True),
        (ChunkState.CLAIMED, LATER, False),
        (ChunkState.DONE, None, False),
        (ChunkState.QUARANTINED, None, False),
    ],
    ids=["waiting", "its worker died", "its worker is at it", "done", "set aside"],
)
def test_a_chunk_is_free(run: JobRun, state: str, lease: datetime | None, is_free: bool) -> None:
    one = chunk(run, 1, state, lease)
    assert leases.free_chunk_ids(NOW, 5) == ([one.pk] if is_free else [])


@pytest.mark.parametrize(("seconds", "is_free"), [(4, False), (6, True)])
def test_a_chunk_claimed_a_while_ago_is_tried_again(
    run: JobRun, seconds: int, is_free: bool
) -> None:
    """Whether its worker lives is seen by whoever tries to claim it."""
    one = chunk(run, 1, ChunkState.CLAIMED, LATER)
    JobChunk.objects.update(claimed_at=NOW - timedelta(seconds=seconds))
    assert leases.free_chunk_ids(NOW, 5) == ([one.pk] if is_free else [])


def test_chunks_of_a_finished_run_are_left_alone(run: JobRun) -> None:
    chunk(run, 1)
    JobRun.objects.update(state=JobState.FAILED)
    assert leases.free_chunk_ids(NOW, 5) == []


def test_only_as_many_chunks_are_woken_as_asked_for(run: JobRun) -> None:
    ids = [chunk(run, number).pk for number in range(3)]
    assert leases.free_chunk_ids(NOW, 2) == ids[:2]


@time_machine.travel(NOW, tick=False)
def test_the_sweep_wakes_free_chunks_and_leaves_a_heartbeat(
    run: JobRun, woken: list[object]
) -> None:
    free = chunk(run, 1)
    tasks.sweep()
    assert woken == [("pipeline.tasks.run_chunk", (free.pk,))]
    assert Heartbeat.objects.get(name=Beat.SWEEPER).beat_at == NOW


@time_machine.travel(NOW, tick=False)
def test_a_second_sweep_moves_the_heartbeat(woken: list[object]) -> None:
    Heartbeat.objects.create(name=Beat.SWEEPER, beat_at=EARLIER)
    tasks.sweep()
    assert [beat.beat_at for beat in Heartbeat.objects.all()] == [NOW]


def test_the_tick_wakes_every_chunk_of_the_runs_it_opened(
    monkeypatch: pytest.MonkeyPatch, woken: list[object]
) -> None:
    monkeypatch.setattr(tasks.days, "open_due_runs", lambda now: [4, 5])
    tasks.tick()
    assert woken == [("pipeline.tasks.run_chunk", (4,)), ("pipeline.tasks.run_chunk", (5,))]


def test_a_woken_worker_runs_the_chunk_under_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, int | None]] = []
    monkeypatch.setattr(
        tasks.chunks, "run_next", lambda worker, chunk_id: ran.append((worker, chunk_id))
    )
    tasks.run_chunk.apply(args=[7], throw=True)
    assert [chunk_id for _, chunk_id in ran] == [7]
    assert ran[0][0]
