"""What forms about a customer show and carry: cars, the open tasks, the latest outcome."""

from datetime import datetime

from django.http import Http404

from alerts.choices import Reason
from alerts.models import Task
from alerts.selectors.outcomes import latest
from customers.choices import VehicleStatus
from customers.models import Appointment, Complaint, Customer, Vehicle
from customers.selectors.slots import HOLDING

MOST_CATEGORIES = 40


def cars_of(customer: Customer, *, is_active: bool = False) -> list[Vehicle]:
    """The customer's cars, those in use first; `is_active`: only those."""
    found = Vehicle.objects.filter(customer=customer).select_related("store", "customer__store")
    if is_active:
        found = found.filter(status=VehicleStatus.ACTIVE)
    cars = list(found.order_by("pk"))
    return sorted(cars, key=lambda car: car.status != VehicleStatus.ACTIVE)


def seen_of(customer: Customer) -> int:
    """The id of the latest outcome on the customer, 0 for none."""
    outcome = latest(customer.pk)
    return outcome.pk if outcome else 0


def task_ids(customer: Customer) -> str:
    """`3,17`: the customer's open tasks, whoever has them: an incoming contact is about all."""
    found = Task.objects.filter(customer=customer, closed_on__isnull=True).order_by("pk")
    return ",".join(str(pk) for pk in found.values_list("pk", flat=True))


def categories(customer: Customer) -> list[str]:
    """What complaints at the store were about, in the words in use; reasons by their labels."""
    found = Complaint.objects.filter(store=customer.store).exclude(category="").order_by()
    labels = {str(value): str(label) for value, label in Reason.choices}
    words = found.values_list("category", flat=True).distinct()[:MOST_CATEGORIES]
    return sorted({labels.get(word, word) for word in words})


def coming_appointment(pk: int, now: datetime) -> Appointment:
    """An appointment still ahead; raises Http404 for one that is not, or another store's."""
    found = Appointment.objects.filter(pk=pk, starts_at__gte=now, status__in=HOLDING)
    appointment: Appointment | None = found.select_related("vehicle", "store").first()
    if appointment is None:
        raise Http404
    return appointment
