"""Uploads are read by one worker at a time, and not for ever."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from common.exceptions import Unreadable
from exchange import tasks
from exchange.choices import FileKind, ImportState
from exchange.models import ImportFile
from exchange.selectors import uploads
from exchange.services import imports
from tests.factories import GroupFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
EARLIER, LATER = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(
        imports,
        "load_file",
        lambda path, kind, **others: calls.append({"path": path, "kind": kind, **others}),
    )
    return calls


def upload(**values: Any) -> ImportFile:
    given = {"kind": FileKind.VISITS, "name": "visits.csv", "path": "uploads/7.csv", **values}
    return ImportFile.objects.create(**given)


@pytest.mark.parametrize(
    ("state", "lease", "is_free"),
    [
        (ImportState.WAITING, None, True),
        (ImportState.RUNNING, EARLIER, True),
        (ImportState.RUNNING, LATER, False),
        (ImportState.DONE, None, False),
        (ImportState.FAILED, None, False),
    ],
    ids=["waiting", "its reader died", "its reader is at it", "done", "failed"],
)
def test_an_upload_is_free(state: str, lease: datetime | None, is_free: bool) -> None:
    file = upload(state=state, lease_until=lease)
    assert uploads.free_ids(NOW, 5) == ([file.pk] if is_free else [])


def test_a_file_loaded_from_the_command_line_is_nobodys_upload() -> None:
    upload(path="")
    assert uploads.free_ids(NOW, 5) == []


def test_a_groups_files_are_read_one_after_another() -> None:
    group, other = GroupFactory(), GroupFactory()
    first, second = upload(group=group), upload(group=group)
    stranger = upload(group=other)
    assert uploads.free_ids(NOW, 5) == [first.pk, stranger.pk]
    ImportFile.objects.filter(pk=first.pk).update(state=ImportState.RUNNING, lease_until=LATER)
    assert uploads.free_ids(NOW, 5) == [stranger.pk]
    ImportFile.objects.filter(pk=first.pk).update(state=ImportState.FAILED)
    assert uploads.free_ids(NOW, 5) == [second.pk, stranger.pk]


def test_reading_one_wakes_a_worker_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    woken: list[tuple[str, int]] = []
    monkeypatch.setattr(tasks, "wake", lambda name, file_id: woken.append((name, file_id)))
    monkeypatch.setattr(
        imports,
        "load_file",
        lambda *_, record, **__: ImportFile.objects.filter(pk=record.pk).update(state="done"),
    )
    group = GroupFactory()
    first, second = upload(group=group), upload(group=group)
    tasks.import_file.apply(args=[first.pk], throw=True)
    assert woken == [("exchange.tasks.import_file", second.pk)]


def test_a_waiting_upload_is_read_once(loaded: list[dict[str, Any]], settings: Any) -> None:
    file = upload()
    assert imports.run(file.pk, NOW)
    assert not imports.run(file.pk, LATER)
    assert [call["path"] for call in loaded] == [Path(settings.HUITOU_HOME) / "uploads/7.csv"]
    assert loaded[0]["kind"] == FileKind.VISITS
    assert loaded[0]["record"] == file


def test_a_dead_readers_upload_is_read_again(loaded: list[dict[str, Any]]) -> None:
    file = upload(state=ImportState.RUNNING, lease_until=EARLIER, started_at=EARLIER)
    assert imports.run(file.pk, NOW)
    assert len(loaded) == 1
    file.refresh_from_db()
    assert file.started_at == EARLIER


def test_an_upload_that_cost_its_readers_an_hour_is_given_up(loaded: list[dict[str, Any]]) -> None:
    long_ago = NOW - timedelta(hours=1, seconds=1)
    file = upload(state=ImportState.RUNNING, lease_until=EARLIER, started_at=long_ago)
    imports.run(file.pk, NOW)
    file.refresh_from_db()
    assert (file.state, loaded) == (ImportState.FAILED, [])
    assert "Split it" in file.error


def test_an_unreadable_upload_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise Unreadable("no_header", "The first row has no known column names.")

    monkeypatch.setattr(imports, "load_file", refuse)
    file = upload()
    imports.run(file.pk, NOW)
    file.refresh_from_db()
    assert (file.state, file.error) == (
        ImportState.FAILED,
        "The first row has no known column names.",
    )


def test_the_sweep_wakes_a_worker_for_each_waiting_upload(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[tuple[str, int]] = []
    monkeypatch.setattr(tasks, "wake", lambda name, file_id: woken.append((name, file_id)))
    file = upload()
    tasks.sweep()
    assert woken == [("exchange.tasks.import_file", file.pk)]
