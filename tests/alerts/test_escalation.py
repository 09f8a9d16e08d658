"""RISK-2: not called by closing time, the duty goes up to the manager, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection

from alerts.models import Task
from alerts.services.escalation import escalate
from crm_project.schedule import JOBS
from pipeline import tasks
from stores.scope import all_stores
from tests import factories
from tests.dashboards.lists import TODAY

CLOSING = factories.at(TODAY, 17, 30)
SECOND = timedelta(seconds=1)


def duty(**fields):
    given = {"kind": "risk_call", "deadline_at": CLOSING, "priority_group": 0, **fields}
    return factories.TaskFactory(**given)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("now", "is_escalated"),
    [(CLOSING - SECOND, False), (CLOSING, True), (CLOSING + SECOND, True)],
    ids=["a second before closing", "at closing time", "a second after"],
)
def test_a_duty_goes_up_at_closing_time(now, is_escalated):
    with all_stores():
        one = duty()
        assert escalate(now) == int(is_escalated)
        one.refresh_from_db()
        assert one.escalated_at == (now if is_escalated else None)
        # It stays on the advisor's list.
        assert one.closed_on is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"closed_on": TODAY, "closed_as": "done"},
        {"deadline_at": None, "priority_group": 1},
        {"kind": "complaint"},
        {"kind": "callback"},
        {"escalated_at": CLOSING - SECOND},
    ],
    ids=["called in time", "high since the first run", "a complaint", "a promise", "gone up"],
)
def test_nothing_else_goes_up(fields):
    with all_stores():
        one = duty(**fields)
        assert escalate(CLOSING + SECOND) == 0
        one.refresh_from_db()
        assert one.escalated_at == fields.get("escalated_at")


@pytest.mark.django_db
def test_a_second_sweep_changes_nothing():
    with all_stores():
        one = duty()
        assert escalate(CLOSING) == 1
        assert escalate(CLOSING + SECOND) == 0
        one.refresh_from_db()
        assert one.escalated_at == CLOSING


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_escalate_each_duty_once():
    with all_stores():
        for _ in range(20):
            duty()

    def sweep(_):
        try:
            with all_stores():
                return escalate(CLOSING)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(sweep, range(2))) == 20


@pytest.mark.django_db
@time_machine.travel(CLOSING, tick=False)
def test_the_periodic_job_escalates_every_stores_duties():
    with all_stores():
        first, second = duty(), duty()
    tasks.escalate()
    with all_stores():
        assert set(Task.objects.values_list("escalated_at", flat=True)) == {CLOSING}
        assert first.store_id != second.store_id


def test_the_job_runs_every_five_minutes():
    job = next(job for job in JOBS.values() if job.task == "pipeline.tasks.escalate")
    assert len(job.every.minute) == 12
