"""Both signs of life: green when the jobs do their work, red with the reason in plain words."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.db import DatabaseError
from django.test import Client

from common.models import Heartbeat
from customers.models import DirtyVehicle
from pipeline.choices import Beat, JobKind, JobState
from pipeline.models import JobRun
from stores.models import Store
from tests.factories import JobChunkFactory, JobRunFactory, StoreDayFactory, VehicleFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> object:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def healthy(north: Store) -> None:
    """The sweeper came by just now, the night's run finished eight hours ago."""
    Heartbeat.objects.create(name=Beat.SWEEPER, beat_at=NOW - timedelta(seconds=30))
    finish_run(NOW - timedelta(hours=8))


def finish_run(at: datetime, kind: str = JobKind.DAY, state: str = JobState.DONE) -> None:
    JobRun.objects.create(kind=kind, business_date=at.date(), state=state, finished_at=at)


def reasons(client: Client) -> dict[str, str]:
    response = client.get("/healthz/jobs")
    body = response.json()
    found = {name: check["reason"] for name, check in body["checks"].items() if not check["ok"]}
    assert (response.status_code, body["status"]) == ((503, "red") if found else (200, "green"))
    return found


def test_working_jobs_are_green(client: Client, healthy: None) -> None:
    assert reasons(client) == {}


@pytest.mark.parametrize(("seconds", "is_red"), [(120, False), (121, True)])
def test_sweeper_is_missed_after_two_minutes(
    client: Client, healthy: None, seconds: int, is_red: bool
) -> None:
    Heartbeat.objects.update(beat_at=NOW - timedelta(seconds=seconds))
    assert ("sweeper" in reasons(client)) is is_red


def test_a_store_that_was_set_aside_is_red_until_its_day_is_computed(
    client: Client, healthy: None, north: Store
) -> None:
    """T10: also when every other store's day was computed."""
    run = JobRunFactory(business_date=NOW.date(), state="failed")
    JobChunkFactory(run=run, store_ids=[north.pk], as_of=NOW.date(), state="quarantined")
    assert "1" in reasons(client)["set_aside"]
    StoreDayFactory(store=north, on=NOW.date(), run=run)
    assert reasons(client) == {}


def test_a_sweeper_that_never_came_is_red(client: Client, healthy: None) -> None:
    Heartbeat.objects.all().delete()
    assert list(reasons(client)) == ["sweeper"]


@pytest.mark.parametrize(("minutes", "is_red"), [(26 * 60, False), (26 * 60 + 1, True)])
def test_nightly_run_is_missed_after_26_hours(
    client: Client, healthy: None, minutes: int, is_red: bool
) -> None:
    JobRun.objects.all().delete()
    finish_run(NOW - timedelta(minutes=minutes))
    assert ("nightly_run" in reasons(client)) is is_red


@pytest.mark.parametrize(
    ("kind", "state"),
    [(JobKind.HISTORY, JobState.DONE), (JobKind.DAY, JobState.FAILED)],
    ids=["reconstruction", "failed run"],
)
def test_only_a_done_day_counts_as_nightly_run(
    client: Client, healthy: None, kind: str, state: str
) -> None:
    JobRun.objects.all().delete()
    finish_run(NOW - timedelta(hours=1), kind, state)
    assert list(reasons(client)) == ["nightly_run"]


def test_a_system_without_stores_misses_no_run(client: Client) -> None:
    Heartbeat.objects.create(name=Beat.SWEEPER, beat_at=NOW)
    assert reasons(client) == {}


@pytest.mark.parametrize(("minutes", "is_red"), [(10, False), (11, True)])
def test_a_vehicle_unsettled_for_ten_minutes_is_red(
    client: Client, healthy: None, minutes: int, is_red: bool
) -> None:
    DirtyVehicle.objects.all().delete()
    mark = DirtyVehicle.objects.create(vehicle=VehicleFactory())
    DirtyVehicle.objects.filter(pk=mark.pk).update(marked_at=NOW - timedelta(minutes=minutes))
    assert ("settling" in reasons(client)) is is_red


def test_a_process_with_its_database_is_alive(client: Client) -> None:
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "green",
        "checks": {"database": {"ok": True, "reason": ""}},
    }


@pytest.mark.parametrize("address", ["/healthz", "/healthz/jobs"])
def test_without_database_both_are_red(client: Client, address: str) -> None:
    with (
        patch("dashboards.views.health.connection.cursor", side_effect=DatabaseError),
        patch("dashboards.views.health.health.findings", side_effect=DatabaseError),
    ):
        response = client.get(address)
    assert response.status_code == 503
    assert "database" in response.json()["checks"]


@pytest.mark.parametrize("address", ["/healthz", "/healthz/jobs"])
def test_nobody_posts_to_them(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405
