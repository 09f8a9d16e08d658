"""Complaints noted by hand; the engine gives them to the manager (TASK-5)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from common.dates import local_date
from customers.choices import Direction, Outcome
from customers.models import Complaint, Vehicle
from customers.services import contacts, dirty
from customers.services.contacts import number_of
from stores.choices import AuditAction
from stores.models import Staff
from stores.services import audit


@transaction.atomic
def add(
    vehicle: Vehicle,
    *,
    channel: str,
    category: str,
    text: str,
    key: UUID,
    by: Staff,
    now: datetime,
) -> Complaint:
    """A complaint opened now, with the contact it came by; the same `key` (a form's) again is the
    complaint there is.
    """
    on = local_date(now, vehicle.store.timezone)
    complaint: Complaint
    complaint, is_new = Complaint.objects.get_or_create(
        store=vehicle.store,
        external_id=number_of(key),
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
        audit.about(complaint, AuditAction.COMPLAINT_NOTED, by=by)
        _log(vehicle, channel, key, by, now)
        dirty.mark([vehicle.pk])
    return complaint


def _log(vehicle: Vehicle, channel: str, key: UUID, by: Staff, now: datetime) -> None:
    """Whoever complains has been in touch; the words stand in the complaint."""
    contacts.log(
        vehicle.customer,
        key=key,
        vehicle=vehicle,
        channel=channel,
        direction=Direction.IN,
        outcome=Outcome.CONNECTED,
        note="",
        by=by,
        at=now,
    )
