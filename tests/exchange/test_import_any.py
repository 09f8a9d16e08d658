"""T34: whatever stands in a file, every row is either taken or rejected with a reason."""

import csv
import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from common.exceptions import Unreadable
from exchange.importing import load_file
from exchange.importing.cells import Bad
from exchange.importing.kinds import KINDS
from exchange.importing.reader import Broken, open_table
from exchange.importing.reasons import Reason
from exchange.importing.row import Row, StoreInfo
from exchange.models import ImportFile, ImportRejection
from stores.models import Store
from tests.exchange.loading import CUSTOMERS, NOW, VIN
from tests.factories import TODAY
from tests.figures import say, size

pytestmark = pytest.mark.proof
SEED = 34
LONGEST_SECONDS = 5
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
HEADING = [*CUSTOMERS.split(","), "birthday", "consent_at", "consent"]
# What a workbook can hold: no control characters, but numbers and dates.
SHEET_CELLS = st.one_of(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=40).filter(
        lambda text: not text.startswith("=")
    ),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.booleans(),
    st.none(),
)


class Tally:
    """How many examples there were, and how long the slowest took."""

    def __init__(self, what: str) -> None:
        self.what, self.examples, self.slowest = what, 0, 0.0
        self.uncaught = 0

    @contextmanager
    def example(self) -> Iterator[None]:
        begun = time.monotonic()
        try:
            yield
        except Exception:
            self.uncaught += 1
            raise
        finally:
            self.examples += 1
            self.slowest = max(self.slowest, time.monotonic() - begun)

    def tell(self, *, control: bool = False) -> None:
        say(
            "T34", what=self.what, control=control, seed=SEED, examples=self.examples,
            uncaught=self.uncaught, slowest_seconds=round(self.slowest, 2),
        )  # fmt: skip

    def judge(self, each: Callable[[], None]) -> None:
        """Goes through the examples; hypothesis raises at the first that fails."""
        try:
            each()
        finally:
            self.tell()
        assert self.slowest <= LONGEST_SECONDS


def fuzz(examples: int, **given_as: Any) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """So many examples of a fixed seed."""

    def decorate(test: Callable[..., None]) -> Callable[[], None]:
        quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
        chosen = settings(
            max_examples=examples, deadline=None, database=None, suppress_health_check=quiet
        )
        return seed(SEED)(chosen(given(**given_as)(test)))

    return decorate


def _parse(cell: str, place: int) -> None:
    row = Row({"NORTH": STORE}, {}, STORE, uuid4())
    try:
        staged = PARSERS[place](cell.strip(), row)
    except Bad:
        return
    assert "\n" not in staged
    staged.encode()


def _parsers(tally: Tally, examples: int) -> Callable[[], None]:
    @fuzz(
        examples,
        cell=CELLS.filter(lambda text: text.strip()),
        place=st.integers(0, len(PARSERS) - 1),
    )
    def each(cell: str, place: int) -> None:
        with tally.example():
            _parse(cell, place)

    return each


def test_every_parser_takes_a_cell_or_says_why_not() -> None:
    tally = Tally("parsers")
    tally.judge(_parsers(tally, size(1_500, 15_000)))


def test_control_a_parser_that_forgets_a_case_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "PARSERS", [lambda cell, _row: str(float(cell))])
    tally = Tally("parsers")
    with pytest.raises(ValueError, match="could not convert"):
        _parsers(tally, 200)()
    tally.tell(control=True)
    assert tally.uncaught


def test_every_file_is_read_or_refused(tmp_path: Path) -> None:
    tally, path = Tally("files of any bytes"), tmp_path / "any"

    @fuzz(size(300, 5_000), content=st.binary(max_size=300))
    def each(content: bytes) -> None:
        path.write_bytes(content)
        with tally.example():
            try:
                for _line, cells in open_table(path).rows():
                    assert isinstance(cells, (Broken, list))
            except Unreadable:
                return

    tally.judge(each)


def _adds_up(path: Path) -> ImportFile:
    """Loads twice: nothing is lost, everything rejected says where and why, nothing changes."""
    record = load_file(path, "customers", now=NOW)
    taken = record.created + record.updated + record.unchanged
    assert taken + record.rejected == record.rows
    rejections = list(ImportRejection.objects.filter(file=record))
    assert len(rejections) == record.rejected
    for one in rejections:
        assert one.line > 1
        assert one.column in {"", *HEADING}
        assert one.reason in set(Reason)
    again = load_file(path, "customers", now=NOW)
    assert (again.created, again.updated, again.unchanged) == (0, 0, taken)
    return record


def _csv(rows: list[list[str]], tail: str) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([HEADING, *rows])
    return (out.getvalue() + tail).encode("utf-8", "replace")


# Each load in a transaction of its own: one for all would hold thousands of locks.
@pytest.mark.django_db(transaction=True)
def test_rows_of_text_taken_and_rejected_add_up(north: Store, tmp_path: Path) -> None:
    tally, path = Tally("rows of CSV"), tmp_path / "customers.csv"

    @fuzz(
        size(40, 500),
        rows=st.lists(st.lists(CELLS, min_size=1, max_size=8), max_size=12),
        tail=st.text(alphabet='",\nab\r', max_size=12),
    )
    def each(rows: list[list[str]], tail: str) -> None:
        path.write_bytes(_csv(rows, tail))
        with tally.example():
            _adds_up(path)

    tally.judge(each)


# Each load in a transaction of its own: one for all would hold thousands of locks.
@pytest.mark.django_db(transaction=True)
def test_rows_of_workbooks_taken_and_rejected_add_up(north: Store, tmp_path: Path) -> None:
    tally, path = Tally("rows of workbooks"), tmp_path / "customers.xlsx"

    @fuzz(
        size(8, 100),
        rows=st.lists(st.lists(SHEET_CELLS, min_size=1, max_size=8), max_size=12),
        hurt=st.none() | st.integers(0, 10_000),
    )
    def each(rows: list[list[object]], hurt: int | None) -> None:
        _write_workbook(path, rows, hurt)
        with tally.example():
            try:
                _adds_up(path)
            except Unreadable:
                assert hurt is not None

    tally.judge(each)


def _write_workbook(path: Path, rows: list[list[object]], hurt: int | None) -> None:
    """The rows as a workbook; `hurt` is a byte that is spoilt."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in [HEADING, *rows]:
        sheet.append(row)
    book.save(path)
    if hurt is not None:
        content = bytearray(path.read_bytes())
        content[hurt % len(content)] ^= 0x55
        path.write_bytes(content)
