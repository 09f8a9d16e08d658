"""`manage.py demo`: prepared once, found again, never over somebody else's data."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from exchange.management.commands.demo import USERS
from pipeline.choices import JobKind, JobState
from pipeline.models import JobRun
from stores.models import Staff, Store
from tests.factories import StoreFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HUITOU_HOME = tmp_path
    return tmp_path


def demo(*options: str) -> str:
    out = StringIO()
    call_command("demo", "--no-serve", "--vehicles", "60", *options, stdout=out)
    return out.getvalue()


def notes(home: Path) -> dict[str, Any]:
    return dict(json.loads((home / "demo.json").read_text("utf-8")))


def test_it_loads_the_group_computes_the_day_and_lets_four_people_in(home: Path) -> None:
    said = demo()
    assert Store.objects.count() == 3
    day = JobRun.objects.get(kind=JobKind.DAY)
    assert (day.state, day.business_date.isoformat()) == (JobState.DONE, notes(home)["on"])
    assert JobRun.objects.filter(kind=JobKind.HISTORY, state=JobState.OPEN).exists()
    for username, password in notes(home)["passwords"].items():
        person = Staff.objects.get(username=username)
        assert person.check_password(password)
        assert f"{username} " in said
        assert password in said
    assert {Staff.objects.get(username=name).role for name in USERS} == {
        "advisor",
        "specialist",
        "manager",
        "admin",
    }


def test_its_notes_are_for_their_owner_only(home: Path) -> None:
    demo()
    assert (home / "demo.json").stat().st_mode & 0o777 == 0o600


def test_a_second_start_finds_what_the_first_one_made(home: Path) -> None:
    demo()
    before = notes(home)
    said = demo("--seed", "7")
    assert notes(home) == before
    assert "Importing" not in said
    assert JobRun.objects.filter(kind=JobKind.DAY).count() == 1


def test_an_interrupted_start_is_taken_up(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("exchange.management.commands.demo.load_file", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            demo()
    passwords = notes(home)["passwords"]
    assert "Importing" in demo()
    assert notes(home)["is_ready"]
    assert notes(home)["passwords"] == passwords


def _interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_somebody_elses_stores_are_left_alone(home: Path) -> None:
    StoreFactory()
    with pytest.raises(CommandError, match="that the demo did not make"):
        demo()
    assert Store.objects.count() == 1


def test_it_never_runs_on_a_served_system(home: Path, settings: Any) -> None:
    settings.SERVED = True
    with pytest.raises(CommandError, match="never"):
        demo()
