"""Complaints put right."""

from collections.abc import Iterable
from datetime import datetime

from common.dates import local_date
from customers.models import Complaint


def resolve(complaint_ids: Iterable[int], *, resolution: str, at: datetime) -> list[int]:
    """Resolves those of the complaints that are open; returns their ids."""
    found = Complaint.objects.filter(pk__in=list(complaint_ids), resolved_at__isnull=True)
    complaints = list(found.select_related("store").order_by("pk").select_for_update(of=("self",)))
    for complaint in complaints:
        complaint.resolved_at = at
        complaint.resolved_on = local_date(at, complaint.store.timezone)
        complaint.resolution = resolution
    Complaint.objects.bulk_update(complaints, ["resolved_at", "resolved_on", "resolution"])
    return [complaint.pk for complaint in complaints]


def reopen(complaint_ids: Iterable[int]) -> None:
    """Takes `resolve` back."""
    Complaint.objects.filter(pk__in=list(complaint_ids)).update(
        resolved_at=None, resolved_on=None, resolution=""
    )
