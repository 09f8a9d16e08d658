"""Data health: each problem finds its customers or cars, and costs what the store's returns say."""

import html
import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from alerts.boards import BOARDS
from alerts.rules.health import problems
from common.sql import rows
from customers.models import Vehicle
from lifecycle.rules.cells import Cell
from lifecycle.services.boards import from_source, member_sql, refresh_boards
from lifecycle.services.scope import Scope
from pipeline.policies import KINDS
from stores.models import Staff, Store
from stores.scope import all_stores
from stores.services.policies import pin, resolve
from tests import factories
from tests.dashboards.lists import TODAY, days_ago

pytestmark = pytest.mark.django_db
BOARD = BOARDS["health"]
LONG_AGO, LATELY = date(2025, 6, 14), date(2026, 3, 2)


@pytest.fixture(autouse=True)
def clock(db: None) -> Iterable[None]:
    with all_stores(), time_machine.travel(factories.at(TODAY, 9), tick=False):
        yield


def owned(store: Store, advisor: Staff | None, **fields: Any) -> Vehicle:
    """A car whose data are in order."""
    of_car = {
        name: fields.pop(name) for name in ("plate", "status", "delivered_on") if name in fields
    }
    asked = fields.pop("asked", True)
    owner = factories.CustomerFactory(store=store, advisor=advisor, **fields)
    vehicle: Vehicle = factories.VehicleFactory(customer=owner, **of_car)
    factories.OwnershipFactory(vehicle=vehicle)
    if asked:
        factories.ConsentEventFactory(customer=owner, channel="sms")
    return vehicle


def well(store: Store, advisor: Staff | None, **fields: Any) -> Vehicle:
    vehicle = owned(store, advisor, **fields)
    factories.VisitFactory(vehicle=vehicle, arrived_on=LATELY)
    return vehicle


def members(store: Store, as_of: date = TODAY) -> list[dict[str, Any]]:
    scope = Scope(as_of, resolve([store], KINDS))
    select = f"SELECT * FROM ({member_sql(BOARD)}) AS m"
    return rows(from_source(scope, BOARD, select), scope.params())


def who_has(store: Store, problem: str, as_of: date = TODAY) -> set[int]:
    return {row["vehicle_id"] for row in members(store, as_of) if row["item"] == problem}


def test_data_in_order_have_no_problem(north, ben):
    well(north, ben)
    assert {row["item"] for row in members(north)} <= {"feed", "came"}


def test_an_odometer_is_stale_after_a_year_without_a_reading_though_seen_since(north, ben):
    stale, fresh, unseen, never, young = (
        owned(north, ben, delivered_on=day)
        for day in (LONG_AGO, LONG_AGO, LONG_AGO, date(2025, 6, 15), date(2025, 6, 16))
    )
    factories.VisitFactory(vehicle=stale, arrived_on=LONG_AGO)
    factories.VisitFactory(vehicle=stale, arrived_on=LATELY, is_reading_ok=False)
    factories.VisitFactory(vehicle=fresh, arrived_on=date(2025, 6, 15))
    factories.VisitFactory(vehicle=fresh, arrived_on=LATELY, is_reading_ok=False)
    factories.VisitFactory(vehicle=unseen, arrived_on=LONG_AGO)
    assert who_has(north, "stale_odometer") == {stale.pk, never.pk}
    assert young.pk not in who_has(north, "stale_odometer")


def test_a_dead_or_missing_number_is_a_problem_and_its_correction_is_known(north, ben):
    dead = well(north, ben, is_phone_dead=True)
    none = well(north, ben, phone="")
    well(north, ben)
    factories.TaskFactory(
        vehicle=dead, owner=ben, kind="correct_data", proposal="phone", cycle_key="1"
    )
    assert who_has(north, "dead_phone") == {dead.pk, none.pk}
    hits = {
        row["vehicle_id"]: row["is_hit"] for row in members(north) if row["item"] == "dead_phone"
    }
    assert hits == {dead.pk: True, none.pk: False}


def test_one_number_under_two_customers_of_a_store_is_a_problem_of_both(north, south, ben, cleo):
    one, other = (well(north, ben, phone="13900001111") for _ in range(2))
    well(north, ben, phone="")
    well(north, ben, phone="")
    well(south, cleo, phone="13900001111")
    merged = well(north, ben, phone="13900002222", merged_on=days_ago(1))
    well(north, ben, phone="13900002222")
    assert merged.pk
    assert who_has(north, "duplicate_phone") == {one.pk, other.pk}
    assert who_has(south, "duplicate_phone") == set()


def test_one_plate_on_two_cars_in_use_is_a_problem_of_both(north, ben):
    one, other = (well(north, ben, plate="沪A12345") for _ in range(2))
    well(north, ben, plate="沪A54321")
    well(north, ben, plate="沪A54321", status="sold")
    well(north, ben, plate="")
    well(north, ben, plate="")
    assert who_has(north, "duplicate_car") == {one.pk, other.pk}


def test_consent_never_asked_on_any_of_the_three_channels_is_a_problem(north, ben):
    never = well(north, ben, asked=False)
    refused, by_post = well(north, ben, asked=False), well(north, ben, asked=False)
    factories.ConsentEventFactory(customer=refused.customer, channel="phone", is_granted=False)
    factories.ConsentEventFactory(customer=by_post.customer, channel="visit")
    assert who_has(north, "no_consent") == {never.pk, by_post.pk}
    # In January nobody had been asked yet, but for whom it is not known when.
    assert refused.pk in who_has(north, "no_consent", date(2026, 1, 4))


def test_a_customer_without_an_active_advisor_is_a_problem(north, ben):
    left = factories.StaffFactory(group=north.group, is_active=False)
    nobodys, lefts = well(north, None), well(north, left)
    well(north, ben)
    well(north, None, status="sold")
    assert who_has(north, "no_owner") == {nobodys.pk, lefts.pk}


