"""Two settlings at once, and a settling beside the night; each race with a failing control."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from customers.models import DirtyVehicle, Vehicle, Visit
from customers.services import dirty
from lifecycle.models import CustomerRollup, VehicleRollup
from lifecycle.services import rollups, states
from pipeline.choices import JobState
from pipeline.services import chunks, days, settle
from stores.scope import all_stores
from tests.engine.side_by_side import Held, run_into
from tests.engine.test_day import kept_and_fresh, run_day
from tests.engine.world_rows import Laid

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def car(small_world: Laid, on: date) -> Vehicle:
    """A car whose store has its day; it has been visited once."""
    run_day(small_world, on)
    with all_stores():
        return small_world.vehicles["LHUTZA00000000002"]


def visit(car: Vehicle, number: int, on: date) -> None:
    Visit.objects.create(
        store=car.store,
        vehicle=car,
        customer_id=car.customer_id,
        work_order_no=f"RACE{number}",
        arrived_at=datetime(on.year, on.month, on.day, 2, tzinfo=UTC),
        arrived_on=on,
        odometer_km=9000 + number,
        kind="repair",
        amount=100,
        received_on=on,
    )


def visited_and_settled(car: Vehicle, number: int, on: date) -> Callable[[], None]:
    """What an importer's chunk does: the fact and its consequences in one transaction."""

    def work() -> None:
        with transaction.atomic(), all_stores():
            visit(car, number, on)
            settle.settle([car.pk])

    return work


def counted(car: Vehicle) -> tuple[int, int]:
    """Visits in the rollups of the car and of its owner."""
    with all_stores():
        owner = CustomerRollup.objects.get(customer_id=car.customer_id)
        return VehicleRollup.objects.get(vehicle=car).visits, owner.visits


def two_settlings(car: Vehicle, on: date, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """The first one holds its place between computing and committing."""
    held = Held(rollups.refresh_vehicles)
    monkeypatch.setattr(rollups, "refresh_vehicles", held)
    first = visited_and_settled(car, 1, on - timedelta(days=1))
    *_, waited = run_into(held, first, visited_and_settled(car, 2, on))
    assert waited
    return counted(car)


def test_two_settlings_of_one_car_count_both_visits(
    car: Vehicle, on: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert two_settlings(car, on, monkeypatch) == (3, 3)


def test_without_the_lock_one_of_two_visits_is_lost(
    car: Vehicle, on: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the second settling computes before the first one's visit is to be seen."""
    monkeypatch.setattr(rollups, "lock_vehicles", lambda *_args: None)
    assert two_settlings(car, on, monkeypatch)[0] == 2


def test_two_settlings_of_one_customer_count_the_visits_of_both_cars(
    small_world: Laid, on: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cars_of_one_customer(small_world, on, monkeypatch) == 4


def test_without_the_customers_lock_a_visit_is_lost(
    small_world: Laid, on: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(rollups, "lock_customers", lambda *_args: None)
    assert cars_of_one_customer(small_world, on, monkeypatch) == 3


def cars_of_one_customer(laid: Laid, on: date, monkeypatch: pytest.MonkeyPatch) -> int:
    """Two settlings of two cars, both visited before, that one customer owns."""
    with all_stores():
        one, two = (laid.vehicles[f"LHUTZA0000000000{n}"] for n in (1, 2))
        for model in (two.ownerships, two.visits):
            model.update(customer_id=one.customer_id)
        two.customer_id = one.customer_id
        two.save()
    run_day(laid, on)
    held = Held(rollups.refresh_customers)
    monkeypatch.setattr(rollups, "refresh_customers", held)
    run_into(held, visited_and_settled(one, 1, on), visited_and_settled(two, 2, on))
    return counted(one)[1]


def night_and_settling(
    laid: Laid, car: Vehicle, on: date, monkeypatch: pytest.MonkeyPatch
) -> tuple[date, bool]:
    """A car is settled while the next night is computing; returns the night's date.

    The second value: whether the settling had to wait.
    """
    after = on + timedelta(days=90)
    with all_stores():
        run = days.start_day(stores=laid.stores.values(), on=after)
        chunk = run.chunks.get()
    held = Held(states.refresh_vehicles)
    monkeypatch.setattr(states, "refresh_vehicles", held)
    *_, waited = run_into(
        held, lambda: chunks.run_next("night", chunk.pk), visited_and_settled(car, 1, on)
    )
    run.refresh_from_db()
    assert run.state == JobState.DONE
    return after, waited


def is_fresh(laid: Laid, on: date) -> bool:
    with all_stores():
        return all(kept == fresh for _table, kept, fresh in kept_and_fresh(laid, on))


def test_a_settling_beside_the_night_waits_and_computes_the_new_day(
    small_world: Laid, car: Vehicle, on: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    after, waited = night_and_settling(small_world, car, on, monkeypatch)
    assert waited
    assert counted(car) == (2, 2)
    assert is_fresh(small_world, after)


def test_without_the_day_lock_a_settling_writes_yesterday_over_the_night(
    small_world: Laid, car: Vehicle, on: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(settle, "lock_stores", lambda *_args, **_more: None)
    after, _waited = night_and_settling(small_world, car, on, monkeypatch)
    assert not is_fresh(small_world, after)


def marked_meanwhile(car: Vehicle, on: date, monkeypatch: pytest.MonkeyPatch) -> int:
    """A mark set by somebody else while the car is being settled; how many marks are left."""
    held = Held(rollups.refresh_vehicles)
    monkeypatch.setattr(rollups, "refresh_vehicles", held)
    run_into(held, visited_and_settled(car, 1, on), lambda: dirty.mark([car.pk]))
    return DirtyVehicle.objects.filter(vehicle=car).count()


def test_a_mark_set_while_a_car_is_settled_stays(
    car: Vehicle, on: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    dirty.mark([car.pk])
    assert marked_meanwhile(car, on, monkeypatch) == 1
    assert settle.settle_left_over() == 1
    assert not DirtyVehicle.objects.exists()


def test_marks_cleared_after_the_computation_would_be_lost(
    car: Vehicle, on: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the marks go at the end instead of before anything is read."""
    compute = settle.compute_vehicles

    def then_clear(scope: Any) -> set[int]:
        owners = compute(scope)
        DirtyVehicle.objects.filter(vehicle_id__in=scope.vehicle_ids).delete()
        return owners

    monkeypatch.setattr(settle, "compute_vehicles", then_clear)
    assert marked_meanwhile(car, on, monkeypatch) == 0


def test_two_sweepers_share_the_marks(
    car: Vehicle, on: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    dirty.mark([car.pk])
    held = Held(rollups.refresh_vehicles)
    monkeypatch.setattr(rollups, "refresh_vehicles", held)
    assert run_into(held, settle.settle_left_over, settle.settle_left_over) == (1, 0, False)
