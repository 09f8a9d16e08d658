"""Files that come late, twice, out of order and corrected leave the tables a full run would."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from exchange.choices import FileKind
from stores.models import Store
from stores.scope import all_stores
from tests.endtoend.files import Parcel, Row, all_rows, key_of, parcels
from tests.endtoend.loading import cleared, load_parcel, refresh, remove_customers
from tests.engine.test_day import assert_kept_is_fresh
from tests.engine.world_rows import Laid
from tests.oracle.facts import World
from tests.oracle.histories import AS_OF_DATES, History, histories

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ON = AS_OF_DATES[0]

# What a source may send wrong first: one of these cells, or the number of another car or customer.
WRONG_CELLS = {
    "vehicles": (("delivered_on", "2023-05-05"), ("powertrain", "HEV"), ("status", "sold")),
    "visits": (
        *(("amount", "77.70"), ("kind", "repair"), ("odometer_km", "123"), ("status", "void")),
        ("arrived_at", "2024-01-15 10:00"),
    ),
    "surveys": (("score", "1"), ("answered_at", "2024-01-15 10:00")),
    "complaints": (("opened_at", "2024-01-15 10:00"), ("resolved_at", "")),
    "contacts": (("outcome", "no_answer"), ("channel", "phone"), ("at", "2024-01-15 10:00")),
    "appointments": (("status", "cancelled"), ("starts_at", "2026-01-15 10:00")),
    "engagement": (("app_opens", "9"), ("enquiries", "0")),
}


@dataclass(frozen=True)
class Split:
    """What is there at the first run, and what comes after it; `rows` are (kind, row)."""

    early: list[Parcel]
    late: list[Parcel]


@st.composite
def splits(draw: st.DrawFn) -> tuple[History, Split]:
    history = draw(histories(as_of=ON, latest=ON, received_on=ON))
    random = draw(st.randoms(use_true_random=False))
    rows = all_rows(parcels(history.world, ON, ON))
    random.shuffle(rows)
    owners = {owned.customer for car in history.world.vehicles for owned in car.ownerships}
    early = _with_parents([row for row in rows if _is_early(row, owners, random)])
    wrong = [_maybe_wrong(kind, row, early, random) for kind, row in early]
    return history, Split(_packed(wrong), _packed(rows))


def _is_early(row: tuple[str, Row], owners: set[str], random: Random) -> bool:
    """A new customer without any car is nobody to settle: the night finds him."""
    kind, cells = row
    is_carless = kind == "customers" and cells["external_id"] not in owners
    return kind in ("stores", "staff") or is_carless or random.random() < 0.5


def _with_parents(rows: list[tuple[str, Row]]) -> list[tuple[str, Row]]:
    """Without the rows that name a customer, a car or a work order that is not among them."""
    for kind in (FileKind.VEHICLES, FileKind.VISITS, None):
        names = {
            "customer": {row["external_id"] for k, row in rows if k == "customers"} | {""},
            "vin": {row["vin"] for k, row in rows if k == "vehicles"} | {""},
        }
        orders = {row["work_order_no"] for k, row in rows if k == "visits"}
        rows = [
            (k, row)
            for k, row in rows
            if (kind is not None and k != kind)
            or all(
                row.get(name, "") in known or (k, name) == ("vehicles", "vin")
                for name, known in names.items()
            )
            and (k != "surveys" or row["work_order_no"] in orders)
        ]
    return rows


def _maybe_wrong(
    kind: str, row: Row, rows: list[tuple[str, Row]], random: Random
) -> tuple[str, Row]:
    """The row, or, one time in three, with a cell that is corrected later."""
    if kind not in WRONG_CELLS or random.random() < 2 / 3:
        return kind, row
    cells = list(WRONG_CELLS[kind])
    if kind in ("visits", "complaints", "contacts", "appointments"):
        cells += [("vin", car["vin"]) for k, car in rows if k == "vehicles"]
    if kind in ("vehicles", "contacts"):
        own = [p for k, p in rows if k == "customers" and p["store"] == row["store"]]
        cells += [("customer", person["external_id"]) for person in own]
    name, value = random.choice(cells)
    return kind, row | {name: value}


def _packed(rows: list[tuple[str, Row]]) -> list[Parcel]:
    """As few parcels as there are versions of a row: a file holds a key once."""
    versions: defaultdict[tuple[str, ...], int] = defaultdict(int)
    found: dict[int, Parcel] = {}
    for kind, row in rows:
        key = (kind, *key_of(kind, row))
        found.setdefault(versions[key], Parcel(ON)).rows[kind].append(row)
        versions[key] += 1
    return list(found.values())


def assert_fresh(world: World, on: date) -> None:
    with all_stores():
        stores = {store.code: store for store in Store.objects.all()}
        assert_kept_is_fresh(Laid(stores, {}, {}, {}, {}), on)


@settings(max_examples=60)
@given(given_split=splits())
def test_late_repeated_and_corrected_rows_leave_what_a_full_run_would(
    given_split: tuple[History, Split],
) -> None:
    history, split = given_split
    note(f"early: {split.early}\nlate: {split.late}")
    with cleared():
        for parcel in split.early:
            load_parcel(parcel)
        remove_customers(history.world)
        refresh(ON)
        for parcel in split.late:
            load_parcel(parcel)
        assert_fresh(history.world, ON)
        # What was settled also knows when its windows turn.
        for days in (1, 3, 31):
            refresh(ON + timedelta(days=days))
            assert_fresh(history.world, ON + timedelta(days=days))
