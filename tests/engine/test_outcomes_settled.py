"""An outcome and its undo with what the engine makes of them, each in a page's transaction."""

import datetime
from datetime import date
from typing import Any

import pytest
from django.db import connection

from alerts.models import Task
from alerts.services.outcomes import record, undo
from customers.models import Vehicle
from lifecycle.models import VehicleState
from pipeline.services.settle import settling
from stores.models import Staff
from stores.scope import all_stores
from tests.alerts import outcome_cards
from tests.engine.test_day import run_day
from tests.engine.world_rows import Laid

pytestmark = pytest.mark.django_db

RESULTS = (
    "booked", "callback", "refused", "elsewhere", "no_answer", "wrong_number", "do_not_call",
    "vehicle_gone", "connected", "messaged",
)  # fmt: skip


@pytest.fixture
def car(small_world: Laid, on: date) -> Vehicle:
    """A car that is nearly due, with a call on its advisor's list."""
    run_day(small_world, on)
    with all_stores():
        return small_world.vehicles["LHUTZA00000000003"]


def computed() -> dict[str, list[str]]:
    """What the engine keeps of all cars, beside what outcomes write; without running numbers."""
    found = outcome_cards.all_rows()
    with connection.cursor() as cursor:
        for table in ("lifecycle_vehiclestate", "lifecycle_vehiclerollup", "alerts_warning"):
            cursor.execute(f"SELECT (to_jsonb(t) - 'id')::text FROM {table} t ORDER BY 1")  # noqa: S608
            found[table] = [row[0] for row in cursor.fetchall()]
    return found


def at(on: date, **more: Any) -> datetime.datetime:
    return datetime.datetime(on.year, on.month, on.day, 2, 42, tzinfo=datetime.UTC) + (
        datetime.timedelta(**more)
    )


@pytest.mark.parametrize("result", RESULTS)
def test_what_was_taken_back_leaves_no_trace_in_what_is_computed(
    result: str, car: Vehicle, on: date
) -> None:
    by = Staff.objects.get(code="S1A1")
    needs = {"slot": at(on, days=3), "callback_at": at(on, days=1)}
    with all_stores():
        before = computed()
        one = outcome_cards.entry(car.customer, result, **needs)
        with settling():
            outcome = record(one, by=by, now=at(on))
        assert computed() != before
        with settling():
            undo(outcome, by=by, now=at(on, seconds=20))
        assert computed() == before
        assert not outcome_cards.marked()


def test_a_booking_is_known_to_the_engine_at_once(car: Vehicle, on: date) -> None:
    by = Staff.objects.get(code="S1A1")
    with all_stores():
        one = outcome_cards.entry(car.customer, "booked", slot=at(on, days=3))
        with settling():
            record(one, by=by, now=at(on))
        assert VehicleState.objects.get(vehicle=car).is_booked
        assert Task.objects.get(vehicle=car).closed_as == "booked"


@pytest.mark.parametrize("result", ["refused", "elsewhere", "do_not_call"])
def test_who_said_no_is_not_called_the_next_night(
    result: str, small_world: Laid, car: Vehicle, on: date
) -> None:
    by = Staff.objects.get(code="S1A1")
    with all_stores(), settling():
        record(outcome_cards.entry(car.customer, result), by=by, now=at(on))
    run_day(small_world, on + datetime.timedelta(days=1))
    with all_stores():
        assert not Task.objects.filter(vehicle=car, closed_on=None).exists()
