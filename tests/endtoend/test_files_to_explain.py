"""A folder of files in, `explain`, `refresh` and `tasks` out: the product agrees with DOMAIN.md.

Nothing here reads a table: files go in by `load --dir`, answers come as JSON (EXCHANGE.md §1, §2).
"""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from tests.endtoend.crowding import crowded, gathered
from tests.endtoend.loading import call_list, cleared, explained, load_world, refresh
from tests.oracle.engine import explain_all, first_run_tasks
from tests.oracle.histories import AS_OF_DATES, History, histories
from tests.oracle.tasks import KIND_ORDER, Task

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@st.composite
def filed(draw: st.DrawFn) -> tuple[History, date]:
    """A world whose files are received on one day, and asked about as of that day or before."""
    on = draw(st.sampled_from(AS_OF_DATES))
    as_of = on - timedelta(days=draw(st.sampled_from((0, 0, 1, 40))))
    return draw(histories(as_of=as_of, latest=on, received_on=on)), on


def comparable(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer of `explain --json` without evidence and tasks."""
    risk = answer["risk"]
    items = [{"factor": item["factor"], "points": item["points"]} for item in risk["items"]]
    assert all(item["evidence"] for item in risk["items"])
    return {
        "as_of": answer["as_of"],
        "due": answer["due"] | {"plan": answer["due"]["plan"].removeprefix("powertrain:")},
        "risk": risk | {"items": items, "tags": sorted(risk["tags"])},
        **{name: answer[name] for name in ("lost", "stage", "segments")},
    }


def expected(answer: dict[str, Any]) -> dict[str, Any]:
    """The oracle's answer in the values of JSON."""
    due, risk, segments = answer["due"], answer["risk"], answer["segments"]
    spend = segments["yearly_spend"]
    return {
        "as_of": answer["as_of"].isoformat(),
        "due": due
        | {"on": due["on"] and due["on"].isoformat(), "daily_km": float(due["daily_km"])},
        "risk": risk | {"pre_churn_score": float(risk["pre_churn_score"])},
        "lost": answer["lost"],
        "stage": answer["stage"],
        "segments": segments | {"yearly_spend": None if spend is None else float(spend)},
    }


def assert_explained(history: History) -> dict[str, dict[str, Any]]:
    found = explained(history.as_of)
    wanted = explain_all(history.world, history.as_of)
    assert set(found) == set(wanted)
    wrong = {
        vin: (comparable(found[vin]), expected(answer))
        for vin, answer in wanted.items()
        if comparable(found[vin]) != expected(answer)
    }
    assert not wrong
    return found


def first_tasks(history: History) -> dict[tuple[str, str], Task]:
    """The oracle's tasks of the first run of every store, by vehicle and kind."""
    return {
        (task.vin, task.kind): task
        for store in history.world.stores
        for task in first_run_tasks(history.world, store.code, history.as_of)
    }


def assert_told_with_the_vehicle(
    answers: dict[str, dict[str, Any]], wanted: dict[tuple[str, str], Task]
) -> None:
    told = {(vin, task["kind"]) for vin, answer in answers.items() for task in answer["tasks"]}
    assert told == set(wanted)


def assert_lists(history: History, wanted: dict[tuple[str, str], Task]) -> None:
    """Each person's list holds her own tasks, and maybe some of nobody's, in TASK-2's order.

    What is due later is not on it yet.
    """
    wanted = {key: task for key, task in wanted.items() if task.due_on <= history.as_of}
    rows = {vehicle.vin: row for row, vehicle in enumerate(history.world.vehicles)}
    listed: set[tuple[str, str]] = set()
    for person in history.world.staff:
        tasks = call_list(person.code)
        assert all(task["reasons"] for task in tasks)
        found = [(task["vin"], task["kind"]) for task in tasks]
        listed |= set(found)
        own = [key for key, task in wanted.items() if task.owner == person.code]
        assert set(own) <= set(found), person
        assert {wanted[key].owner for key in found} <= {person.code, None}, person
        assert found == sorted(found, key=lambda key: place(wanted[key], rows)), person
        if len(own) == len(found):
            assert [wanted[key].position for key in found] == [*range(1, len(found) + 1)]
    assert listed == set(wanted)


def place(task: Task, rows: dict[str, int]) -> tuple[int, date, Fraction, int, int]:
    """TASK-2: obligations by deadline, then by value; ties by vehicle, then kind."""
    value = -task.value if task.group else Fraction(0)
    ends_on = task.deadline_on or date.max
    return (task.group, ends_on, value, rows[task.vin], KIND_ORDER.index(task.kind))


def check(history: History, on: date) -> None:
    wanted = first_tasks(history)
    with cleared():
        load_world(history.world, on, history.as_of)
        assert_told_with_the_vehicle(assert_explained(history), wanted)
        refresh(history.as_of)
        assert_told_with_the_vehicle(assert_explained(history), wanted)
        assert_lists(history, wanted)


@settings(max_examples=150)
@given(given_world=filed())
def test_a_folder_of_files_is_explained_as_the_rules_say(
    given_world: tuple[History, date],
) -> None:
    history, on = given_world
    note(f"received on {on}, as of {history.as_of}: {history.world}")
    check(history, on)


@settings(max_examples=15)
@given(worlds=st.lists(histories(as_of=AS_OF_DATES[0], latest=AS_OF_DATES[0],
                                 received_on=AS_OF_DATES[0]), min_size=2, max_size=5))  # fmt: skip
def test_worlds_that_share_stores_are_explained_as_the_rules_say(worlds: list[History]) -> None:
    history = crowded(worlds)
    note(f"as of {history.as_of}: {history.world}")
    check(history, history.as_of)


def test_hundreds_of_vehicles_in_one_folder_are_explained_as_the_rules_say() -> None:
    check(crowded(gathered(150, AS_OF_DATES[0])), AS_OF_DATES[0])
