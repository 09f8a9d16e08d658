"""The customer a page is about: one query with what hangs on the customer's row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef

from common.along import along
from customers.choices import AppointmentStatus
from customers.models import Appointment, Customer
from customers.selectors import consent_events
from customers.selectors.slots import HOLDING
from dashboards import presentation
from lifecycle.selectors import stage_moves
from stores.scope import ScopedQuerySet


@dataclass(frozen=True)
class Coming:
    """An appointment that is still ahead; `booked_by` empty when the DMS sent it."""

    pk: int
    when: str
    car: str
    status: str
    label: str
    booked_by: str


def opened(now: datetime) -> ScopedQuerySet[Any]:
    """Customers with `consent_events`, `stage_moves` and `ahead`: three questions fewer."""
    ahead = Appointment.objects.filter(
        vehicle__customer=OuterRef("pk"), starts_at__gte=now, status__in=HOLDING
    ).order_by("starts_at")
    names = ("pk", "starts_at", "status", "vehicle_id", "booked_by__name")
    found: ScopedQuerySet[Any] = Customer.objects.annotate(
        consent_events=consent_events(), stage_moves=stage_moves(), ahead=along(ahead, *names)
    )
    return found.select_related("state", "advisor", "store", "merged_into")


def coming_of(rows: list[Mapping[str, Any]], cars: Mapping[int, str], zone: str) -> list[Coming]:
    """The appointments that came along as `ahead`; `cars` names the customer's."""
    return [
        Coming(
            pk=row["pk"],
            when=presentation.moment(datetime.fromisoformat(row["starts_at"]), zone),
            car=cars[row["vehicle_id"]],
            status=row["status"],
            label=str(AppointmentStatus(row["status"]).label),
            booked_by=row["booked_by__name"] or "",
        )
        for row in rows
    ]
