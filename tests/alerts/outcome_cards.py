"""Cards to record outcomes on, as short as a test wants to say it."""

import datetime
import uuid
from typing import Any

from django.db import connection

from alerts.models import Outcome, OutcomeTask, Task
from alerts.services.outcomes import Entry, record
from customers.models import Appointment, Customer, DirtyVehicle, Vehicle
from stores.models import Staff
from tests import factories
from tests.dashboards import lists
from tests.factories import TODAY, at

NOW = at(TODAY, 10, 42)
TOMORROW = TODAY + datetime.timedelta(days=1)
IN_THREE_DAYS = TODAY + datetime.timedelta(days=3)
# What each result needs besides itself.
NEEDS: dict[str, dict[str, Any]] = {
    "booked": {"slot": at(IN_THREE_DAYS, 9)},
    "callback": {"callback_at": at(TOMORROW, 15)},
    "refused": {"reason": "price"},
    "vehicle_gone": {"reason": "sold"},
    "settled": {"note": "Washed the car, apologised."},
}


def card(
    customer: Customer, *kinds: str, owner: Staff | None, car: Vehicle | None = None, **fields: Any
) -> list[Task]:
    """Open tasks of these kinds on one car of the customer."""
    car = car or customer.vehicles.first() or lists.car(customer)
    return [lists.task(car, owner, kind=kind, **fields) for kind in kinds]


def confirmation(customer: Customer, owner: Staff) -> tuple[Appointment, Task]:
    """Tomorrow's appointment of the customer's car, and the task to confirm it."""
    car = customer.vehicles.get()
    appointment = factories.AppointmentFactory(
        vehicle=car, starts_on=TOMORROW, created_on=TODAY - datetime.timedelta(days=9)
    )
    key = f"{appointment.pk}:{TOMORROW}"
    (task,) = card(customer, "booking_confirm", owner=owner, cycle_key=key, priority_group=0)
    return appointment, task


def entry(customer: Customer, result: str, tasks: list[Task] | None = None, **fields: Any) -> Entry:
    """An entry on all open tasks of the customer, with what the result needs."""
    if tasks is None:
        tasks = list(Task.objects.filter(customer=customer, closed_on__isnull=True))
    seen = Outcome.objects.filter(customer=customer, undone_at__isnull=True).order_by("-pk").first()
    values = {
        "key": uuid.uuid4(),
        "customer_id": customer.pk,
        "seen": seen.pk if seen else 0,
        "task_ids": tuple(task.pk for task in tasks),
        "result": result,
    }
    return Entry(**{**values, **NEEDS.get(result, {}), **fields})


def recorded(
    customer: Customer,
    result: str,
    by: Staff,
    *,
    now: datetime.datetime = NOW,
    tasks: list[Task] | None = None,
    **fields: Any,
) -> Outcome:
    return record(entry(customer, result, tasks, **fields), by=by, now=now)


def fresh(task: Task) -> Task:
    return Task.objects.get(pk=task.pk)


def led_to(outcome: Outcome) -> Task:
    """The one task an outcome led to."""
    return Task.objects.get(opened_by=outcome)


def touched(outcome: Outcome) -> set[str]:
    """Kinds of the tasks an outcome noted something on."""
    rows = OutcomeTask.objects.filter(outcome=outcome)
    return set(rows.values_list("task__kind", flat=True))


TABLES = (
    "alerts_task",
    "customers_contact",
    "customers_appointment",
    "customers_appointmentchange",
    "customers_consentevent",
    "customers_customer",
    "customers_vehicle",
    "customers_complaint",
)


def all_rows() -> dict[str, list[str]]:
    """Every row of the tables an outcome writes, as PostgreSQL writes it."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY id")  # noqa: S608
            found[table] = [row[0] for row in cursor.fetchall()]
    return found


def marked() -> set[int]:
    """Cars that wait to be settled."""
    return set(DirtyVehicle.objects.values_list("vehicle_id", flat=True))
