"""From a contact to the next card: what the bar sends, what comes back, undo, who was first."""

import re
import uuid
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alerts.models import Outcome, Task
from customers.models import Appointment
from stores.scope import all_stores
from tests import factories
from tests.dashboards.lists import TODAY, car, computed_day, customer, task

pytestmark = pytest.mark.django_db
NOW = factories.at(TODAY, 10, 42)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def day(north, ben, client):
    """Li, Wang and Zhao on Ben's list, in this order."""
    computed_day(north)
    ben.language = "en"
    ben.save(update_fields=["language"])
    client.force_login(ben)
    people = [customer(north, name, advisor=ben) for name in ("Li", "Wang", "Zhao")]
    for worth, one in zip((500, 400, 300), people, strict=True):
        task(car(one), ben, value=worth)
    return people


def fields(one: Any, result: str, **more: Any) -> dict[str, Any]:
    """What the bar of a customer's card sends."""
    with all_stores():
        tasks = Task.objects.filter(customer=one, closed_on__isnull=True)
        ids = ",".join(str(pk) for pk in tasks.values_list("pk", flat=True))
        seen = Outcome.objects.filter(customer=one, undone_at__isnull=True).order_by("-pk").first()
    known = seen.pk if seen else 0
    sent = {"key": uuid.uuid4(), "seen": known, "tasks": ids, "result": result}
    return {**sent, **more}


def post(client: Client, one: Any, result: str, **more: Any) -> HttpResponse:
    address = f"/today/{one.pk}/outcome/"
    return client.post(address, fields(one, result, **more), headers={"hx-request": "true"})


def opened(response: HttpResponse) -> str:
    """Whose card is open."""
    return re.findall(r'id="pane-name" tabindex="-1">([^<]+)', response.content.decode())[0].strip()


def outcomes() -> list[str]:
    with all_stores():
        standing = Outcome.objects.filter(undone_at__isnull=True)
        return list(standing.order_by("pk").values_list("result", flat=True))


def test_one_step_saves_and_brings_the_next_card_of_the_screen(client, day):
    li, wang, zhao = day
    response = post(client, li, "no_answer", next=zhao.pk)
    assert response.status_code == 200
    assert outcomes() == ["no_answer"]
    assert opened(response) == "Zhao"
    assert response["HX-Replace-Url"] == f"/today/{zhao.pk}/"
    html = response.content.decode()
    assert f'id="done-{li.pk}"' in html
    assert "Li: No answer" in html
    assert "1 <span" in html.split('id="day-head"')[1]
    assert ">2</span>" in html.split(".h-count")[1]


def test_without_a_next_one_the_first_of_the_list_comes(client, day):
    li, wang, _zhao = day
    assert opened(post(client, li, "no_answer")) == "Wang"
    assert opened(post(client, wang, "no_answer", next=li.pk)) == "Zhao"


def test_a_next_one_who_is_not_on_the_list_is_not_opened(client, day, north, ada):
    li, _wang, _zhao = day
    stranger = customer(north, "Ada's")
    task(car(stranger), ada)
    assert opened(post(client, li, "no_answer", next=stranger.pk)) == "Wang"


def test_after_the_last_one_the_day_is_done(client, day):
    for one in day:
        response = post(client, one, "no_answer")
    html = response.content.decode()
    assert "All done for today. Well done!" in html
    assert response["HX-Replace-Url"] == "/today/"
    assert "All done for today" in client.get("/today/").content.decode()


def test_a_button_brings_its_fields_in_one_value(client, day):
    li, wang, zhao = day
    address = f"/today/{li.pk}/outcome/"
    sent = fields(li, "", pick="result=refused&reason=price")
    assert client.post(address, sent).status_code == 302
    post(client, wang, "", pick="result=callback&callback_on=2026-06-16&callback_time=10:00")
    post(client, zhao, "", pick="result=booked&slot=2026-06-17T10:00:00%2B08:00")
    with all_stores():
        refused, later, booked = Outcome.objects.order_by("pk")
        assert (refused.result, refused.reason) == ("refused", "price")
        assert later.callback_at == factories.at(TODAY.replace(day=16), 10)
        assert booked.appointment.starts_at == factories.at(TODAY.replace(day=17), 10)


