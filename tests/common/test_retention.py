"""Which backups stay."""

from datetime import datetime, timedelta
from pathlib import Path

from common.retention import Keep, made_in, named, prune

LAST = datetime(2026, 6, 15, 3, 0)  # noqa: DTZ001 - a name's moment
KEEP = Keep(daily=7, weekly=4, monthly=12)


def nights(count: int) -> list[datetime]:
    return [LAST - timedelta(days=back) for back in range(count)]


def test_two_years_of_nights_leave_days_weeks_and_months() -> None:
    kept = KEEP.of(nights(730))
    assert {LAST - timedelta(days=back) for back in range(7)} <= kept
    months = {(moment.year, moment.month) for moment in kept}
    assert len(months) == 12
    # Two of the weeks end among the days, two of the months among days and weeks.
    assert len(kept) == 7 + 4 - 2 + 12 - 2
    assert min(kept) == datetime(2025, 7, 31, 3, 0)  # noqa: DTZ001


def test_of_several_a_day_the_newest_stays() -> None:
    noon = LAST + timedelta(hours=9)
    kept = Keep(daily=1, weekly=0, monthly=0).of([LAST, noon])
    assert kept == {noon}


def test_what_stood_still_for_a_year_loses_nothing_and_the_newest_always_stays() -> None:
    old = [LAST - timedelta(days=400 + back) for back in range(3)]
    assert KEEP.of(old) == set(old)
    assert Keep(0, 0, 0).of(old) == {old[0]}


def test_only_what_it_named_itself_is_deleted(tmp_path: Path) -> None:
    for moment in nights(30):
        named(tmp_path, moment).touch()
    others = ["monday.huitou", "2026-01-01.huitou", "2026-01-01-030000.huitou.part", "base"]
    for name in others:
        (tmp_path / name).touch()
    gone = prune(tmp_path, Keep(daily=2, weekly=0, monthly=0))
    assert len(gone) == 28
    assert set(made_in(tmp_path)) == set(nights(2))
    assert all((tmp_path / name).exists() for name in others)
