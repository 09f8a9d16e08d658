"""A person took note of what had changed on the own list."""

from datetime import datetime

from alerts.models import ListLook
from stores.models import Staff


def look(staff: Staff, at: datetime) -> None:
    """What changed until `at` is known from now on; an older page takes nothing back.

    `at` is when the page was made, not when it was answered: what came between stays new.
    """
    known, is_first = ListLook.objects.get_or_create(staff=staff, defaults={"seen_at": at})
    if not is_first:
        ListLook.objects.filter(pk=known.pk, seen_at__lt=at).update(seen_at=at)
