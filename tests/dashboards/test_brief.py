"""The morning brief: at most five exceptions, each with exactly the people it counts."""

import html
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dashboards.selectors.brief.facts import Facts
from dashboards.selectors.brief.matters import Matter, brief
from stores.models import Staff, Store
from stores.scope import all_stores
from tests import factories
from tests.dashboards.lists import TODAY, car, computed_day, customer, days_ago, task

pytestmark = pytest.mark.django_db
NOON = factories.at(TODAY, 12)
CLOSING = factories.at(TODAY, 17, 30)
RED = {"level": "red", "due_on": days_ago(20), "base_on": days_ago(200)}


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def store(north: Store, ada: Staff, ben: Staff) -> Store:
    """Ben reaches thirty customers a day."""
    computed_day(north, advisor_capacity=30)
    return north


@pytest.fixture
def manager(client: Client, ada: Staff) -> Client:
    return signed_in(client, ada)


def signed_in(client: Client, staff: Staff) -> Client:
    staff.language = "en"
    staff.save(update_fields=["language"])
    client.force_login(staff)
    return client


def duty(vehicle: Any, owner: Staff | None, **more: Any) -> Any:
    facts = {"kind": "risk_call", "priority_group": 0, "deadline_at": CLOSING, **more}
    return task(vehicle, owner, **facts)


def one_car(store: Store, name: str, advisor: Staff | None = None, **state: Any) -> Any:
    return car(customer(store, name, advisor=advisor), state=state)


def high_value(store: Store, name: str, advisor: Staff, **state: Any) -> Any:
    owner = customer(store, name, advisor=advisor)
    owner.state.value_tier, owner.state.yearly_amount = "high", 9000
    owner.state.save()
    return car(owner, state=state)


def escalated(store: Store, ada: Staff, ben: Staff) -> None:
    for name in ("Early", "Late"):
        duty(one_car(store, name), ben, escalated_at=NOON)


def running(store: Store, ada: Staff, ben: Staff) -> None:
    duty(one_car(store, "Soon"), ben, deadline_at=factories.at(TODAY, 13))
    duty(one_car(store, "Not yet"), ben)


def managers(store: Store, ada: Staff, ben: Staff) -> None:
    for days in (12, 3):
        vehicle = one_car(store, f"Complains {days}")
        complaint = factories.ComplaintFactory(vehicle=vehicle, opened_on=days_ago(days))
        duty(vehicle, ada, kind="complaint", cycle_key=str(complaint.pk))


def unattended(store: Store, ada: Staff, ben: Staff) -> None:
    gina = factories.StaffFactory(group=store.group, name="Gina", at=[store])
    factories.AbsenceFactory(staff=gina)
    task(one_car(store, "Of the absent"), gina)
    task(one_car(store, "Of nobody"), None)
    task(one_car(store, "Of the present"), ben)


def valued(store: Store, ada: Staff, ben: Staff) -> None:
    screened = high_value(store, "Silent", ben, last_visit_on=days_ago(95))
    factories.PreChurnScreeningFactory(vehicle=screened, screened_on=TODAY)
    high_value(store, "High", ben, risk_level="high", high_on=TODAY)
    # Called on its 92nd day; not screened; high for days; of middle value.
    called = high_value(store, "Called", ben, last_visit_on=days_ago(95), outgoing_on=days_ago(3))
    factories.PreChurnScreeningFactory(vehicle=called, screened_on=TODAY)
    high_value(store, "Well", ben, last_visit_on=days_ago(95))
    high_value(store, "Known", ben, risk_level="high", high_on=days_ago(4))
    one_car(store, "Middle", ben, risk_level="high", high_on=TODAY)


