"""The broker is killed and its connections are cut, again and again, in a busy night (T4, T5)."""

import json
import time
from collections.abc import Callable

import pytest

from tests.chaos import night
from tests.chaos.processes import Process, wait
from tests.chaos.rig import Rig
from tests.chaos.sender import Sender
from tests.figures import say, size

pytestmark = [pytest.mark.proof, pytest.mark.chaos, pytest.mark.slow]

AGAIN_SECONDS = 10.0
FOREIGN = "foreign"
LEFT = """
SELECT (SELECT count(*) FROM customers_dirtyvehicle)
     + (SELECT count(*) FROM pipeline_jobchunk WHERE state <> 'done')
"""


class Load:
    """A night, cars whose facts change in it, one worker and the beat; nobody restarts them."""

    def __init__(self, rig: Rig, **environment: str) -> None:
        self.rig, self.sender = rig, Sender(rig)
        self.environment = {"CHAOS_PLANT": "eager", **environment}
        # A queue nobody here works for.
        self.sender.send("chaos.note", "foreign", queue=FOREIGN)
        night.begin(rig, size(4, 1))
        self.worker = self.start()
        self.seconds: list[float] = []

    def start(self) -> Process:
        return self.rig.worker(include="tests.chaos.notes", **self.environment)

    def mark(self) -> None:
        """A hundred cars have to be settled."""
        self.rig.execute(
            "INSERT INTO customers_dirtyvehicle (vehicle_id, marked_at)"
            " SELECT id, now() FROM customers_vehicle ORDER BY random() LIMIT 100"
        )

    def rounds(self, count: int, harm: Callable[[], None]) -> None:
        """Harm, and how long it takes until the worker consumes again, so many times."""
        for number in range(count):
            self.mark()
            harm()
            self.seconds.append(self._until_consumed(f"round {number}"))

    def _until_consumed(self, word: str) -> float:
        began = time.monotonic()
        # A message may be lost; the question is when the worker takes one.
        for second in range(int(AGAIN_SECONDS) * 3):
            self.sender.send("chaos.note", word)
            while time.monotonic() - began < second + 1:
                if self.sender.count(word):
                    return round(time.monotonic() - began, 1)
                time.sleep(0.05)
        raise AssertionError(f"not consumed in {word}: {self.worker.text()}")

    def left(self) -> int:
        return int(self.rig.value(LEFT))

    def strangers(self) -> int:
        """Messages of the other queue that are gone."""
        with self.rig.redis() as client:
            return 1 - int(client.llen(FOREIGN))


def holds(load: Load, beat: Process, proof: str, what: str) -> None:
    wait(lambda: load.left() == 0, 120, "the end of the work")
    restarts = [one.lives() for one in (load.worker, beat)].count(False)
    say(
        proof,
        what=what,
        times=len(load.seconds),
        again_seconds_at_most=max(load.seconds),
        limit=AGAIN_SECONDS,
        rows_left=load.left(),
        restarts=restarts,
        of_other_queues=load.strangers(),
    )
    assert max(load.seconds) <= AGAIN_SECONDS
    assert (restarts, load.strangers()) == (0, 0)
    assert night.left(load.rig).set_aside == 0


def test_after_each_crash_of_the_broker_the_worker_consumes_again(rig: Rig) -> None:
    load = Load(rig)
    beat = rig.beat(sweep=1)
    load.rounds(size(2, 10), rig.crash_valkey)
    holds(load, beat, "T4", "valkey killed")


def test_after_each_cut_of_all_connections_the_worker_consumes_again(rig: Rig) -> None:
    load = Load(rig)
    beat = rig.beat(sweep=1)

    def cut() -> None:
        with rig.redis() as client:
            for kind in ("normal", "pubsub"):
                client.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")

    load.rounds(size(4, 20), cut)
    holds(load, beat, "T5", "connections cut")


def test_without_the_sweeper_what_the_broker_lost_stays_undone(rig: Rig) -> None:
    """T4's control: messages alone, and a broker that forgets them."""
    load = Load(rig)
    load.worker.kill()
    with rig.redis() as client:
        client.config_set("appendonly", "no")
    ids = [row[0] for row in rig.rows("SELECT id FROM pipeline_jobchunk WHERE state = 'waiting'")]
    for number in ids:
        load.sender.send("pipeline.tasks.run_chunk", number)
    rig.crash_valkey()
    load.worker = load.start()
    load._until_consumed("after the crash")
    undone = load.left()
    say("T4", control=True, what="no sweeper, no append-only file", rows_left=undone)
    assert undone == len(ids) > 0
    rig.beat(sweep=1)
    wait(lambda: load.left() < undone, 30, "the sweeper")


def test_a_worker_that_does_not_reconnect_stands_still(rig: Rig) -> None:
    """T5's control."""
    conf = {"broker_connection_retry": False}
    load = Load(rig, CHAOS_CONF=json.dumps(conf))
    with rig.redis() as client:
        client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    wait(lambda: not load.worker.lives(), 30, "the worker's end")
    load.mark()
    load.sender.send("pipeline.tasks.sweep")
    say("T5", control=True, what="no reconnect", worker_lives=False, rows_left=load.left())
    assert load.left() > 0
