"""Lines of the fix list for rows that were entered or corrected by hand."""

from datetime import datetime

from customers.choices import FindingKind
from customers.models import Customer, Finding, Vehicle


def keep(row: Customer | Vehicle, kind: FindingKind, *, is_bad: bool, now: datetime) -> None:
    """Opens the line, opens it again or closes it, as the importer does for its rows."""
    found = {"kind": kind, "table": row._meta.db_table, "row_id": row.pk}
    if not is_bad:
        Finding.objects.filter(**found, resolved_at=None).update(resolved_at=now)
        return
    known, is_new = Finding.objects.get_or_create(**found, defaults={"store_id": row.store_id})
    if not is_new and known.resolved_at:
        known.resolved_at, known.found_at = None, now
        known.save(update_fields=["resolved_at", "found_at"])
