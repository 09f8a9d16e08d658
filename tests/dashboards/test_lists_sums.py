"""The page that says whether the lists are right: from the data to the lists every sum adds up."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from alerts.choices import TaskKind
from alerts.models import Task, Warning
from common.models import Heartbeat
from customers.choices import Channel
from customers.models import Vehicle
from dashboards.list_words import Line
from lifecycle.models import VehicleState
from pipeline.models import StoreDay
from stores.models import Staff, Store
from stores.scope import all_stores
from tests.dashboards import lists
from tests.dashboards.lists import TODAY, days_ago
from tests.factories import ConsentEventFactory, JobChunkFactory, VehicleFactory, at

pytestmark = pytest.mark.django_db
COUNTS = {"vehicles": 2, "states_written": 2, "states_unchanged": 0}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Nine in the morning in Shanghai: the stores are open, the jobs run."""
    with all_stores(), time_machine.travel(at(TODAY, 9), tick=False):
        yield


@pytest.fixture
def reader(client: Client, ada: Staff) -> Client:
    client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def day(north: Store, ben: Staff) -> StoreDay:
    """North's list of today: one overdue car, called for by Ben, and one in time."""
    day = lists.computed_day(north)
    JobChunkFactory(run=day.run, state="done", store_ids=[north.pk], counts=COUNTS)
    car = _overdue(north)
    lists.task(car, ben, kind=TaskKind.DUE_CALL, cycle_key=days_ago(400).isoformat())
    quiet = {"level": "none", "last_visit_on": days_ago(1)}
    lists.warned_car(lists.customer(north, "Quiet", advisor=ben), state=quiet)
    lists.jobs_run(day)
    return day


def _overdue(north: Store) -> Vehicle:
    dates = {"due_on": days_ago(40), "base_on": days_ago(400), "last_visit_on": days_ago(400)}
    owner = lists.customer(north, f"Late {VehicleState.objects.count()}")
    return lists.warned_car(owner, state={"level": "red", **dates})


def line_of(client: Client) -> Line:
    (line,) = client.get("/health/lists/").context["lines"]
    return line


def said(client: Client) -> list[str]:
    return [remark.text for remark in line_of(client).remarks]


def sums(client: Client) -> list[tuple[int, list[int]]]:
    found = line_of(client).sums
    assert all(one.adds_up for one in found)
    return [(one.whole.count, [part.count for part in one.parts]) for one in found]


def test_from_the_data_to_the_lists_every_sum_adds_up(
    reader: Client, day: StoreDay, north: Store, ben: Staff, ada: Staff
) -> None:
    booked = _overdue(north)
    VehicleState.objects.filter(vehicle=booked).update(is_booked=True)
    refused = _overdue(north)
    for channel in (Channel.PHONE, Channel.WECHAT):
        ConsentEventFactory(
            customer=refused.customer, channel=channel, is_granted=False, given_at=at(days_ago(9))
        )
    lost = _overdue(north)
    VehicleState.objects.filter(vehicle=lost).update(is_lost=True)
    resting = lists.warned_car(lists.customer(north, "Later"))
    lists.task(resting, ada, kind=TaskKind.CALLBACK, due_on=TODAY + datetime.timedelta(days=2))
    assert said(reader) == []
    assert sums(reader) == [
        (6, [6, 0]),
        (5, [2, 1, 1, 1, 0, 0]),
        (2, [1, 1, 0, 0]),
    ]


def test_a_car_that_was_not_computed_is_missed(reader: Client, day: StoreDay) -> None:
    VehicleFactory(store=day.store)
    assert said(reader) == ["1 car has not been computed, so nobody is told about it."]
    assert sums(reader)[0] == (3, [2, 1])


@pytest.mark.parametrize("change", [{"level": "orange"}, {"closed_on": TODAY}])
def test_a_warning_that_is_not_its_cars_state_is_red(
    reader: Client, day: StoreDay, change: dict[str, Any]
) -> None:
    Warning.objects.update(**change)
    assert said(reader) == ["1 warning is not what its car's state says."]
    assert line_of(reader).tone == "red"


def test_a_task_of_somebody_who_left_is_red(reader: Client, day: StoreDay, ben: Staff) -> None:
    Staff.objects.filter(pk=ben.pk).update(is_active=False)
    assert said(reader) == ["1 task is on the list of somebody who has left."]
    assert sums(reader)[2] == (1, [0, 0, 1, 0])


def test_it_leads_to_what_it_counts(
    client: Client, reader: Client, day: StoreDay, dora: Staff
) -> None:
    Task.objects.update(owner=None)
    page = reader.get("/health/lists/").content.decode()
    for address in ("/store/?store=NORTH", "/store/warnings/?store=NORTH", "/team/?store=NORTH"):
        assert f'href="{address}"' in page
        assert reader.get(address).status_code == 200
    client.force_login(dora, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/health/lists/").content.decode()
    assert "/store/?store=NORTH" in page
    assert "/team/" not in page  # an administrator gives no work away


def test_jobs_that_stand_still_are_in_the_verdict(reader: Client, day: StoreDay) -> None:
    Heartbeat.objects.all().delete()
    page = reader.get("/health/lists/").content.decode()
    assert "what keeps them right does not run" in page


def test_what_only_wants_a_look_is_not_called_right(reader: Client, day: StoreDay) -> None:
    Task.objects.update(owner=None)
    page = reader.get("/health/lists/").content.decode()
    assert "Nothing is wrong; look at 1 store." in page
    assert "adds up" not in page
