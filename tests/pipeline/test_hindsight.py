"""Judging past month-ends: each once, bounded a night, whoever is killed; late facts count."""

import json
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command

from customers.models import Vehicle
from lifecycle.models import BoardCell, BoardDay, JudgedWarning
from lifecycle.rules import hindsight as rules
from lifecycle.selectors import cells
from lifecycle.services import hindsight as judging
from lifecycle.services.reports import report
from lifecycle.services.scope import Scope
from pipeline.boards import ALL_BOARDS, REPORTS
from pipeline.models import StoreDay
from pipeline.policies import KINDS
from pipeline.services.hindsight import judge_months, month_scopes
from stores.models import Store
from stores.policies import in_force
from stores.scope import all_stores
from stores.services.policies import resolve
from tests.factories import (
    TODAY,
    OwnershipFactory,
    PolicySetFactory,
    StoreDayFactory,
    StoreFactory,
    VehicleFactory,
    VisitFactory,
)

pytestmark = pytest.mark.django_db
# The months of the last 24 whose 90 days are over on 15 June 2026.
MONTHS = 21
LAST = date(2026, 2, 28)


def serviced(store: Store, *days: date, delivered_on: date = date(2024, 1, 10)) -> Vehicle:
    """A car with a maintenance visit on each of these days; due 180 to 190 days after the last."""
    car: Vehicle = VehicleFactory(store=store, customer__store=store, delivered_on=delivered_on)
    OwnershipFactory(vehicle=car)
    for on in days:
        km = 25 * (on - delivered_on).days
        VisitFactory(vehicle=car, arrived_on=on, odometer_km=km)
    return car


@pytest.fixture
def store(db: None) -> Store:
    """Thirty cars that were serviced in summer 2025: every third came again, half a year later."""
    made: Store = StoreFactory()
    with all_stores():
        StoreDayFactory(store=made, on=TODAY)
        for n in range(30):
            on = date(2025, 7, 1) + timedelta(days=2 * n)
            again = [on + timedelta(days=200)] if n % 3 == 0 else []
            serviced(made, date(2024, 2, 9), on, *again)
    return made


def later(store: Store, days: int) -> None:
    with all_stores():
        StoreDay.objects.filter(store=store).update(on=TODAY + timedelta(days=days))


def judged_days(store: Store) -> Counter[date]:
    with all_stores():
        found = BoardDay.objects.filter(store=store, board__startswith="warnings ")
        return Counter(found.values_list("as_of", flat=True))


def rows_of(store: Store) -> set[Any]:
    names = ("vehicle", "month_end_on", "risk_level", "score", "is_due", "has_come", "is_lost")
    with all_stores():
        return set(JudgedWarning.objects.filter(store=store).values_list(*names))


def counts_of(store: Store) -> set[Any]:
    names = ("period", "item", "part", "n", "hits")
    with all_stores():
        found = BoardCell.objects.filter(store=store, board="warnings")
        return set(found.values_list(*names))


def test_each_month_whose_days_are_over_is_judged_once(store: Store) -> None:
    assert judge_months() == MONTHS
    assert judged_days(store) == {TODAY: MONTHS}
    kept, counted = rows_of(store), counts_of(store)
    assert {row[1] for row in kept} <= set(rules.month_ends(TODAY))
    assert max(row[1] for row in kept) == LAST
    assert judge_months() == 0
    assert (rows_of(store), counts_of(store)) == (kept, counted)


def test_a_store_without_history_is_judged_and_has_nothing(db: None) -> None:
    made = StoreFactory()
    with all_stores():
        StoreDayFactory(store=made, on=TODAY)
    assert judge_months() == MONTHS
    assert rows_of(made) == set()
    assert counts_of(made) == set()
    assert judge_months() == 0


def test_a_store_without_a_day_is_left_alone(db: None) -> None:
    StoreFactory()
    assert judge_months() == 0


def test_nothing_new_is_begun_when_the_time_is_up(store: Store) -> None:
    assert judge_months(seconds=-1) == 0
    assert judged_days(store) == {}


def test_the_next_day_judges_nothing_and_the_next_month_only_the_new_one(store: Store) -> None:
    judge_months()
    later(store, 1)
    assert judge_months() == 0
    # 29 June is the 90th day after 31 March; May of two years ago leaves the 24 months in July.
    later(store, 14)
    assert judge_months() == 1
    with all_stores():
        assert BoardDay.objects.filter(store=store, board="warnings 2026-03").exists()


def test_after_a_month_one_is_judged_anew_each_day_the_oldest_judgement_first(
    store: Store,
) -> None:
    judge_months()
    later(store, 14)
    judge_months()
    for days in (30, 31):
        later(store, days)
        assert (judge_months(), judge_months()) == (1, 0)
    assert judged_days(store)[TODAY + timedelta(days=30)] == 1
    with all_stores():
        newest = BoardDay.objects.get(store=store, board="warnings 2026-02")
    assert newest.as_of == TODAY + timedelta(days=30)