def test_a_call_promised_without_a_time_is_due_at_closing_time(client, day):
    post(client, day[0], "callback", callback_on="2026-06-16")
    with all_stores():
        assert Outcome.objects.get().callback_at == factories.at(TODAY.replace(day=16), 17, 30)


def test_a_call_promised_for_today_stays_on_the_list(client, day):
    li, _wang, _zhao = day
    html = post(client, li, "callback", callback_on="2026-06-15", callback_time="16:00")
    text = html.content.decode()
    assert f'id="row-{li.pk}"' in text
    assert f'id="done-{li.pk}"' not in text
    assert "promised for 16:00" in text


def test_the_same_key_twice_is_one_outcome(client, day):
    li, wang, _zhao = day
    sent = fields(li, "no_answer")
    for _ in range(2):
        response = client.post(f"/today/{li.pk}/outcome/", sent, headers={"hx-request": "true"})
        assert opened(response) == "Wang"
    assert outcomes() == ["no_answer"]


def test_what_is_missing_comes_back_in_the_bar_with_everything_typed(client, day):
    li, _wang, _zhao = day
    key = uuid.uuid4()
    response = post(
        client, li, "callback", callback_on="2026-06-14", note="prefers evenings", key=key
    )
    html = response.content.decode()
    assert response.status_code == 422
    assert response["HX-Retarget"] == "#outcome"
    assert "This time is over. Choose a later one." in html
    assert "prefers evenings" in html
    assert "2026-06-14" in html
    assert str(key) in html
    assert outcomes() == []


def test_a_result_without_its_reason_is_refused(client, day):
    assert post(client, day[0], "refused").status_code == 422
    assert post(client, day[0], "booked").status_code == 422
    assert post(client, day[0], "settled").status_code == 422
    assert post(client, day[0], "nonsense").status_code == 422


@pytest.mark.parametrize("headers", [{"hx-request": "true"}, {}], ids=["htmx", "plain"])
def test_of_a_card_that_left_the_list_what_is_missing_is_said(client, day, headers):
    li, _wang, _zhao = day
    sent = fields(li, "refused", note="too far away")
    with all_stores():
        Task.objects.filter(customer=li).update(closed_on=TODAY, closed_at=NOW, closed_as="visited")
    response = client.post(f"/today/{li.pk}/outcome/", sent, headers=headers)
    html = response.content.decode()
    assert response.status_code == 422
    assert "Choose why the customer is not coming." in html
    assert "This card has left your list meanwhile. Yours was not saved." in html
    assert "too far away" in html
    assert outcomes() == []


def test_the_second_of_two_reads_who_did_what_and_goes_on(client, day, ada):
    li, _wang, _zhao = day
    late = fields(li, "refused", reason="price")
    other = Client()
    ada.language = "en"
    ada.save(update_fields=["language"])
    other.force_login(ada)
    post(other, li, "callback", callback_on="2026-06-16", callback_time="09:00")
    response = client.post(f"/today/{li.pk}/outcome/", late, headers={"hx-request": "true"})
    html = response.content.decode()
    assert response.status_code == 409
    assert "Somebody was here first. Yours was not saved." in html
    assert "Ada at 10:42:" in html
    assert "Call back Tue 16 Jun 09:00" in html
    assert "Next customer" in html
    assert outcomes() == ["callback"]


def test_undo_brings_the_card_and_the_list_back(client, north, ben, day, clock):
    li = customer(north, "Promised", advisor=ben)
    task(car(li), ben, kind="callback")
    post(client, li, "no_answer")
    with all_stores():
        made = Outcome.objects.get()
    clock.shift(20)
    response = client.post(f"/today/outcomes/{made.pk}/undo/", headers={"hx-request": "true"})
    html = response.content.decode()
    assert opened(response) == "Promised"
    assert f'id="row-{li.pk}"' in html
    assert 'id="queue"' in html
    assert outcomes() == []


def test_after_half_a_minute_it_is_too_late_to_undo(client, day, clock):
    post(client, day[0], "no_answer")
    with all_stores():
        made = Outcome.objects.get()
    clock.shift(31)
    response = client.post(f"/today/outcomes/{made.pk}/undo/", headers={"hx-request": "true"})
    assert response.status_code == 409
    assert "It is too late to take this back." in response.content.decode()
    assert outcomes() == ["no_answer"]


