"""Two transactions at once without luck: one holds its place while the other runs into it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, get_ident
from typing import Any

from django.db import connection

from common.sql import column

PATIENCE = 30


class Held:
    """A function whose first caller stops behind it until released; for `monkeypatch.setattr`."""

    def __init__(self, original: Callable[..., Any], is_first: Callable[..., bool] | None = None):
        self.original = original
        self.is_first = is_first or (lambda *_args: True)
        self.reached, self.released = Event(), Event()
        self.holder: int | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        result = self.original(*args, **kwargs)
        if self.holder is None and self.is_first(*args):
            self.holder = get_ident()
            self.reached.set()
            assert self.released.wait(PATIENCE), "nobody released it"
        return result


class Beside:
    """Work in a thread with a connection of its own."""

    def __init__(self, pool: ThreadPoolExecutor, work: Callable[[], Any]) -> None:
        self.pid: int | None = None
        self.started = Event()
        self.future: Future[Any] = pool.submit(self._run, work)

    def _run(self, work: Callable[[], Any]) -> Any:
        try:
            self.pid = column("SELECT pg_backend_pid()", {})[0]
            self.started.set()
            return work()
        finally:
            self.started.set()
            connection.close()

    def wait_until_blocked_or_done(self) -> bool:
        """Whether it waits for a lock; False when it ended without."""
        assert self.started.wait(PATIENCE)
        for _ in range(PATIENCE * 100):
            if self.future.done():
                return False
            waits = "SELECT cardinality(pg_blocking_pids(%(pid)s)) > 0"
            if column(waits, {"pid": self.pid})[0]:
                return True
            # Not a pause to be lucky in: the answer is asked for again until there is one.
            self.started.wait(0.01)
        raise AssertionError("neither blocked nor done")

    def result(self) -> Any:
        return self.future.result(PATIENCE)


def run_into(
    held: Held, first: Callable[[], Any], second: Callable[[], Any]
) -> tuple[Any, Any, bool]:
    """`first` stops in `held`, `second` runs until it waits or ends, then `first` goes on.

    Returns both results and whether the second one had to wait.
    """
    with ThreadPoolExecutor(2) as pool:
        try:
            one = Beside(pool, first)
            assert held.reached.wait(PATIENCE), one.future
            two = Beside(pool, second)
            waited = two.wait_until_blocked_or_done()
        finally:
            held.released.set()
        return one.result(), two.result(), waited
