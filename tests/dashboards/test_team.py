"""The manager's day: every number leads to those customers; work and absences move at once."""

import html
import re

import pytest
import time_machine
from django.test import Client

from alerts.models import Task
from customers.models import Customer
from dashboards.selectors.team_tasks import SHOWN
from pipeline.services.settle import settle
from stores.models import Absence, AuditEntry
from stores.scope import all_stores
from tests import factories
from tests.dashboards.lists import TODAY, car, computed_day, customer, days_ago, task

pytestmark = pytest.mark.django_db
NOON = factories.at(TODAY, 12)
CLOSING = factories.at(TODAY, 17, 30)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def manager(client: Client, ada) -> Client:
    return signed_in(client, ada)


def signed_in(client, staff):
    staff.language = "en"
    staff.save(update_fields=["language"])
    client.force_login(staff)
    return client


@pytest.fixture
def store(north, ada, ben):
    """Ben has five cards (two fit beside what he did), Ada a complaint, nobody one."""
    computed_day(north, advisor_capacity=4)
    cars = [car(customer(north, f"Person {number}", advisor=ben)) for number in range(8)]
    for number in range(4):
        task(cars[number], ben, value=500 - number)
    task(cars[4], ben, kind="risk_call", priority_group=0, deadline_at=CLOSING)
    task(cars[5], ada, kind="complaint", priority_group=0, deadline_at=CLOSING)
    task(cars[6], None)
    for result in ("booked", "no_answer"):
        factories.OutcomeFactory(
            customer=customer(north, f"Called {result}", advisor=ben),
            store=north,
            staff=ben,
            result=result,
        )
    return north


def row_of(page, name):
    """{label: number} of a person's line."""
    line = re.search(rf'<th scope="row"[^>]*>{name}<br>.*?</tr>', page, re.S).group(0)
    cells = re.findall(r'data-label="([^"]+)">(?:<a [^>]*>|<span[^>]*>)(\d+)', line)
    return {label: int(number) for label, number in cells}


def test_a_person_has_done_connected_booked_open_must_and_what_does_not_fit(store, manager):
    page = manager.get("/team/").content.decode()
    # Four places a day: two are done, one must be; of four by value one fits.
    assert row_of(page, "Ben") == {
        "Done": 2, "Connected": 1, "Booked": 1, "Open": 5, "Must": 1, "Does not fit": 3,
    }  # fmt: skip
    assert "50%" in page
    assert row_of(page, "Ada") == {
        "Done": 0, "Connected": 0, "Booked": 0, "Open": 1, "Must": 1, "Does not fit": 0,
    }  # fmt: skip


def test_every_number_equals_the_list_behind_it(store, manager):
    page = manager.get("/team/").content.decode()
    links = re.findall(r'<a href="(/(?:team/people|store/warnings)/\?[^"]+)">(\d+)</a>', page)
    links += re.findall(r'href="(/(?:team/people|store/warnings)/\?[^"]+)">.*?<b>(\d+)</b>', page)
    assert len(links) >= 12
    for address, number in links:
        text = manager.get(html.unescape(address)).content.decode()
        said = re.search(r"<span>(\d+) (?:outcome|card|customer)s?</span>", text).group(1)
        assert said == number, address
        assert text.count('<th scope="row"><a href="/customers/') == int(number), address


def test_what_did_not_fit_is_what_stands_under_tomorrow_on_the_list(store, manager, ben):
    listed = manager.get(f"/team/people/?what=over&who={ben.pk}").content.decode()
    names = re.findall(r'<th scope="row"><a [^>]+>(.*?)</a>', listed)
    assert names == ["Person 1", "Person 2", "Person 3"]
    assert "Person 1" in section(manager, "over")


def section(client, slug):
    page = client.get("/team/").content.decode()
    return re.search(rf'aria-labelledby="team-{slug}".*?</section>', page, re.S).group(0)


