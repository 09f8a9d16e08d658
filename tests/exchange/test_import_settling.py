"""What a file says is computed when it is loaded."""

from datetime import date
from pathlib import Path

import pytest

from lifecycle.models import VehicleState
from pipeline.services import chunks, days
from stores.models import Store
from stores.scope import all_stores
from tests.exchange.loading import VIN, Loader
from tests.factories import TODAY

pytestmark = pytest.mark.django_db


def _due_on() -> date | None:
    with all_stores():
        return VehicleState.objects.get(vehicle__vin=VIN).due_on


def test_work_order_moves_the_due_date_at_once(tmp_path: Path, north: Store) -> None:
    loader = Loader(tmp_path)
    loader.customer()
    loader.vehicle("2024-01-10")
    with all_stores():
        run = days.start_day(stores=[north], on=TODAY)
        for chunk_id in run.chunks.values_list("pk", flat=True):
            assert chunks.run_next("test", chunk_id)
    assert _due_on() == date(2024, 2, 9)
    loader.visits("W1,2026-06-01 09:00,3000")
    assert _due_on() == date(2026, 9, 9)
    row = f"W1,NORTH,{VIN},2026-06-01 09:00,3000,maintenance,500,void"
    header = "work_order_no,store,vin,arrived_at,odometer_km,kind,amount,status"
    loader("visits", header, row, on=TODAY)
    assert _due_on() == date(2024, 2, 9)
