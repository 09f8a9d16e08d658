"""One page says whether this morning's lists are right: what is wrong with one, and what to do."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alerts.choices import TaskKind
from alerts.models import Task, Warning
from customers.choices import Channel
from customers.models import DirtyVehicle, Vehicle
from dashboards.list_words import Line
from lifecycle.models import VehicleRollup, VehicleState
from pipeline.models import JobChunk, StoreDay
from stores.models import Staff, Store
from stores.scope import all_stores
from tests.dashboards import lists
from tests.dashboards.lists import TODAY, days_ago
from tests.factories import (
    ConsentEventFactory,
    ImportFileFactory,
    JobChunkFactory,
    StoreFactory,
    at,
)

pytestmark = pytest.mark.django_db
COUNTS = {"vehicles": 3, "states_written": 1, "states_unchanged": 2}


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    """Nine in the morning in Shanghai: the stores are open."""
    with all_stores(), time_machine.travel(at(TODAY, 9), tick=False) as traveller:
        yield traveller


@pytest.fixture
def reader(client: Client, ada: Staff) -> Client:
    client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def day(north: Store, ben: Staff) -> StoreDay:
    """North's list of today: one overdue car, called for by Ben, and one without a reason."""
    day = lists.computed_day(north)
    JobChunkFactory(run=day.run, state="done", store_ids=[north.pk], counts=COUNTS)
    _overdue(north, ben, task_of=ben)
    lists.warned_car(
        lists.customer(north, "Quiet", advisor=ben),
        state={"last_visit_on": days_ago(1), "outgoing_on": days_ago(2)},
    )
    lists.jobs_run(day)
    return day


def _overdue(north: Store, ben: Staff, *, days: int = 40, task_of: Staff | None = None) -> Vehicle:
    car = lists.warned_car(
        lists.customer(north, f"Late {VehicleState.objects.count()}", advisor=ben),
        state={
            "level": "red",
            "due_on": days_ago(days),
            "base_on": days_ago(400),
            "last_visit_on": days_ago(400),
        },
    )
    if task_of:
        lists.task(car, task_of, kind=TaskKind.DUE_CALL, cycle_key=days_ago(400).isoformat())
    return car


def line_of(client: Client, name: str = "North") -> Line:
    page = client.get("/health/lists/")
    assert page.status_code == 200
    (line,) = [line for line in page.context["lines"] if line.found.store.name == name]
    return line


def said(client: Client) -> list[str]:
    return [remark.text for remark in line_of(client).remarks]


def test_a_list_of_today_that_adds_up_is_right(reader: Client, day: StoreDay) -> None:
    line = line_of(reader)
    assert line.remarks == []
    assert (line.chip.label, line.chip.tone) == ("right", "green")
    found = line.found
    assert (found.on, found.cars, found.tasks, found.cards) == (TODAY, 2, 1, 1)
    assert (found.visit_on, found.contact_on) == (days_ago(1), days_ago(2))
    assert "Every list was made for today" in reader.get("/health/lists/").content.decode()


@pytest.mark.parametrize(
    ("hour", "tone", "text"),
    [
        (1, "orange", "Today's list is not made yet."),
        (6, "orange", "Today's list is not made yet."),
        (7, "red", "The list is still that of 14 Jun."),
        (9, "red", "The list is still that of 14 Jun."),
    ],
)
def test_a_list_is_late_from_two_hours_before_opening(
    reader: Client, day: StoreDay, clock: Any, hour: int, tone: str, text: str
) -> None:
    StoreDay.objects.update(on=days_ago(1))
    clock.move_to(at(TODAY, hour))
    (remark,) = line_of(reader).remarks
    assert (remark.tone, remark.text) == (tone, text)


def test_yesterdays_list_is_right_until_the_new_day_begins(
    reader: Client, day: StoreDay, ada: Staff, clock: Any
) -> None:
    clock.move_to(at(TODAY + datetime.timedelta(days=1), 0, 4))
    reader.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    assert said(reader) == []
    clock.move_to(at(TODAY + datetime.timedelta(days=1), 0, 5))
    assert said(reader) == ["Today's list is not made yet."]


def test_a_computation_that_goes_on_is_said(reader: Client, day: StoreDay) -> None:
    StoreDay.objects.update(on=days_ago(1))
    JobChunkFactory(run=day.run, number=7007, state="claimed", store_ids=[day.store_id])
    (remark,) = line_of(reader).remarks
    assert remark.advice == "It is being made now."


def test_a_store_without_cars_and_one_without_a_list_say_so(reader: Client, north: Store) -> None:
    assert said(reader) == ["The store has no cars yet."]
    lists.warned_car(lists.customer(north, "First"))
    StoreDay.objects.all().delete()
    assert said(reader) == ["No list has ever been made."]


def test_figures_that_do_not_add_up_are_red(reader: Client, day: StoreDay) -> None:
    JobChunk.objects.update(counts={**COUNTS, "states_written": 0})
    assert said(reader) == ["The night's figures do not add up: some cars were left out."]
    assert line_of(reader).tone == "red"


def test_figures_of_another_run_do_not_count(reader: Client, day: StoreDay) -> None:
    JobChunkFactory(
        run__attempt=9009, state="done", store_ids=[day.store_id], counts={**COUNTS, "vehicles": 99}
    )
    assert said(reader) == []


