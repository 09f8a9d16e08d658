"""Finding a customer and the customer's page: scope, masks, logs, explained numbers."""

import datetime
import re

import pytest
from django.test import Client

from customers.selectors import consents
from stores.choices import AuditAction
from stores.models import AuditEntry
from stores.scope import stores_scope
from tests import factories
from tests.dashboards.lists import TODAY, car, computed_day, customer, days_ago, task

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client, north, ben) -> Client:
    computed_day(north)
    ben.language = "en"
    ben.save(update_fields=["language"])
    client.force_login(ben)
    return client


def found(client: Client, query: str) -> list[str]:
    text = client.get("/customers/", {"q": query}).content.decode()
    return re.findall(r'<th scope="row"><a href="/customers/\d+/">([^<]+)</a>', text)


@pytest.mark.parametrize(
    "query",
    [
        "王建国",
        "建国",
        "wjg",
        "WJ",
        "wang jian",
        "沪AD521K",
        "沪A·D5 21k",
        "D521K",
        "LSVAA4182E2999888",
        "2999888",
        "13800001234",
        "+86 138 0000 1234",
        "1234",
        "C777",
    ],
)
def test_a_customer_is_found_by(reader, north, query):
    one = customer(north, "王建国", phone="13800001234", external_id="C777")
    car(one, plate="沪AD521K", vin="LSVAA4182E2999888")
    car(customer(north, "李慧", phone="13900005678"), plate="沪AF807P")
    assert found(reader, query) == ["王建国"]


def test_a_car_that_was_not_computed_yet_is_found(reader, north):
    bare = factories.VehicleFactory(store=north, customer=customer(north, "陈新", advisor=None))
    assert not hasattr(bare, "state")
    assert found(reader, "陈新") == ["陈新"]


def test_the_characters_of_a_name_in_another_order_are_not_found(reader, north):
    customer(north, "王国建")
    assert found(reader, "建国") == []


def test_the_whole_store_is_searched_and_no_other(reader, north, south, ben):
    customer(north, "王一", advisor=factories.StaffFactory(group=north.group, at=[north]))
    customer(south, "王二")
    assert found(reader, "王") == ["王一"]


def test_results_are_masked(reader, north):
    customer(north, "王建国", phone="13800001234")
    text = reader.get("/customers/", {"q": "13800001234"}).content.decode()
    assert "138****1234" in text
    assert "13800001234" not in text.split('id="found"')[1]


def test_four_digits_of_more_than_twenty_people_answer_only_a_count(reader, north):
    for number in range(21):
        customer(north, f"王{number}", phone=f"138{number:04}1234")
    text = reader.get("/customers/", {"q": "1234"}).content.decode()
    assert "21 customers found" in text
    assert "Too many to show" in text
    assert found(reader, "1234") == []


def test_an_advisor_starts_with_her_own_customers_and_a_manager_with_the_stores(
    reader, client, north, ada, ben
):
    customer(north, "Ben's", advisor=ben)
    customer(north, "Somebody's")
    assert found(reader, "") == ["Ben&#x27;s"]
    client.force_login(ada)
    assert len(found(client, "")) == 2


@pytest.fixture
def wang(north, ben):
    """Wang, Ben's customer, with a car overdue, a visit, a complaint, a call and an appointment."""
    one = customer(north, "王建国", advisor=ben, phone="13800001234", notes="coffee, no sugar")
    state = {
        "level": "red",
        "due_on": days_ago(16),
        "due_basis": "mileage",
        "score": 40,
        "risk_level": "high",
        "overdue_points": 30,
        "complaint_points": 30,
        "complaints": 1,
        "complaint_on": days_ago(14),
        "plan": "powertrain:ICE",
        "base_on": days_ago(200),
        "base_km": 20_000,
        "latest_on": days_ago(200),
        "latest_km": 24_000,
        "last_visit_on": days_ago(200),
        "visits": 3,
        "is_dormant": True,
    }
    vehicle = car(one, state=state)
    visit = factories.VisitFactory(vehicle=vehicle, arrived_on=days_ago(200), amount=1180)
    factories.SurveyFactory(visit=visit, comment="clear words")
    factories.ComplaintFactory(vehicle=vehicle, opened_on=days_ago(14), text="waited too long")
    factories.ContactFactory(customer=one, happened_on=days_ago(9), note="in a meeting")
    factories.AppointmentFactory(vehicle=vehicle)
    factories.StageTransitionFactory(customer=one, from_stage="first_experience")
    factories.ConsentEventFactory(customer=one)
    task(vehicle, ben)
    return one


