"""Today's list as a workbook and on paper: its order, its reasons, masked and written down."""

import datetime
import io
import re

import openpyxl
import pytest
from django.test import Client

from stores.choices import Role
from stores.models import AuditEntry
from tests import factories
from tests.dashboards.lists import TODAY, car, computed_day, customer, days_ago, task

pytestmark = pytest.mark.django_db
CLOSING = factories.at(TODAY, 17, 30)


@pytest.fixture
def open_page(client: Client):
    """Opens an address for a person in English."""

    def get(person, address):
        person.language = "en"
        person.save(update_fields=["language"])
        client.force_login(person)
        response = client.get(address)
        assert response.status_code == 200
        return response

    return get


@pytest.fixture
def rows(open_page):
    """The workbook of a person as {heading: value} a line."""

    def read(person):
        response = open_page(person, "/today/list.xlsx")
        assert response["Content-Type"].endswith("spreadsheetml.sheet")
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
        headings, *lines = sheet.iter_rows(values_only=True)
        return [dict(zip(headings, line, strict=True)) for line in lines]

    return read


def printed_names(html: str) -> list[str]:
    return re.findall(r"<td><strong>([^<]+)</strong>", html)


def a_morning(store, advisor):
    """A duty, two by value, one that does not fit, one that rests."""
    computed_day(store, advisor_capacity=3)
    task(car(customer(store, "Little worth")), advisor, value=100)
    task(car(customer(store, "Least worth")), advisor, value=50)
    due = {"level": "red", "due_on": days_ago(23)}
    task(car(customer(store, "Much worth"), state=due), advisor, value=400)
    task(
        car(customer(store, "Duty")), advisor, kind="callback", priority_group=0,
        deadline_at=CLOSING,
    )  # fmt: skip
    later = TODAY + datetime.timedelta(days=1)
    task(car(customer(store, "Rests")), advisor, due_on=later)


def test_the_workbook_holds_the_list_in_its_order_with_what_does_not_fit_last(rows, north, ben):
    a_morning(north, ben)
    found = rows(ben)
    assert [(row["No."], row["Part of the list"], row["Customer"]) for row in found] == [
        (1, "Must today", "Duty"),
        (2, "By expected value", "Much worth"),
        (3, "By expected value", "Little worth"),
        (4, "Did not fit today", "Least worth"),
    ]


def test_the_workbook_tells_why_until_when_and_what_it_is_worth(rows, north, ben, ada):
    a_morning(north, ben)
    duty, much, *_ = rows(ben)
    assert "17:30" in duty["Until"]
    assert duty["Expected value (¥)"] is None
    assert "23 days overdue" in much["Why today"]
    assert (much["Expected value (¥)"], much["Spend a year (¥)"]) == (400, 1600)


def test_phones_are_masked(rows, open_page, north, ben):
    computed_day(north)
    task(car(customer(north, "Zhang", phone="13812341234")), ben)
    assert rows(ben)[0]["Phone"] == "138****1234"
    html = open_page(ben, "/today/print/").content.decode()
    assert "138****1234" in html
    assert "13812341234" not in html


def test_two_cars_are_told_apart(rows, north, ben):
    computed_day(north)
    owner = customer(north, "Two cars")
    for model, days in (("Model Y", 23), ("Han EV", 5)):
        one = car(owner, model=model, plate="", state={"level": "red", "due_on": days_ago(days)})
        task(one, ben, value=400 - days)
    (row,) = rows(ben)
    assert row["Cars"] == "Han EV\nModel Y"
    assert row["Why today"].splitlines() == [
        "Han EV: 5 days overdue",
        "Model Y: 23 days overdue",
    ]


def test_a_name_that_looks_like_a_formula_stays_a_name(rows, north, ben):
    computed_day(north)
    task(car(customer(north, "=HYPERLINK(1)"), model="+cmd"), ben)
    (row,) = rows(ben)
    assert row["Customer"] == "'=HYPERLINK(1)"
    assert row["Cars"].startswith("'+cmd")


def test_a_card_with_the_manager_says_so(rows, open_page, north, ben, ada):
    computed_day(north)
    owner = customer(north, "Complains")
    vehicle = car(owner)
    task(vehicle, ben)
    task(vehicle, ada, kind="complaint", priority_group=0, deadline_at=CLOSING)
    assert "With the manager" in rows(ben)[0]["Why today"]
    assert "With the manager" in open_page(ben, "/today/print/").content.decode()


def test_a_specialists_workbook_fills_up_with_lost_customers(rows, north):
    sam = factories.StaffFactory(group=north.group, role=Role.SPECIALIST, at=[north])
    computed_day(north, specialist_capacity=2)
    task(car(customer(north, "Calls back")), sam, kind="callback", priority_group=0)
    for name, yearly in (("Lost", 900), ("Lost and dear", 5000)):
        person = customer(north, name)
        person.state.stage, person.state.yearly_amount = "lost", yearly
        person.state.save()
        factories.ConsentEventFactory(customer=person, channel="phone")
        car(person, state={"is_lost": True, "phase": "deep"})
    found = rows(sam)
    assert [(row["Part of the list"], row["Customer"]) for row in found] == [
        ("Must today", "Calls back"),
        ("Lost customers", "Lost and dear"),
    ]
    assert "Deep loss" in found[1]["Why today"]


def test_what_fits_today_is_printed_in_the_same_order_and_without_a_menu(open_page, north, ben):
    a_morning(north, ben)
    html = open_page(ben, "/today/print/").content.decode()
    assert printed_names(html) == ["Duty", "Much worth", "Little worth"]
    assert "3 customers" in html
    assert "1 customer did not fit today and comes tomorrow." in html
    assert "<thead>" in html
    assert "h-rail" not in html
    assert "<nav" not in html


def test_an_empty_list_can_be_printed_and_exported(rows, open_page, north, ben):
    computed_day(north)
    assert rows(ben) == []
    assert "Nobody waits for a call" in open_page(ben, "/today/print/").content.decode()


@pytest.mark.parametrize(("address", "rows"), [("/today/list.xlsx", 4), ("/today/print/", 3)])
def test_who_took_a_list_along_is_written_down(open_page, north, ben, address, rows):
    a_morning(north, ben)
    open_page(ben, address)
    entry = AuditEntry.objects.get(action="exported")
    assert (entry.actor, entry.store, entry.detail["rows"]) == (ben, north, rows)


def test_a_long_list_takes_no_more_queries(open_page, client, north, ben,
                                           django_assert_max_num_queries):  # fmt: skip
    computed_day(north)
    for number in range(20):
        task(car(customer(north, f"Customer {number}")), ben, stands_in_for=ben)
    open_page(ben, "/today/print/")
    with django_assert_max_num_queries(12):
        client.get("/today/list.xlsx")
    with django_assert_max_num_queries(12):
        client.get("/today/print/")
