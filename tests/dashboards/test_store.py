"""The store's board: every number is a link to exactly those people."""

import html
import re

import pytest
from django.test import Client

from alerts.selectors import loads, store_cards
from dashboards.selectors.board import store_board
from dashboards.selectors.days import latest
from stores.scope import stores_scope
from tests import factories
from tests.dashboards.lists import TODAY, car, computed_day, customer, days_ago, task

pytestmark = pytest.mark.django_db
NOON = factories.at(TODAY, 12)
CLOSING = factories.at(TODAY, 17, 30)


@pytest.fixture
def store(north, ada, ben):
    """North with every kind of car, and cards at Ada's, Ben's and nobody's."""
    computed_day(north, advisor_capacity=2)
    states = [
        {"level": "red", "due_on": days_ago(9), "risk_level": "high", "score": 50},
        {"level": "red", "due_on": days_ago(5), "risk_level": "medium", "score": 70},
        {"level": "orange"},
        {"level": "yellow"},
        {"level": "red", "is_lost": True, "phase": "deep", "risk_level": "high", "score": 0},
        {"level": "none", "is_gone": True, "risk_level": "high", "score": 0},
    ]
    cars = [
        car(customer(north, f"Person {number}", advisor=ben if number % 2 else None), state=state)
        for number, state in enumerate(states)
    ]
    for vehicle in cars[:4]:
        task(vehicle, ben, opened_on=days_ago(2))
    task(cars[0], ada, kind="complaint", priority_group=0, deadline_at=CLOSING)
    task(cars[5], None)
    return north


@pytest.fixture
def manager(client: Client, ada) -> Client:
    ada.language = "en"
    ada.save(update_fields=["language"])
    client.force_login(ada)
    return client


def people_of(client: Client, address: str) -> int:
    """How many the list behind an address says and shows."""
    text = client.get(html.unescape(address)).content.decode()
    said = int(re.search(r"<span>(\d+) (?:car|card|customer)s?</span>", text).group(1))
    assert text.count('<th scope="row"><a href="/customers/') == said
    return said


def test_every_number_of_the_board_equals_the_list_behind_it(store, manager):
    page = manager.get("/store/").content.decode()
    links = re.findall(r'<a href="(/store/warnings/\?[^"]+)">([\d,]+)</a>', page)
    links += re.findall(r'href="(/store/warnings/\?[^"]+)">.*?<b>([\d,]+)</b>', page)
    assert len(links) > 15
    for address, number in links:
        assert people_of(manager, address) == int(number), address


def test_a_lost_car_is_counted_as_lost_and_not_as_due_or_at_risk(store):
    with stores_scope([store.pk]):
        board = store_board(store, latest([store])[store.pk], NOON)
    totals = {table.kind: table.total.count for table in board.tables}
    assert totals == {"due": 4, "risk": 4, "lost": 1}


def test_a_sold_car_raises_no_warning(store, manager):
    assert "Person 5" not in manager.get("/store/warnings/?kind=risk").content.decode()


def test_who_has_what_counts_cards_duties_and_what_does_not_fit(store, ada, ben):
    with stores_scope([store.pk]):
        board = store_board(store, latest([store])[store.pk], NOON)
    people = {row.name: row for row in board.people}
    # One of Ben's four is with the manager and asks for no call: three calls, two fit.
    assert (people["Ben"].cards.count, people["Ben"].over.count) == (4, 1)
    assert people["Ben"].oldest_on == days_ago(2)
    assert (people["Ada"].cards.count, people["Ada"].duties.count) == (1, 1)


def test_what_nobody_has_is_shown_as_nobodys(store):
    with stores_scope([store.pk]):
        people = store_board(store, latest([store])[store.pk], NOON).people
    assert people[-1].cards.count == 1
    assert people[-1].capacity is None


def test_a_person_away_today_is_marked(store, manager, ben):
    factories.AbsenceFactory(staff=ben)
    assert "away" in manager.get("/store/").content.decode()


def test_the_page_names_its_date_and_its_settings(store, manager):
    page = manager.get("/store/").content.decode()
    assert "As of Monday 15 Jun, computed 01:00" in page
    assert "settings as shipped" in page


def test_published_settings_are_named_with_their_version(store, manager):
    policy = factories.PolicyFactory(group=store.group, number=7)
    with stores_scope([store.pk]):
        policy_set = store.days.get().policy_set
    policy_set.versions = {"warning": [policy.pk, 0]}
    policy_set.save(update_fields=["versions"])
    assert "Warning rules version 7" in manager.get("/store/").content.decode()


def test_a_store_in_the_address_is_shown_and_a_strangers_store_is_not_found(
    client, store, south, elsewhere, dora
):
    computed_day(south)
    dora.language = "en"
    dora.save(update_fields=["language"])
    client.force_login(dora)
    assert "South today" in client.get("/store/?store=SOUTH").content.decode()
    assert client.get("/store/?store=ELSE").status_code == 404
    assert client.get("/store/?store=NOWHERE").status_code == 404


def test_htmx_gets_the_list_alone(store, manager):
    fragment = manager.get("/store/warnings/?kind=due", headers={"hx-request": "true"})
    assert fragment.content.decode().lstrip().startswith("<section")


@pytest.mark.parametrize(
    ("order", "first"), [("due", "Person 0"), ("score", "Person 0"), ("name", "Person 0")]
)
def test_the_list_is_sorted_as_chosen(store, manager, order, first):
    page = manager.get(f"/store/warnings/?kind=due&sort={order}").content.decode()
    assert re.search(r">(Person \d)</a>", page).group(1) == first


@pytest.mark.parametrize(
    "query", ["kind=nonsense", "kind=due&level=purple", "kind=cards&owner=99999"]
)
def test_an_address_that_means_nothing_is_not_found(store, manager, query):
    assert manager.get(f"/store/warnings/?{query}").status_code == 404


def test_before_the_first_night_the_page_says_what_to_do(north, manager):
    assert "Nothing computed yet" in manager.get("/store/").content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/store/",
        "/store/warnings/?kind=due",
        "/store/warnings/?kind=stage",
        "/store/warnings/?kind=cards",
    ],
)
def test_boards_cost_at_most_twelve_queries(
    store, manager, ben, address, django_assert_max_num_queries
):
    for number in range(20):
        advisor = factories.StaffFactory(group=store.group, at=[store])
        task(car(customer(store, f"More {number}", advisor=advisor)), advisor)
    with django_assert_max_num_queries(12):
        assert manager.get(address).status_code == 200


def test_counts_and_cards_of_a_person_come_from_the_same_rows(store):
    with stores_scope([store.pk]):
        cards = store_cards(store.pk, TODAY)
        assert {row.owner_id: row.cards for row in loads(store.pk, TODAY)} == {
            owner: len(found) for owner, found in cards.items()
        }
