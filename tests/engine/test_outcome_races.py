"""An outcome beside the settling of its car and beside the night; the race with its control."""

import datetime
from datetime import date
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from alerts.models import Task
from alerts.services.outcomes import Entry, entry, record
from customers.models import Vehicle
from lifecycle.services import rollups
from lifecycle.services.locks import DAY_LOCK
from pipeline.services.settle import settle, settling
from stores.models import Staff
from stores.scope import all_stores
from tests.alerts import outcome_cards
from tests.engine.side_by_side import Held, run_into
from tests.engine.test_day import run_day
from tests.engine.world_rows import Laid

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def car(small_world: Laid, on: date) -> Vehicle:
    """A car that is nearly due, with a call on its advisor's list."""
    run_day(small_world, on)
    with all_stores():
        return small_world.vehicles["LHUTZA00000000003"]


@pytest.fixture
def call(car: Vehicle) -> Entry:
    with all_stores():
        return outcome_cards.entry(car.customer, "no_answer")


def recorded(call: Entry, on: date) -> str:
    """What a page does: the outcome and its consequences in one transaction."""
    now = datetime.datetime(on.year, on.month, on.day, 2, tzinfo=datetime.UTC)
    with all_stores(), settling():
        return record(call, by=Staff.objects.get(code="S1A1"), now=now).result


def beside_a_settling(
    car: Vehicle, call: Entry, on: date, monkeypatch: pytest.MonkeyPatch
) -> tuple[Any, str, bool]:
    """A settling holds the car's rollup and goes on to its tasks while an outcome comes in."""
    with all_stores():
        # It will have something to change about the same tasks.
        assert Task.objects.filter(pk__in=call.task_ids).update(value_amount=1) > 0
    held = Held(rollups.lock_vehicles)
    monkeypatch.setattr(rollups, "lock_vehicles", held)

    def settled() -> int:
        with transaction.atomic(), all_stores():
            return settle([car.pk])

    return run_into(held, settled, lambda: recorded(call, on))


def test_an_outcome_beside_a_settling_waits_its_turn(
    car: Vehicle, call: Entry, on: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert beside_a_settling(car, call, on, monkeypatch) == (1, "no_answer", True)


def test_with_tasks_locked_before_rollups_the_two_block_each_other(
    car: Vehicle, call: Entry, on: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(entry, "lock_cars", lambda *_args: [])
    with pytest.raises(OperationalError, match="deadlock"):
        beside_a_settling(car, call, on, monkeypatch)


def test_an_outcome_does_not_wait_for_the_night(car: Vehicle, call: Entry, on: date) -> None:
    """The car stays marked; the sweeper settles it after the night."""
    held = Held(lambda: "night")

    def night() -> str:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [DAY_LOCK, car.store_id])
            cursor.execute("SELECT 1 FROM lifecycle_vehiclerollup FOR UPDATE")
            return str(held())

    assert run_into(held, night, lambda: recorded(call, on)) == ("night", "no_answer", False)
    with all_stores():
        assert outcome_cards.marked() == {car.pk}
