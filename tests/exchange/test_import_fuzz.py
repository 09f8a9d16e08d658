"""Whatever stands in a file, every row is either taken or rejected with a reason."""

import csv
import io
import os
import tempfile
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.exceptions import Unreadable
from customers.rules import Reading, accepted_readings, has_vin_check_digit, is_vin, name_keys
from exchange.importing import load_file
from exchange.importing.cells import Bad
from exchange.importing.kinds import KINDS
from exchange.importing.reader import Broken, open_table
from exchange.importing.row import Row, StoreInfo
from exchange.models import ImportRejection
from stores.models import Store
from tests.exchange.loading import CUSTOMERS, NOW, VIN
from tests.factories import TODAY

STORE = StoreInfo(1, 1, "NORTH", "Asia/Shanghai", TODAY)
PARSERS = [column.parse for kind in KINDS.values() for column in kind.columns if column.staged]
CELLS = st.one_of(
    st.text(max_size=40),
    st.from_regex(r"[0-9+\-/: .TZ,¥]{1,25}", fullmatch=True),
    st.dates().map(str),
    st.datetimes().map(str),
    st.floats().map(str),
    st.sampled_from(["", "\\N", "'=1", "2026-02-30", "1e5", "٣", "9" * 50, "NORTH", "C1", VIN]),
)


@given(cell=CELLS.filter(lambda text: text.strip()), place=st.integers(0, len(PARSERS) - 1))
@settings(max_examples=1500, deadline=None)
def test_every_parser_takes_a_cell_or_says_why_not(cell: str, place: int) -> None:
    row = Row({"NORTH": STORE}, {}, STORE, uuid4())
    try:
        staged = PARSERS[place](cell.strip(), row)
    except Bad:
        return
    assert "\n" not in staged
    staged.encode()


@given(content=st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_every_file_is_read_or_refused(content: bytes) -> None:
    handle, name = tempfile.mkstemp()
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    try:
        for _line, cells in open_table(Path(name)).rows():
            assert isinstance(cells, (Broken, list))
    except Unreadable:
        return
    finally:
        Path(name).unlink()


def _written(rows: list[list[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*CUSTOMERS.split(","), "birthday", "consent_at", "consent"])
    writer.writerows(rows)
    return out.getvalue()


@pytest.mark.django_db
@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=8), max_size=12),
    tail=st.text(alphabet='",\nab\r', max_size=12),
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_rows_taken_and_rejected_add_up(
    north: Store, tmp_path: Path, rows: list[list[str]], tail: str
) -> None:
    path = tmp_path / "customers.csv"
    path.write_bytes((_written(rows) + tail).encode("utf-8", "replace"))
    record = load_file(path, "customers", now=NOW)
    taken = record.created + record.updated + record.unchanged
    assert taken + record.rejected == record.rows
    assert ImportRejection.objects.filter(file=record).count() == record.rejected
    again = load_file(path, "customers", now=NOW)
    assert (again.created, again.updated, again.unchanged) == (0, 0, taken)


@given(st.text(max_size=30))
def test_names_always_have_keys(text: str) -> None:
    keys = name_keys(text)
    assert len(keys.initials) <= 60
    assert all(1 <= len(part) <= 4 for part in keys.parts)


@pytest.mark.parametrize(
    ("name", "pinyin"),
    [
        ("单雄信", "shan xiong xin"),
        ("仇英", "qiu ying"),
        ("解珍", "xie zhen"),
        ("曾国藩", "zeng guo fan"),
        ("吕布", "lv bu"),
        ("尉迟恭", "yu chi gong"),
        ("John Smith", "john smith"),
    ],
)
def test_surnames_are_read_as_surnames(name: str, pinyin: str) -> None:
    assert name_keys(name).pinyin == pinyin


@pytest.mark.parametrize(
    ("vin", "fits"), [("1M8GDM9AXKP042788", True), ("1M8GDM9A1KP042788", False), (VIN, True)]
)
def test_check_digit_of_a_vin(vin: str, fits: bool) -> None:
    assert is_vin(vin)
    assert has_vin_check_digit(vin) is fits


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 30_000)), max_size=12))
def test_accepted_readings_only_rise_as_far_as_they_may(pairs: list[tuple[int, int]]) -> None:
    days = sorted(pair[0] for pair in pairs)
    readings = [
        Reading(n, date.fromordinal(740_000 + day), km)
        for n, (day, (_day, km)) in enumerate(zip(days, pairs, strict=True))
    ]
    kept = [reading for reading in readings if reading.id in accepted_readings(readings)]
    assert kept[:1] == readings[:1]
    for before, after in zip(kept, kept[1:], strict=False):
        assert 0 <= after.km - before.km <= 1500 * max((after.on - before.on).days, 1)