def test_a_worked_card_tells_what_was_done_and_what_comes_next(client, day):
    li, _wang, _zhao = day
    post(client, li, "callback", callback_on="2026-06-16", callback_time="15:00", note="busy now")
    html = client.get(f"/today/{li.pk}/").content.decode()
    assert "You at 10:42:" in html
    assert "busy now" in html
    assert "Promised call Tue 16 Jun 15:00" in html
    assert "/undo/" in html


def test_a_worked_card_of_a_colleague_has_no_undo(client, day, north, ben):
    gina = factories.StaffFactory(group=north.group, name="Gina", at=[north])
    one = customer(north, "Hers")
    factories.OutcomeFactory(customer=one, staff=gina, result="refused", reason="price", at=NOW)
    html = client.get(f"/today/{one.pk}/").content.decode()
    assert "Gina at 10:42:" in html
    assert "Not coming: price" in html
    assert "/undo/" not in html


def test_yesterdays_outcome_is_no_card(client, day, north, ben):
    one = customer(north, "Yesterday's")
    yesterday = TODAY.replace(day=14)
    at = factories.at(yesterday, 10)
    factories.OutcomeFactory(customer=one, staff=ben, at=at, on_date=yesterday)
    assert client.get(f"/today/{one.pk}/").status_code == 404


def test_without_scripts_the_next_page_tells_what_was_done_with_its_undo(client, day):
    li, wang, _zhao = day
    response = client.post(f"/today/{li.pk}/outcome/", fields(li, "no_answer"), follow=True)
    html = response.content.decode()
    assert response.redirect_chain[0][0].startswith(f"/today/{wang.pk}/?done=")
    assert "Li: No answer" in html
    assert "/undo/" in html
    assert opened(response) == "Wang"


def test_without_scripts_a_refusal_is_the_page_again(client, day):
    li, _wang, _zhao = day
    response = client.post(f"/today/{li.pk}/outcome/", fields(li, "refused", note="hm"))
    html = response.content.decode()
    assert response.status_code == 422
    assert html.lstrip().startswith("<!doctype html>")
    assert "Choose why the customer is not coming." in html
    assert "hm</textarea>" in html


def test_a_customer_of_another_store_is_not_found(client, day, south):
    stranger = customer(south, "Southerner")
    car(stranger)
    assert post(client, stranger, "no_answer").status_code == 404


def test_a_booking_on_two_cars_is_for_the_chosen_one(client, north, ben, day):
    owner = customer(north, "Owner of two", advisor=ben)
    first, second = car(owner, model="Passat"), car(owner, model="Polo")
    task(first, ben)
    task(second, ben, value=100)
    assert "Which car?" in client.get(f"/today/{owner.pk}/").content.decode()
    post(client, owner, "booked", slot="2026-06-17T10:00:00+08:00", vehicle=second.pk)
    with all_stores():
        assert Appointment.objects.get().vehicle_id == second.pk


def bar(client: Client, one: Any) -> str:
    return client.get(f"/today/{one.pk}/").content.decode().split('id="outcome"')[1]


def test_a_customer_who_is_not_to_be_called_is_written_to(client, day):
    li, _wang, _zhao = day
    factories.ConsentEventFactory(customer=li, channel="phone", is_granted=False)
    html = client.get(f"/today/{li.pk}/").content.decode()
    assert "Asked not to be called: write instead." in html
    assert 'data-key="d"' not in html
    assert 'data-key="w"' in html
    assert 'data-key="3"' not in bar(client, li)


def test_a_dead_number_is_to_be_corrected(client, day):
    li, _wang, _zhao = day
    with all_stores():
        li.is_phone_dead = True
        li.save(update_fields=["is_phone_dead"])
    html = client.get(f"/today/{li.pk}/").content.decode()
    assert "Correct the number" in html
    assert 'data-key="d"' not in html


