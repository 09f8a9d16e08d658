"""T32: what is taken away holds no live cell, and comes back as it was."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from django.test import Client

from common import spreadsheets
from common.spreadsheets import RISKY
from customers.models import Customer
from exchange.importing import rejections
from exchange.importing.cells import unguarded
from exchange.importing.kinds import KINDS
from stores.models import Staff, Store
from stores.scope import all_stores
from tests.common.payloads import PAYLOADS
from tests.dashboards.lists import car, computed_day, customer, task
from tests.exchange.loading import Loader
from tests.figures import say

pytestmark = [pytest.mark.proof, pytest.mark.django_db]
TEXTS = ("name", "notes", "interests", "occupation", "address", "source", "email", "wechat_id")
HEADING = ["external_id", "store", "phone", *TEXTS]


@pytest.fixture
def loader(tmp_path: Path) -> Loader:
    return Loader(tmp_path)


@pytest.fixture
def open_export(client: Client, monkeypatch: pytest.MonkeyPatch, north: Store, ben: Staff):
    """The workbook of a list on which every text is a payload, as its cells."""

    def get(*, is_guarded: bool = True):
        if not is_guarded:
            monkeypatch.setattr(spreadsheets, "_cell", _as_it_is)
        computed_day(north, advisor_capacity=99)
        for number, payload in enumerate(PAYLOADS):
            text = payload.replace("\0", "")
            fields = {"brand": text, "model": text, "plate": text[:12]}
            task(car(customer(north, text), **fields), ben, value=number + 1)
        ben.name = "=HYPERLINK(1)"
        ben.save()
        client.force_login(ben)
        content = client.get("/today/list.xlsx").content
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        return [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]

    return get


def _as_it_is(sheet: object, value: object) -> object:
    """A cell without the guard: openpyxl takes what begins with = for a formula."""
    return spreadsheets.WriteOnlyCell(sheet, value)


def _live(cells: list[object]) -> int:
    """Cells that a spreadsheet would run."""
    return sum(
        cell.data_type == "f" or (isinstance(cell.value, str) and cell.value[:1] in RISKY)
        for cell in cells
    )


def test_no_cell_of_the_workbook_is_live(open_export) -> None:
    cells = open_export()
    say("T32", what="workbook", payloads=len(PAYLOADS), cells=len(cells), live=_live(cells))
    assert len(cells) > 4 * len(PAYLOADS)
    assert _live(cells) == 0


def test_control_without_the_guard_cells_are_live(open_export) -> None:
    cells = open_export(is_guarded=False)
    say("T32", what="workbook", control=True, cells=len(cells), live=_live(cells))
    assert _live(cells) >= len(PAYLOADS)


def _rejected(loader: Loader, kind: str) -> tuple[list[list[str]], str]:
    """Rows of payloads in every column, all rejected, and the file given back."""
    columns = [column.name for column in KINDS[kind].columns]
    # A row of blanks is no row.
    rows = [[*([payload] * len(columns)), "x"] for payload in PAYLOADS]
    record = loader.rows(kind, [*columns, "more"], rows)
    assert record.rejected == len(PAYLOADS)
    return rows, "".join(rejections.rejected_rows_csv(record))


def _cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("kind", KINDS)
def test_no_cell_of_rejected_rows_is_live_and_each_comes_back(
    north: Store, loader: Loader, kind: str
) -> None:
    rows, text = _rejected(loader, kind)
    _heading, *lines = _cells(text)
    cells = [cell for line in lines for cell in line]
    live = sum(cell[:1] in RISKY for cell in cells)
    back = [[unguarded(cell) for cell in line[:-1]] for line in lines]
    stripped = [[cell.strip() for cell in row] for row in rows]
    changed = sum(a != b for a, b in zip(back, stripped, strict=True))
    say("T32", what=f"rejected rows of {kind}", cells=len(cells), live=live, changed=changed)
    assert (live, changed) == (0, 0)


def test_control_without_the_guard_rejected_rows_are_live(
    north: Store, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejections, "guarded", str)
    _rows, text = _rejected(loader, "customers")
    live = sum(cell[:1] in RISKY for line in _cells(text) for cell in line)
    say("T32", what="rejected rows of customers", control=True, live=live)
    assert live >= len(PAYLOADS)


def _kept() -> list[tuple[str, ...]]:
    names = ("name", "notes", "interests", "occupation", "address", "source", "email", "wechat_id")
    with all_stores():
        found = Customer.objects.order_by("external_id")
        return [(one.external_id, *(getattr(one, name) for name in names)) for one in found]


def test_corrected_rows_are_imported_as_the_original_would_have_been(
    north: Store, loader: Loader
) -> None:
    rows = [
        [f"C{number:02}", "NORTH", "13812345678", *(payload for _name in TEXTS)]
        for number, payload in enumerate(PAYLOADS)
    ]
    direct = loader.rows("customers", HEADING, rows)
    expected = _kept()
    with all_stores():
        Customer.objects.all().delete()
    strangers = [[row[0], "NOWHERE", *row[2:]] for row in rows]
    refused = loader.rows("customers", HEADING, strangers)
    given_back = "".join(rejections.rejected_rows_csv(refused)).replace("NOWHERE", "NORTH")
    again = loader.file("customers", given_back)
    say(
        "T32", what="rejected rows imported again", rows=len(rows), created=again.created,
        differing=sum(a != b for a, b in zip(_kept(), expected, strict=True)),
    )  # fmt: skip
    assert refused.rejected == len(rows)
    # Blanks alone are no name, and NUL cannot be stored: those fall both times.
    assert again.created == direct.created > 40
    assert _kept() == expected
