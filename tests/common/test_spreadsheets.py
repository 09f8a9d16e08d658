"""No cell of an exported workbook is a formula; numbers and dates stay what they are."""

import datetime
import io
from decimal import Decimal

import openpyxl
import pytest

from common.spreadsheets import guarded, workbook
from tests.common.payloads import PAYLOADS


def cells(*values):
    content = workbook("List", {"Heading": 20}, [[value] for value in values])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return [row[0] for row in sheet.iter_rows(min_row=2)]


def test_there_are_more_than_forty_payloads():
    assert len(set(PAYLOADS)) > 40


@pytest.mark.parametrize("payload", PAYLOADS, ids=repr)
def test_a_would_be_formula_stays_text_behind_a_quote(payload):
    (cell,) = cells(payload)
    assert cell.data_type == "s"
    # The format itself keeps no NUL and one kind of line end.
    kept = "'" + payload.replace("\0", "")
    assert cell.value.replace("\r", "\n") == kept.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("text", ["#N/A", "1e5", "007", "TRUE", "'=1", "Model Y", "张 = 李", "2-1"])
def test_other_texts_stay_as_they_are(text):
    (cell,) = cells(text)
    assert (cell.data_type, cell.value) == ("s", text)


def test_numbers_and_dates_stay_numbers_and_dates():
    on = datetime.date(2026, 6, 15)
    found = cells(-5, 2.5, Decimal("-1260.50"), on)
    assert [cell.data_type for cell in found] == ["n", "n", "n", "d"]
    assert [cell.value for cell in found[:3]] == [-5, 2.5, -1260.5]
    assert found[3].value.date() == on


def test_control_characters_are_taken_away():
    assert [cell.value for cell in cells("a\0b", "\0\0=1", "\x01=1")] == ["ab", "'=1", "'=1"]


def test_headings_are_guarded_too_and_repeat_in_print():
    content = workbook("A/B [*]", {"=1+1": 12, "Name": 20}, [["a", "b"]])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet["A1"].value == "'=1+1"
    assert (sheet.print_title_rows, sheet.freeze_panes) == ("$1:$1", "A2")
    assert sheet.column_dimensions["B"].width == 20


def test_an_empty_text_is_not_guarded():
    assert guarded("") == ""