def forgotten(store: Store, ada: Staff, ben: Staff) -> None:
    one_car(store, "Forgotten", ben, **RED)
    one_car(store, "Lost", ben, **RED, is_lost=True)
    one_car(store, "Booked", ben, **RED, is_booked=True)
    task(one_car(store, "Listed", ben, **RED), ben, due_on=date(2026, 6, 20))
    said_no = one_car(store, "Said no", ben, **RED)
    task(said_no, ben, cycle_key=str(days_ago(200)), closed_on=days_ago(2), closed_as="done")
    silent = one_car(store, "No calls", ben, **RED)
    for channel in ("phone", "wechat"):
        factories.ConsentEventFactory(customer=silent.customer, channel=channel, is_granted=False)


def missed(store: Store, ada: Staff, ben: Staff) -> None:
    factories.StoreDayFactory(store=store, on=days_ago(400))
    facts = {"base_on": days_ago(30), "last_visit_on": days_ago(30), "maintenance_visits": 1}
    one_car(store, "Not thanked", ben, **facts, due_on=date(2026, 12, 1))


def over(store: Store, ada: Staff, ben: Staff) -> None:
    for number in range(33):
        task(one_car(store, f"Person {number}"), ben, value=500 - number)


CASES: dict[str, tuple[Callable[[Store, Staff, Staff], None], int, str]] = {
    "escalated": (escalated, 2, "Ben"),
    "running": (running, 1, "Ben"),
    "managers": (managers, 2, "Ada"),
    "unattended": (unattended, 2, "Ada"),
    "valued": (valued, 2, "Ben"),
    "forgotten": (forgotten, 1, "Ben"),
    "missed": (missed, 1, "Ben"),
    "over": (over, 3, "Ben"),
}


def matters(store: Store) -> dict[str, Matter]:
    with all_stores():
        return {one.name: one for one in brief(Facts(store, NOON))}


def shown(client: Client, address: str) -> list[str]:
    """The names of the list behind an address."""
    page = client.get(address).content.decode()
    return re.findall(r'<th scope="row"><a href="/customers/\d+/">([^<]+)', page)


@pytest.mark.parametrize("name", CASES)
def test_each_sentence_leads_to_exactly_those_it_counts(name, store, ada, ben, manager):
    lay, count, owner = CASES[name]
    with all_stores():
        lay(store, ada, ben)
    one = matters(store)[name]
    assert (one.count, one.owner) == (count, owner)
    page = html.unescape(manager.get("/brief/").content.decode())
    link = re.search(rf'<a href="(/brief/people/[^"]*what={name})">([^<]+)</a>', page)
    assert link is not None
    assert str(count) in link.group(2)
    assert len(shown(manager, link.group(1))) == count


@pytest.mark.parametrize("name", CASES)
def test_the_people_of_another_store_are_not_counted(name, store, south, ada, ben):
    computed_day(south)
    with all_stores():
        CASES[name][0](south, ada, ben)
    assert matters(store) == {}


def test_a_reader_sees_no_brief_of_another_store(store, south, manager):
    computed_day(south)
    assert manager.get("/brief/?store=SOUTH").status_code == 404
    assert manager.get("/brief/people/?store=SOUTH&what=over").status_code == 404
    assert manager.get("/brief/people/?what=nonsense").status_code == 404


def test_obligations_stand_first_and_then_the_dearest(store, ada, ben):
    with all_stores():
        for lay in (over, forgotten, missed, valued, managers, running, escalated):
            lay(store, ada, ben)
        found = brief(Facts(store, NOON))
    # Left out: forgotten and missed, which are worth less than what does not fit.
    assert [one.name for one in found] == ["escalated", "running", "managers", "valued", "over"]
    worth = [one.worth for one in found]
    assert worth[:3] == [0, 0, 0]
    assert worth[3] > worth[4] > 0


def test_a_customer_with_two_cars_spends_once(store, ben):
    with all_stores():
        owner = customer(store, "Two cars", advisor=ben)
        for _ in range(2):
            car(owner, state=RED)
    one = matters(store)["forgotten"]
    assert (one.count, one.worth) == (2, 1600)


