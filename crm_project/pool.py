"""A closer look at the worker's children: a killed one's task runs again within seconds (T2)."""

from typing import Any

from celery import bootsteps

SECONDS = 1.0


class PoolWatch(bootsteps.StartStopStep):  # type: ignore[misc]
    """Has the pool look for dead children every second, however often the broker was lost.

    A child's death wakes the pool, but at times before the kernel lets it be collected; Celery's
    own next look comes after five seconds.
    """

    requires = ("celery.worker.components:Pool",)
    look: Any = None

    def register_with_event_loop(self, worker: Any, hub: Any) -> None:
        """Called by the worker each time its loop starts."""
        if self.look is not None:
            self.look.cancel()
        self.look = hub.call_repeatedly(SECONDS, worker.pool.maintain_pool)
