"""Uploaded files that a worker may read now."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from exchange.choices import ImportState
from exchange.models import ImportFile

UNREAD = [ImportState.WAITING, ImportState.RUNNING]


def free(now: datetime) -> QuerySet[ImportFile]:
    """Waiting for a worker, or running under a lease that has ended; one at a time in a group.

    A group's files are read in the order in which they were received: vehicles name customers.
    """
    unread = ImportFile.objects.exclude(path="").filter(state__in=UNREAD)
    earlier = unread.filter(group=OuterRef("group"), id__lt=OuterRef("id"))
    nobody_reads = Q(state=ImportState.WAITING) | Q(lease_until__lt=now)
    return unread.filter(nobody_reads, ~Exists(earlier))


def free_ids(now: datetime, limit: int) -> list[int]:
    """The oldest ones first."""
    return list(free(now).order_by("id").values_list("id", flat=True)[:limit])
