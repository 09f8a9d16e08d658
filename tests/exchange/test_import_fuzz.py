"""What parsers of names, VINs and readings hold for everything they are given."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.rules import Reading, accepted_readings, has_vin_check_digit, is_vin, name_keys
from tests.exchange.loading import VIN


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