@pytest.mark.parametrize(
    ("kind", "is_wrong"),
    [(TaskKind.RISK_CALL, True), (TaskKind.CORRECT_DATA, False), (TaskKind.REMINDER, False)],
)
def test_a_call_about_a_car_that_is_gone_is_red(
    reader: Client, day: StoreDay, ben: Staff, kind: str, is_wrong: bool
) -> None:
    car = lists.warned_car(
        lists.customer(day.store, "Sold"), state={"is_gone": True, "level": "none"}
    )
    lists.task(car, ben, kind=kind)
    assert said(reader) == (["1 call is about a car that is gone."] if is_wrong else [])


def test_a_call_that_belongs_to_nobody_is_seen(reader: Client, day: StoreDay) -> None:
    Task.objects.update(owner=None)
    assert said(reader) == ["1 call belongs to nobody."]


@pytest.mark.parametrize(
    ("kind", "is_wrong"),
    [(TaskKind.CALLBACK, True), (TaskKind.COMPLAINT, False), (TaskKind.REMINDER, False)],
)
def test_a_customer_on_two_lists_is_seen(
    reader: Client, day: StoreDay, ada: Staff, kind: str, is_wrong: bool
) -> None:
    """TASK-1; a complaint is the manager's, and the advisor's card says so."""
    first = Task.objects.get()
    lists.task(first.vehicle, ada, kind=kind)
    assert said(reader) == (["1 customer is on two people's lists."] if is_wrong else [])


def test_a_resting_call_is_on_no_list(reader: Client, day: StoreDay, ada: Staff) -> None:
    first = Task.objects.get()
    lists.task(
        first.vehicle, ada, kind=TaskKind.CALLBACK, due_on=TODAY + datetime.timedelta(days=2)
    )
    assert said(reader) == []
    assert line_of(reader).found.tasks == 1


@pytest.mark.parametrize(("days", "is_forgotten"), [(29, False), (30, True), (200, True)])
def test_an_overdue_car_on_nobodys_list_is_red(
    reader: Client, day: StoreDay, ben: Staff, days: int, is_forgotten: bool
) -> None:
    _overdue(day.store, ben, days=days)
    forgotten = ["1 car is a month overdue and on nobody's list."]
    assert said(reader) == (forgotten if is_forgotten else [])


@pytest.mark.parametrize("change", [{"is_lost": True}, {"is_booked": True}, {"is_gone": True}])
def test_a_car_nobody_has_to_call_for_is_not_forgotten(
    reader: Client, day: StoreDay, ben: Staff, change: dict[str, bool]
) -> None:
    car = _overdue(day.store, ben)
    VehicleState.objects.filter(vehicle=car).update(**change)
    Warning.objects.filter(vehicle__state__is_gone=True).delete()
    assert said(reader) == []


def test_a_car_whose_owner_said_no_is_not_forgotten(
    reader: Client, day: StoreDay, ben: Staff
) -> None:
    car = _overdue(day.store, ben, task_of=ben)
    Task.objects.filter(vehicle=car).update(closed_on=days_ago(3), closed_as="done")
    assert said(reader) == []


def test_a_customer_who_refuses_every_channel_is_not_forgotten(
    reader: Client, day: StoreDay, ben: Staff
) -> None:
    car = _overdue(day.store, ben)
    for channel in (Channel.PHONE, Channel.WECHAT):
        ConsentEventFactory(
            customer=car.customer, channel=channel, is_granted=False, given_at=at(days_ago(9))
        )
    assert said(reader) == []


@pytest.mark.parametrize(("days", "tone"), [(3, None), (4, "orange"), (10, "orange"), (11, "red")])
def test_visits_that_stopped_coming_are_noticed(
    reader: Client, day: StoreDay, days: int, tone: str | None
) -> None:
    VehicleRollup.objects.update(last_visit_on=days_ago(days))
    assert [remark.tone for remark in line_of(reader).remarks] == ([tone] if tone else [])


def test_cars_that_wait_for_their_state_are_noticed(reader: Client, day: StoreDay) -> None:
    DirtyVehicle.objects.all().delete()
    mark = DirtyVehicle.objects.create(vehicle=Vehicle.objects.filter(store=day.store)[0])
    assert said(reader) == []
    DirtyVehicle.objects.filter(pk=mark.pk).update(marked_at=at(TODAY, 8, 49))
    assert said(reader) == ["1 changed car waits for its new state."]


def test_the_last_import_of_the_readers_group_is_shown(
    reader: Client, day: StoreDay, elsewhere: Store
) -> None:
    ImportFileFactory(group=day.store.group, state="done", finished_at=at(TODAY, 6, 30))
    ImportFileFactory(group=elsewhere.group, state="done", finished_at=at(TODAY, 7, 45))
    page = reader.get("/health/lists/").content.decode()
    assert "06:30" in page
    assert "07:45" not in page


def test_the_worst_comes_first(client: Client, dora: Staff, day: StoreDay, south: Store) -> None:
    client.force_login(dora, backend="django.contrib.auth.backends.ModelBackend")
    lists.warned_car(lists.customer(south, "Late"))
    found = client.get("/health/lists/").context["lines"]
    assert [(line.found.store.name, line.tone) for line in found] == [
        ("South", "red"),
        ("North", "green"),
    ]


def test_however_many_stores_it_asks_as_often(
    client: Client, dora: Staff, day: StoreDay, north: Store
) -> None:
    client.force_login(dora, backend="django.contrib.auth.backends.ModelBackend")

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get("/health/lists/").status_code == 200
        return len(found)

    few = queries()
    for _ in range(20):
        store = StoreFactory(group=north.group)
        lists.jobs_run(lists.computed_day(store))
        lists.warned_car(lists.customer(store, "One"))
    assert queries() == few
    assert few <= 20
