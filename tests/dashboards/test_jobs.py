"""The jobs pages: who sees which runs, figures that add up, running again, live progress."""

import datetime

import pytest
import time_machine
from django.test import Client

from common.models import Heartbeat
from dashboards.job_words import in_plain_words
from dashboards.selectors.job_schedule import next_runs
from pipeline.models import JobChunk, JobRun
from stores.models import AuditEntry, Staff, Store
from stores.scope import all_stores
from tests.factories import (
    TODAY,
    JobChunkFactory,
    JobRunFactory,
    StoreDayFactory,
    StoreFactory,
    at,
)

COUNTS = {
    "vehicles": 1200,
    "states_written": 200,
    "states_unchanged": 1000,
    "tasks_opened": 31,
    "tasks_closed": 7,
    "warnings_opened": 12,
    "warnings_closed": 3,
}


def _sign_in(client: Client, staff: Staff) -> Client:
    staff.language = "en"
    staff.save()
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def admin(client: Client, dora: Staff) -> Client:
    return _sign_in(client, dora)


@pytest.fixture
def done(north: Store, south: Store) -> JobRun:
    """Yesterday night's run: one part of North, one of South."""
    run = JobRunFactory(attempt=1, finished_at=at(TODAY, 1))
    JobChunkFactory(run=run, number=0, store_ids=[north.pk], counts=COUNTS, attempt=1)
    JobChunkFactory(run=run, number=1, store_ids=[south.pk], counts=COUNTS, attempt=1)
    return run


def test_runs_show_what_they_did_and_their_figures_add_up(admin: Client, done: JobRun) -> None:
    found = admin.get("/jobs/").context["runs"]
    assert [run.id for run in found] == [done.pk]
    assert found[0].counts["vehicles"] == 2400
    assert found[0].adds_up
    page = admin.get(f"/jobs/{done.pk}/").content.decode()
    for text in ("2,400", "vehicles read", "400", "written", "2,000", "unchanged", "62", "North"):
        assert text in page


def test_figures_that_do_not_add_up_are_told(admin: Client, done: JobRun) -> None:
    done.chunks.update(counts={**COUNTS, "states_written": 199})
    assert "does not add up" in admin.get(f"/jobs/{done.pk}/").content.decode()


def test_a_manager_sees_the_parts_of_the_own_stores_only(
    client: Client, ada: Staff, done: JobRun
) -> None:
    page = _sign_in(client, ada).get(f"/jobs/{done.pk}/")
    assert [chunk.stores for chunk in page.context["run"].chunks] == [["North"]]
    assert "South" not in page.content.decode()
    assert page.context["run"].counts["vehicles"] == 1200


def test_another_stores_failure_is_not_the_managers(
    client: Client, ada: Staff, done: JobRun, south: Store
) -> None:
    done.chunks.filter(store_ids=[south.pk]).update(state="quarantined", error="boom")
    JobRun.objects.filter(pk=done.pk).update(state="failed")
    page = _sign_in(client, ada).get(f"/jobs/{done.pk}/")
    assert page.context["run"].state == "done"
    assert "error in the program" not in page.content.decode()


def test_figures_of_a_part_shared_with_others_stay_hidden(
    client: Client, ada: Staff, north: Store, south: Store
) -> None:
    run = JobRunFactory()
    JobChunkFactory(
        run=run, store_ids=[north.pk, south.pk], counts=COUNTS, error="psycopg2: boom at South"
    )
    page = _sign_in(client, ada).get(f"/jobs/{run.pk}/")
    text = page.content.decode()
    assert "and 1 other store" in text
    assert "1,200" not in text
    assert "South" not in text


def test_runs_of_other_stores_and_missing_ones_are_the_same_404(
    client: Client, ada: Staff, south: Store, elsewhere: Store
) -> None:
    others = [JobChunkFactory(store_ids=[store.pk]).run_id for store in (south, elsewhere)]
    _sign_in(client, ada)
    assert not client.get("/jobs/").context["runs"]
    assert {client.get(f"/jobs/{pk}/").status_code for pk in [*others, 999_999]} == {404}


def test_only_an_administrator_runs_again(client: Client, ada: Staff, done: JobRun) -> None:
    _sign_in(client, ada)
    assert client.post(f"/jobs/{done.pk}/again/").status_code == 403
    assert "Run again" not in client.get(f"/jobs/{done.pk}/").content.decode()


def test_an_advisor_does_not_see_the_jobs(client: Client, ben: Staff) -> None:
    assert _sign_in(client, ben).get("/jobs/").status_code == 403


def test_a_double_click_makes_one_run(admin: Client, dora: Staff, done: JobRun) -> None:
    answers = [admin.post(f"/jobs/{done.pk}/again/") for _click in range(2)]
    again = JobRun.objects.exclude(pk=done.pk).get()
    assert [answer.headers["Location"] for answer in answers] == [f"/jobs/{again.pk}/"] * 2
    assert (again.attempt, again.started_by) == (2, dora)
    assert AuditEntry.objects.filter(action="job_run", thing_id=again.pk).count() == 1


