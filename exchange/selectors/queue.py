"""How imports stand, for pages that are not about imports."""

from datetime import datetime

from django.db.models import Q

from common.metrics import Family, single
from exchange.choices import ImportState
from exchange.models import ImportFile


def newest_import_at(group_id: int) -> datetime | None:
    """When the group's last finished import ended, also one from the command line."""
    done = ImportFile.objects.filter(
        Q(group_id=group_id) | Q(group_id=None), state=ImportState.DONE
    ).order_by("-created_at")
    return done.values_list("finished_at", flat=True).first()


def families(now: datetime) -> list[Family]:
    """Files that wait for the worker."""
    waiting = ImportFile.objects.filter(state=ImportState.WAITING)
    waits = sorted(waiting.values_list("created_at", flat=True))
    oldest = (now - waits[0]).total_seconds() if waits else 0
    return [
        single("huitou_imports_waiting", "Uploaded files that wait for the worker.", len(waits)),
        single("huitou_import_wait_seconds", "How long the oldest of them has waited.", oldest),
    ]
