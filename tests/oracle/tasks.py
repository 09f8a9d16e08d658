"""TASK-2 and the kinds' rules: the open tasks of a store's first run after a load."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from .due import days_overdue, due_of, is_booked
from .due import level as due_level
from .facts import Customer, Staff
from .known import Known, Snapshot
from .lost import is_lost
from .risk import calls_not_connected, has_low_survey
from .risk import level as risk_level

KIND_ORDER = ("critical", "complaint", "due_call", "risk_call", "overdue_30")
OBLIGATIONS = ("critical", "complaint")


@dataclass(frozen=True)
class Task:
    """An open task; `owner` None: any active person of the role in the store.

    `position` counts from 1 in the owner's list (TASK-2).
    """

    kind: str
    vin: str
    cycle_key: str | date
    owner: str | None
    group: int
    probability: Fraction
    profit: Fraction
    value: Fraction
    position: int = 0


def first_run(snapshot: Snapshot, store: str) -> list[Task]:
    """The tasks of the store's own vehicles, list after list, each in its order."""
    tasks = []
    for known in snapshot.vehicles:
        if known.vehicle.store == store and known.owner is not None and not known.is_gone:
            tasks += _tasks_of(snapshot, known, known.owner)
    return _in_order(snapshot, tasks)


def _tasks_of(snapshot: Snapshot, known: Known, customer: Customer) -> list[Task]:
    """Every kind that opens for one vehicle; DUE-6 vehicles get none."""
    cycles = _cycles(known)
    chance = probability(known)
    worth = profit(snapshot, known)
    return [
        Task(
            kind=kind,
            vin=known.vehicle.vin,
            cycle_key=cycle_key,
            owner=_owner(snapshot, known, customer, kind),
            group=0 if kind in OBLIGATIONS else 1,
            probability=chance,
            profit=worth,
            value=chance * worth,
        )
        for kind, cycle_key in cycles
    ]


def _cycles(known: Known) -> list[tuple[str, str | date]]:
    """What opens, with its cycle key; at most one of a kind."""
    found: list[tuple[str, str | date]] = []
    lost = is_lost(known)
    if has_low_survey(known) and not lost and known.last_survey is not None:
        found.append(("critical", known.last_survey.work_order_no))
    open_complaint = _oldest_open_complaint(known)
    if open_complaint is not None:
        found.append(("complaint", open_complaint))
    due = due_of(known)
    wants_call = due is not None and not lost and not is_booked(known)
    if due is not None and wants_call and due_level(known) != "none":
        found.append(("due_call", due.base_on))
    is_here = bool(known.visits) and known.visits[-1].on == known.as_of
    if risk_level(known) == "high" and not lost and not is_here:
        found.append(("risk_call", known.as_of))
    long_overdue = days_overdue(known) >= known.settings.tasks.overdue_30_days
    if due is not None and wants_call and long_overdue and not found:
        found.append(("overdue_30", due.base_on))
    return found


def _oldest_open_complaint(known: Known) -> str | None:
    """At most one open task for a vehicle and kind: the complaint that waits longest."""
    unresolved = [
        complaint
        for complaint in known.complaints
        if complaint.resolved_at is None or known.day(complaint.resolved_at) > known.as_of
    ]
    if not unresolved:
        return None
    return min(unresolved, key=lambda complaint: complaint.opened_at).external_id


def _owner(snapshot: Snapshot, known: Known, customer: Customer, kind: str) -> str | None:
    """TASK-5: the manager for obligations, else the customer's advisor when active."""
    if kind in OBLIGATIONS:
        managers = _active(snapshot, known.vehicle.store, "manager")
        return managers[0].code if len(managers) == 1 else None
    advisor = snapshot.world.staff_by_code.get(customer.advisor or "")
    return advisor.code if advisor is not None and advisor.active else None


def _active(snapshot: Snapshot, store: str, role: str) -> list[Staff]:
    return [
        person
        for person in snapshot.world.staff
        if person.role == role and person.active and store in person.stores
    ]


def probability(known: Known) -> Fraction:
    """TASK-2: by level and days overdue, x 0.8 per attempt that failed."""
    settings = known.settings.tasks
    overdue = days_overdue(known)
    by_level = {"yellow": settings.yellow, "orange": settings.orange}
    if overdue >= settings.long_overdue_from_days:
        chance = settings.long_overdue
    elif overdue > 0:
        chance = settings.overdue
    else:
        chance = by_level.get(due_level(known), settings.not_due)
    failed = calls_not_connected(known) if settings.count_earlier_calls else 0
    return chance * settings.per_failed_attempt**failed


def profit(snapshot: Snapshot, known: Known) -> Fraction:
    """TASK-2: the vehicle's own mean, else the median of its powertrain in the store, else 0."""
    own = own_profit(known)
    if own is not None:
        return own
    peers = [
        own_profit(other)
        for other in snapshot.vehicles
        if other.vehicle.store == known.vehicle.store
        and other.vehicle.powertrain == known.vehicle.powertrain
    ]
    return median([mean for mean in peers if mean is not None])


def own_profit(known: Known) -> Fraction | None:
    """Mean margin of the last 3 paid maintenance visits."""
    settings = known.settings.tasks
    paid = [visit for visit in known.visits if visit.is_maintenance and visit.amount > 0]
    margins = [visit.margin(settings.margin) for visit in paid[-settings.profit_visits :]]
    return sum(margins, Fraction(0)) / len(margins) if margins else None


def median(values: list[Fraction]) -> Fraction:
    """The middle one, or the mean of the two middle ones; 0 of nothing."""
    if not values:
        return Fraction(0)
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def _in_order(snapshot: Snapshot, tasks: list[Task]) -> list[Task]:
    """Each list: group 0 (all due today), then group 1 by value; ties by vehicle, then kind."""
    row = {vehicle.vin: index for index, vehicle in enumerate(snapshot.world.vehicles)}

    def key(task: Task) -> tuple[str, int, Fraction, int, int]:
        value = -task.value if task.group else Fraction(0)
        kind = KIND_ORDER.index(task.kind)
        return (_list_of(task), task.group, value, row[task.vin], kind)

    positions: dict[str, int] = {}
    ordered = []
    for task in sorted(tasks, key=key):
        position = positions.get(_list_of(task), 0) + 1
        positions[_list_of(task)] = position
        ordered.append(replace(task, position=position))
    return ordered


def _list_of(task: Task) -> str:
    """Whose list; the unnamed manager's and the unnamed advisor's are two."""
    if task.owner is not None:
        return task.owner
    return " manager" if task.kind in OBLIGATIONS else " advisor"
