"""TASK-2, TASK-6 and the kinds' rules: the open tasks of a store's first run after a load."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from .due import days_overdue, due_of, is_booked
from .due import level as due_level
from .exact import add_days
from .facts import Customer, Staff
from .known import Known, Snapshot
from .lost import is_lost
from .risk import calls_not_connected, has_low_survey
from .risk import level as risk_level

KIND_ORDER = (
    *("due_call", "risk_call", "critical", "complaint", "overdue_30"),
    *("second_visit_48h", "second_visit_7d", "second_visit_14d", "second_visit_3d"),
    "booking_confirm",
)
OF_THE_MANAGER = ("critical", "complaint")


@dataclass(frozen=True)
class Opening:
    """What opens for a car; a duty ends with the day `deadline_on`, None: no duty."""

    kind: str
    cycle_key: str | date
    due_on: date
    deadline_on: date | None = None


@dataclass(frozen=True)
class Task:
    """An open task; `owner` None: any active person of the role in the store.

    `position` counts from 1 in the owner's list (TASK-2); 0: due later, so not on it yet.
    """

    kind: str
    vin: str
    cycle_key: str | date
    owner: str | None
    group: int
    probability: Fraction
    profit: Fraction
    value: Fraction
    due_on: date
    deadline_on: date | None
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
    chance = probability(known)
    worth = profit(snapshot, known)
    return [
        Task(
            kind=opening.kind,
            vin=known.vehicle.vin,
            cycle_key=opening.cycle_key,
            owner=_owner(snapshot, known, customer, opening.kind),
            group=1 if opening.deadline_on is None else 0,
            probability=chance,
            profit=worth,
            value=chance * worth,
            due_on=opening.due_on,
            deadline_on=opening.deadline_on,
        )
        for opening in _openings(known)
    ]


def _openings(known: Known) -> list[Opening]:
    """What opens, at most one of a kind."""
    today, lost = known.as_of, is_lost(known)
    found: list[Opening] = []
    if has_low_survey(known) and not lost and known.last_survey is not None:
        found.append(Opening("critical", known.last_survey.work_order_no, today, today))
    open_complaint = _oldest_open_complaint(known)
    if open_complaint is not None:
        found.append(Opening("complaint", open_complaint, today, today))
    due = due_of(known)
    wants_call = due is not None and not lost and not is_booked(known)
    if due is not None and wants_call and due_level(known) != "none":
        found.append(Opening("due_call", due.base_on, today))
    is_high = risk_level(known) == "high" and not lost
    if is_high and not _is_here(known) and not _was_phoned_today(known):
        found.append(Opening("risk_call", today, today))
    appointment = _appointment_to_confirm(known)
    if appointment is not None:
        found.append(Opening("booking_confirm", appointment, today, today))
    found += _lane(known)
    long_overdue = days_overdue(known) >= known.settings.tasks.overdue_30_days
    if due is not None and wants_call and long_overdue and not found:
        found.append(Opening("overdue_30", due.base_on, today))
    return found


def _is_here(known: Known) -> bool:
    """In the workshop today."""
    return bool(known.visits) and known.visits[-1].on == known.as_of


def _was_phoned_today(known: Known) -> bool:
    """RISK-2: one attempt, connected or not, fulfils the duty of the day."""
    return any(
        contact.channel == "phone"
        and contact.direction == "out"
        and known.world.contact_on(contact) == known.as_of
        for contact in known.contacts
    )


def _appointment_to_confirm(known: Known) -> str | None:
    """The first one of today and tomorrow, not if it was made the day before it or later."""
    if _is_here(known):
        return None
    near = [
        row
        for row in known.appointments
        if row.status == "confirmed"
        and known.as_of <= row.starts_on <= add_days(known.as_of, 1)
        and (row.created_on is None or row.created_on < add_days(row.starts_on, -1))
    ]
    return min(near, key=lambda row: row.starts_at).external_id if near else None


def _lane(known: Known) -> list[Opening]:
    """TASK-6: the steps after the first service of the present owner, until the car comes again."""
    base = _first_service_on(known)
    due = due_of(known)
    if base is None or due is None or is_lost(known):
        return []
    settings, today = known.settings.tasks, known.as_of
    found = []
    days, days_left = (today - base).days, (due.on - today).days
    if days <= settings.lane_call_days:
        due_on = max(today, add_days(base, 1))
        deadline_on = add_days(base, settings.lane_call_days)
        found.append(Opening("second_visit_48h", base, due_on, deadline_on))
    if settings.lane_care_days <= days <= 2 * settings.lane_care_days:
        found.append(Opening("second_visit_7d", base, today))
    if days > 0 and 0 <= days_left <= settings.lane_booking_days and not is_booked(known):
        found.append(Opening("second_visit_14d", base, today))
    if days > 0 and 0 <= days_left <= settings.lane_confirm_days and not _comes_now(known):
        found.append(Opening("second_visit_3d", base, today))
    return found


def _first_service_on(known: Known) -> date | None:
    """The only maintenance visit, when it was the last visit and the present owner's."""
    services = [visit.on for visit in known.visits if visit.is_maintenance]
    if len(services) != 1 or known.visits[-1].on != services[0]:
        return None
    owner = known.world.owner_on(known.vehicle, services[0])
    return services[0] if owner is not None and owner == known.owner else None


def _comes_now(known: Known) -> bool:
    """A confirmed appointment today or tomorrow: the confirmation sees to it."""
    return any(
        row.status == "confirmed" and known.as_of <= row.starts_on <= add_days(known.as_of, 1)
        for row in known.appointments
    )


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
    """TASK-5: the manager for some kinds, else the customer's advisor when active."""
    if kind in OF_THE_MANAGER:
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
    """Each list: group 0 by deadline, then group 1 by value; ties by vehicle, then kind."""
    row = {vehicle.vin: index for index, vehicle in enumerate(snapshot.world.vehicles)}

    def key(task: Task) -> tuple[str, int, date, Fraction, int, int]:
        value = -task.value if task.group else Fraction(0)
        kind = KIND_ORDER.index(task.kind)
        deadline_on = task.deadline_on or date.max
        return (_list_of(task), task.group, deadline_on, value, row[task.vin], kind)

    positions: dict[str, int] = {}
    ordered = []
    for task in sorted(tasks, key=key):
        if task.due_on <= snapshot.as_of:
            positions[_list_of(task)] = positions.get(_list_of(task), 0) + 1
            task = replace(task, position=positions[_list_of(task)])
        ordered.append(task)
    return ordered


def _list_of(task: Task) -> str:
    """Whose list; the unnamed manager's and the unnamed advisor's are two."""
    if task.owner is not None:
        return task.owner
    return " manager" if task.kind in OF_THE_MANAGER else " advisor"
