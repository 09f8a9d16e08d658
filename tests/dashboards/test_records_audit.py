"""What is entered for oneself or called off leaves a line in the audit log (R40)."""

import datetime

import pytest
from django.utils import timezone

from alerts.models import Task
from stores.choices import AuditAction
from stores.models import AuditEntry
from stores.scope import all_stores
from tests import factories
from tests.dashboards.lists import car, computed_day, customer


@pytest.fixture
def vehicle(north, ben):
    computed_day(north)
    return car(customer(north, "Wang Wei", advisor=ben))


def _entries(thing: str, thing_id: int) -> list[str]:
    found = AuditEntry.objects.filter(thing=thing, thing_id=thing_id).order_by("pk")
    assert {entry.actor.name for entry in found} == {"Ben"}
    assert not any(entry.detail for entry in found)
    return [entry.action for entry in found]


def test_own_reminder_leaves_a_line_when_it_is_set_changed_and_taken_off(vehicle, ben, client):
    client.force_login(ben)
    address = f"/customers/{vehicle.customer_id}/reminder/"
    bound = client.get(address).context["form"]
    form = {field.html_name: field.value() or "" for field in bound}
    day = timezone.localdate() + datetime.timedelta(days=1)
    form |= {"vehicle": vehicle.pk, "on": day.isoformat(), "text": "Ask for the winter tyres"}
    for _ in range(2):  # a double click is one reminder
        assert client.post(address, form).status_code == 302
    with all_stores():
        task = Task.objects.get(kind="reminder")
    assert client.post(f"/reminders/{task.pk}/", form).status_code == 302
    assert client.post(f"/reminders/{task.pk}/delete/").status_code == 302
    assert _entries("task", task.pk) == [
        AuditAction.REMINDER_SET,
        AuditAction.REMINDER_CHANGED,
        AuditAction.REMINDER_REMOVED,
    ]


def test_appointment_called_off_leaves_one_line(vehicle, ben, client):
    client.force_login(ben)
    day = timezone.localdate() + datetime.timedelta(days=30)
    appointment = factories.AppointmentFactory(vehicle=vehicle, starts_on=day)
    statuses = [client.post(f"/appointments/{appointment.pk}/cancel/").status_code for _ in "ab"]
    assert statuses == [302, 404]
    assert _entries("appointment", appointment.pk) == [AuditAction.APPOINTMENT_CANCELLED]


def test_log_names_the_appointment(north, ben, ada, client):
    factories.AuditEntryFactory(
        actor=ben,
        store=north,
        action=AuditAction.APPOINTMENT_CANCELLED,
        thing="appointment",
        thing_id=4711,
    )
    client.force_login(ada)
    assert "appointment no. 4711" in client.get("/audit/").content.decode()
