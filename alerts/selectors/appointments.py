"""Which appointment a confirmation is about: its cycle key is `<appointment>:<date>`."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Case, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Cast, StrIndex, Substr

from alerts.choices import TaskKind
from alerts.models import Task
from customers.models import Appointment
from stores.scope import ScopedQuerySet


def with_appointments(tasks: ScopedQuerySet[Task]) -> ScopedQuerySet[Task]:
    """Tasks with `starts_at`, the appointment's time of a confirmation, null of all others."""
    number = Substr("cycle_key", 1, StrIndex(F("cycle_key"), Value(":")) - 1)
    of_task = Case(
        When(kind=TaskKind.BOOKING_CONFIRM, then=Cast(number, BigIntegerField())),
        output_field=BigIntegerField(),
    )
    numbered: ScopedQuerySet[Task] = tasks.annotate(appointment_id=of_task)
    starts = Appointment.objects.filter(pk=OuterRef("appointment_id")).values("starts_at")
    return numbered.annotate(starts_at=Subquery(starts))


def set_starts(tasks: Sequence[Any]) -> None:
    """Gives a few tasks their `starts_at`, as `with_appointments`; a query when one confirms."""
    ids = {task.about_id for task in tasks if task.kind == TaskKind.BOOKING_CONFIRM}
    found = Appointment.objects.filter(pk__in=ids).values_list("pk", "starts_at") if ids else ()
    starts = dict(found)
    for task in tasks:
        is_one = task.kind == TaskKind.BOOKING_CONFIRM
        task.starts_at = starts.get(task.about_id) if is_one else None


def appointment_starts(wanted: Iterable[dict[str, Any]]) -> dict[str, datetime]:
    """{cycle key: the appointment's time} of rows of confirmations; one query."""
    keys = [row["cycle_key"] for row in wanted if row["kind"] == TaskKind.BOOKING_CONFIRM]
    ids = {key: int(key.partition(":")[0]) for key in keys}
    found = Appointment.objects.filter(pk__in=ids.values()).values_list("pk", "starts_at")
    starts = dict(found)
    return {key: starts[pk] for key, pk in ids.items() if pk in starts}
