"""Rows of tasks as they are changed, and how they were before, so that it can be taken back."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import ForeignKey

from alerts.models import Outcome, OutcomeTask, Task
from common.sql import execute

_COLUMNS = tuple(field.attname for field in Task._meta.concrete_fields if not field.primary_key)
_FIELDS = {field.attname: field for field in Task._meta.concrete_fields}


class Changes:
    """The tasks an outcome touches; each is watched before it is changed."""

    def __init__(self) -> None:
        self._before: dict[int, dict[str, Any]] = {}
        self._tasks: dict[int, Task] = {}

    def watch(self, task: Task) -> Task:
        """Notes how the task is now; once."""
        if task.pk not in self._tasks:
            self._tasks[task.pk] = task
            self._before[task.pk] = {name: getattr(task, name) for name in _COLUMNS}
        return task

    def _changed(self, task: Task) -> dict[str, Any]:
        before = self._before[task.pk]
        return {name: old for name, old in before.items() if getattr(task, name) != old}

    def save(self, outcome: Outcome) -> None:
        """Writes what changed and keeps what was; two statements."""
        changed = {pk: self._changed(task) for pk, task in self._tasks.items()}
        _write(self._tasks.values(), {name for names in changed.values() for name in names})
        OutcomeTask.objects.bulk_create(
            OutcomeTask(outcome=outcome, task_id=pk, before=_as_json(before))
            for pk, before in changed.items()
        )


def put_back(tasks: Iterable[Task], before: Mapping[int, Mapping[str, Any]]) -> None:
    """Gives locked tasks the values that `before` holds by task id, as `Changes.save` kept them."""
    found = list(tasks)
    names: set[str] = set()
    for task in found:
        for name, value in before[task.pk].items():
            setattr(task, name, _value(name, value))
            names.add(name)
    _write(found, names)


def _write(tasks: Iterable[Task], columns: Iterable[str]) -> None:
    # Django's bulk_update puts a CASE together for each column: longer than the rest of it takes.
    names = sorted(columns)
    if not names:
        return
    new = [
        {"id": task.pk, **{name: _plain(getattr(task, name)) for name in names}} for task in tasks
    ]
    execute(
        f"""UPDATE alerts_task t
            SET ({", ".join(names)}) = ROW({", ".join(f"n.{name}" for name in names)})
            FROM jsonb_populate_recordset(NULL::alerts_task, %(new)s::jsonb) n
            WHERE t.id = n.id""",
        {"new": json.dumps(new)},
    )


def _as_json(before: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in before.items()}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _value(column: str, value: Any) -> Any:
    field = _FIELDS[column]
    return value if isinstance(field, ForeignKey) else field.to_python(value)
