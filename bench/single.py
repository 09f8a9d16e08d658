"""One vehicle after a call's outcome: a contact is written and the car settled, as in a request."""

import time
from datetime import datetime, timedelta
from statistics import median, quantiles
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from bench import day
from customers.models import Contact, Vehicle
from pipeline.services.settle import settle
from stores.scope import all_stores

CALLS = 200


def measure(calls: int) -> dict[str, float]:
    """Milliseconds: the middle and the slowest twentieth of settlings, and a bare query.

    Everything is rolled back, so that the cars are as before.
    """
    settling, bare = [], []
    on = day.last()
    assert on
    with all_stores():
        ids = list(Vehicle.objects.order_by("pk").values_list("pk", flat=True))
        step = max(1, len(ids) // calls)
        for number, car in enumerate(Vehicle.objects.filter(pk__in=ids[::step][:calls])):
            with transaction.atomic():
                _call(car, on, number)
                began = time.perf_counter()
                settle([car.pk])
                settling.append(time.perf_counter() - began)
                bare.append(_bare(car.pk))
                transaction.set_rollback(True)
    # The first ones read the catalogue and the plans.
    settling = settling[5:]
    return {
        "median": median(settling) * 1000,
        "slowest": quantiles(settling, n=20)[-1] * 1000,
        "floor": median(bare) * 1000,
    }


def _call(car: Vehicle, on, number: int) -> None:
    at = datetime.combine(on, datetime.min.time(), ZoneInfo("Asia/Shanghai"))
    Contact.objects.create(
        store_id=car.store_id,
        external_id=f"bench-{number}",
        customer_id=car.customer_id,
        vehicle_id=car.pk,
        happened_at=at + timedelta(hours=10),
        happened_on=on,
        channel="phone",
        outcome="no_answer",
        received_on=on,
    )


def _bare(vehicle_id: int) -> float:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM lifecycle_vehiclerollup WHERE vehicle_id = %s", [vehicle_id])
        cursor.fetchall()
    return time.perf_counter() - began
