"""Real customers on whom a script is tried before it is used (CAD-10)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from alerts.choices import Proposal, TaskKind
from alerts.models import Task
from alerts.rules.templates import Part, fill
from alerts.selectors.scripts import Wording
from alerts.services.scripts import Case
from customers.models import Appointment, Complaint, Vehicle, Visit
from customers.selectors.slots import free_slots
from dashboards.selectors.days import Day
from dashboards.selectors.saying import Giving, giving_of
from dashboards.selectors.saying_facts import Known, facts_of
from lifecycle.choices import Level
from stores.models import Staff

SHOWN = 3
_LOOKED_AT = 12


@dataclass(frozen=True)
class Sample:
    """A script as one customer would hear it."""

    name: str
    car: str
    known: int
    parts: list[Part]
    giving: Giving


def samples(words: Wording, case: Case, day: Day, speaker: Staff, *, now: datetime) -> list[Sample]:
    """The words filled for three customers: one well known, one little known, one between."""
    people = known_people(case, day, speaker, now)
    with_facts = [(known, facts_of(known, case.language)) for known in people]
    policy = day.task_policy
    return [
        Sample(
            known.customer.name,
            known.vehicle.model,
            len(facts),
            fill(words.text, facts) or [],
            giving_of(words, known, case.kind, policy),
        )
        for known, facts in _spread(with_facts)
    ]


def _spread(people: list[tuple[Known, dict[str, str]]]) -> list[tuple[Known, dict[str, str]]]:
    ranked = sorted(people, key=lambda pair: -len(pair[1]))
    if len(ranked) <= SHOWN:
        return ranked
    return [ranked[0], ranked[len(ranked) // 2], ranked[-1]]


def known_people(case: Case, day: Day, speaker: Staff, now: datetime) -> list[Known]:
    """Customers with such a task, else others of the store the words fit; six queries."""
    slots = [slot.starts_at for slot in free_slots(day.store, now=now, count=2)]
    found = [
        Known(
            customer=vehicle.customer,
            vehicle=vehicle,
            store=day.store,
            as_of=day.as_of,
            speaker=speaker,
            task=task,
            state=getattr(vehicle, "state", None),
            rollup=getattr(vehicle, "rollup", None),
            slots=slots,
        )
        for vehicle, task in _cars(case, day)
    ]
    return _with_rows(found, case.kind)


def _cars(case: Case, day: Day) -> list[tuple[Any, Any]]:
    """(car, task or None) of different customers, those with a task first."""
    related = ("customer__state", "customer__advisor", "state", "rollup")
    tasks = Task.objects.filter(
        _fitting(case, "vehicle__"), store=day.store, kind=case.kind, closed_on__isnull=True
    )
    if case.kind == TaskKind.CORRECT_DATA and case.level in Proposal.values:
        tasks = tasks.filter(proposal=case.level)
    tasks = tasks.select_related(*(f"vehicle__{name}" for name in related)).order_by("-pk")
    found: dict[int, tuple[Any, Any]] = {}
    for task in tasks[:_LOOKED_AT]:
        found.setdefault(task.vehicle.customer_id, (task.vehicle, task))
    if len(found) < SHOWN:
        cars = Vehicle.objects.filter(
            _fitting(case, ""),
            store=day.store,
            status="active",
            customer__erased_on__isnull=True,
            customer__merged_into__isnull=True,
        )
        for vehicle in cars.select_related(*related).order_by("-pk")[:_LOOKED_AT]:
            found.setdefault(vehicle.customer_id, (vehicle, None))
    return list(found.values())


def _fitting(case: Case, path: str) -> Q:
    """Cars of the due level and customers of the value that the words are for."""
    fits = Q(**{f"{path}customer__state__value_tier": case.tier}) if case.tier else Q()
    return fits & Q(**{f"{path}state__level": case.level}) if case.level in Level.values else fits


def _with_rows(people: Sequence[Known], kind: str) -> list[Known]:
    """Each with the visits, and with what the task is about."""
    visits: dict[int, list[Visit]] = {}
    rows = Visit.objects.filter(customer__in=[known.customer for known in people], is_counted=True)
    for visit in rows.exclude(status="void").select_related("survey").order_by("-arrived_at"):
        visits.setdefault(visit.customer_id or 0, []).append(visit)
    about = _about(people, kind)
    return [
        replace(known, visits=visits.get(known.customer.pk, ()), **about.get(_number(known), {}))
        for known in people
    ]


def _number(known: Known) -> int:
    """The row the task is about; 0 when it is about none."""
    return known.task.about_id if known.task else 0


def _about(people: Iterable[Known], kind: str) -> dict[int, dict[str, Any]]:
    numbers = [_number(known) for known in people]
    if kind == TaskKind.COMPLAINT:
        return {row.pk: {"complaint": row} for row in Complaint.objects.filter(pk__in=numbers)}
    if kind == TaskKind.BOOKING_CONFIRM:
        return {row.pk: {"appointment": row} for row in Appointment.objects.filter(pk__in=numbers)}
    return {}
