"""T3: two beats, and a clock that is set back: a day is begun once."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.chaos import night
from tests.chaos.processes import wait
from tests.chaos.rig import Rig, Yard
from tests.figures import say, size

# Five minutes before the stores' day begins, in the night to the seeded one.
EVENING = datetime(2026, 6, 29, 0, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
TICK = 0.5
STEP = timedelta(minutes=10)
NIGHTS = size(1, 7)
CONSTRAINTS = ("run_attempt_once", "run_open_once")

pytestmark = [pytest.mark.proof, pytest.mark.chaos, pytest.mark.slow]


class Clock:
    """What the workers take for now."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.set(EVENING)

    def set(self, now: datetime) -> None:
        draft = self.file.with_suffix(".new")
        draft.write_text(now.isoformat())
        draft.replace(self.file)


@pytest.fixture
def rig(yard: Yard) -> Iterator[Rig]:
    with yard.rig(stores=20, cars=100) as rig:
        yield rig


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "clock")


@pytest.fixture
def beats(rig: Rig, clock: Clock) -> Iterator[Callable[[], int]]:
    """Two beats tick, a worker with two children listens; returns how often they ticked."""
    night.known_past(rig)
    worker = rig.worker(
        concurrency=2,
        include="tests.chaos.planted",
        CHAOS_PLANT="clock eager",
        CHAOS_CLOCK=str(clock.file),
    )
    two = [rig.beat(sweep=3, tick=TICK) for _ in range(2)]

    def ticks() -> int:
        return sum(beat.text().count("(pipeline.tasks.tick)") for beat in two)

    yield ticks
    for process in (worker, *two):
        process.kill()


def runs(rig: Rig) -> dict[str, int]:
    """How many runs each day has."""
    found = rig.rows(
        """SELECT business_date::text, count(*) FROM pipeline_jobrun WHERE kind = 'day'
           GROUP BY 1 ORDER BY 1"""
    )
    return dict(found)


def is_computed(rig: Rig, on: datetime) -> bool:
    stores = rig.value("SELECT count(*) FROM stores_store")
    done = rig.value('SELECT count(*) FROM pipeline_storeday WHERE "on" = %s', [on.date()])
    return bool(done == stores and night.is_over(rig))


def test_two_beats_begin_each_day_once(rig: Rig, clock: Clock, beats: Callable[[], int]) -> None:
    for number in range(NIGHTS):
        evening = EVENING + timedelta(days=number)
        clock.set(evening + STEP)
        wait(lambda on=evening: is_computed(rig, on), night.SECONDS, "the day")
        # An hour back, to yesterday's evening, and forth again, while both go on ticking.
        for moved in (evening - timedelta(hours=1) + STEP, evening + 2 * STEP):
            clock.set(moved)
            seen = beats()
            wait(lambda seen=seen: beats() >= seen + 4, what="more ticks")
    chunks, attempts = rig.rows(
        """SELECT count(*), sum(c.attempt) FROM pipeline_jobchunk c
           JOIN pipeline_jobrun r ON r.id = run_id WHERE r.kind = 'day'"""
    )[0]
    found = runs(rig)
    say("T3", beats=2, nights=NIGHTS, ticks=beats(), runs=found, chunks=chunks, worked=attempts)
    assert found == {str((EVENING + timedelta(days=n)).date()): 1 for n in range(NIGHTS)}
    # Ten stores each, and each worked once.
    assert chunks == attempts == 2 * NIGHTS


def test_without_the_constraint_a_day_is_begun_twice(
    rig: Rig, clock: Clock, beats: Callable[[], int]
) -> None:
    for name in CONSTRAINTS:
        rig.execute(f"ALTER TABLE pipeline_jobrun DROP CONSTRAINT IF EXISTS {name}")
        rig.execute(f"DROP INDEX IF EXISTS {name}")
    deadline = time.monotonic() + night.SECONDS
    for number in range(100):
        evening = EVENING + timedelta(days=number)
        clock.set(evening + STEP)
        wait(lambda on=evening: is_computed(rig, on), night.SECONDS, "the day")
        if max(runs(rig).values()) > 1 or time.monotonic() > deadline:
            break
    say("T3", what="no unique run", control=True, nights=number + 1, runs=runs(rig))
    assert max(runs(rig).values()) > 1
