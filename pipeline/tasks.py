"""What worker and beat run: thin interfaces to the services; a lost message costs only time."""

import os
import time

from celery import Task, shared_task
from django.utils import timezone

from alerts.services import escalation
from common.wakeup import wake
from pipeline.choices import Beat
from pipeline.selectors import leases
from pipeline.services import boards, chunks, days, heartbeats, hindsight, settle
from stores.scope import all_stores

# Sent again by every sweep while they wait, so only as many as the workers may soon take.
WAKE_AT_ONCE = 20
# After so long no further stores are begun: the next tick, or another worker's, goes on.
BOARDS_SECONDS = 240


@shared_task
def tick() -> None:
    """Open the runs of the stores whose night it is."""
    with all_stores():
        for chunk_id in days.open_due_runs(timezone.now()):
            wake(run_chunk.name, chunk_id)


@shared_task(bind=True)
def run_chunk(self: Task, chunk_id: int) -> None:
    """Compute one chunk, unless somebody has it."""
    with all_stores():
        chunks.run_next(f"{self.request.hostname} {os.getpid()}", chunk_id)


@shared_task
def count_boards(backwards: bool = False) -> None:
    """Count the boards of the stores whose day is newer than their figures; then look back.

    Where there is work for two, another worker begins at the other end.
    """
    begun = time.monotonic()
    if not backwards and len(boards.chunks()) > 1:
        wake(count_boards.name, True)
    boards.count_boards(BOARDS_SECONDS, backwards=backwards)
    if hindsight.judge_months(BOARDS_SECONDS - (time.monotonic() - begun)):
        # Nothing new is begun: what was judged is summed up over the stores.
        boards.count_boards(0)


@shared_task
def escalate() -> None:
    """Show the managers the same-day calls that nobody made by closing time (RISK-2)."""
    with all_stores():
        escalation.escalate(timezone.now())


@shared_task
def sweep() -> None:
    """Wake what has lost its worker or its message, settle what is left; leave a heartbeat (R7)."""
    with all_stores():
        for chunk_id in leases.free_chunk_ids(timezone.now(), WAKE_AT_ONCE):
            wake(run_chunk.name, chunk_id)
        settle.settle_left_over()
    heartbeats.record(Beat.SWEEPER, timezone.now())