def test_a_second_click_after_a_quick_run_makes_no_third(admin: Client, done: JobRun) -> None:
    admin.post(f"/jobs/{done.pk}/again/")
    JobRun.objects.filter(attempt=2).update(state="done")
    admin.post(f"/jobs/{done.pk}/again/")
    assert JobRun.objects.count() == 2


def test_another_groups_run_cannot_be_run_again(client: Client, eve: Staff, done: JobRun) -> None:
    assert _sign_in(client, eve).post(f"/jobs/{done.pk}/again/").status_code == 404
    assert JobRun.objects.count() == 1


def test_a_run_of_two_groups_is_repeated_for_the_own_stores(
    client: Client, eve: Staff, elsewhere: Store, north: Store
) -> None:
    run = JobRunFactory(attempt=1)
    JobChunkFactory(run=run, store_ids=[north.pk, elsewhere.pk])
    _sign_in(client, eve).post(f"/jobs/{run.pk}/again/")
    assert JobChunk.objects.exclude(run=run).get().store_ids == [elsewhere.pk]


def test_a_day_before_a_computed_one_is_refused_in_words(
    admin: Client, done: JobRun, north: Store
) -> None:
    with all_stores():
        StoreDayFactory(store=north, on=TODAY + datetime.timedelta(days=1))
    count = JobRun.objects.count()
    page = admin.post(f"/jobs/{done.pk}/again/", follow=True).content.decode()
    assert "A later day has been computed since" in page
    assert JobRun.objects.count() == count


def test_running_again_is_a_post(admin: Client, done: JobRun) -> None:
    assert admin.get(f"/jobs/{done.pk}/again/").status_code == 405


@pytest.mark.parametrize("url", ["/jobs/", "/jobs/{pk}/"])
def test_polling_answers_with_the_part_alone_and_stops_when_finished(
    admin: Client, north: Store, url: str
) -> None:
    run = JobRunFactory(state="open")
    chunk = JobChunkFactory(run=run, store_ids=[north.pk], state="claimed", attempt=1)
    address = url.format(pk=run.pk)
    running = admin.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in running
    assert "hx-trigger" in running
    assert "<progress" in running
    JobChunk.objects.filter(pk=chunk.pk).update(state="done")
    JobRun.objects.filter(pk=run.pk).update(state="done", finished_at=at(TODAY, 2))
    finished = admin.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in finished
    assert "<progress" not in finished


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("OperationalError: deadlock detected", "waited for each other"),
        ("QueryCanceled: canceling statement due to statement timeout", "took too long"),
        ("three attempts were lost", "stopped three times"),
        ("KeyError: 'x'", "An error in the program"),
    ],
)
def test_errors_are_told_in_plain_words(db: None, error: str, told: str) -> None:
    assert told in in_plain_words(error)


def test_a_failed_part_shows_words_before_the_technical_message(
    admin: Client, north: Store
) -> None:
    run = JobRunFactory(state="failed")
    JobChunkFactory(run=run, store_ids=[north.pk], state="quarantined", error="deadlock <b>")
    page = admin.get(f"/jobs/{run.pk}/").content.decode()
    assert "waited for each other" in page
    assert "deadlock &lt;b&gt;" in page


@pytest.mark.parametrize(
    ("clock", "is_due", "starts"),
    [
        pytest.param((0, 4), False, (15, 0, 5), id="a minute before the day begins"),
        pytest.param((0, 5), True, (16, 0, 5), id="the minute it begins"),
    ],
)
def test_next_run_is_at_five_past_midnight_of_the_store(
    north: Store, clock: tuple[int, int], is_due: bool, starts: tuple[int, int, int]
) -> None:
    with all_stores():
        StoreDayFactory(store=north, on=TODAY - datetime.timedelta(days=1))
        [line] = next_runs([north], at(TODAY, *clock))
    local = line.starts_at
    assert line.is_due is is_due
    assert (local.day, local.hour, local.minute) == starts


def test_next_run_follows_the_stores_own_zone(group: object) -> None:
    far = StoreFactory(group=group, timezone="America/New_York")
    with all_stores():
        StoreDayFactory(store=far, on=TODAY - datetime.timedelta(days=1))
        [line] = next_runs([far], at(TODAY, 10))
    assert not line.is_due
    assert line.starts_at.isoformat() == "2026-06-15T00:05:00-04:00"


def test_a_store_whose_run_goes_on_is_running(north: Store) -> None:
    JobChunkFactory(run__state="open", store_ids=[north.pk], state="claimed")
    with all_stores():
        [line] = next_runs([north], at(TODAY, 1))
    assert (line.is_running, line.is_due) == (True, False)


def test_the_page_tells_when_the_sweeper_stays_away(admin: Client, north: Store) -> None:
    with time_machine.travel(at(TODAY, 10), tick=False):
        Heartbeat.objects.create(name="sweeper", beat_at=at(TODAY, 9))
        page = admin.get("/jobs/").content.decode()
    assert "The sweeper last came by 60 minutes ago" in page


def test_the_list_asks_as_many_questions_for_many_runs_as_for_one(
    admin: Client, done: JobRun, north: Store, django_assert_max_num_queries: object
) -> None:
    for _n in range(15):
        JobChunkFactory(store_ids=[north.pk], run__started_by=None)
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        admin.get("/jobs/")
