"""Files are read in every form EXCHANGE allows, or refused with what is wrong."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from common.exceptions import Unreadable
from customers.models import Customer, Vehicle, Visit
from exchange.importing import load_file
from exchange.importing.reader import Broken, open_table
from exchange.models import ImportFile
from stores.models import Store
from stores.scope import all_stores
from tests.exchange.loading import CUSTOMERS, NOW, VIN, Loader, counts

pytestmark = pytest.mark.django_db


@pytest.fixture
def loader(tmp_path: Path) -> Loader:
    return Loader(tmp_path)


def _names() -> list[str]:
    with all_stores():
        return list(Customer.objects.order_by("external_id").values_list("name", flat=True))


CHINESE = "客户编号,门店,姓名,手机\nC1,NORTH,单雄信,13812345678\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_chinese_headings_and_names_are_read_in_every_encoding(
    north: Store, loader: Loader, encoding: str
) -> None:
    path = loader.path("customers.csv", CHINESE.encode(encoding))
    assert counts(load_file(path, "customers", now=NOW)) == (1, 0, 0, 0)
    assert _names() == ["单雄信"]


def test_columns_come_in_any_order_and_unknown_ones_are_told(north: Store, loader: Loader) -> None:
    record = loader(
        "customers", "Phone*,colour,NAME,external id,Store", "13812345678,red,Ann,1,NORTH"
    )
    assert counts(record) == (1, 0, 0, 0)
    assert record.ignored_columns == ["colour"]


def test_reason_column_of_a_corrected_file_is_passed_over_in_silence(
    north: Store, loader: Loader
) -> None:
    record = loader("customers", CUSTOMERS + ",reason", "1,NORTH,Ann,13812345678,too long")
    assert (record.created, record.ignored_columns) == (1, [])


def _workbook(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_workbook_with_real_dates_and_numbers_is_read(north: Store, loader: Loader) -> None:
    loader.customer()
    header = ["vin", "customer", "store", "brand", "model", "powertrain", "delivered_on"]
    row = [VIN, "C1", "NORTH", "Volta", "One", "ICE", datetime(2024, 1, 10)]  # noqa: DTZ001
    cars = loader.path("vehicles.xlsx", _workbook(header, row))
    assert counts(load_file(cars, "vehicles", now=NOW)) == (1, 0, 0, 0)
    header = ["work_order_no", "store", "vin", "arrived_at", "odometer_km", "kind", "amount"]
    row = [1001, "NORTH", VIN, datetime(2024, 6, 1, 9, 30), 5000.0, "保养", 0.1 + 0.2]  # noqa: DTZ001
    orders = loader.path("visits.xlsx", _workbook(header, row, [None] * 7))
    assert counts(load_file(orders, "visits", now=NOW)) == (1, 0, 0, 0)
    with all_stores():
        assert Vehicle.objects.get().delivered_on == date(2024, 1, 10)
        visit = Visit.objects.get()
    assert (visit.work_order_no, str(visit.amount), visit.kind) == ("1001", "0.30", "maintenance")
    assert visit.arrived_at == datetime.fromisoformat("2024-06-01T09:30:00+08:00")


def _zip(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


GOOD = _workbook(CUSTOMERS.split(","), ["C1", "NORTH", "Ann", "13812345678"])
BOMB = _zip(xl__workbook_xml=b"<a/>", xl__sheet_xml=b"0" * 30_000_000)
UNREADABLE = {
    "empty": (b"", "empty"),
    "blank": (b"\n \n", "empty"),
    "utf-16": (CHINESE.encode("utf-16"), "encoding"),
    "neither encoding": (b"external_id,store,name,phone\n1,N,\xff\xff\xff,1\n", "encoding"),
    "damaged utf-8": (CHINESE.encode() + b"C2,NORTH,\xe5\xbc,1\n", "encoding"),
    "old excel": (b"\xd0\xcf\x11\xe0" + b"0" * 100, "old_excel"),
    "truncated workbook": (GOOD[: len(GOOD) // 2], "damaged"),
    "zip bomb": (BOMB, "bomb"),
    "many parts": (
        _zip(xl__workbook_xml=b"<a/>", **{f"part{n}": b"" for n in range(200)}),
        "bomb",
    ),
    "macros": (_zip(xl__workbook_xml=b"<a/>", xl__vbaProject=b"x"), "macros"),
    "other archive": (_zip(readme=b"hello"), "not_xlsx"),
    "entities": (_zip(xl__workbook_xml=b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'), "dtd"),
    "linked": (_zip(xl__workbook_xml=b"<a/>", xl__externalLinks__a_xml=b"<a/>"), "links"),
    "no sheets": (_zip(xl__workbook_xml=b"<a/>"), "damaged"),
    "missing columns": (b"external_id,store\n1,NORTH\n", "missing_columns"),
    "column twice": (b"external_id,store,name,phone,phone\n1,NORTH,A,1,1\n", "header"),
    "quote in heading": (b'"external_id"x,store\n1,2\n', "header"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable_file_changes_nothing_and_says_why(
    north: Store, loader: Loader, name: str
) -> None:
    content, code = UNREADABLE[name]
    with pytest.raises(Unreadable) as caught:
        load_file(loader.path("customers.csv", content), "customers", now=NOW)
    assert caught.value.code == code
    record = ImportFile.objects.get()
    assert (record.state, record.error) == ("failed", caught.value.message)
    assert _names() == []


def test_missing_columns_are_named(north: Store, loader: Loader) -> None:
    with pytest.raises(Unreadable) as caught:
        loader("customers", "external_id,store", "1,NORTH")
    assert caught.value.data == {"columns": ["name", "phone"]}
    assert "phone (电话)" in caught.value.message


def test_file_with_too_many_rows_changes_nothing(
    north: Store, loader: Loader, settings: pytest.FixtureRequest
) -> None:
    settings.IMPORT_MAX_ROWS = 2  # type: ignore[attr-defined]
    with pytest.raises(Unreadable):
        loader.customer("C2,NORTH,Bo,13812345679", "C3,NORTH,Cy,13812345670")
    assert _names() == []


def test_broken_quotes_cost_their_row_only(loader: Loader) -> None:
    table = open_table(loader.path("a.csv", 'a,b\n1,"x"y\n2,fine\n3,"two\nlines"\n4,"open\n'))
    found = [(line, "bad" if isinstance(cells, Broken) else cells) for line, cells in table.rows()]
    assert found == [(2, "bad"), (3, ["2", "fine"]), (4, ["3", "two\nlines"]), (6, "bad")]


def test_semicolons_and_tabs_separate_when_the_heading_has_no_comma(
    north: Store, loader: Loader
) -> None:
    for sign in (";", "\t"):
        text = f"{CUSTOMERS}\nC1,NORTH,Ann,13812345678\n".replace(",", sign)
        record = load_file(loader.path("a.csv", text), "customers", now=NOW)
        assert record.rejected == 0


def test_table_may_stand_anywhere_on_the_sheet(loader: Loader) -> None:
    book = openpyxl.Workbook()
    for row, column, value in ((3, 2, "a"), (3, 3, "b"), (6, 2, 1), (6, 3, True)):
        book.active.cell(row, column, value)
    out = io.BytesIO()
    book.save(out)
    table = open_table(loader.path("a.xlsx", out.getvalue()))
    assert table.header == ["a", "b"]
    assert list(table.rows()) == [(6, ["1", "1"])]


def test_sheet_that_fills_the_memory_is_refused(loader: Loader) -> None:
    book = openpyxl.Workbook()
    book.active.cell(1, 1, "a")
    book.active.cell(1_048_576, 16_384, "z")
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(Unreadable):
        open_table(loader.path("a.xlsx", out.getvalue()))