def test_a_visit_that_comes_late_changes_what_came_of_a_flag_and_no_flag(store: Store) -> None:
    judge_months()
    before = rows_of(store)
    with all_stores():
        gone = JudgedWarning.objects.filter(month_end_on=LAST, has_come=False, is_due=True).first()
        assert gone
        VisitFactory(vehicle=gone.vehicle, arrived_on=LAST + timedelta(days=90), odometer_km=30000)
    # 28 June is 30 days after the judgement; 31 March is judged from the 29th on.
    later(store, 13)
    with all_stores():
        BoardDay.objects.filter(store=store).update(as_of=TODAY - timedelta(days=17))
    assert judge_months() == 1
    changed = {row[:5] for row in before ^ rows_of(store)}
    assert changed == {(gone.vehicle_id, LAST, gone.risk_level, gone.score, True)}
    with all_stores():
        gone.refresh_from_db()
        assert gone.has_come


def test_killed_between_a_month_and_its_figures_it_is_judged_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: Any) -> int:
        raise Killed

    refresh = judging.refresh_board
    monkeypatch.setattr(judging, "refresh_board", killed)
    with pytest.raises(Killed):
        judge_months()
    assert (rows_of(store), counts_of(store), judged_days(store)) == (set(), set(), {})
    monkeypatch.setattr(judging, "refresh_board", refresh)
    assert judge_months() == MONTHS
    assert rows_of(store)


def test_a_month_that_fails_does_not_keep_the_others(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = judging.judge

    def fails_for_the_last(then: Scope, today: Scope) -> int:
        if then.as_of == LAST:
            raise RuntimeError("no")
        return judge(then, today)

    monkeypatch.setattr("pipeline.services.hindsight.judge", fails_for_the_last)
    assert judge_months() == MONTHS - 1
    monkeypatch.setattr("pipeline.services.hindsight.judge", judge)
    assert judge_months() == 1


def test_flags_are_those_of_the_settings_of_their_day(store: Store) -> None:
    """Above 99 nothing is low: in force from 1 February to 30 April."""
    judge_months()
    shipped = {row for row in rows_of(store) if row[1] == LAST}
    with all_stores():
        everything = in_force(KINDS, {"warning": {"low_above": 100, "high_below": 100}}, {})
        strict = PolicySetFactory(store=store, values=everything)
        StoreDayFactory(store=store, on=date(2026, 2, 1), policy_set=strict)
        StoreDayFactory(store=store, on=date(2026, 5, 1))
        JudgedWarning.objects.all().delete()
        BoardDay.objects.all().delete()
    judge_months()
    now = {row for row in rows_of(store) if row[1] == LAST}
    scores = {row[0]: row[3] for row in shipped}
    assert {row[2] for row in now if row[0] in scores and row[3] < 100} == {"high"}
    assert {row[0]: row[3] for row in now if row[0] in scores} == scores


def test_cells_count_the_kept_rows_and_add_up(store: Store) -> None:
    judge_months()
    due = [row for row in rows_of(store) if row[4]]
    with all_stores():
        found = cells([store.pk], ["warnings"])["warnings"]
    of = rules.period("12m", TODAY)
    in_year = [row for row in due if of.has(f"{row[1]:%Y-%m}")]
    by_level = Counter(row[2] for row in in_year)
    levels = {one.level: one.flagged for one in rules.levels(found, of)}
    assert levels == {level: by_level[level] for level in rules.LEVELS}
    assert sum(one.away.n for one in rules.bands(found, of)) == len(in_year)
    for rule in rules.RULES:
        steps = rules.ranking(found, "12m", rule)
        assert sum(step.n for step in steps) == len(in_year)
        assert sum(step.away for step in steps) == sum(not row[5] for row in in_year)
        assert sum(step.lost for step in steps) == sum(row[6] for row in in_year)


def test_the_report_equals_the_kept_figures_and_writes_nothing(store: Store) -> None:
    with all_stores():
        today = Scope(TODAY, resolve([store], KINDS))
        said = report(REPORTS["warnings"], ALL_BOARDS, [today], month_scopes)
        assert not JudgedWarning.objects.exists()
    judge_months()
    with all_stores():
        found = cells([store.pk], ["warnings"])["warnings"]
    assert said == {"as_of": TODAY.isoformat(), **rules.as_json(found, TODAY)}
    assert said["levels"][0]["flagged"] > 0


def test_the_command_prints_the_report_of_any_day(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("report", "warnings", "--json", "--as-of", "2026-01-31")
    said = json.loads(capsys.readouterr().out)
    assert (said["as_of"], said["last_month"]) == ("2026-01-31", "2025-10")
    assert [one["level"] for one in said["levels"]] == ["high", "medium", "low"]
    call_command("report", "warnings", "--as-of", "2026-01-31")
    assert "level high  flagged " in capsys.readouterr().out
