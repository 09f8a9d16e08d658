"""Every reason for which a row is rejected, and the way back of a rejected row."""

import csv
import io
import logging
from pathlib import Path

import pytest

from common.spreadsheets import guarded
from customers.models import Customer, Visit
from exchange.importing import load_file, reason_text, rejected_rows_csv, row_of
from exchange.importing.masking import masked
from exchange.importing.reasons import TEXTS, Reason
from exchange.models import ImportFile, ImportRejection
from stores.models import Staff, Store
from stores.scope import all_stores
from tests.exchange.loading import (
    CUSTOMERS,
    NOW,
    VEHICLES,
    VIN,
    VISITS,
    Loader,
    counts,
    reasons,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def loader(tmp_path: Path) -> Loader:
    return Loader(tmp_path)


@pytest.fixture
def world(north: Store, elsewhere: Store, ben: Staff, eve: Staff, loader: Loader) -> Loader:
    loader.customer()
    loader.vehicle()
    loader.visits("W1,2024-03-01 09:00,3000")
    return loader


CAR = f"{VIN[:-1]}5,C1,NORTH,Volta,One,ICE,2024-01-10"
ORDER = f"W2,NORTH,{VIN},2024-06-01 09:00,6000,maintenance,500"
CASES = {
    "empty key": ("customers", CUSTOMERS, ",NORTH,Ann,13812345678", "external_id:required"),
    "empty name of a new row": ("customers", CUSTOMERS, "C2,NORTH,,138", "name:required"),
    "required cell cleared": ("customers", CUSTOMERS, "C1,NORTH,\\N,138", "name:cannot_clear"),
    "text too long": ("customers", CUSTOMERS, f"C2,NORTH,{'x' * 121},138", "name:too_long"),
    "field over 4 kB": (
        "customers",
        CUSTOMERS + ",notes",
        f"C2,NORTH,Ann,138,{'长' * 1400}",
        "notes:field_too_long",
    ),
    "row over 64 kB": (
        "customers",
        CUSTOMERS + ",notes",
        f"C2,NORTH,Ann,138,{'x' * 70_000}",
        ":row_too_long",
    ),
    "too many cells": ("customers", CUSTOMERS, "C2,NORTH,Ann,138,more", ":too_many_cells"),
    "broken quotes": ("customers", CUSTOMERS, 'C2,NORTH,"Ann"x,138', ":broken_quotes"),
    "nul": ("customers", CUSTOMERS, "C2,NORTH,A\0nn,138", "name:control_character"),
    "unknown store": ("customers", CUSTOMERS, "C2,NOWHERE,Ann,138", "store:unknown_store"),
    "unknown word": (
        "customers",
        CUSTOMERS + ",gender",
        "C2,NORTH,Ann,138,other",
        "gender:unknown_word",
    ),
    "birthday in the future": (
        "customers",
        CUSTOMERS + ",birthday",
        "C2,NORTH,Ann,138,2026-06-16",
        "birthday:in_future",
    ),
    "no such day": (
        "customers",
        CUSTOMERS + ",birthday",
        "C2,NORTH,Ann,138,02-30",
        "birthday:not_a_date",
    ),
    "unknown adviser": (
        "customers",
        CUSTOMERS + ",advisor",
        "C2,NORTH,Ann,138,NOBODY",
        "advisor:unknown_staff",
    ),
    "adviser of another group": (
        "customers",
        CUSTOMERS + ",advisor",
        "C2,NORTH,Ann,138,EVE",
        "advisor:unknown_staff",
    ),
    "unknown referrer": (
        "customers",
        CUSTOMERS + ",referred_by",
        "C2,NORTH,Ann,138,C9",
        "referred_by:unknown_customer",
    ),
    "own referrer": (
        "customers",
        CUSTOMERS + ",referred_by",
        "C2,NORTH,Ann,138,C2",
        "referred_by:refers_to_itself",
    ),
    "unknown consent": (
        "customers",
        CUSTOMERS + ",consent",
        "C2,NORTH,Ann,138,sms;fax",
        "consent:unknown_word",
    ),
    "short VIN": ("vehicles", VEHICLES, CAR.replace(VIN[:-1], VIN[:-2]), "vin:not_a_vin"),
    "VIN with an I": ("vehicles", VEHICLES, CAR.replace("LSV", "LIV"), "vin:not_a_vin"),
    "unknown customer": ("vehicles", VEHICLES, CAR.replace("C1", "C9"), "customer:unknown_customer"),  # noqa: E501
    "unknown powertrain": ("vehicles", VEHICLES, CAR.replace("ICE", "gas"), "powertrain:unknown_word"),  # noqa: E501
    "not a date": ("vehicles", VEHICLES, CAR.replace("-10", "-32"), "delivered_on:not_a_date"),
    "unknown vehicle": ("visits", VISITS, ORDER.replace("294", "295"), "vin:unknown_vehicle"),
    "arrival in the future": (
        "visits",
        VISITS,
        ORDER.replace("2024-06-01 09:00", "2026-06-16 00:00"),
        "arrived_at:in_future",
    ),
    "not a time": ("visits", VISITS, ORDER.replace("09:00", "25:00"), "arrived_at:not_a_time"),
    "negative amount": ("visits", VISITS, ORDER.replace("500", "-500"), "amount:negative"),
    "negative odometer": ("visits", VISITS, ORDER.replace("6000", "-1"), "odometer_km:negative"),
    "not a number": ("visits", VISITS, ORDER.replace("6000", "6k"), "odometer_km:not_a_number"),
    "not whole": ("visits", VISITS, ORDER.replace("6000", "6000.5"), "odometer_km:not_whole"),
    "three decimals": ("visits", VISITS, ORDER + ".001", "amount:too_many_decimals"),
    "too large": ("visits", VISITS, ORDER.replace("6000", "9" * 12), "odometer_km:out_of_range"),
    "score outside": (
        "surveys",
        "store,work_order_no,answered_at,score,scale",
        "NORTH,W1,2024-03-02,5.5,5",
        "score:out_of_scale",
    ),
    "negative score": (
        "surveys",
        "store,work_order_no,answered_at,score,scale",
        "NORTH,W1,2024-03-02,-1,5",
        "score:negative",
    ),
    "unknown scale": (
        "surveys",
        "store,work_order_no,answered_at,score,scale",
        "NORTH,W1,2024-03-02,5,7",
        "scale:unknown_word",
    ),
    "NPS above 10": (
        "surveys",
        "store,work_order_no,answered_at,score,scale,nps",
        "NORTH,W1,2024-03-02,5,5,11",
        "nps:out_of_range",
    ),
    "survey without visit": (
        "surveys",
        "store,work_order_no,answered_at,score,scale",
        "NORTH,W9,2024-03-02,5,5",
        "work_order_no:unknown_visit",
    ),
    "answer in the future": (
        "surveys",
        "store,work_order_no,answered_at,score,scale",
        "NORTH,W1,2026-06-17,5,5",
        "answered_at:in_future",
    ),
    "complaint in the future": (
        "complaints",
        "external_id,store,vin,opened_at",
        f"K1,NORTH,{VIN},2026-06-16",
        "opened_at:in_future",
    ),
    "contact in the future": (
        "contacts",
        "external_id,store,customer,at,channel,outcome",
        "X1,NORTH,C1,2026-06-16,phone,busy",
        "at:in_future",
    ),
    "month in the future": (
        "engagement",
        "store,customer,month",
        "NORTH,C1,2026-07",
        "month:in_future",
    ),
    "no month": ("engagement", "store,customer,month", "NORTH,C1,2026-13", "month:not_a_month"),
    "no clock": ("stores", "code,name,opens", "S1,One,25:00", "opens:not_a_clock"),
    "no zone": ("stores", "code,name,timezone", "S1,One,Mars/Base", "timezone:not_a_zone"),
    "opens late": ("stores", "code,name,opens", "S1,One,18:00", "opens:opens_after_closing"),
    "store of another group": (
        "stores",
        "code,name,group",
        "NORTH,North,Strangers",
        "group:other_group",
    ),
    "staff of two groups": (
        "staff",
        "code,name,store,role",
        "P1,Pat,NORTH;ELSE,specialist",
        "store:other_group",
    ),
    "staff of no store": ("staff", "code,name,store,role", "P1,Pat,MARS,advisor", "store:unknown_store"),  # noqa: E501
    "user name taken": (
        "staff",
        "code,name,store,role,username",
        "P1,Pat,NORTH,advisor,BEN",
        "username:username_taken",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_bad_row_is_rejected_with_its_column_and_reason(world: Loader, name: str) -> None:
    kind, header, row, expected = CASES[name]
    record = world(kind, header, row)
    column, reason = expected.split(":")
    assert reasons(record) == [(2, column, reason)]
    assert counts(record) == (0, 0, 0, 1)


def test_every_reason_has_a_sentence() -> None:
    assert set(TEXTS) == set(Reason)
    assert reason_text("something old") == "something old"


def test_appointments_and_deliveries_may_lie_ahead(world: Loader) -> None:
    ahead = f"P1,NORTH,{VIN},2026-12-01 09:00,confirmed"
    assert world("appointments", "external_id,store,vin,starts_at,status", ahead).created == 1
    assert world("vehicles", VEHICLES, CAR.replace("2024-01-10", "2026-12-01")).created == 1


def test_second_row_of_a_key_is_rejected_over_chunks(
    world: Loader, settings: pytest.FixtureRequest
) -> None:
    settings.IMPORT_CHUNK_ROWS = 2  # type: ignore[attr-defined]
    rows = [f"C{n},NORTH,Ann,13812345678" for n in (2, 3, 4, 5, 2)]
    record = world("customers", CUSTOMERS, *rows)
    assert counts(record) == (4, 0, 0, 1)
    assert reasons(record) == [(6, "external_id", "duplicate")]


def test_one_bad_row_of_ten_thousand_leaves_the_others(world: Loader) -> None:
    rows = [f"W{n},NORTH,{VIN},2024-06-01 09:00,6000,repair,1" for n in range(100, 10_100)]
    rows[5000] = rows[5000].replace(",6000,", ",-6000,")
    record = world("visits", VISITS, *rows)
    assert counts(record) == (9_999, 0, 0, 1)
    assert reasons(record) == [(5002, "odometer_km", "negative")]


def test_row_says_that_its_parent_was_rejected(world: Loader) -> None:
    from exchange.importing import Fallen

    fallen = Fallen()
    world("customers", CUSTOMERS, "C2,NORTH,,1", fallen=fallen)
    cars = world("vehicles", VEHICLES, CAR.replace("C1", "C2"), fallen=fallen)
    assert reasons(cars) == [(2, "customer", "parent_rejected")]
    orders = world("visits", VISITS, ORDER.replace(VIN, CAR[:17]), fallen=fallen)
    assert reasons(orders) == [(2, "vin", "parent_rejected")]


def test_referrers_that_fall_take_those_they_referred_along(world: Loader) -> None:
    header = CUSTOMERS + ",referred_by"
    rows = ["C4,NORTH,Di,138,C3", "C3,NORTH,Cy,138,C2", "C2,NORTH,,138,", "C5,NORTH,Ed,138,C1"]
    record = world("customers", header, *rows)
    assert counts(record) == (1, 0, 0, 3)
    assert reasons(record) == [
        (2, "referred_by", "unknown_customer"),
        (3, "referred_by", "unknown_customer"),
        (4, "name", "required"),
    ]


def test_values_are_masked_and_rows_sealed(world: Loader) -> None:
    record = world("customers", CUSTOMERS + ",email", "C2,NORTH,王小明,13912345678," + "m" * 201)
    row = ImportRejection.objects.get(file=record)
    assert (row.column, row.value_masked) == ("email", "m***")
    assert b"13912345678" not in bytes(row.row_sealed)
    assert row_of(row)[3] == "13912345678"


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("phone", "139 1234 5678", "139****5678"),
        ("phone", "12", "**"),
        ("name", "王小明", "王***"),
        ("vin", VIN, "LSV****3294"),
        ("amount", "-5", "-5"),
        ("work_order_no", "13912345678", "[phone]"),
        ("", "anything", "a***"),
    ],
)
def test_shown_values_hold_no_personal_data(column: str, value: str, shown: str) -> None:
    assert masked(column, value) == shown


PAYLOADS = [
    "=1+1",
    "+8613812345678",
    "-2",
    "@SUM(A1)",
    "＝1",
    "'=1",
    "'plain",
    "a=b",
    "\N{COMMERCIAL AT}x",
]


def test_rejected_rows_come_back_safe_for_spreadsheets_and_can_be_imported(world: Loader) -> None:
    rows = [f"C{n + 10},NORTH,{text},1381234567{n}" for n, text in enumerate(PAYLOADS)]
    wrong = world("customers", CUSTOMERS + ",gender", *(row + ",other" for row in rows))
    assert wrong.rejected == len(PAYLOADS)
    text = "".join(rejected_rows_csv(wrong))
    cells = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert cells[0] == [*CUSTOMERS.split(","), "gender", "reason"]
    assert not any(cell and cell[0] in "=+-@＝" for row in cells for cell in row)
    mended = world.path("mended.csv", text.replace(",other,", ",female,"))
    assert counts(load_file(mended, "customers", now=NOW)) == (len(PAYLOADS), 0, 0, 0)
    with all_stores():
        found = Customer.objects.filter(gender="female").order_by("external_id")
        assert [row.name for row in found] == [text.replace("'=", "=") for text in PAYLOADS]


def test_quote_is_added_only_where_a_formula_could_start() -> None:
    assert [guarded(text) for text in ("=1", "1", "", "'=1", "a")] == ["'=1", "1", "", "'=1", "a"]


def test_loads_log_no_personal_data(world: Loader, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="exchange"):
        record = world("customers", CUSTOMERS, "C2,NORTH,王小明,13912345678", "C2,NORTH,x,1")
    assert "王小明" not in caplog.text
    assert "13912345678" not in caplog.text + ImportFile.objects.get(pk=record.pk).error


def test_load_for_one_group_cannot_touch_another(world: Loader, elsewhere: Store) -> None:
    record = world("customers", CUSTOMERS, "C1,NORTH,Ann,1", group=elsewhere.group)
    assert reasons(record) == [(2, "store", "unknown_store")]
    record = world("stores", "code,name", "NORTH,Mine now", group=elsewhere.group)
    assert reasons(record) == [(2, "group", "other_group")]
    record = world("staff", "code,name,store,role", "BEN,Ben,ELSE,admin", group=elsewhere.group)
    assert reasons(record) == [(2, "store", "other_group")]


def test_load_for_some_stores_rejects_the_others(world: Loader, south: Store) -> None:
    rows = ["C2,NORTH,Ann,13812345678", "C3,SOUTH,Bo,13812345679"]
    record = world("customers", CUSTOMERS, *rows, stores=frozenset({"SOUTH"}))
    assert reasons(record) == [(2, "store", "other_store")]
    assert record.created == 1


def test_fault_of_the_database_quotes_no_row(
    world: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import DataError

    from common.exceptions import DomainError

    def fail(*_args: object) -> None:
        raise DataError('invalid input: "13912345678"')

    monkeypatch.setattr("exchange.importing.load.run_chunk", fail)
    with pytest.raises(DomainError) as caught:
        world("customers", CUSTOMERS, "C2,NORTH,Ann,13912345678")
    assert "13912345678" not in caught.value.message
    assert ImportFile.objects.latest("pk").state == "failed"
    with all_stores():
        assert Visit.objects.count() == 1
