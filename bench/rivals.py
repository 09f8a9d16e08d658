"""What one would write first: loops over objects that compute only the due date and its level.

They are let off lightly: no risk, tags, loss, phase or policy, the plan in a dict, one transaction.
Both are measured on a sample inside a transaction that is rolled back, and counted per car.
"""

import time
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Prefetch

from customers.models import Vehicle, Visit
from lifecycle.models import VehicleState

SAMPLE = 2_000
PLANS = {"ICE": (182, 5000), "PHEV": (365, 10_000), "BEV": (365, 10_000)}


def due(vehicle: Vehicle, visits: list[Visit], on: date) -> tuple[date, str, str]:
    """Due date, its basis and level out of the visits, newest last."""
    days, km = PLANS[vehicle.powertrain]
    serviced = [v for v in visits if v.kind == "maintenance"]
    base_on = serviced[-1].arrived_on if serviced else vehicle.delivered_on
    base_km = serviced[-1].odometer_km if serviced else 0
    recent = [v for v in visits if v.arrived_on > on - timedelta(days=730)]
    span = (recent[-1].arrived_on - recent[0].arrived_on).days if recent else 0
    driven = recent[-1].odometer_km - recent[0].odometer_km if recent else 0
    daily = min(max((driven + 60 * 50) / (span + 60), 1), 500)
    by_time = base_on + timedelta(days=days)
    by_km = base_on + timedelta(days=int((base_km + km - base_km) / daily))
    due_on = min(by_time, by_km)
    left = (due_on - on).days
    level = "red" if left < 0 else "orange" if left <= 15 else "yellow" if left <= 30 else "none"
    return due_on, "time" if by_time <= by_km else "mileage", level


def _state(vehicle: Vehicle, visits: list[Visit], on: date, policy_set_id: int) -> VehicleState:
    due_on, basis, level = due(vehicle, visits, on)
    return VehicleState(
        vehicle=vehicle, store_id=vehicle.store_id, customer_id=vehicle.customer_id,
        policy_set_id=policy_set_id, due_on=due_on, due_basis=basis, level=level, daily_km=50,
        score=100, risk_level="low",
    )  # fmt: skip


def prefetching(on: date, sample: int) -> float:
    """Seconds a car: prefetch the visits, build the rows, bulk_create what differs or not."""
    ids, policy_set_id = _sample(sample)
    names = ["due_on", "due_basis", "level"]
    with transaction.atomic():
        began = time.perf_counter()
        visits = Prefetch("visits", Visit.objects.order_by("arrived_at"), to_attr="history")
        cars = Vehicle.objects.filter(pk__in=ids).prefetch_related(visits)
        VehicleState.objects.bulk_create(
            [_state(car, car.history, on, policy_set_id) for car in cars],
            batch_size=2_000,
            update_conflicts=True,
            unique_fields=["vehicle"],
            update_fields=names,
        )
        seconds = time.perf_counter() - began
        transaction.set_rollback(True)
    return seconds / len(ids)


def one_by_one(on: date, sample: int) -> float:
    """Seconds a car: a query for the visits, one to read and one to write the state."""
    ids, _ = _sample(sample)
    with transaction.atomic():
        began = time.perf_counter()
        for car in Vehicle.objects.filter(pk__in=ids):
            due_on, basis, level = due(car, list(car.visits.order_by("arrived_at")), on)
            VehicleState.objects.update_or_create(
                vehicle=car, defaults={"due_on": due_on, "due_basis": basis, "level": level}
            )
        seconds = time.perf_counter() - began
        transaction.set_rollback(True)
    return seconds / len(ids)


def _sample(size: int) -> tuple[list[int], int]:
    """Cars spread over the whole group."""
    states = VehicleState.objects.filter(is_gone=False)
    step = max(1, states.count() // size)
    rows = states.order_by("pk").values_list("pk", "policy_set_id")[::step][:size]
    return [pk for pk, _ in rows], rows[0][1]
