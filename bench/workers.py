"""The day through Celery: worker processes of the bench's own, with a broker nobody else uses."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from celery import current_app

from bench import database, day
from common import embedded
from common.wakeup import wake
from lifecycle.services.group import has_group
from pipeline.choices import ChunkState, JobState
from pipeline.models import JobRun
from pipeline.services import boards
from pipeline.tasks import count_boards, run_chunk, sweep
from tests.chaos.processes import Process
from tests.chaos.rig import Rig

LOOK_SECONDS, SWEEP_SECONDS = 0.1, 30.0
LONGEST_SECONDS = 3600
BOARDS_WAKE_SECONDS = 300.0


@contextmanager
def rig() -> Iterator[Rig]:
    """Starts processes on the present database; they are killed at the end."""
    # A short path: the broker's socket lies below it.
    with TemporaryDirectory(prefix="huitou-") as folder:
        home = Path(folder)
        broker = embedded.ensure(home, postgres=False).redis_url
        made = Rig(home, database.url(), broker, home)
        try:
            yield made
        finally:
            made.kill_all()
            embedded.stop(home)


@contextmanager
def waking(redis_url: str) -> Iterator[None]:
    """Wake-ups of this process go to that broker."""
    former = current_app.conf.broker_url
    current_app.conf.broker_url = embedded.broker_url(redis_url)
    try:
        yield
    finally:
        current_app.conf.broker_url = former


@dataclass
class Memory:
    """Resident MB of the fattest child: after the first chunk that was done, and now."""

    workers: list[Process]
    first_mb: float = 0.0
    last_mb: float = 0.0

    def look(self, chunks_done: int) -> None:
        if not chunks_done:
            return
        self.last_mb = max(map(resident_mb, self._children()), default=self.last_mb)
        self.first_mb = self.first_mb or self.last_mb

    def _children(self) -> list[int]:
        return [pid for worker in self.workers for pid in worker.children()]


def resident_mb(pid: int) -> float:
    """0 when it has just ended."""
    try:
        words = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0.0
    return int(words[1]) * 4096 / 1e6


def run_day(on: date, look: Callable[[int], None] = lambda chunks_done: None) -> float:
    """Wakes the workers for the day of the whole group; seconds until its last chunk was done."""
    run = day.open_run(on)
    began = swept = time.perf_counter()
    for chunk_id in run.chunks.order_by("id").values_list("id", flat=True):
        wake(run_chunk.name, chunk_id)
    while not _is_over(run):
        time.sleep(LOOK_SECONDS)
        look(run.chunks.filter(state=ChunkState.DONE).count())
        now = time.perf_counter()
        if now - swept > SWEEP_SECONDS:  # as beat does
            wake(sweep.name)
            swept = now
        if now - began > LONGEST_SECONDS:
            raise RuntimeError("the day did not end")
    return time.perf_counter() - began


def run_boards() -> float:
    """Wakes the workers for the boards of the day that is done; seconds until all are counted."""
    began = woken = time.perf_counter()
    wake(count_boards.name)
    while boards.chunks() or not has_group():
        time.sleep(LOOK_SECONDS)
        if time.perf_counter() - woken > BOARDS_WAKE_SECONDS:  # as beat does
            wake(count_boards.name)
            woken = time.perf_counter()
        if time.perf_counter() - began > LONGEST_SECONDS:
            raise RuntimeError("the boards were not counted")
    return time.perf_counter() - began


def _is_over(run: JobRun) -> bool:
    run.refresh_from_db()
    if run.state == JobState.FAILED:
        raise RuntimeError(f"the day failed: {[c.error for c in run.chunks.all() if c.error]}")
    return run.state == JobState.DONE
