"""The first list of a small store where an order by accident and the right one differ (TASK-2)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from alerts.models import Task
from alerts.selectors import in_list_order
from customers.models import Complaint
from stores.scope import all_stores
from tests.engine.small_worlds import AS_OF, CAR, OTHER, at, car, complaint, contact, days, order
from tests.engine.small_worlds import world as small
from tests.engine.test_day import run_day
from tests.engine.world_rows import lay
from tests.oracle import facts

pytestmark = pytest.mark.django_db


def yellow_car(vin: str, number: int, margin: str) -> list[Any]:
    """Due by time in 20 days; its one paid maintenance left so much."""
    base = AS_OF + timedelta(days=20) - timedelta(days=182)  # 2025-10-20
    return [
        car(days(-400, base), vin, customer=f"C{number}"),
        order(10 * number, days(-200, base), 1000, vin=vin),
        order(10 * number + 1, base, 1100, "maintenance", vin=vin, gross_margin=Decimal(margin)),
    ]


def test_the_list_goes_by_the_exact_product() -> None:
    """0.35 x 0.8^4 x 5,000 = 716.80 stands behind 0.35 x 2,048.29 = 716.9015.

    With the probability rounded first (0.1434) it would be 717.00 and stand before it.
    """
    calls = [contact(n, days(-n)) for n in range(1, 5)]
    rows = [*yellow_car(CAR, 1, "5000"), *yellow_car(OTHER, 2, "2048.29"), *calls]
    with all_stores():
        run_day(lay(small(*rows), AS_OF), AS_OF)
        found = [
            (task.vehicle.vin, task.value_amount)
            for task in in_list_order(Task.objects.select_related("vehicle"))
        ]
    assert found == [(OTHER, Decimal("716.9015")), (CAR, Decimal("716.8000"))]


def test_of_several_open_complaints_the_oldest_is_on_the_list() -> None:
    """One open task of a kind on a car; here the older complaint was received later."""
    newer, older = complaint(days(-2)), facts.Complaint("K2", CAR, at(days(-9)))
    with all_stores():
        run_day(lay(small(car(days(-20)), replace(newer, external_id="K1"), older), AS_OF), AS_OF)
        task = Task.objects.get(kind="complaint")
        assert Complaint.objects.get(pk=int(task.cycle_key)).external_id == "K2"
