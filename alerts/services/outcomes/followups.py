"""The task an outcome leads to: the next try, the promised call, the data to be put right."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from alerts.choices import NOT_CONNECTED, Proposal, Reason, Result, TaskKind
from alerts.models import Outcome, Task
from alerts.rules.outcomes import CHAIN, next_channel
from alerts.services.outcomes.changes import Changes
from alerts.services.outcomes.entry import Desk
from common.dates import local_date
from customers.choices import Channel
from customers.models import Vehicle
from stores.models import PolicySet

_FOUR_PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class Wanted:
    """A follow-up as it should be; `source` is the task whose place it takes, if any."""

    kind: TaskKind
    car: Vehicle
    source: Task | None
    due_on: date
    deadline_at: datetime | None = None
    factor: Decimal = Decimal(1)
    attempts: int = 0
    channel: str = str(Channel.PHONE)
    proposal: str = ""
    is_promise: bool = False


def follow_up(desk: Desk, outcome: Outcome, changes: Changes) -> Task | None:
    """The task that `outcome` leads to, to be saved after those whose place it takes.

    The open one of its kind and car is brought up to date instead, and None returned.
    """
    wanted = _wanted(desk)
    if wanted is None or desk.policy_set is None:
        return None
    known = _open_one(desk, wanted)
    if known is not None:
        _fill(changes.watch(known), desk, wanted, desk.policy_set)
        return None
    task = Task(
        store_id=wanted.car.store_id,
        customer=desk.customer,
        vehicle=wanted.car,
        kind=wanted.kind,
        # Of this contact: another one leads to another task.
        cycle_key=str(outcome.pk),
        opened_on=desk.on,
        opened_at=desk.now,
        opened_by=outcome,
    )
    _fill(task, desk, wanted, desk.policy_set)
    return task


def _open_one(desk: Desk, wanted: Wanted) -> Task | None:
    found = (
        task
        for task in (*desk.tasks, *desk.beside)
        if task.vehicle_id == wanted.car.pk and task.kind == wanted.kind and not task.closed_on
    )
    return next(found, None)


def _wanted(desk: Desk) -> Wanted | None:
    result = desk.entry.result
    if result in NOT_CONNECTED:
        return _retry(desk)
    if result == Result.CALLBACK:
        return _callback(desk)
    if result == Result.WRONG_NUMBER and desk.first_car is not None:
        return _correction(desk, desk.first_car, Proposal.PHONE)
    if result == Result.VEHICLE_GONE and desk.named_car is not None:
        is_sold = desk.entry.reason == Reason.SOLD
        return _correction(desk, desk.named_car, Proposal.SOLD if is_sold else Proposal.MOVED)
    return None


def _retry(desk: Desk) -> Wanted | None:
    """Again after a few days; none when the card held nothing that asks for another call."""
    tried = [task for task in desk.tasks if task.kind in CHAIN]
    if desk.entry.task_ids and not tried:
        return None
    car = tried[0].vehicle if tried else desk.first_car
    if car is None:
        return None
    # Those on the card have been counted up already.
    counts = [task.attempts - 1 for task in tried if task.kind == TaskKind.RETRY]
    waiting = (task for task in desk.beside if task.vehicle_id == car.pk)
    counts += [task.attempts for task in waiting if task.kind == TaskKind.RETRY]
    before = max(counts, default=0)
    return Wanted(
        kind=TaskKind.RETRY,
        car=car,
        source=next(iter(tried), None),
        due_on=desk.on + timedelta(days=desk.policy.retry_days),
        factor=Decimal(str(desk.policy.attempt_factor)),
        attempts=before + 1,
        channel=next_channel(before + 1, desk.policy.retry_times),
    )


def _callback(desk: Desk) -> Wanted | None:
    car, at = desk.about or desk.first_car, desk.entry.callback_at
    if car is None or at is None:
        return None
    return Wanted(
        kind=TaskKind.CALLBACK,
        car=car,
        source=next(iter(desk.shown), None),
        due_on=local_date(at, desk.store.timezone),
        deadline_at=at,
        is_promise=True,
    )


def _correction(desk: Desk, car: Vehicle, proposal: Proposal) -> Wanted:
    source = next(iter(desk.shown), None)
    return Wanted(TaskKind.CORRECT_DATA, car, source, due_on=desk.on, proposal=str(proposal))


def _fill(task: Task, desk: Desk, wanted: Wanted, policy_set: PolicySet) -> None:
    source = wanted.source
    task.due_on, task.deadline_at = wanted.due_on, wanted.deadline_at
    task.priority_group = 0 if wanted.deadline_at else 1
    task.attempts, task.channel = wanted.attempts, wanted.channel
    task.proposal, task.note = wanted.proposal, desk.entry.note
    task.policy_set = policy_set
    if source is not None and wanted.kind != TaskKind.CORRECT_DATA:
        task.probability = (source.probability * wanted.factor).quantize(_FOUR_PLACES)
        task.profit_amount = source.profit_amount
        task.value_amount = (source.value_amount * wanted.factor).quantize(_FOUR_PLACES)
    _give(task, desk, wanted)


def _give(task: Task, desk: Desk, wanted: Wanted) -> None:
    """To whoever promised; else to whoever has the card, whom the rule may change (TASK-5)."""
    source = wanted.source
    if wanted.is_promise or source is None or source.owner_id is None:
        task.owner = task.assigned_to = desk.by
        task.stands_in_for = None
        return
    task.owner_id, task.assigned_to_id = source.owner_id, source.assigned_to_id
    task.stands_in_for_id = source.stands_in_for_id