def test_the_feed_is_as_old_as_the_newest_visit(north, ben):
    well(north, ben)
    last = owned(north, ben)
    factories.VisitFactory(vehicle=last, arrived_on=days_ago(5))
    (feed,) = [row for row in members(north) if row["item"] == "feed"]
    assert (feed["vehicle_id"], feed["amount"]) == (last.pk, 5)


def test_expected_visits_are_twelve_over_the_months_of_the_plan(north, ben):
    owner = well(north, None).customer
    second = factories.VehicleFactory(customer=owner, powertrain="BEV")
    factories.OwnershipFactory(vehicle=second)
    (one,) = [row for row in members(north) if row["item"] == "no_owner"]
    # Twice a year for combustion, once for electric.
    assert one["amount"] == 3


def test_those_that_fell_due_are_counted_with_and_without_the_problem(north, ben):
    served = date(2025, 5, 10)
    for advisor, came in ((None, False), (None, True), (ben, True)):
        vehicle = owned(north, advisor, delivered_on=date(2025, 3, 1))
        factories.VisitFactory(vehicle=vehicle, arrived_on=served, odometer_km=100)
        if came:
            back_on = served + timedelta(days=190)
            factories.VisitFactory(vehicle=vehicle, arrived_on=back_on, odometer_km=200)
    due = [row for row in members(north) if row["item"] == "came"]
    # Each fell due for the first and for the second service.
    found = {part: (len(of), sum(one["is_hit"] for one in of)) for part, of in by_part(due).items()}
    assert found == {"": (6, 5), "no_owner": (4, 3)}


def by_part(due: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    parts = {row["part"] for row in due}
    return {part: [row for row in due if row["part"] == part] for part in parts}


def folded(affected: tuple[int, int], everybody: tuple[int, int]) -> Any:
    cells = [
        Cell("", "dead_phone", "", 30, 4, amount=60),  # type: ignore[arg-type]
        Cell("", "came", "", everybody[1], everybody[0]),
        Cell("", "came", "dead_phone", affected[1], affected[0]),
    ]
    return next(one for one in problems(cells) if one.name == "dead_phone")


def test_the_cost_is_the_expected_visits_times_the_share_that_comes_less():
    # 10 of 25 against 80 of 100: of 60 visits 0.4 stay away.
    one = folded((10, 25), (90, 125))
    assert one.visits_lost == pytest.approx(24)
    assert (one.count, one.in_work) == (30, 4)


def test_cars_that_come_no_less_cost_nothing():
    assert folded((25, 25), (90, 125)).visits_lost == 0


@pytest.mark.parametrize(
    ("affected", "everybody"),
    [((5, 19), (90, 119)), ((10, 25), (20, 44))],
    ids=["few", "few others"],
)
def test_below_twenty_there_is_no_estimate(affected, everybody):
    assert folded(affected, everybody).visits_lost is None


def test_the_dearest_stands_first_and_what_is_in_order_last():
    cells = [
        Cell("", "no_owner", "", 3, 0, amount=6),  # type: ignore[arg-type]
        Cell("", "dead_phone", "", 30, 0, amount=60),  # type: ignore[arg-type]
        Cell("", "no_consent", "", 300, 0, amount=600),  # type: ignore[arg-type]
        Cell("", "came", "", 200, 150),
        Cell("", "came", "no_owner", 30, 0),
        Cell("", "came", "dead_phone", 30, 10),
        Cell("", "came", "no_consent", 3, 1),
    ]
    order = [one.name for one in problems(cells)][:3]
    assert order == ["dead_phone", "no_owner", "no_consent"]


@pytest.fixture
def page(client: Client, ada: Staff) -> Any:
    ada.language = "en"
    ada.save(update_fields=["language"])
    client.force_login(ada)

    def opened(address: str = "/boards/health/") -> str:
        return html.unescape(client.get(address).content.decode())

    return opened


def counted(store: Store) -> None:
    refresh_boards(Scope(TODAY, pin([store], KINDS)), BOARDS)


def test_each_count_leads_to_exactly_those_customers(north, south, ben, cleo, page):
    for _ in range(3):
        well(north, None)
    well(north, ben, is_phone_dead=True)
    well(south, None)
    counted(north)
    counted(south)
    shown = page()
    links = re.findall(r'<a href="(/boards/people/\?[^"]+)"><b>(\d+)</b></a>', shown)
    assert sorted(int(n) for _, n in links) == [1, 3]
    for url, n in links:
        people = page(url)
        assert len(re.findall(r'<th scope="row"><a href="/customers/', people)) == int(n)
        assert f"Counted in the night of 15 Jun 2026: {n}" in people


def test_few_have_no_estimate_and_a_silent_feed_is_told(north, ben, page):
    well(north, None)
    counted(north)
    shown = page()
    assert "not enough data" in shown
    assert "No visit has come in for 105 days." in shown


def test_a_store_in_order_is_told_so_and_an_empty_one_that_nothing_is_counted(north, ben, page):
    assert "Nothing counted yet" in page()
    factories.VisitFactory(vehicle=owned(north, ben), arrived_on=days_ago(1))
    counted(north)
    assert "Nothing is wrong with the data." in page()


def test_another_stores_data_health_is_not_there(south, page, client):
    page()
    assert client.get("/boards/health/?store=SOUTH").status_code == 404


def test_only_who_imports_is_led_to_the_rows_that_imports_complained_of(north, dora, page, client):
    well(north, None, is_phone_dead=True)
    counted(north)
    assert "/imports/findings/" not in page()
    client.force_login(dora)
    assert "/imports/findings/?kind=dead_phone" in page("/boards/health/?store=NORTH")
