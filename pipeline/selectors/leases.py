"""Chunks that nobody works on."""

from datetime import datetime

from django.db.models import Q

from pipeline.choices import ChunkState, JobState
from pipeline.models import JobChunk


def free_chunk_ids(now: datetime, limit: int) -> list[int]:
    """Chunks of open runs that wait, or whose worker has not come back within its lease."""
    unfinished = JobChunk.objects.filter(
        run__state=JobState.OPEN, state__in=[ChunkState.WAITING, ChunkState.CLAIMED]
    )
    free = unfinished.filter(Q(lease_until=None) | Q(lease_until__lt=now))
    return list(free.order_by("id").values_list("id", flat=True)[:limit])