def test_the_page_explains_every_number(reader, wang):
    text = reader.get(f"/customers/{wang.pk}/").content.decode()
    for expected in (
        "Was due on 30 May (by mileage), 16 days overdue",
        "Plan for the powertrain: Combustion",
        "24,000 km",
        "Was due on 30 May, 2 full weeks overdue",
        "Complaint since the last visit, on 1 Jun",
        "Health score (100 is best)",
        "Pre-churn index (high is bad)",
        "Dormant",
        "First experience → Growth",
        "clear words",
        "waited too long",
        "in a meeting",
        "Confirmed",
        "coffee, no sugar",
        "granted",
        "Maintenance call",
    ):
        assert expected in text
    lost = [int(points) for points in re.findall(r"−(\d+)</td>", text)]
    assert 100 - sum(lost) == 40


def test_the_pre_churn_index_is_computed_by_the_engine_and_not_mixed_with_the_score(reader, wang):
    text = reader.get(f"/customers/{wang.pk}/").content.decode()
    # 200 days since the last visit: 110 days x 0.3, capped at 30; nothing else is known.
    assert "<b>30.0</b>" in text
    assert "of 100; from 60 on pre-churn" in text


def test_one_page_costs_at_most_twelve_queries(reader, wang, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        assert reader.get(f"/customers/{wang.pk}/").status_code == 200


def test_the_managers_page_costs_no_more_than_twelve_either(
    client, wang, ada, north, django_assert_max_num_queries
):
    computed_day(north)
    client.force_login(ada)
    with django_assert_max_num_queries(12):
        assert client.get(f"/customers/{wang.pk}/").status_code == 200


def test_a_look_at_a_colleagues_customer_costs_at_most_twelve_queries(
    reader, north, django_assert_max_num_queries
):
    gina = factories.StaffFactory(group=north.group, at=[north])
    hers = customer(north, "Hers", advisor=gina)
    task(car(hers), gina)
    with django_assert_max_num_queries(12):
        assert reader.get(f"/customers/{hers.pk}/").status_code == 200
    assert opened() == 1


@pytest.mark.parametrize("query", ["", "王", "1234"])
def test_search_costs_at_most_twelve_queries(reader, wang, query, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        assert reader.get("/customers/", {"q": query}).status_code == 200


def opened() -> int:
    return AuditEntry.objects.filter(action=AuditAction.COLLEAGUES_CUSTOMER).count()


def test_opening_ones_own_customer_is_not_logged_and_a_colleagues_is(reader, north, wang):
    reader.get(f"/customers/{wang.pk}/")
    assert opened() == 0
    gina = factories.StaffFactory(group=north.group, at=[north])
    reader.get(f"/customers/{customer(north, 'Hers', advisor=gina).pk}/")
    assert opened() == 1


def test_a_customer_one_stands_in_for_is_not_a_colleagues(reader, north, ben):
    gina = factories.StaffFactory(group=north.group, at=[north])
    hers = customer(north, "Hers", advisor=gina)
    task(car(hers), ben, stands_in_for=gina)
    reader.get(f"/customers/{hers.pk}/")
    assert opened() == 0


def test_a_managers_look_is_not_logged_as_a_colleagues(client, wang, ada, north):
    computed_day(north)
    client.force_login(ada)
    client.get(f"/customers/{wang.pk}/")
    assert opened() == 0


@pytest.mark.parametrize("headers", [{}, {"hx-request": "true"}], ids=["page", "htmx"])
def test_showing_a_number_is_logged_with_who_and_whose(reader, wang, ben, headers):
    text = reader.post(f"/customers/{wang.pk}/phone/", headers=headers).content.decode()
    assert 'href="tel:13800001234"' in text
    entry = AuditEntry.objects.get(action=AuditAction.UNMASKED)
    assert (entry.actor, entry.thing, entry.thing_id) == (ben, "customer", wang.pk)
    assert "13800001234" not in str(entry.detail)


@pytest.mark.parametrize("headers", [{}, {"hx-request": "true"}], ids=["page", "htmx"])
def test_of_who_asked_for_no_calls_no_number_is_shown_and_nothing_logged(reader, wang, headers):
    factories.ConsentEventFactory(customer=wang, channel="phone", is_granted=False)
    assert "Show and dial" not in reader.get(f"/customers/{wang.pk}/").content.decode()
    text = reader.post(f"/customers/{wang.pk}/phone/", headers=headers).content.decode()
    assert "Asked not to be called: write instead." in text
    assert "13800001234" not in text
    assert not AuditEntry.objects.filter(action=AuditAction.UNMASKED).exists()


def test_a_number_is_not_shown_by_a_link(reader, wang):
    assert reader.get(f"/customers/{wang.pk}/phone/").status_code == 405
    assert "13800001234" not in reader.get(f"/customers/{wang.pk}/").content.decode()


def test_a_group_manager_gets_no_button_and_no_number(client, north, wang):
    boss = factories.StaffFactory(group=north.group, role="group_manager", language="en")
    client.force_login(boss)
    assert "Show and dial" not in client.get(f"/customers/{wang.pk}/").content.decode()
    assert client.post(f"/customers/{wang.pk}/phone/").status_code == 403


def test_a_customer_of_another_store_is_as_missing_as_none(reader, south):
    assert reader.get(f"/customers/{customer(south, 'Far').pk}/").status_code == 404
    assert reader.post(f"/customers/{customer(south, 'Far').pk}/phone/").status_code == 404
    assert reader.get("/customers/999999/").status_code == 404


def test_a_visit_before_the_car_changed_hands_stays_with_the_owner_of_its_day(reader, north):
    seller, buyer = customer(north, "Seller"), customer(north, "Buyer")
    vehicle = factories.VehicleFactory(customer=buyer)
    factories.OwnershipFactory(vehicle=vehicle, customer=seller, until_on=days_ago(31))
    factories.OwnershipFactory(vehicle=vehicle, customer=buyer, since_on=days_ago(30))
    factories.ComplaintFactory(vehicle=vehicle, opened_on=days_ago(40), text="of the seller")
    assert "of the seller" in reader.get(f"/customers/{seller.pk}/").content.decode()
    assert "of the seller" not in reader.get(f"/customers/{buyer.pk}/").content.decode()


EARLY, LATE = factories.at(TODAY - datetime.timedelta(days=9)), factories.at(TODAY)


@pytest.mark.parametrize(
    ("events", "granted"),
    [
        ([(True, EARLY), (False, LATE)], False),
        ([(False, EARLY), (True, LATE)], True),
        ([(True, LATE), (False, LATE)], False),
        ([(False, EARLY), (True, None)], False),
        ([(True, None)], True),
    ],
    ids=["later no", "later yes", "tie is no", "undated yes is no yes", "only an undated yes"],
)
def test_of_two_consents(north, events, granted):
    one = factories.CustomerFactory(store=north)
    for is_granted, given_at in events:
        factories.ConsentEventFactory(customer=one, is_granted=is_granted, given_at=given_at)
    with stores_scope([north.pk]):
        assert [consent.is_granted for consent in consents(one)] == [granted]
