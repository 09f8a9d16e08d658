"""Rows of a store's computed day, as short as a test wants to say it."""

import datetime
from typing import Any

from django.utils import timezone

from alerts.models import Task
from alerts.policies import TaskPolicy
from common.models import Heartbeat
from customers.models import Customer, DirtyVehicle, Vehicle
from lifecycle.models import VehicleState
from lifecycle.policies import PlanPolicy, SegmentPolicy, WarningPolicy
from pipeline.choices import Beat, JobKind, JobState
from pipeline.models import JobRun, StoreDay
from stores.models import PolicySet, Staff, Store
from stores.policies import in_force
from tests import factories

TODAY = factories.TODAY


def days_ago(days: int) -> datetime.date:
    return TODAY - datetime.timedelta(days=days)


def computed_day(store: Store, **task_values: Any) -> StoreDay:
    """The store's day with the shipped settings, but for these of the task queue."""
    kinds = (PlanPolicy, WarningPolicy, SegmentPolicy, TaskPolicy)
    values = in_force(kinds, {"task": task_values}, {})
    policy_set = factories.PolicySetFactory(store=store, values=values)
    return factories.StoreDayFactory(store=store, policy_set=policy_set)


def jobs_run(day: StoreDay) -> None:
    """The night's run has ended, and the sweeper has just come by."""
    now = timezone.now()
    Heartbeat.objects.update_or_create(name=Beat.SWEEPER, defaults={"beat_at": now})
    JobRun.objects.filter(pk=day.run_id).update(
        kind=JobKind.DAY, state=JobState.DONE, finished_at=now
    )
    DirtyVehicle.objects.all().delete()


def customer(store: Store, name: str, *, advisor: Staff | None = None, **fields: Any) -> Customer:
    one = factories.CustomerFactory(store=store, name=name, advisor=advisor, **fields)
    policy_set = PolicySet.objects.filter(store=store).first()
    factories.CustomerStateFactory(
        customer=one, policy_set=policy_set or factories.PolicySetFactory(store=store)
    )
    return one


def car(owner: Customer, *, state: dict[str, Any] | None = None, **fields: Any) -> Vehicle:
    """A car with its rollup and state; `state` may also hold columns of the rollup."""
    vehicle = factories.VehicleFactory(customer=owner, **fields)
    factories.OwnershipFactory(vehicle=vehicle)
    facts = dict(state or {})
    rollup_names = {field.name for field in factories.VehicleRollupFactory._meta.model._meta.fields}
    state_names = {field.name for field in factories.VehicleStateFactory._meta.model._meta.fields}
    of_rollup = {key: facts[key] for key in facts.keys() & (rollup_names - state_names)}
    of_state = {key: facts[key] for key in facts.keys() & state_names}
    policy_set = PolicySet.objects.filter(store=owner.store).first()
    factories.VehicleRollupFactory(vehicle=vehicle, **of_rollup)
    factories.VehicleStateFactory(
        vehicle=vehicle,
        policy_set=policy_set or factories.PolicySetFactory(store=owner.store),
        **of_state,
    )
    return vehicle


def warned_car(owner: Customer, *, state: dict[str, Any] | None = None) -> Vehicle:
    """A car whose state has its warning, as after a night."""
    vehicle = car(owner, state=state)
    found = VehicleState.objects.get(vehicle=vehicle)
    if found.level != "none" and not found.is_gone:
        factories.WarningFactory(vehicle=vehicle, level=found.level)
    return vehicle


def task(vehicle: Vehicle, owner: Staff | None, **fields: Any) -> Task:
    """An open task; `value` is the expected value, of profit 1,000 a tenth of a percent each."""
    value = fields.pop("value", 300)
    policy_set = PolicySet.objects.filter(store=vehicle.store).first()
    return factories.TaskFactory(
        vehicle=vehicle,
        owner=owner,
        profit_amount=1000,
        probability=value / 1000,
        value_amount=value,
        policy_set=policy_set,
        **fields,
    )
