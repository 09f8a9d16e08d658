"""T1, T8: a night whose workers are killed, or whose broker forgets all, leaves the same rows."""

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator

import pytest

from tests.chaos import night
from tests.chaos.night import Crew, Left
from tests.chaos.processes import wait
from tests.chaos.rig import Rig, Yard
from tests.figures import LONG, say, size

SEED = 4
KILLS = size(4, 20)
FLUSHES = size(2, 10)
# The same number of cars as the rig's own, but more and smaller chunks.
STORES, CARS = size((20, 100), (50, 1_000))

pytestmark = [pytest.mark.proof, pytest.mark.chaos, pytest.mark.slow]


@pytest.fixture(scope="module")
def place(yard: Yard) -> Iterator[Rig]:
    with yard.rig(STORES, CARS) as rig:
        yield rig


@pytest.fixture(scope="module")
def crew(place: Rig) -> Iterator[Crew]:
    crew = Crew(place)
    yield crew
    crew.leave()


@pytest.fixture(scope="module")
def calm(place: Rig, crew: Crew) -> tuple[Left, float]:
    """What an uninterrupted night leaves, and its seconds."""
    begun = time.monotonic()
    night.begin(place)
    left = night.finish(place)
    assert left.attempts == 1
    assert len(left.tasks) > STORES * CARS / 10
    return left, time.monotonic() - begun


def test_killed_workers_leave_what_an_uninterrupted_night_leaves(
    place: Rig, crew: Crew, calm: tuple[Left, float]
) -> None:
    """T1: main process and child alternately, at random points of the run.

    Nobody kills the same chunk three times: whether that is the chunk's own fault, the breaker
    cannot know and need not (T10).
    """
    expected, alone = calm
    dice = random.Random(SEED)
    begun = time.monotonic()
    night.begin(place)
    for number in range(KILLS):
        # Spread over the night; the last ones find enough to do, too.
        least = STORES * number * 4 // KILLS // 5
        wait(lambda least=least: night.counts(place)["done"] >= least, night.SECONDS)
        victim, child = dice.choice(wait(lambda: crew.at_work(2), night.SECONDS, "work"))
        time.sleep(dice.uniform(0, alone / STORES))
        kill(child if number % 2 else victim.pid)
        crew.tend()
    left = night.finish(place)
    seconds = time.monotonic() - begun
    figures = {"duplicates": left.duplicates(), "missing": left.missing(expected)}
    say(
        "T1",
        kills=KILLS,
        cars=STORES * CARS,
        **figures,
        tasks=left.tasks.total(),
        equal=left.digest == expected.digest,
        most_attempts=left.attempts,
        seconds=round(seconds, 1),
        seconds_alone=round(alone, 1),
        boot_seconds=round(crew.boot_seconds, 1),
        seed=SEED,
    )
    assert figures == {"duplicates": 0, "missing": 0}
    assert (left.digest, left.set_aside) == (expected.digest, 0)
    assert left.attempts <= 3
    # In the short form most of it is the start of workers. In the long one every second kill takes
    # a worker away until the supervisor's next one is up, which is no part of the night's work.
    assert not LONG or seconds <= 2 * alone + KILLS // 2 * crew.boot_seconds / 2


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def test_a_forgetful_broker_makes_a_night_later_and_no_different(
    place: Rig, crew: Crew, calm: tuple[Left, float]
) -> None:
    """T8: FLUSHALL at random points; PostgreSQL alone knows the work (R11)."""
    expected, _ = calm
    dice = random.Random(SEED)
    begun = time.monotonic()
    night.begin(place)
    for number in range(FLUSHES):
        least = STORES * number // FLUSHES
        wait(lambda least=least: night.counts(place)["done"] >= least, night.SECONDS)
        time.sleep(dice.uniform(0, 0.2))
        with place.redis() as broker:
            broker.flushall()
        crew.tend()
    left = night.finish(place)
    equal, seconds = left.digest == expected.digest, round(time.monotonic() - begun, 1)
    say("T8", flushes=FLUSHES, equal=equal, duplicates=left.duplicates(), seconds=seconds)
    assert (equal, left.set_aside, left.duplicates()) == (True, 0, 0)


def test_without_the_sweeper_what_the_broker_forgot_is_lost(place: Rig, crew: Crew) -> None:
    """T8's control: a message for each chunk, and nobody who looks whether it came."""
    crew.beat.kill()
    for worker in crew.workers:
        worker.kill()
    night.begin(place)
    place.python(SEND_ALL)
    crew.tend()
    wait(lambda: night.counts(place)["done"], night.SECONDS)
    with place.redis() as broker:
        broker.flushall()
    wait(lambda: not night.counts(place)["claimed"], night.SECONDS, "the end of what was begun")
    never_done = night.counts(place)["waiting"]
    say("T8", what="no sweeper", control=True, flushes=1, chunks_never_done=never_done)
    assert never_done
    assert not crew.at_work()


SEND_ALL = """
from common.wakeup import wake
from pipeline.models import JobChunk
from pipeline.tasks import run_chunk
for pk in JobChunk.objects.filter(state="waiting").order_by("id").values_list("id", flat=True):
    wake(run_chunk.name, pk)
"""


def test_without_keys_and_one_transaction_kills_show(
    place: Rig, crew: Crew, calm: tuple[Left, float]
) -> None:
    """T1's control: killed between result and `done`, tasks come twice or never."""
    expected, _ = calm
    crew.leave()
    night.begin(place)
    for name in ("task_once", "task_open_once"):
        place.execute(f"ALTER TABLE alerts_task DROP CONSTRAINT IF EXISTS {name}")
        place.execute(f"DROP INDEX IF EXISTS {name}")
    careless = Crew(place, "in_parts eager")
    left = night.finish(place)
    careless.leave()
    duplicates, missing = left.duplicates(), left.missing(expected)
    say(
        "T1",
        what="result and done apart, no keys",
        control=True,
        duplicates=duplicates,
        missing=missing,
    )
    assert duplicates
    assert missing
