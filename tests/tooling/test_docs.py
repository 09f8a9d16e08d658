"""The pages about the advisor's day and about the rules say what the program does."""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import pytest
from django.utils import translation

from alerts.choices import Result, TaskKind
from alerts.policies import TaskPolicy
from alerts.rules.outcomes import Fate, fate
from alerts.selectors.lost import REST_DAYS
from alerts.services.outcomes import UNDO_SECONDS
from alerts.services.outcomes.checks import LONGEST_CALLBACK_DAYS
from dashboards.selectors.calls.words import KEYS

ROOT = Path(__file__).resolve().parents[2]
DAY = (ROOT / "docs" / "day.md").read_text("utf-8")
RULES = (ROOT / "docs" / "rules.md").read_text("utf-8")
POLICY = TaskPolicy()
_Word = TypeVar("_Word")
WORDS = {
    Fate.DONE: "done",
    Fate.BOOKED: "booked",
    Fate.REST: "rests",
    Fate.STAY: "stays",
    Fate.LEFT: "–",
}


def alike(things: Iterable[_Word], tell: Callable[[_Word], object]) -> list[list[_Word]]:
    """Those of which the same is told stand together, where the first of them stands."""
    groups: dict[object, list[_Word]] = {}
    for thing in things:
        groups.setdefault(tell(thing), []).append(thing)
    return list(groups.values())


def table() -> str:
    """What a result does to each kind, as docs/day.md shows it."""
    kinds = alike(TaskKind, lambda kind: tuple(fate(one, kind, "phone") for one in Result))
    results = alike(Result, lambda one: tuple(fate(one, kind, "phone") for kind in TaskKind))
    lines = [["", *map(named, kinds)], ["---"] * (len(kinds) + 1)]
    for one in results:
        cells = [WORDS[fate(one[0], kind[0], "phone")] for kind in kinds]
        lines.append([named(one), *cells])
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def named(words: Sequence[Result | TaskKind]) -> str:
    return ", ".join(str(word.label) for word in words)


def test_the_day_has_the_table_of_results_and_tasks_as_it_is() -> None:
    with translation.override("en"):
        expected = table()
    assert expected in DAY, f"put this into docs/day.md:\n{expected}"


@pytest.mark.parametrize("result", Result)
def test_the_day_tells_of_every_outcome_with_its_key(result: Result) -> None:
    with translation.override("en"):
        assert f"| {result.label} | `{KEYS[result].upper()}` |" in DAY


@pytest.mark.parametrize("kind", TaskKind)
def test_the_day_tells_why_a_task_of_each_kind_is_on_the_list(kind: TaskKind) -> None:
    with translation.override("en"):
        assert f"| {kind.label} |" in DAY


@pytest.mark.parametrize(
    "words",
    [
        f"advisor {POLICY.advisor_capacity}, specialist {POLICY.specialist_capacity}, "
        f"manager {POLICY.manager_capacity}",
        f"rests {POLICY.retry_days} days",
        f"{POLICY.retry_times} tries",
        f"within {LONGEST_CALLBACK_DAYS} days",
        f"{UNDO_SECONDS} seconds",
        f"last {REST_DAYS} days",
        f"within {24 * POLICY.lane_call_days} hours",
        f"{POLICY.lane_care_days} days after it",
        f"{POLICY.lane_booking_days} days before the second is due",
        f"{POLICY.lane_confirm_days} days before",
    ],
)
def test_the_figures_of_the_day_are_those_we_ship(words: str) -> None:
    assert words in " ".join(DAY.split())


def test_rules_are_implemented_where_their_page_says() -> None:
    named = set(re.findall(r"`([\w/]+\.(?:py|sql))", RULES))
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).is_file()] == []


def test_rules_are_tested_where_their_page_says() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`", RULES)
    assert named
    missing = [
        f"{path}::{name}"
        for path, name in named
        if name and f"def {name}(" not in (ROOT / path).read_text("utf-8")
    ]
    assert missing == []
