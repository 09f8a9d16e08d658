"""Loads a world's files through the commands, as a dealer's IT would, and reads the answers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction

from customers.models import Customer
from stores.models import AuditEntry
from stores.scope import all_stores
from tests.endtoend.files import Parcel, parcels
from tests.oracle.facts import World

APPS = ("stores", "customers", "lifecycle", "alerts", "pipeline", "exchange")


def told(*command: Any, **options: Any) -> str:
    """What a command prints; only a load may end with status 1, for its warnings."""
    out = StringIO()
    status = 0
    try:
        call_command(*command, stdout=out, stderr=out, **options)
    except SystemExit as end:
        status = int(end.code or 0)
    assert status == 0 or (command[0], status) == ("load", 1), out.getvalue()
    return out.getvalue()


def load(folder: Path, on: date) -> list[dict[str, Any]]:
    """`load --dir`; no row of a good folder may be rejected."""
    summary = json.loads(told("load", dir=folder, as_of=on, json=True))["files"]
    bad = [file for file in summary if file.get("error") or file["rejected"]]
    assert not bad, bad
    return summary


def load_world(world: World, on: date, as_of: date) -> None:
    """Everything about a world, as received by `on`, and what no file can say."""
    with TemporaryDirectory() as folder:
        for number, parcel in enumerate(parcels(world, on, as_of)):
            path = Path(folder) / str(number)
            parcel.write(path)
            load(path, parcel.on)
    remove_customers(world)


def load_parcel(parcel: Parcel) -> list[dict[str, Any]]:
    with TemporaryDirectory() as folder:
        parcel.write(Path(folder))
        return load(Path(folder), parcel.on)


def remove_customers(world: World) -> None:
    """Erasing and merging are done in the product, not by files."""
    with all_stores():
        for column in ("erased", "merged"):
            gone = [c.external_id for c in world.customers if getattr(c, column)]
            if gone:
                Customer.objects.filter(external_id__in=gone).update(**{f"{column}_on": date.min})


def explained(as_of: date) -> dict[str, dict[str, Any]]:
    """{VIN: answer} of `explain --all --json`."""
    lines = told("explain", all=True, as_of=as_of, json=True).splitlines()
    answers = [json.loads(line) for line in lines]
    by_vin = {answer["vin"]: answer for answer in answers}
    assert len(by_vin) == len(answers)
    return by_vin


def refresh(as_of: date) -> dict[str, Any]:
    return json.loads(told("refresh", as_of=as_of, json=True))


def call_list(code: str) -> list[dict[str, Any]]:
    return json.loads(told("tasks", advisor=code, json=True))


@contextmanager
def cleared() -> Iterator[None]:
    """Empty tables afterwards: each example commits its rows, as the importer does."""
    try:
        yield
    finally:
        _clear()


def _clear() -> None:
    """Deletes in any order, for foreign keys are checked at the end; far faster than TRUNCATE."""
    models = [model for app in APPS for model in apps.get_app_config(app).get_models()]
    # The audit log refuses to be emptied, and no load writes to it.
    tables = [model._meta.db_table for model in models if model is not AuditEntry]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(";".join(f"DELETE FROM {table}" for table in tables))
