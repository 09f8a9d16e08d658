"""The advisor's call list: order, cards, capacity, hand-over, the opened card."""

import datetime
import re

import pytest
from django.test import Client

from stores.choices import Role
from tests import factories
from tests.dashboards.lists import TODAY, car, computed_day, customer, days_ago, task

pytestmark = pytest.mark.django_db
CLOSING = factories.at(TODAY, 17, 30)


@pytest.fixture
def page(client: Client, ben):
    """Ben's list in English."""
    client.force_login(ben)
    ben.language = "en"
    ben.save(update_fields=["language"])

    def get(address: str = "/today/", **headers: str) -> str:
        response = client.get(address, headers=headers)
        assert response.status_code == 200
        return response.content.decode()

    return get


def names(html: str) -> list[str]:
    """Names on the list, from top to bottom."""
    return [name.strip() for name in re.findall(r'class="h-row-name">([^<]+)', html)]


def test_obligations_come_first_by_deadline_then_expected_value(page, north, ben):
    computed_day(north)
    for name, fields in {
        "Little worth": {"value": 100},
        "Much worth": {"value": 400},
        "Later duty": {"priority_group": 0, "deadline_at": CLOSING},
        "Sooner duty": {
            "priority_group": 0,
            "deadline_at": CLOSING - datetime.timedelta(hours=2),
            "value": 1,
        },
    }.items():
        task(car(customer(north, name)), ben, **fields)
    assert names(page()) == ["Sooner duty", "Later duty", "Much worth", "Little worth"]


def test_equal_values_are_called_in_the_order_they_opened_then_of_their_cars(page, north, ben):
    computed_day(north)
    late, early, later_car = (car(customer(north, name)) for name in ("Late", "Early", "Last"))
    task(late, ben)
    task(early, ben, opened_on=days_ago(3))
    task(later_car, ben)
    assert names(page()) == ["Early", "Late", "Last"]


def test_two_cars_of_one_customer_are_one_card(page, north, ben):
    computed_day(north)
    owner = customer(north, "Owner of two")
    task(car(owner, model="Passat"), ben)
    task(car(owner, model="Polo"), ben, value=100)
    html = page()
    assert names(html) == ["Owner of two"]
    assert "Passat" in html
    assert "also Polo" in html


def test_cards_beyond_the_capacity_wait_for_tomorrow(page, north, ben):
    computed_day(north, advisor_capacity=2)
    for number in range(5):
        task(car(customer(north, f"Customer {number}")), ben, value=500 - number)
    html = page()
    before, after = html.split('<details class="h-later')
    assert names(before) == ["Customer 0", "Customer 1"]
    assert names(after) == ["Customer 2", "Customer 3", "Customer 4"]
    assert "Did not fit today (2 a day): tomorrow" in after


def test_a_card_with_the_manager_asks_for_no_call_and_takes_no_place(page, north, ada, ben):
    computed_day(north, advisor_capacity=1)
    upset = car(customer(north, "Upset"))
    task(upset, ben, value=900)
    task(upset, ada, kind="complaint", priority_group=0, deadline_at=CLOSING)
    calm = customer(north, "Calm")
    task(car(calm), ben)
    html = page()
    assert names(html.split("h-later")[0]) == ["Upset", "Calm"]
    # The card that is opened at first is one to call.
    assert f'data-first="/today/{calm.pk}/"' in html
    assert "With the manager: no call until it is settled" in html


def test_a_stand_in_reads_whose_customer_it_is_and_when_the_last_service_was(page, north, ben):
    computed_day(north)
    gina = factories.StaffFactory(group=north.group, name="Gina", at=[north])
    car_of_ginas = car(customer(north, "Hers"), state={"last_visit_on": days_ago(60)})
    task(car_of_ginas, ben, stands_in_for=gina)
    assert "For Gina, last service 16 Apr" in page()


def test_a_line_tells_who_which_car_why_and_the_worth(page, north, ben):
    computed_day(north)
    one = customer(north, "Wang", phone="13800001234")
    state = {
        "level": "red",
        "due_on": days_ago(23),
        "score": 25,
        "risk_level": "high",
        "overdue_points": 45,
        "complaint_points": 30,
    }
    vehicle = car(one, model="Model Y", plate="沪AD521K", state=state)
    task(vehicle, ben, value=460, opened_on=days_ago(2))
    html = page()
    for text in (
        "Model Y · 沪A·D521K",
        "23 days overdue",
        "High risk 25",
        "Complaint −30",
        "¥1,000 × 46%",
        "since 13 Jun",
    ):
        assert text in html
    assert "13800001234" not in html


