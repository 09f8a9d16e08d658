"""What each result does to each kind of task: the table of TASK-4, whole."""

from types import SimpleNamespace

import pytest

from alerts.choices import NOT_CONNECTED, Result, TaskKind
from alerts.rules.outcomes import Fate, attempts_after, fate, next_channel, rank
from tests.factories import TODAY, at

KINDS = (
    "due_call", "overdue_30", "risk_call", "callback", "retry", "second_visit_48h",
    "second_visit_7d", "second_visit_14d", "second_visit_3d", "booking_confirm", "critical",
    "complaint", "reminder", "correct_data",
)  # fmt: skip
# d done, b booked, r rests, s stays, - left alone; in the order of KINDS.
BY_PHONE = {
    "no_answer":    "r r d d d d d r d s s s s s",
    "busy":         "r r d d d d d r d s s s s s",
    "off":          "r r d d d d d r d s s s s s",
    "booked":       "b b d d b d d b d d s s - -",
    "callback":     "r r d d d r r r r r r r - -",
    "refused":      "d d d d d d d d d d s s - -",
    "elsewhere":    "d d d d d d d d d d s s - -",
    "connected":    "r r d d d d d d d d s s - -",
    "messaged":     "r r - - - - d - - - s s - -",
    "settled":      "- - d - - - - - - - d d - -",
    "done":         "- - - - - - - - - - - - d d",
    "wrong_number": "r r d d d r r r r s s s - -",
    "vehicle_gone": "d d d d d d d d d d s s - -",
    "do_not_call":  "d d d d d d d d d d s s - -",
}  # fmt: skip
# Of another car than the one the outcome names.
OTHER_CAR = {
    "booked":       "r r d d d d d d d - s s - -",
    "refused":      "r r d d d d d d d - s s - -",
    "elsewhere":    "r r d d d d d d d - s s - -",
    "vehicle_gone": "- - d - - - - - - - - - - -",
}  # fmt: skip
LETTERS = {Fate.DONE: "d", Fate.BOOKED: "b", Fate.REST: "r", Fate.STAY: "s", Fate.LEFT: "-"}


def test_every_result_and_kind_is_in_the_table() -> None:
    assert set(BY_PHONE) == set(Result.values)
    assert set(KINDS) == set(TaskKind.values)


@pytest.mark.parametrize("result", BY_PHONE)
def test_a_result_decides_what_becomes_of_each_kind(result: str) -> None:
    found = " ".join(LETTERS[fate(result, kind, "phone")] for kind in KINDS)
    assert found == BY_PHONE[result]


@pytest.mark.parametrize("result", BY_PHONE)
def test_another_car_is_only_spoken_about_where_the_car_matters(result: str) -> None:
    found = " ".join(LETTERS[fate(result, kind, "phone", is_other_car=True)] for kind in KINDS)
    assert found == OTHER_CAR.get(result, BY_PHONE[result])


@pytest.mark.parametrize(
    ("result", "kind", "what"),
    [
        ("messaged", "retry", Fate.DONE),
        ("messaged", "second_visit_3d", Fate.DONE),
        ("messaged", "booking_confirm", Fate.DONE),
        ("messaged", "complaint", Fate.STAY),
        ("do_not_call", "retry", Fate.LEFT),
        ("do_not_call", "complaint", Fate.STAY),
        ("callback", "second_visit_7d", Fate.LEFT),
        ("callback", "retry", Fate.DONE),
        ("wrong_number", "second_visit_7d", Fate.LEFT),
        ("wrong_number", "retry", Fate.DONE),
        ("no_answer", "retry", Fate.DONE),
        ("booked", "retry", Fate.BOOKED),
    ],
)
def test_a_task_in_writing_is_met_by_what_is_written(result: str, kind: str, what: Fate) -> None:
    assert fate(result, kind, "wechat") == what


@pytest.mark.parametrize("kind", ["due_call", "overdue_30"])
def test_the_last_try_in_writing_ends_the_chain(kind: str) -> None:
    assert fate("messaged", kind, "phone", is_chain_written=True) == Fate.DONE
    assert fate("connected", kind, "phone", is_chain_written=True) == Fate.REST


@pytest.mark.parametrize("result", sorted(NOT_CONNECTED))
def test_a_call_not_connected_is_counted(result: str) -> None:
    assert [attempts_after(result, 2, what) for what in Fate] == [3] * 5


@pytest.mark.parametrize("result", ["booked", "callback", "refused", "elsewhere", "connected"])
def test_tries_in_a_row_end_when_the_customer_was_spoken_to(result: str) -> None:
    assert attempts_after(result, 2, Fate.REST) == 0
    assert attempts_after(result, 2, Fate.STAY) == 0
    # What is closed says how many it took.
    assert attempts_after(result, 2, Fate.DONE) == 2


@pytest.mark.parametrize("result", ["messaged", "wrong_number", "settled", "done"])
def test_what_was_no_call_through_counts_nothing(result: str) -> None:
    assert attempts_after(result, 2, Fate.REST) == 2


@pytest.mark.parametrize(
    ("failed", "times", "channel"),
    [(1, 3, "phone"), (3, 3, "phone"), (4, 3, "wechat"), (1, 0, "wechat"), (5, 3, "wechat")],
)
def test_after_so_many_tries_the_customer_is_written_to(
    failed: int, times: int, channel: str
) -> None:
    assert next_channel(failed, times) == channel


def test_tasks_rank_as_on_the_list() -> None:
    def one(**fields: object) -> SimpleNamespace:
        plain = {"priority_group": 1, "deadline_at": None, "value_amount": 0, "opened_on": TODAY}
        return SimpleNamespace(**{**plain, "vehicle_id": 1, "kind": "due_call", **fields})

    late = one(priority_group=0, deadline_at=at(TODAY, 17), value_amount=900)
    soon = one(priority_group=0, deadline_at=at(TODAY, 11))
    some_day = one(priority_group=0)
    rich, poor, second_car = one(value_amount=9), one(value_amount=3), one(vehicle_id=2)
    other_kind = one(vehicle_id=2, kind="retry")
    shuffled = [other_kind, poor, late, some_day, second_car, rich, soon]
    ranked = [soon, late, some_day, rich, poor, second_car, other_kind]
    assert sorted(shuffled, key=rank) == ranked
