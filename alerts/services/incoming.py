"""Contacts a customer began: recorded like any outcome, and what else such a contact may say."""

from datetime import datetime

from django.db import transaction

from alerts.models import Outcome
from alerts.services.outcomes import Entry, record
from alerts.services.outcomes.entry import lock_customer
from customers.choices import Channel
from customers.models import Appointment
from customers.selectors.slots import HOLDING
from customers.services import appointments, dirty
from customers.services.consent import withdraw
from stores.choices import AuditAction
from stores.models import Staff
from stores.services import audit


@transaction.atomic
def note(entry: Entry, *, no_letters: bool, by: Staff, now: datetime) -> Outcome:
    """Records the contact; with `no_letters` WeChat is refused from now on, until it is undone.

    Raises what alerts.services.outcomes.record raises.
    """
    outcome = record(entry, by=by, now=now)
    # Once, however often it is sent; beside a refusal of calls, which the outcome keeps itself.
    if no_letters and "letters" not in outcome.before:
        event = withdraw(outcome.customer, Channel.WECHAT, by=by, at=now)
        outcome.before = {**outcome.before, "letters": event.pk}
        outcome.save(update_fields=["before"])
    return outcome


@transaction.atomic
def call_off(appointment: Appointment, *, by: Staff, now: datetime) -> None:
    """The customer does not come: the appointment is off, once; the caller settles the car.

    Locked as an outcome locks: the customer before anything else.
    """
    lock_customer(appointment.vehicle.customer_id)
    held = Appointment.objects.filter(pk=appointment.pk, status__in=HOLDING)
    if appointments.cancel(held.select_for_update(no_key=True), store=appointment.store, now=now):
        dirty.mark([appointment.vehicle_id])
        audit.about(appointment, AuditAction.APPOINTMENT_CANCELLED, by=by)