@pytest.mark.parametrize(
    ("minute", "is_there"),
    [(factories.at(TODAY, 14, 1), False), (factories.at(TODAY, 14), True), (NOON, True)],
    ids=["in more than two hours", "in two hours", "now"],
)
def test_an_obligation_runs_out_two_hours_before_its_end(store, manager, minute, is_there):
    with all_stores():
        Task.objects.filter(kind="risk_call").update(deadline_at=minute)
    assert ("Person 4" in section(manager, "running")) is is_there


def test_an_escalated_duty_says_whose_it_is_and_stands_in_one_place(store, manager):
    with all_stores():
        Task.objects.filter(kind="risk_call").update(
            deadline_at=factories.at(days_ago(1), 17, 30), escalated_at=NOON
        )
    found = section(manager, "escalated")
    assert "Person 4" in found
    assert "since 14 Jun" in found
    assert "with Ben" in found
    assert "Take it myself" in found
    assert "Person 4" not in section(manager, "running")


def test_complaints_and_what_nobody_has_are_shown(store, manager):
    assert "Person 5" in section(manager, "managers")
    assert "/today/" in section(manager, "managers")
    assert "Person 6" in section(manager, "nobodys")
    assert "with nobody" in section(manager, "nobodys")


def test_a_quiet_day_says_so(north, manager):
    computed_day(north)
    page = manager.get("/team/").content.decode()
    for calm in (
        "No same-day call was left undone.",
        "No obligation ends within two hours.",
        "Everything fits into today.",
        "Every task has somebody who does it.",
        "Everybody is here, and no absence is planned.",
    ):
        assert calm in page


def test_who_left_with_open_cards_is_listed_until_somebody_takes_them(store, manager, ben):
    ben.is_active = False
    ben.save()
    page = manager.get("/team/").content.decode()
    assert row_of(page, "Ben")["Open"] == 5
    assert page.count("Ill today") == 1


def test_a_group_manager_switches_the_store(store, south, client):
    one = factories.StaffFactory(group=store.group, role="group_manager")
    computed_day(south)
    client = signed_in(client, one)
    assert "South: the team today" in client.get("/team/?store=SOUTH").content.decode()
    page = client.get("/team/?store=NORTH").content.decode()
    # Without a call list of her own there is nothing to take.
    assert "Take it myself" not in page
    assert "To my own list" not in page


def test_the_page_costs_at_most_twelve_queries(store, manager, django_assert_max_num_queries):
    for number in range(20):
        advisor = factories.StaffFactory(group=store.group, at=[store])
        task(car(customer(store, f"More {number}", advisor=advisor)), advisor)
        factories.OutcomeFactory(
            customer=customer(store, f"Done {number}", advisor=advisor), store=store, staff=advisor
        )
    with django_assert_max_num_queries(12):
        assert manager.get("/team/").status_code == 200


def test_a_long_section_shows_the_first_and_leads_to_all_of_them(store, manager, ben):
    for number in range(15):
        vehicle = car(customer(store, f"Late {number:02}", advisor=ben))
        task(vehicle, ben, kind="risk_call", priority_group=0, deadline_at=NOON)
    found = section(manager, "running")
    assert found.count('<div class="h-team-who">') == SHOWN
    address, count = re.search(r'href="(/team/people/[^"]+)">All (\d+)<', found).groups()
    page = manager.get(html.unescape(address)).content.decode()
    assert page.count('<th scope="row">') == int(count) == 15
    assert page.index("Late 00") < page.index("Late 14")


@pytest.mark.parametrize("what", ["escalated", "running", "managers", "nobodys"])
def test_a_list_of_tasks_is_the_section_of_the_same_name(store, manager, ben, what):
    with all_stores():
        Task.objects.filter(kind="risk_call").update(
            deadline_at=NOON, escalated_at=NOON if what == "escalated" else None
        )
    pattern = r'<a href="(/customers/\d+/)">Person'
    in_section = re.findall(pattern, section(manager, what))
    page = manager.get(f"/team/people/?what={what}").content.decode()
    assert re.findall(pattern, page) == in_section
    assert len(in_section) == 1
    mine = manager.get(f"/team/people/?what={what}&who={ben.pk}").content.decode()
    assert ("Person" in mine) is (what != "managers")