@pytest.mark.parametrize(
    ("kind", "key"), [("complaint", "s"), ("critical", "s"), ("reminder", "f"), ("due_call", "1")]
)
def test_the_first_button_is_what_the_card_asks_for(client, north, ben, day, kind, key):
    one = customer(north, "Other")
    task(car(one), ben, kind=kind)
    assert re.findall(r'btn-primary" [^>]*data-key="(.)"', bar(client, one)) == [key]


def test_a_card_with_the_manager_has_no_bar(client, day, ada):
    li, _wang, _zhao = day
    with all_stores():
        vehicle = li.vehicles.get()
    task(vehicle, ada, kind="complaint", priority_group=0)
    html = client.get(f"/today/{li.pk}/").content.decode()
    assert "Please do not call now" in html
    assert 'id="outcome"' not in html


def test_resting_tasks_of_the_card_are_told(client, day, ben):
    li, _wang, _zhao = day
    with all_stores():
        vehicle = li.vehicles.get()
    at = factories.at(TODAY.replace(day=25), 15)
    task(vehicle, ben, kind="callback", due_on=TODAY.replace(day=25), deadline_at=at)
    html = client.get(f"/today/{li.pk}/").content.decode()
    assert "Promised call Thu 25 Jun 15:00" in html


def test_the_free_times_of_a_day_are_a_fragment(client, day):
    li, _wang, _zhao = day
    response = client.get(f"/today/{li.pk}/slots/?on=2026-06-18", headers={"hx-request": "true"})
    html = response.content.decode()
    assert "Book for them: Thu 18 Jun" in html
    assert "slot=2026-06-18T08%3A30" in html
    plain = client.get(f"/today/{li.pk}/slots/?on=2026-06-18", follow=True).content.decode()
    assert "Book for them: Thu 18 Jun" in plain


def test_what_others_changed_is_told_until_it_is_noted(client, north, ben, day, clock):
    factories.ListLookFactory(staff=ben, seen_at=NOW)
    clock.shift(600)
    vehicle = car(customer(north, "Newcomer"))
    task(vehicle, ben, opened_at=factories.at(TODAY, 10, 45))
    html = client.get("/today/changes/").content.decode()
    assert "Since 10:42" in html
    assert "Newcomer" in html
    made_at = re.findall(r'name="made_at" value="([^"]+)"', html)[0]
    client.post("/today/changes/seen/", {"made_at": made_at})
    assert "Newcomer" not in client.get("/today/changes/").content.decode()


def test_capacity_is_what_is_left_of_the_day(client, north, ben):
    computed_day(north, advisor_capacity=2)
    client.force_login(ben)
    people = [customer(north, f"Customer {number}", advisor=ben) for number in range(4)]
    for number, one in enumerate(people):
        task(car(one), ben, value=500 - number)
    post(client, people[0], "no_answer")
    html = client.get("/today/").content.decode().split('id="queue"')[1]
    before = html.split('id="rows-later"')[0]
    assert "Customer 1" in before
    assert "Customer 2" not in before


def test_an_obligation_never_waits_for_tomorrow(client, north, ben):
    computed_day(north, advisor_capacity=1)
    client.force_login(ben)
    task(car(customer(north, "By value")), ben, value=900)
    for name in ("Duty 1", "Duty 2"):
        duty = {"priority_group": 0, "deadline_at": factories.at(TODAY, 17, 30)}
        task(car(customer(north, name)), ben, kind="risk_call", **duty)
    before, after = client.get("/today/").content.decode().split('id="rows-later"')
    assert "Duty 1" in before
    assert "Duty 2" in before
    assert "By value" in after


def test_an_outcome_costs_no_more_queries_on_a_long_list(client, north, ben, day):
    li, wang, zhao = day
    with CaptureQueriesContext(connection) as short:
        post(client, li, "no_answer", next=zhao.pk)
    for number in range(30):
        task(car(customer(north, f"Customer {number}", advisor=ben)), ben)
    with CaptureQueriesContext(connection) as long:
        post(client, wang, "no_answer", next=zhao.pk)
    assert len(long) <= len(short)
    # The engine's own settling of the car is half of them.
    assert len(long) <= 60


def test_a_card_costs_few_queries(client, day, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        client.get(f"/today/{day[0].pk}/", headers={"hx-request": "true"})
