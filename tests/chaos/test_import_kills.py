"""T34: an import that is killed again and again leaves what an undisturbed one leaves."""

import csv
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.chaos.rig import Rig, wait
from tests.figures import say, size

pytestmark = [pytest.mark.proof, pytest.mark.chaos]
# The rig's, in each store.
CARS = 100
SEED = 34
ROWS = size(5_000, 50_000)
KILLS = size(3, 20)
CHUNK = size(250, 1_000)
HEADER = "work_order_no store vin arrived_at odometer_km kind amount".split()
# All of a visit but the numbers PostgreSQL gives: a killed chunk's are never given again.
VISITS = """
    SELECT o.work_order_no, o.store_id, v.vin, o.customer_id, o.arrived_at, o.arrived_on,
           o.odometer_km, o.kind, o.amount, o.status, o.is_counted, o.is_reading_ok
    FROM customers_visit o JOIN customers_vehicle v ON v.id = o.vehicle_id
    WHERE o.work_order_no LIKE 'T34-%' ORDER BY o.store_id, o.work_order_no"""
STATES = "SELECT s.* FROM lifecycle_vehiclerollup s ORDER BY s.vehicle_id"


def _write(rig: Rig, path: Path) -> None:
    """Work orders of the rig's cars, one in fifty of them to be rejected."""
    dice = random.Random(SEED)
    cars = rig.rows(
        "SELECT v.vin, s.code FROM customers_vehicle v JOIN stores_store s ON s.id = v.store_id"
        " ORDER BY v.id"
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(ROWS):
            vin, store = cars[number % len(cars)]
            day = f"2026-{dice.randint(1, 5):02}-{dice.randint(1, 28):02} 09:{number % 60:02}"
            km = 20_000 + dice.randint(0, 90_000) if number % 50 else "many"
            kind = dice.choice(["maintenance", "repair"])
            amount = dice.randint(100, 2000)
            writer.writerow([f"T34-{number}", store, vin, day, km, kind, amount])


def _words(path: Path) -> list[str]:
    return [
        *(sys.executable, "manage.py", "load", "visits", str(path)),
        *("--as-of", "2026-06-29", "--json"),
    ]


def _finish(rig: Rig, path: Path) -> dict[str, int]:
    environment = rig.environment(HUITOU_IMPORT_CHUNK_ROWS=str(CHUNK))
    done = subprocess.run(
        _words(path), env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    return dict(json.loads(done.stdout)["files"][0])


def _there(rig: Rig) -> int:
    return int(rig.value("SELECT count(*) FROM customers_visit WHERE work_order_no LIKE 'T34-%'"))


def _killed(rig: Rig, path: Path) -> list[int]:
    """Starts the import and kills it -9 at seeded points; rows that were there at each kill."""
    dice = random.Random(SEED)
    aims = sorted(dice.randrange(0, ROWS * 4 // 5) for _kill in range(KILLS))
    hits: list[int] = []
    for aim in aims:
        process = rig.start("load", _words(path), HUITOU_IMPORT_CHUNK_ROWS=str(CHUNK))
        wait(lambda: not process.lives() or _there(rig) >= aim, 120, f"row {aim}")  # noqa: B023
        assert process.lives(), process.text()
        os.kill(process.pid, signal.SIGKILL)
        process.popen.wait(10)
        hits.append(_there(rig))
    # What a killed one had in hand is rolled back before the next looks.
    _idle(rig)
    return hits


def _idle(rig: Rig) -> None:
    wait(
        lambda: rig.value(
            "SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND state <> 'idle'"
        )
    )


def _digest(rows: Sequence[tuple[object, ...]]) -> str:
    text = "\n".join(map(repr, rows))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _result(rig: Rig) -> tuple[str, str]:
    return _digest(rig.rows(VISITS)), _digest(rig.rows(STATES))


def test_killed_imports_end_as_an_undisturbed_one(rig: Rig, yard, tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    _write(rig, path)
    hits = _killed(rig, path)
    interrupted = _result(rig)
    last = _finish(rig, path)
    again = _finish(rig, path)
    killed = _result(rig)
    with yard.rig(20, CARS) as calm:
        first = _finish(calm, path)
        undisturbed = _result(calm)
    rejected = ROWS // 50
    say(
        "T34", what="import killed -9", seed=SEED, kills=len(hits), rows=ROWS, rows_at_kills=hits,
        differing=int(killed != undisturbed), rejected=last["rejected"],
        changed_by_the_next=again["created"] + again["updated"],
    )  # fmt: skip
    # The control: without anybody loading the file again, the rows of after the kill are missing.
    say("T34", what="killed and left", control=True, differing=int(interrupted != undisturbed))
    assert len(hits) == KILLS
    assert killed == undisturbed
    assert interrupted != undisturbed
    assert (first["created"], first["rejected"]) == (ROWS - rejected, rejected)
    assert last["created"] + last["unchanged"] + last["rejected"] == ROWS
    assert (again["created"], again["updated"], again["rejected"]) == (0, 0, rejected)
