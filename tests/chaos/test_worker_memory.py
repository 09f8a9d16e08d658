"""Sweep after sweep: what worker and broker hold does not grow (T11)."""

import json
import time
from pathlib import Path

import pytest

from tests.chaos.processes import Process, wait
from tests.chaos.rig import Rig
from tests.chaos.sender import Sender
from tests.figures import say, size

pytestmark = [pytest.mark.proof, pytest.mark.chaos, pytest.mark.slow]

SWEEP = "pipeline.tasks.sweep"
BATCH = 100
# As many as the time allows, at most the figure's; the first ones warm up.
SECONDS, SWEEPS, WARM = size(20, 180), size(300, 100_000), size(100, 2_000)
WORKER_MB, BROKER_MB = 20.0, 5.0


def resident_mb(pid: int) -> float:
    """0 of a child that has just ended, for another one takes its place."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return 0.0
    held = status.partition("VmRSS:")[2].split()
    return int(held[0]) / 1024 if held else 0.0


class Held:
    """What the worker (main process and largest child) and the broker hold, batch after batch."""

    def __init__(self, rig: Rig, worker: Process) -> None:
        self.rig, self.worker, self.sender = rig, worker, Sender(rig)
        self.sweeps = 0

    def batch(self) -> None:
        """So many sweeps with a row to settle, until none is left in the broker."""
        self.rig.execute(
            "INSERT INTO customers_dirtyvehicle (vehicle_id, marked_at)"
            " SELECT min(id), now() FROM customers_vehicle"
        )
        self.sender.send(SWEEP, times=BATCH)
        wait(self._is_done, 120, "the end of the sweeps")
        self.sweeps += BATCH

    def _is_done(self) -> bool:
        with self.rig.redis() as client:
            return not sum(
                1 for _ in client.scan_iter("celery*", _type="list")
            ) and not client.hlen("unacked")

    def now(self) -> tuple[float, float, float]:
        """MB of the main process, of its largest child, of the broker."""
        children = wait(self._children, what="the next child")
        with self.rig.redis() as client:
            broker = client.info("memory")["used_memory"] / 2**20
        return resident_mb(self.worker.pid), max(children), broker

    def _children(self) -> list[float]:
        """MB of those that live: after 500 tasks a child ends, and the next takes a moment."""
        return [held for pid in self.worker.children() if (held := resident_mb(pid))]

    def grown(self) -> tuple[float, float, float]:
        """By how much each has grown at most since it was warm."""
        while self.sweeps < WARM:
            self.batch()
        warm, top = self.now(), (0.0, 0.0, 0.0)
        deadline = time.monotonic() + SECONDS
        first = self.sweeps
        while self.sweeps - first < SWEEPS and time.monotonic() < deadline:
            self.batch()
            top = tuple(map(max, top, self.now()))  # type: ignore[assignment]
        main, child, broker = (round(most - was, 1) for most, was in zip(top, warm, strict=True))
        return main, child, broker

    def results(self) -> int:
        with self.rig.redis() as client:
            return sum(1 for _ in client.scan_iter("celery-task-meta-*"))


def test_a_worker_that_sweeps_on_and_on_does_not_grow(rig: Rig) -> None:
    held = Held(rig, rig.worker(include="tests.chaos.notes"))
    main, child, broker = held.grown()
    say(
        "T11",
        sweeps=held.sweeps,
        warm=WARM,
        main_mb=main,
        child_mb=child,
        limit_mb=WORKER_MB,
        broker_mb=broker,
        results=held.results(),
    )
    assert max(main, child) <= WORKER_MB
    assert broker <= BROKER_MB
    assert held.results() == 0


def test_a_sweep_that_leaks_and_results_that_are_kept_are_seen(rig: Rig) -> None:
    """The control."""
    kept_in = "redis+" + rig.redis_url.replace("unix:", "socket:")
    conf = {"result_backend": kept_in, "task_ignore_result": False}
    worker = rig.worker(include="tests.chaos.notes", CHAOS_HARM="leak", CHAOS_CONF=json.dumps(conf))
    held = Held(rig, worker)
    held.batch()
    before = held.now()[1]
    held.batch()
    held.batch()
    child = round(held.now()[1] - before, 1)
    say("T11", control=True, sweeps=held.sweeps, child_mb=child, results=held.results())
    assert child > WORKER_MB
    assert held.results() > 0
