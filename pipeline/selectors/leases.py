"""Chunks that nobody works on."""

from datetime import datetime, timedelta

from django.db.models import Q

from pipeline.choices import ChunkState, JobState
from pipeline.models import JobChunk

CLAIMED_A_WHILE = timedelta(seconds=5)


def free_chunk_ids(now: datetime, limit: int) -> list[int]:
    """Chunks of open runs that wait, and those claimed a while ago.

    Whether a claimed one's worker still lives is seen by whoever tries to claim it. Days first: a
    past to reconstruct has a chunk a store.
    """
    unfinished = JobChunk.objects.filter(
        run__state=JobState.OPEN, state__in=[ChunkState.WAITING, ChunkState.CLAIMED]
    )
    free = unfinished.filter(
        Q(lease_until=None) | Q(lease_until__lt=now) | Q(claimed_at__lt=now - CLAIMED_A_WHILE)
    )
    return list(free.order_by("run__kind", "id").values_list("id", flat=True)[:limit])