@pytest.mark.parametrize("what", ["done", "connected", "booked", "over", "running", "nobodys"])
def test_a_list_costs_at_most_twelve_queries(store, manager, what, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        assert manager.get(f"/team/people/?what={what}").status_code == 200


@pytest.mark.parametrize("query", ["what=nonsense", "what=done&who=x", "what=done&who=987654"])
def test_an_address_that_means_nothing_is_not_found(store, manager, query):
    assert manager.get(f"/team/people/?{query}").status_code == 404


# Giving.


@pytest.fixture
def one(store):
    with all_stores():
        return Task.objects.get(kind="risk_call")


def give(client, customer_id, **data):
    return client.post(f"/team/give/{customer_id}/", data)


def owner_of(task):
    with all_stores():
        task.refresh_from_db()
        return task.owner


def test_the_people_to_give_to_come_when_asked_for(manager, one, ada, ben):
    address = f"/team/tasks/{one.pk}/give/"
    fragment = manager.get(f"{address}?next=/team/", headers={"hx-request": "true"})
    found = re.findall(r'name="to" value="(\d+)"', fragment.content.decode())
    assert found == [str(ada.pk)]
    assert 'name="next" value="/team/"' in fragment.content.decode()
    answer = manager.get(address)
    assert answer.headers["Location"] == f"/customers/{one.customer_id}/#give"


def test_taking_a_task_brings_it_to_the_managers_list(manager, one, ada):
    answer = give(manager, one.customer_id, what=one.pk, to=ada.pk, next="/team/?store=NORTH")
    assert answer.headers["Location"] == "/team/?store=NORTH"
    assert owner_of(one) == ada
    assert give(manager, one.customer_id, what=one.pk, to=ada.pk).status_code == 302
    assert AuditEntry.objects.filter(action="task_given").count() == 1


def test_it_never_leads_to_a_strangers_page(manager, one, ada):
    address = "https://elsewhere.example/"
    answer = give(manager, one.customer_id, what=one.pk, to=ada.pk, next=address)
    assert answer.headers["Location"] == f"/customers/{one.customer_id}/"


def test_a_person_of_another_store_is_not_found(manager, one, ben, cleo):
    assert give(manager, one.customer_id, what=one.pk, to=cleo.pk).status_code == 404
    assert owner_of(one) == ben


def test_a_task_of_another_store_or_customer_is_not_found(manager, one, ada, cleo, south):
    theirs = task(car(customer(south, "Far", advisor=cleo)), cleo)
    assert give(manager, theirs.customer_id, what=theirs.pk, to=ada.pk).status_code == 404
    assert give(manager, one.customer_id, what=theirs.pk, to=ada.pk).status_code == 404
    assert owner_of(theirs) == cleo


@pytest.mark.parametrize(
    "data", [{}, {"what": "all"}, {"what": "everything", "to": 1}, {"what": "back-x"}]
)
def test_what_is_incomplete_is_asked_for(manager, one, ben, data):
    answer = give(manager, one.customer_id, **data)
    page = manager.get(answer.headers["Location"]).content.decode()
    assert "Choose what to give and to whom." in page
    assert owner_of(one) == ben


def test_somebody_away_gets_nothing_and_the_page_says_why(manager, one, ada, ben):
    factories.AbsenceFactory(staff=ada)
    answer = give(manager, one.customer_id, what=one.pk, to=ada.pk, next="/team/")
    assert "Ada is away today." in manager.get(answer.headers["Location"]).content.decode()
    assert owner_of(one) == ben


def test_the_customers_page_offers_it_to_managers_only(manager, one, ben):
    address = f"/customers/{one.customer_id}/"
    assert "Give away" in manager.get(address).content.decode()
    assert "Give away" not in signed_in(Client(), ben).get(address).content.decode()


def test_a_customer_given_for_good_can_be_given_back(manager, one, ada, ben):
    address = f"/customers/{one.customer_id}/"
    give(manager, one.customer_id, what="customer", to=ada.pk)
    assert "Give back to Ben" in manager.get(address).content.decode()
    give(manager, one.customer_id, what="customer", to=ben.pk)
    with all_stores():
        assert Customer.objects.get(pk=one.customer_id).advisor == ben


# Absences.


@pytest.fixture
def overdue(north, ada, ben):
    """A customer of Ben's whose car is overdue, on his list by the rule."""
    computed_day(north)
    with all_stores():
        person = factories.CustomerFactory(store=north, name="Zhang", advisor=ben)
        vehicle = factories.VehicleFactory(customer=person)
        factories.OwnershipFactory(vehicle=vehicle)
        factories.VisitFactory(vehicle=vehicle, arrived_on=days_ago(156))
        settle([vehicle.pk])
        return Task.objects.get(kind="due_call")


@pytest.fixture
def fay(north):
    return factories.StaffFactory(group=north.group, name="Fay", at=[north])


def test_ill_today_moves_the_list_and_coming_back_returns_it(manager, overdue, ben, fay):
    answer = manager.post("/team/absences/?store=NORTH", {"staff": ben.pk})
    page = manager.get(answer.headers["Location"]).content.decode()
    assert owner_of(overdue) == fay
    assert "away until 15 Jun" in page
    theirs = signed_in(Client(), fay).get("/today/").content.decode()
    assert "For Ben, last service 10 Jan" in theirs
    away = Absence.objects.get()
    assert (away.starts_on, away.ends_on) == (TODAY, TODAY)
    manager.post(f"/team/absences/{away.pk}/end/")
    assert owner_of(overdue) == ben
    assert not Absence.objects.exists()
    assert manager.post(f"/team/absences/{away.pk}/end/").status_code == 404


def test_ill_twice_is_ill_once(manager, overdue, ben, fay):
    for _ in range(2):
        answer = manager.post("/team/absences/?store=NORTH", {"staff": ben.pk})
        assert answer.status_code == 302
    assert Absence.objects.count() == 1


def test_a_planned_absence_moves_nothing_yet(manager, overdue, ben, fay):
    data = {"staff": ben.pk, "starts_on": "2026-06-20", "ends_on": "2026-06-25"}
    manager.post("/team/absences/?store=NORTH", {**data, "stand_in": fay.pk})
    assert owner_of(overdue) == ben
    page = manager.get("/team/").content.decode()
    assert "20 Jun – 25 Jun" in page
    assert "Fay stands in" in page


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"starts_on": "2026-06-20", "ends_on": "2026-06-19"}, "before the first"),
        ({"starts_on": "nonsense"}, "valid date"),
        ({"stand_in": "own"}, "Nobody stands in"),
    ],
)
def test_a_wrong_absence_comes_back_with_what_is_wrong(manager, overdue, ben, data, text):
    data = {"staff": ben.pk, **data}
    if data.get("stand_in"):
        data["stand_in"] = ben.pk
    answer = manager.post("/team/absences/?store=NORTH", data)
    assert answer.status_code == 200
    assert text in answer.content.decode()
    assert not Absence.objects.exists()


def test_nobody_of_another_store_is_sent_home(manager, overdue, cleo, dora):
    for stranger in (cleo, dora):
        answer = manager.post("/team/absences/?store=NORTH", {"staff": stranger.pk})
        assert answer.status_code == 404
    theirs = factories.AbsenceFactory(staff=cleo)
    assert manager.post(f"/team/absences/{theirs.pk}/end/").status_code == 404
    assert Absence.objects.get() == theirs
