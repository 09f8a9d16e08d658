"""Complaints noted by hand; the engine gives them to the manager (TASK-5)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from common.dates import local_date
from customers.models import Complaint, Vehicle
from customers.services import dirty
from stores.choices import AuditAction
from stores.models import Staff
from stores.services import audit


@transaction.atomic
def add(
    vehicle: Vehicle, *, category: str, text: str, key: UUID, by: Staff, now: datetime
) -> Complaint:
    """A complaint opened now; the same `key` (a form's) again is the complaint there is."""
    on = local_date(now, vehicle.store.timezone)
    complaint: Complaint
    complaint, is_new = Complaint.objects.get_or_create(
        store=vehicle.store,
        external_id=f"huitou-{key}",
        defaults={
            "vehicle": vehicle,
            "opened_at": now,
            "opened_on": on,
            "received_on": on,
            "category": category,
            "text": text,
        },
    )
    if is_new:
        audit.record(
            actor=by,
            action=AuditAction.COMPLAINT_NOTED,
            store=vehicle.store,
            thing="complaint",
            thing_id=complaint.pk,
        )
        dirty.mark([vehicle.pk])
    return complaint