def test_the_opened_card_shows_deductions_that_add_up_to_the_score(page, north, ben):
    computed_day(north)
    one = customer(north, "Wang", interests="coffee", dislikes="waiting")
    state = {
        "level": "red",
        "due_on": days_ago(23),
        "score": 40,
        "risk_level": "high",
        "overdue_points": 45,
        "call_points": 10,
        "wechat_points": 5,
        "calls_missed": 1,
        "call_missed_on": days_ago(9),
        "wechats_unanswered": 1,
        "wechat_unanswered_on": days_ago(12),
    }
    vehicle = car(one, state=state)
    task(vehicle, ben)
    factories.VisitFactory(vehicle=vehicle, amount=1180)
    factories.ContactFactory(customer=one, outcome="no_answer", note="mailbox")
    html = page(f"/today/{one.pk}/")
    table = html.split("h-why")[1].split("</table>")[0]
    lost = [int(points) for points in re.findall(r"−(\d+)</td>", table)]
    assert 100 - sum(lost) == 40
    assert '<td class="h-num">40</td>' in table
    for text in ("3 full weeks overdue", "coffee", "waiting", "¥1,180", "No answer", "mailbox"):
        assert text in html


def test_a_card_for_htmx_is_a_fragment_and_without_it_a_page(page, north, ben):
    computed_day(north)
    one = customer(north, "Wang")
    task(car(one), ben)
    assert page(f"/today/{one.pk}/", hx_request="true").lstrip().startswith("<section")
    assert page(f"/today/{one.pk}/").lstrip().startswith("<!doctype html>")


def test_a_customer_who_is_not_on_ones_list_is_not_found(client, north, ben, ada):
    computed_day(north)
    one = customer(north, "Somebody else's")
    task(car(one), ada)
    client.force_login(ben)
    assert client.get(f"/today/{one.pk}/").status_code == 404
    assert client.get("/today/999999/").status_code == 404


def test_a_card_that_left_the_list_says_so_and_nothing_of_whose_it_is(client, north, ben, ada):
    computed_day(north)
    one = customer(north, "Somebody else's")
    task(car(one), ada)
    client.force_login(ben)
    theirs = client.get(f"/today/{one.pk}/", headers={"hx-request": "true"})
    nobodys = client.get("/today/999999/", headers={"hx-request": "true"})
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content == nobodys.content
    assert "data-customer" not in theirs.content.decode()
    assert "This card is not on your list any more." in theirs.content.decode()


def test_closed_tasks_are_gone_from_the_list(page, north, ben):
    computed_day(north)
    task(car(customer(north, "Done")), ben, closed_on=TODAY, closed_as="done")
    html = page()
    assert names(html) == []
    assert "Nobody waits for a call" in html


def test_before_the_first_night_the_page_says_what_comes(page, north):
    assert "The list is not made yet" in page()


def test_a_person_without_a_store_reads_what_to_do(client, group):
    stray = factories.StaffFactory(group=group, role=Role.ADVISOR, language="en")
    client.force_login(stray)
    assert "You work at no store" in client.get("/today/").content.decode()


@pytest.mark.parametrize("cards", [3, 30])
def test_the_page_costs_the_same_queries_however_long_the_list(
    client, north, ben, cards, django_assert_max_num_queries
):
    computed_day(north)
    for number in range(cards):
        vehicle = car(customer(north, f"Customer {number}", advisor=ben))
        factories.VisitFactory(vehicle=vehicle)
        task(vehicle, ben, stands_in_for=ben)
    client.force_login(ben)
    with django_assert_max_num_queries(12):
        assert client.get("/today/").status_code == 200


def test_of_what_does_not_fit_the_first_are_shown_and_the_others_counted(page, north, ben):
    computed_day(north, advisor_capacity=2)
    for number in range(15):
        task(car(customer(north, f"Customer {number:02}")), ben, value=400 - number)
    html = page()
    assert names(html) == [f"Customer {number:02}" for number in range(12)]
    assert 'data-more="3"' in html
    assert "and 3 more customers" in html


def test_the_list_itself_is_one_query(north, ben, django_assert_num_queries):
    from alerts.selectors import call_list
    from stores.scope import stores_scope

    computed_day(north)
    for number in range(5):
        task(car(customer(north, f"Customer {number}")), ben)
    with stores_scope([north.pk]), django_assert_num_queries(1):
        cards = call_list(ben.pk, TODAY)
        assert [card.customer.phone_masked for card in cards if card.customer.state.rfm == ""]
        assert all(card.first.vehicle.state.level for card in cards)
