"""A busy worker is asked to stop, again and again; the rows say what was lost or doubled (T9)."""

import json
import random
import signal
import time

import pytest

from crm_project.celery import WORKER
from tests.chaos import night
from tests.chaos.processes import Process, wait
from tests.chaos.rig import Rig
from tests.chaos.sender import Sender
from tests.figures import say, size

pytestmark = [pytest.mark.proof, pytest.mark.chaos, pytest.mark.slow]

SEED = 9
STOPS = size(3, 20)
STORES_A_CHUNK = size(4, 1)
EXIT_SECONDS = 40.0
# How long a worker waits for what does not end: shorter than production's in the short form.
SOFT_SECONDS = size(2.0, float(WORKER["worker_soft_shutdown_timeout"]))

# As docker-compose.yml and `manage.py serve` start it.
SERVED = {"REMAP_SIGTERM": "SIGQUIT"}


def conf(seconds: float) -> str:
    return json.dumps({"worker_soft_shutdown_timeout": seconds})


def busy_worker(rig: Rig, harm: str = "slow") -> Process:
    """One whose chunks take a moment, with `linger` the first one without end."""
    return rig.worker(
        concurrency=2,
        include="tests.chaos.notes",
        CHAOS_PLANT="eager",
        CHAOS_HARM=harm,
        CHAOS_CONF=conf(SOFT_SECONDS),
        **SERVED,
    )


def stop(worker: Process) -> float:
    """SIGTERM as a supervisor sends it; how long the worker took to end."""
    began = time.monotonic()
    worker.send(signal.SIGTERM)
    worker.popen.wait(EXIT_SECONDS + 20)
    return round(time.monotonic() - began, 1)


def is_worked_at(rig: Rig, *, is_first: bool) -> bool:
    """Whether a chunk is computed now, or the night has ended meanwhile; `is_first`: the first."""
    claimed = "SELECT count(*) FROM pipeline_jobchunk WHERE state = 'claimed'"
    found = rig.value(claimed + (" AND number = 0" if is_first else ""))
    return bool(found) or night.is_over(rig)


def test_a_night_of_stopped_workers_is_the_night_of_one(rig: Rig) -> None:
    night.begin(rig, STORES_A_CHUNK)
    rig.beat(sweep=1)
    worker = rig.worker(concurrency=2, include="tests.chaos.notes", CHAOS_PLANT="eager")
    expected = night.finish(rig)
    worker.kill()
    dice, exits, again = random.Random(SEED), [], 0
    night.begin(rig, STORES_A_CHUNK)
    while len(exits) < STOPS:
        if night.is_over(rig):
            again += _equal(rig, expected)
            night.begin(rig, STORES_A_CHUNK)
        worker = busy_worker(rig, "slow" if exits else "linger")
        wait(lambda: is_worked_at(rig, is_first=not exits), night.SECONDS, "work")
        time.sleep(dice.uniform(0, 1))
        exits.append(stop(worker))
    busy_worker(rig)
    left = night.finish(rig)
    say(
        "T9",
        seed=SEED,
        stops=len(exits),
        nights=again + 1,
        exit_seconds_at_most=max(exits),
        soft_seconds=SOFT_SECONDS,
        duplicates=left.duplicates(),
        missing=left.missing(expected),
        equal=left.digest == expected.digest,
        attempts=left.attempts,
    )
    assert max(exits) <= EXIT_SECONDS
    assert (left.duplicates(), left.missing(expected), left.set_aside) == (0, 0, 0)
    assert left.digest == expected.digest


def _equal(rig: Rig, expected: night.Left) -> int:
    assert night.left(rig).digest == expected.digest
    return 1


def test_work_that_is_only_a_message_is_lost_or_doubled(rig: Rig) -> None:
    """The control: acknowledged early, or with an effect before the end."""
    sender = Sender(rig)
    environment = {"include": "tests.chaos.notes", "CHAOS_CONF": conf(1), **SERVED}
    first = rig.worker(concurrency=2, **environment)
    sender.send("chaos.note_early", "early")
    sender.send("chaos.note_late", "late")
    wait(lambda: sender.count("early") and sender.count("late begun"), what="the work's begin")
    stop(first)
    rig.worker(concurrency=2, **environment)
    wait(lambda: sender.count("early") == 2, 15, "the second effect")
    doubled, begun = sender.count("early") - 1, sender.count("late begun")
    say(
        "T9",
        control=True,
        doubled=doubled,
        lost=begun - sender.count("late"),
        begun_again=begun - 1,
    )
    assert (doubled, begun, sender.count("late")) == (1, 1, 0)
