"""Importing work orders, beside bulk_create and beside a row at a time, of the same file.

In a database of its own whose stores have no day yet: like its rivals the import then writes rows
and computes no states. Of the rivals bulk_create knows every store and car beforehand, checks
nothing and would write the same file twice. All three commit.
"""

import csv
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection

from bench import database
from bench.data import AS_OF
from customers.models import Customer, Vehicle, Visit
from exchange.importing.load import load_file
from stores.models import Store
from stores.scope import all_stores

HEADER = "work_order_no store vin arrived_at status odometer_km kind amount gross_margin".split()
SAMPLE = 1_000


def measure(vehicles: int, rows: int, pairs: int) -> dict[str, Any]:
    """Rows a second of each, the memory of a small and a large file, the second time."""
    database.open_database(vehicles, purpose="_import")
    with TemporaryDirectory() as folder, all_stores():
        path = _file(Path(folder) / "visits.csv", rows)
        small = _file(Path(folder) / "small.csv", rows // 5)
        ours, bulk = [], []
        for _ in range(pairs):
            ours.append(_imported(path))
            bulk.append(_timed(_bulk, path))
        found: dict[str, Any] = {
            "rows": rows,
            "ours": rows / median(ours),
            "bulk": rows / median(bulk),
            "ratio": median(b / a for a, b in zip(ours, bulk, strict=True)),
            "single": SAMPLE / _timed(_one_by_one, path),
            "small_mb": _peak(small),
            "large_mb": _peak(path),
        }
        load_file(path, "visits")
        record = load_file(path, "visits")
        found["again"] = record.created + record.updated
        found["unchanged"] = record.unchanged
        _clear()
    return found


def _file(path: Path, rows: int) -> Path:
    """Work orders of the last weeks, spread over all cars, by day."""
    cars = list(
        Vehicle.objects.order_by("pk").values_list("vin", "store__code", "delivered_on", "pk")
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for n in range(rows):
            vin, store, _, pk = cars[n * 7919 % len(cars)]
            on = AS_OF - timedelta(days=20 - 20 * n // rows)
            writer.writerow(
                [f"N{n}", store, vin, f"{on}T{9 + n % 8:02}:30", "closed", 90_000 + n % 999,
                 "maintenance", 300 + (n + pk) % 900, 100]
            )  # fmt: skip
    return path


def _imported(path: Path) -> float:
    began = time.perf_counter()
    load_file(path, "visits")
    seconds = time.perf_counter() - began
    _clear()
    return seconds


def _timed(work: Any, path: Path) -> float:
    """Seconds of a rival, which commits what it writes: only then are its foreign keys checked."""
    began = time.perf_counter()
    work(path)
    seconds = time.perf_counter() - began
    _clear()
    return seconds


def _visits(path: Path, limit: int | None = None) -> Iterator[Visit]:
    stores = dict(Store.objects.values_list("code", "pk"))
    cars = {
        vin: (pk, owner)
        for vin, pk, owner in Vehicle.objects.values_list("vin", "pk", "customer_id")
    }
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            if number == limit:
                return
            vehicle_id, customer_id = cars[row["vin"]]
            at = datetime.fromisoformat(row["arrived_at"] + "+08:00")
            yield Visit(
                store_id=stores[row["store"]], vehicle_id=vehicle_id, customer_id=customer_id,
                work_order_no=row["work_order_no"], arrived_at=at, arrived_on=at.date(),
                status=row["status"], odometer_km=int(row["odometer_km"]), kind=row["kind"],
                amount=Decimal(row["amount"]), gross_margin=Decimal(row["gross_margin"]),
                received_on=date(2026, 6, 29),
            )  # fmt: skip


def _bulk(path: Path) -> None:
    """Five thousand objects a transaction."""
    part: list[Visit] = []
    for visit in _visits(path):
        part.append(visit)
        if len(part) == 5_000:
            Visit.objects.bulk_create(part)
            part = []
    Visit.objects.bulk_create(part)


def _one_by_one(path: Path) -> None:
    """As is often written: look each key up, then update or create; a transaction a row."""
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            if number == SAMPLE:
                return
            store = Store.objects.get(code=row["store"])
            vehicle = Vehicle.objects.get(vin=row["vin"])
            at = datetime.fromisoformat(row["arrived_at"] + "+08:00")
            Visit.objects.update_or_create(
                store=store,
                work_order_no=row["work_order_no"],
                defaults={
                    "vehicle": vehicle, "customer": Customer.objects.get(pk=vehicle.customer_id),
                    "arrived_at": at, "arrived_on": at.date(), "kind": row["kind"],
                    "odometer_km": int(row["odometer_km"]), "amount": Decimal(row["amount"]),
                    "received_on": date(2026, 6, 29),
                },
            )  # fmt: skip


def _clear() -> None:
    with connection.cursor() as cursor:
        for table in ("finding", "dirtyvehicle"):
            cursor.execute(f"DELETE FROM customers_{table}")  # noqa: S608
        cursor.execute("DELETE FROM customers_visit WHERE work_order_no LIKE 'N%'")
        cursor.execute("VACUUM customers_visit")


def _peak(path: Path) -> float:
    """The most memory that loading a file takes in a process of its own."""
    command = [sys.executable, "-m", "bench.child", database.name(), str(path)]
    done = subprocess.run(  # noqa: S603 - this program
        command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]
    )
    _clear()
    return float(json.loads(done.stdout.splitlines()[-1])["peak_mb"])
