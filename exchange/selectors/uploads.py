"""Uploaded files that nobody reads yet, or whose reader has died."""

from datetime import datetime

from django.db.models import Q, QuerySet

from exchange.choices import ImportState
from exchange.models import ImportFile


def free(now: datetime) -> QuerySet[ImportFile]:
    """Waiting for a worker, or running under a lease that has ended."""
    waits = Q(state=ImportState.WAITING)
    return ImportFile.objects.exclude(path="").filter(
        waits | Q(state=ImportState.RUNNING, lease_until__lt=now)
    )


def free_ids(now: datetime, limit: int) -> list[int]:
    """The oldest ones first."""
    return list(free(now).order_by("id").values_list("id", flat=True)[:limit])
