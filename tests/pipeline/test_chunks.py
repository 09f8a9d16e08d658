"""A chunk whose worker was killed is taken up at once; one that is being worked on is not."""

import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone

from common.sql import execute
from pipeline.choices import ChunkState
from pipeline.models import JobChunk, JobRun, StoreDay
from pipeline.selectors import leases
from pipeline.services import chunks, days
from stores.models import Store
from stores.scope import all_stores

LOCK = "SELECT pg_advisory_xact_lock(%(space)s, %(id)s::integer)"


def claimed_a_while_ago(store: Store) -> JobChunk:
    now = timezone.now()
    run = JobRun.objects.create(kind="day", business_date=now.date())
    return JobChunk.objects.create(
        run=run,
        number=0,
        store_ids=[store.pk],
        as_of=now.date(),
        state=ChunkState.CLAIMED,
        attempt=1,
        claimed_by="gone",
        # Before the server was started it would be forgiven.
        claimed_at=now - timedelta(seconds=8),
        lease_until=now + timedelta(minutes=14),
    )


@pytest.mark.django_db(transaction=True)
def test_chunk_of_a_killed_worker_is_taken_up_before_its_lease_ends(north: Store) -> None:
    chunk = claimed_a_while_ago(north)
    assert chunks.run_next("alive", chunk.pk)
    chunk.refresh_from_db()
    assert (chunk.state, chunk.attempt, chunk.claimed_by) == (ChunkState.DONE, 2, "alive")


@pytest.mark.django_db(transaction=True)
def test_chunk_that_is_being_worked_on_is_left_alone(north: Store) -> None:
    chunk = claimed_a_while_ago(north)
    is_held, may_end = threading.Event(), threading.Event()

    def work() -> None:
        with transaction.atomic():
            execute(LOCK, {"space": chunks.CHUNK_LOCK, "id": chunk.pk})
            is_held.set()
            may_end.wait(10)
        connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    assert is_held.wait(10)
    assert not chunks.run_next("other", chunk.pk)
    may_end.set()
    worker.join()
    assert chunks.run_next("other", chunk.pk)


@pytest.mark.django_db
def test_chunk_of_an_earlier_day_does_not_take_a_store_back(north: Store) -> None:
    """A run that was killed and taken up days later finds its stores computed since."""
    chunk = claimed_a_while_ago(north)
    later = days.start_day(stores=[north], on=chunk.as_of + timedelta(days=1))
    assert chunks.run_next("night", later.chunks.get().pk)
    assert chunks.run_next("late", chunk.pk)
    with all_stores():
        assert [day.on for day in StoreDay.objects.all()] == [later.business_date]


@pytest.mark.django_db
def test_stores_of_a_chunk_that_failed_go_on_alone(north: Store, south: Store) -> None:
    """T10: what one of them has is no reason to leave the other without its day."""
    chunk = claimed_a_while_ago(north)
    chunk.store_ids = [north.pk, south.pk]
    chunk.save()
    assert chunks.run_next("alive", chunk.pk)
    first, other = JobChunk.objects.filter(run__kind="day").order_by("number")
    assert (first.store_ids, first.state, first.attempt) == ([north.pk], ChunkState.DONE, 2)
    assert (other.store_ids, other.state, other.attempt) == ([south.pk], ChunkState.WAITING, 1)


@pytest.mark.django_db(transaction=True)
def test_being_thrown_out_of_the_database_is_forgiven_and_not_for_ever(
    north: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T12: a restart is not the chunk's fault; one that brings it about each time is set aside."""
    chunk = claimed_a_while_ago(north)

    def thrown_out(_scope: object) -> dict[str, int]:
        execute("SELECT pg_terminate_backend(pg_backend_pid())", {})
        return {}

    monkeypatch.setattr(chunks, "compute_day", thrown_out)
    while chunks.run_next("thrown out", chunk.pk):
        pass
    chunk.refresh_from_db()
    assert (chunk.state, chunk.forgiven) == (ChunkState.QUARANTINED, chunks.FORGIVABLE)
    assert chunk.attempt == chunks.FORGIVABLE + chunks.ATTEMPTS


@pytest.mark.django_db(transaction=True)
def test_a_day_goes_before_the_past_of_a_first_load(north: Store, south: Store) -> None:
    """Its 200 stores' histories were asked for long before the next night began."""
    with all_stores():
        today = timezone.now().date()
        past = days.start_history([north, south], today).chunks.get(number=0)
        day = days.start_day(stores=[north, south], on=today + timedelta(days=1)).chunks.get()
    assert leases.free_chunk_ids(timezone.now(), 1) == [day.pk]
    assert chunks.run_next("one", past.pk)
    states = dict(JobChunk.objects.values_list("pk", "state"))
    assert (states[day.pk], states[past.pk]) == (ChunkState.DONE, ChunkState.WAITING)
    assert chunks.run_next("one", past.pk)
    past.refresh_from_db()
    assert past.state == ChunkState.DONE
