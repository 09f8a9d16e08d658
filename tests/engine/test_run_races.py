"""Two workers or beats at once: a chunk runs once, a day has one run. Each with its control."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from common.models import Heartbeat
from pipeline.choices import ChunkState, JobState
from pipeline.models import JobChunk, JobRun, StoreDay
from pipeline.services import chunks, days
from stores.models import Store
from stores.scope import all_stores
from tests.engine.side_by_side import Held, run_into
from tests.engine.world_rows import Laid

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chunk(small_world: Laid, on: date) -> JobChunk:
    with all_stores():
        return days.start_day(stores=small_world.stores.values(), on=on).chunks.get()


def worker(name: str, chunk: JobChunk) -> Callable[[], bool]:
    return lambda: chunks.run_next(name, chunk.pk)


def test_of_two_workers_one_runs_the_chunk(
    chunk: JobChunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(chunks.compute_day)
    monkeypatch.setattr(chunks, "compute_day", held)
    assert run_into(held, worker("one", chunk), worker("two", chunk)) == (True, False, False)
    chunk.refresh_from_db()
    assert (chunk.state, chunk.attempt, chunk.claimed_by) == (ChunkState.DONE, 1, "one")


def test_a_claim_that_is_not_committed_yet_is_passed_over(chunk: JobChunk) -> None:
    """Neither waits for the other: the second looks for another chunk."""
    held = Held(chunks._claim)

    def claims_and_holds() -> bool:
        with transaction.atomic():
            return held("one", chunk.pk) is not None

    assert run_into(held, claims_and_holds, worker("two", chunk)) == (True, False, False)


def taken_over(chunk: JobChunk, monkeypatch: pytest.MonkeyPatch) -> JobChunk:
    """The first worker's lease runs out while it computes; a second one takes the chunk.

    Each leaves a row that it was there, inside its transaction.
    """
    compute = chunks.compute_day

    def signed(scope: Any) -> dict[str, int]:
        counts = compute(scope)
        attempt = JobChunk.objects.get(pk=chunk.pk).attempt
        Heartbeat.objects.create(name=f"attempt {attempt}", beat_at=timezone.now())
        return counts

    held = Held(signed)
    monkeypatch.setattr(chunks, "compute_day", held)

    def second() -> bool:
        long_ago = timezone.now() - timedelta(minutes=1)
        JobChunk.objects.filter(pk=chunk.pk).update(lease_until=long_ago)
        return chunks.run_next("two", chunk.pk)

    assert run_into(held, worker("one", chunk), second) == (True, True, True)
    chunk.refresh_from_db()
    return chunk


def test_the_result_of_a_worker_that_lost_its_lease_is_rolled_back(
    chunk: JobChunk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    found = taken_over(chunk, monkeypatch)
    assert (found.state, found.attempt, found.claimed_by) == (ChunkState.DONE, 2, "two")
    assert found.run.state == JobState.DONE
    assert [*Heartbeat.objects.values_list("name", flat=True)] == ["attempt 2"]
    assert "was taken over" in caplog.text
    with all_stores():
        assert StoreDay.objects.count() == 1


def test_without_the_attempt_in_the_condition_both_results_are_kept(
    chunk: JobChunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: whoever computed says done."""

    def finish(one: JobChunk, counts: dict[str, int]) -> None:
        JobChunk.objects.filter(pk=one.pk).update(state=ChunkState.DONE, counts=counts)

    monkeypatch.setattr(chunks, "_finish", finish)
    taken_over(chunk, monkeypatch)
    names = set(Heartbeat.objects.values_list("name", flat=True))
    assert names == {"attempt 1", "attempt 2"}


def test_an_interrupted_chunk_is_free_at_once(
    chunk: JobChunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C: nobody waits for the lease to run out, and three of them set no day aside (T9)."""

    def interrupted(_scope: Any) -> dict[str, int]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(chunks, "compute_day", interrupted)
        with pytest.raises(KeyboardInterrupt):
            chunks.run_next("one", chunk.pk)
    assert chunks.run_next("two", chunk.pk)
    chunk.refresh_from_db()
    assert (chunk.state, chunk.attempt, chunk.forgiven) == (ChunkState.DONE, 2, 1)


def test_an_open_run_takes_in_the_stores_it_does_not_have(
    small_world: Laid, chunk: JobChunk, on: date
) -> None:
    """Stores of two time zones, or a store refreshed while another one's run is still open."""
    known = small_world.stores["S1"]
    with all_stores():
        late = Store.objects.create(group=known.group, code="S2", name="S2")
        runs = {days.start_day(stores=[known, late], on=on).pk for _ in range(2)}
    assert runs == {chunk.run_id}
    found = JobChunk.objects.filter(run=chunk.run_id).order_by("number")
    assert [one.store_ids for one in found] == [[known.pk], [late.pk]]


NOW = datetime(2026, 3, 31, 4, tzinfo=UTC)


def two_beats(monkeypatch: pytest.MonkeyPatch) -> tuple[list[int], list[int], bool]:
    """The first one holds before it commits the run it opened; chunks, and whether one waited."""
    held = Held(days._parts)
    monkeypatch.setattr(days, "_parts", held)
    return run_into(held, lambda: days.open_due_runs(NOW), lambda: days.open_due_runs(NOW))


@pytest.fixture
def without_unique_runs(transactional_db: None) -> Iterator[None]:
    """The guard of the two beats is in the database."""
    constraints = JobRun._meta.constraints
    with connection.schema_editor() as editor:
        for constraint in constraints:
            editor.remove_constraint(JobRun, constraint)
    yield
    JobRun.objects.all().delete()
    with connection.schema_editor() as editor:
        for constraint in constraints:
            editor.add_constraint(JobRun, constraint)


def test_without_the_unique_keys_two_beats_open_two_runs(
    small_world: Laid, without_unique_runs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    assert two_beats(monkeypatch)[2] is False
    assert JobRun.objects.count() == 2


def test_two_beats_open_one_run(small_world: Laid, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, waited = two_beats(monkeypatch)
    assert waited
    assert first == second
    assert len(first) == JobChunk.objects.count() == JobRun.objects.count() == 1
