"""The worker's configuration is R9; a periodic job is bounded and exists; only one door wakes."""

import ast
import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_project import checks
from crm_project.celery import VISIBILITY_TIMEOUT_SECONDS, WORKER, app
from crm_project.schedule import SCHEDULE

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "a job": {
        "task": "pipeline.tasks.tick",
        "options": {"time_limit": 60, "soft_time_limit": 50, "expires": 60},
    }
}


def messages(found: list[Any]) -> str:
    return "\n".join(error.msg for error in found)


def test_the_configuration_and_the_schedule_are_as_demanded() -> None:
    assert messages(checks.check_app(app)) == ""
    assert app.conf.beat_schedule == SCHEDULE


@pytest.mark.parametrize("name", sorted(checks.DEMANDED))
def test_a_changed_setting_is_found(name: str) -> None:
    changed = {**WORKER, name: "something else"}
    assert name in messages(checks.worker_errors(changed))


@pytest.mark.parametrize("name", sorted(checks.DEMANDED_TRANSPORT))
def test_a_missing_transport_option_is_found(name: str) -> None:
    changed = copy.deepcopy(WORKER)
    del changed["broker_transport_options"][name]
    assert f"broker_transport_options.{name}" in messages(checks.worker_errors(changed))


@pytest.mark.parametrize(
    ("soft", "hard"),
    [(None, 60), (60, None), (60, 60), (0, 60), (60, VISIBILITY_TIMEOUT_SECONDS / 2 + 1)],
    ids=["no soft limit", "no limit", "soft is not below", "soft is nothing", "too long"],
)
def test_a_periodic_job_without_time_limit_is_found(soft: float, hard: float) -> None:
    jobs = copy.deepcopy(GOOD)
    jobs["a job"]["options"] |= {"time_limit": hard, "soft_time_limit": soft}
    assert "a job" in messages(checks.schedule_errors(jobs))


@pytest.mark.parametrize("task", ["pipeline.tasks.nothing", "nowhere.tasks.tick", "tick"])
def test_a_periodic_job_whose_task_does_not_exist_is_found(task: str) -> None:
    jobs = copy.deepcopy(GOOD)
    jobs["a job"]["task"] = task
    assert task in messages(checks.schedule_errors(jobs))


def test_a_periodic_job_that_never_expires_is_found() -> None:
    jobs = copy.deepcopy(GOOD)
    del jobs["a job"]["options"]["expires"]
    assert "never expires" in messages(checks.schedule_errors(jobs))


def test_a_bounded_job_passes() -> None:
    assert checks.schedule_errors(GOOD) == []


def test_only_the_door_speaks_to_the_broker() -> None:
    offenders = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in sources()
        if path != ROOT / "common" / "wakeup.py"
        for line, name in broker_calls(path.read_text(encoding="utf-8"))
    ]
    assert offenders == []


@pytest.mark.parametrize("call", ["task.delay(1)", "tasks.x.apply_async((1,))", "app.send_task(1)"])
def test_a_call_of_the_broker_is_seen(call: str) -> None:
    assert len(list(broker_calls(call))) == 1


BROKER_CALLS = {"delay", "apply_async", "send_task", "delay_on_commit", "apply_async_on_commit"}


def broker_calls(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in BROKER_CALLS:
            yield node.lineno, node.attr


def sources() -> Iterator[Path]:
    for folder in ROOT.iterdir():
        if (folder / "__init__.py").exists() and folder.name not in {"tests", "bench"}:
            yield from folder.rglob("*.py")
