"""Faults and missing guards that a rig's worker loads: `CHAOS_PLANT` names the functions."""

import os
import resource
import signal
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from django.db import transaction

from alerts.services import refresh
from pipeline import tasks
from pipeline.models import JobChunk
from pipeline.selectors import leases
from pipeline.services import chunks, days

KILLS, EATS, LOOPS = 1, 2, 3  # ids of stores


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise SystemExit


def in_parts() -> None:
    """T1's control: a result is no longer one transaction with `done`, nor looks at what is there.

    The first stores' workers die behind the result and before `done`, the next ones' between.
    """
    work, finish = chunks._work, chunks._finish
    chunks._finish = lambda *_: None
    _look_at_nothing()

    def separately(chunk: JobChunk) -> dict[str, int]:
        dies, is_early = chunk.attempt == 1, chunk.number % 4 == 1
        if is_early:
            finish(chunk, {})
            transaction.get_connection().connection.commit()
            if dies:
                die()
        counts = work(chunk)
        transaction.get_connection().connection.commit()
        if dies and chunk.number % 4 == 0:
            die()
        if not is_early:
            finish(chunk, counts)
        return counts

    chunks._work = separately


def _look_at_nothing() -> None:
    """Tasks are opened as if none had ever been."""
    statement, wanted = refresh.statement, refresh.wanted_sql
    blind = statement("alerts", "open_tasks").replace(
        "FROM alerts_task o", f"FROM {refresh.NO_TASKS} o"
    )
    refresh.statement = lambda app, name: blind if name == "open_tasks" else statement(app, name)
    refresh.wanted_sql = lambda scope: wanted(scope, tasks=refresh.NO_TASKS)


def poison() -> None:
    """T10: three stores that kill their worker, want too much memory, and never end."""
    compute = chunks.compute_day
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    # The product's are a quarter of an hour.
    tasks.run_chunk.soft_time_limit, tasks.run_chunk.time_limit = 2, 3

    def poisoned(scope: Any) -> dict[str, int]:
        for store_id in scope.store_ids:
            if store_id == KILLS:
                die()
            if store_id == EATS:
                bytearray(4 << 30)
            if store_id == LOOPS:
                # In the database, where no exception of the soft limit reaches it.
                chunks.execute("SELECT pg_sleep(600)", {})
        return compute(scope)

    chunks.compute_day = poisoned


def eager() -> None:
    """Takes up what was lost sooner than the product, as the rig sweeps more often."""
    chunks.START = leases.CLAIMED_A_WHILE = timedelta(seconds=1)


def no_breaker() -> None:
    """T10's control."""
    chunks.ATTEMPTS = 1_000_000


def clock() -> None:
    """T3: now is what the file says; whoever looks for stores without a run takes his time."""
    file = Path(os.environ["CHAOS_CLOCK"])
    tasks.timezone = Clock(file)
    look: Callable[..., Any] = days._without_run

    def slowly(*args: Any) -> Any:
        found = look(*args)
        time.sleep(1 if found else 0)
        return found

    days._without_run = slowly


class Clock:
    def __init__(self, file: Path) -> None:
        self.file = file

    def now(self) -> datetime:
        return datetime.fromisoformat(self.file.read_text())


for name in os.environ.get("CHAOS_PLANT", "").split():
    globals()[name]()