def test_of_several_owners_the_one_with_most_is_named(store, ada, ben, manager):
    with all_stores():
        for number, owner in enumerate((ben, ada, ben)):
            duty(one_car(store, f"Late {number}"), owner, escalated_at=NOON)
    assert "Ben, who has 2 of 3" in html.unescape(manager.get("/brief/").content.decode())


def test_the_oldest_complaint_is_dated_by_its_own_day(store, ada, ben, manager):
    with all_stores():
        managers(store, ada, ben)
    assert "the oldest of 3 Jun." in manager.get("/brief/").content.decode()


def test_what_is_in_order_is_said_plainly(store, manager):
    assert matters(store) == {}
    assert "Nothing is out of order" in manager.get("/brief/").content.decode()


def test_a_store_before_its_first_night_is_told_so(north, manager):
    page = manager.get("/brief/").content.decode()
    assert "Nothing counted yet" in page
    assert "Nothing is out of order" not in page
    assert manager.get("/brief/people/?what=over").status_code == 200


def test_a_list_that_was_not_made_comes_before_everything(north, ada, ben, dora):
    factories.StoreDayFactory(
        store=north,
        on=days_ago(2),
        policy_set=factories.PolicySetFactory(store=north),
    )
    with all_stores():
        duty(one_car(north, "Late"), ben, escalated_at=NOON, due_on=days_ago(3))
        found = brief(Facts(north, NOON))
    assert [(one.name, one.count, one.owner) for one in found] == [
        ("night", 2, "Dora"),
        ("escalated", 1, "Ben"),
    ]
    assert found[0].url == reverse("lists_health")


def test_a_list_of_yesterday_is_in_order_before_the_store_wakes(north, ada):
    factories.StoreDayFactory(
        store=north, on=days_ago(1), policy_set=factories.PolicySetFactory(store=north)
    )
    with all_stores():
        assert brief(Facts(north, factories.at(TODAY, 4))) == []
        assert [one.name for one in brief(Facts(north, factories.at(TODAY, 7)))] == ["night"]


@pytest.mark.parametrize(("days", "names"), [(3, []), (4, ["feed"])])
def test_a_feed_is_late_after_three_days_without_a_visit(days, names, store):
    factories.BoardCellFactory(
        store=store, board="health", period="", item="feed", n=1, amount=days
    )
    assert list(matters(store)) == names


def retention_cells(store: Store, hits: int, n: int = 100) -> None:
    factories.BoardDayFactory(store=store)
    for period, came in (("2026-02", 90), ("2026-05", hits)):
        factories.BoardCellFactory(
            store=store, period=period, item="first", n=n, hits=came * n / 100
        )


def test_the_step_that_fell_leads_to_its_own_board(store, manager):
    retention_cells(store, hits=60)
    one = matters(store)["retention"]
    assert (one.count, one.owner) == (40, "Ada")
    page = html.unescape(manager.get("/brief/").content.decode())
    assert "60% came in the last three months, 90% in the three before" in page
    people = html.unescape(manager.get(one.url).content.decode())
    assert "Counted in the night of 15 Jun 2026: 40" in people


@pytest.mark.parametrize(("hits", "n"), [(85, 100), (60, 10)], ids=["chance", "few"])
def test_a_step_is_not_called_worse_by_chance_or_by_few(hits, n, store):
    retention_cells(store, hits=hits, n=n)
    assert matters(store) == {}


def test_the_brief_and_its_lists_keep_to_twelve_queries(store, ada, ben, manager):
    with all_stores():
        for lay, _, _ in CASES.values():
            lay(store, ada, ben)
    for address in ("/brief/", *(f"/brief/people/?what={name}" for name in CASES)):
        manager.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert manager.get(address).status_code == 200
        asked = [one["sql"] for one in captured if not one["sql"].startswith("SAVEPOINT")]
        assert len(asked) <= 12, (address, [sql[:120] for sql in asked])
