"""/metrics: behind a token, in Prometheus' format, counted over all processes, about nobody."""

import datetime
import multiprocessing
import os
import re
import threading
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common.metrics import CELLS, Cells, Family, Requests, Sample, render
from common.models import Heartbeat
from customers.models import DirtyVehicle
from pipeline.choices import Beat
from stores.models import Staff, Store
from tests.factories import (
    TODAY,
    ImportFileFactory,
    JobChunkFactory,
    JobRunFactory,
    OutcomeFactory,
    StoreDayFactory,
    TaskFactory,
    VehicleFactory,
    at,
)

TOKEN = "a token that nobody guesses"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
LINE = re.compile(
    r"# (HELP|TYPE) [a-z_]+ .+"
    r'|[a-z_]+(\{([a-z]+="[^"\n]*",?)+\})? -?[0-9.e+-]+'
)


@pytest.fixture
def token(settings) -> None:
    settings.METRICS_TOKEN = TOKEN


@pytest.fixture
def at_ten():
    with time_machine.travel(at(TODAY, 10), tick=False):
        yield


def figures(client: Client) -> dict[str, float]:
    page = client.get("/metrics", headers=BEARER)
    assert page.status_code == 200
    lines = [line for line in page.content.decode().splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


@pytest.mark.django_db
class TestTheDoor:
    def test_without_a_configured_token_there_is_no_such_page(self, client, settings) -> None:
        settings.METRICS_TOKEN = ""
        assert client.get("/metrics", headers=BEARER).status_code == 404
        assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404

    @pytest.mark.parametrize(
        "given", ["", TOKEN, "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"bearer {TOKEN}", "Bearer ß"]
    )
    def test_another_token_is_refused(self, client, token, given) -> None:
        answer = client.get("/metrics", headers={"Authorization": given} if given else {})
        assert answer.status_code == 401
        assert answer.content == b""

    def test_signing_in_is_not_enough(self, client, token, dora: Staff) -> None:
        client.force_login(dora, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get("/metrics").status_code == 401

    def test_the_page_is_what_prometheus_reads(self, client, token, north: Store) -> None:
        client.get("/login/")
        page = client.get("/metrics", headers=BEARER)
        assert page.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        for line in page.content.decode().splitlines():
            assert LINE.fullmatch(line), line

    def test_nobody_is_named(self, client, token, north: Store) -> None:
        TaskFactory(vehicle=VehicleFactory(customer__store=north, customer__name="金丝雀"))
        client.get("/customers/?q=金丝雀")
        client.get("/nowhere/13900001111/")
        text = client.get("/metrics", headers=BEARER).content.decode()
        assert "金丝雀" not in text
        assert "13900001111" not in text
        assert 'view="none"' in text


@pytest.mark.django_db
class TestTheFigures:
    def test_runs_and_queues(self, client, token, at_ten, north: Store) -> None:
        run = JobRunFactory(state="open")
        type(run).objects.filter(pk=run.pk).update(started_at=at(TODAY, 9, 58))
        JobChunkFactory(run=run, number=0, state="waiting")
        JobChunkFactory(run=run, number=1, state="quarantined")
        Heartbeat.objects.create(name=Beat.SWEEPER, beat_at=at(TODAY, 9, 59))
        mark = DirtyVehicle.objects.create(vehicle=VehicleFactory(customer__store=north))
        DirtyVehicle.objects.exclude(pk=mark.pk).delete()
        DirtyVehicle.objects.update(marked_at=at(TODAY, 9, 55))
        found = figures(client)
        assert found["huitou_runs_open"] == 1
        assert found['huitou_chunks{state="waiting"}'] == 1
        assert found['huitou_chunks{state="quarantined"}'] == 1
        assert found["huitou_chunk_wait_seconds"] == 120
        assert found['huitou_heartbeat_age_seconds{process="sweeper"}'] == 60
        assert (found["huitou_dirty_vehicles"], found["huitou_dirty_wait_seconds"]) == (1, 300)

    def test_a_part_that_lost_its_worker_waits_too(self, client, token, at_ten, north) -> None:
        run = JobRunFactory(state="open")
        type(run).objects.filter(pk=run.pk).update(started_at=at(TODAY, 9, 58))
        chunk = JobChunkFactory(run=run, state="claimed", lease_until=at(TODAY, 10, 5))
        assert figures(client)["huitou_chunk_wait_seconds"] == 0
        type(chunk).objects.update(lease_until=at(TODAY, 9, 59))
        assert figures(client)["huitou_chunk_wait_seconds"] == 120

    def test_how_the_newest_day_went(self, client, token, at_ten, north: Store) -> None:
        assert "huitou_day_seconds" not in figures(client)
        for minute, state in ((5, "done"), (6, "failed"), (7, "open")):
            run = JobRunFactory(state=state)
            finished_at = None if state == "open" else at(TODAY, 0, minute + 10)
            type(run).objects.filter(pk=run.pk).update(
                started_at=at(TODAY, 0, minute), finished_at=finished_at
            )
        found = figures(client)
        assert (found["huitou_day_seconds"], found["huitou_day_failed"]) == (600, 1)

    def test_stores_by_the_age_of_their_list(
        self, client, token, at_ten, north: Store, south: Store, elsewhere: Store
    ) -> None:
        StoreDayFactory(store=north, on=TODAY, computed_at=at(TODAY, 1))
        yesterday = TODAY - datetime.timedelta(days=1)
        StoreDayFactory(store=south, on=yesterday, computed_at=at(yesterday, 1))
        found = figures(client)
        ages = {age: found[f'huitou_stores{{list="{age}"}}'] for age in ("today", "yesterday")}
        assert ages == {"today": 1, "yesterday": 1}
        assert found['huitou_stores{list="never"}'] == 1
        assert found["huitou_oldest_list_seconds"] == 33 * 3600

    def test_tasks_and_outcomes(self, client, token, at_ten, north: Store, ben: Staff) -> None:
        car = VehicleFactory(customer__store=north)
        TaskFactory(vehicle=car, kind="due_call", owner=ben)
        TaskFactory(vehicle=car, kind="risk_call", owner=None)
        TaskFactory(vehicle=car, kind="retry", owner=None, closed_on=TODAY)
        OutcomeFactory(customer=car.customer, store=north, staff=ben, result="booked")
        OutcomeFactory(
            customer=car.customer, store=north, staff=ben, result="busy", undone_at=at(TODAY)
        )
        found = figures(client)
        assert found['huitou_tasks_open{kind="due_call"}'] == 1
        assert found["huitou_tasks_without_owner"] == 1
        assert 'huitou_tasks_open{kind="retry"}' not in found
        assert found['huitou_outcomes_today{result="booked"}'] == 1
        assert 'huitou_outcomes_today{result="busy"}' not in found

    def test_files_that_wait(self, client, token, at_ten, north: Store) -> None:
        file = ImportFileFactory(group=north.group, state="waiting")
        type(file).objects.filter(pk=file.pk).update(created_at=at(TODAY, 9, 50))
        found = figures(client)
        assert (found["huitou_imports_waiting"], found["huitou_import_wait_seconds"]) == (1, 600)

    def test_however_many_stores_it_asks_as_often(self, client, token, north, south) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as found:
                figures(client)
            return len(found)

        before = queries()
        for number in range(10):
            StoreDayFactory(store__code=f"X{number}", store__group=north.group)
        assert queries() == before <= 14


class TestRequests:
    def test_times_fall_into_cumulative_buckets(self, tmp_path: Path) -> None:
        requests = Requests(Cells(tmp_path))
        for seconds in (0.01, 0.011, 0.3, 99):
            requests.observe("today", "GET", 200, seconds)
        text = render(requests.families())
        found = dict(re.findall(r'_bucket\{view="today",method="GET",le="([^"]+)"\} (\d+)', text))
        assert found["0.01"] == "1"
        assert found["0.025"] == "2"
        assert (found["0.25"], found["0.5"]) == ("2", "3")
        assert (found["10.0"], found["+Inf"]) == ("3", "4")
        assert 'huitou_request_seconds_count{view="today",method="GET"} 4' in text
        assert 'huitou_request_seconds_sum{view="today",method="GET"} 99.321' in text
        assert 'huitou_requests_total{view="today",method="GET",status="200"} 4' in text

    def test_an_invented_method_is_no_label_of_its_own(self, tmp_path: Path) -> None:
        requests = Requests(Cells(tmp_path))
        requests.observe("today", "CANARY", 405, 0.1)
        assert 'method="other"' in render(requests.families())

    def test_several_processes_are_summed_and_a_dead_ones_counts_stay(self, tmp_path: Path) -> None:
        cells = Cells(tmp_path)
        cells.add({"a": 1})
        context = multiprocessing.get_context("fork")
        children = [context.Process(target=_add_and_die, args=(cells,)) for _ in range(3)]
        for child in children:
            child.start()
        for child in children:
            child.join()
        assert cells.totals() == ({"a": 1 + 3 * 1000}, 4)

    def test_threads_lose_no_count(self, tmp_path: Path) -> None:
        cells = Cells(tmp_path)
        threads = [
            threading.Thread(target=lambda: [cells.add({"a": 1}) for _ in range(2000)])
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert cells.totals()[0] == {"a": 8000}

    def test_where_no_file_can_be_kept_the_process_counts_for_itself(self, tmp_path: Path) -> None:
        cells = Cells(tmp_path / "missing")
        cells.add({"a": 2})
        assert cells.totals() == ({"a": 2}, 1)

    def test_more_names_than_cells_are_dropped_without_harm(self, tmp_path: Path) -> None:
        cells = Cells(tmp_path)
        cells.add({f"name {number}": 1 for number in range(CELLS + 5)})
        cells.add({"name 0": 1, f"name {CELLS + 4}": 1})
        found, _ = cells.totals()
        assert len(found) == CELLS
        assert found["name 0"] == 2

    def test_a_folder_somebody_else_made_is_not_used(self, tmp_path: Path, monkeypatch) -> None:
        monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
        (tmp_path / f"huitou-metrics-{os.geteuid()}").mkdir(mode=0o777)
        (tmp_path / f"huitou-metrics-{os.geteuid()}").chmod(0o777)
        cells = Cells()
        cells.add({"a": 1})
        assert cells.path is None
        assert cells.totals()[0] == {"a": 1}

    def test_files_of_dead_parents_are_cleared_away(self, tmp_path: Path, monkeypatch) -> None:
        monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
        home = tmp_path / f"huitou-metrics-{os.geteuid()}"
        home.mkdir(mode=0o700)
        (home / "999999-12345").mkdir()
        cells = Cells()
        cells.add({"a": 1})
        assert [path.name.partition("-")[0] for path in home.iterdir()] == [str(os.getppid())]

    def test_labels_are_escaped(self) -> None:
        family = Family("x", "Help.", [Sample({"a": 'say "no"\\\n'}, 1)])
        assert render([family]).splitlines()[-1] == r'x{a="say \"no\"\\\n"} 1'


def _add_and_die(cells: Cells) -> None:
    for _ in range(1000):
        cells.add({"a": 1})
    os._exit(0)
