"""Entering a customer and a car by hand, and putting them right."""

import re
import uuid

import pytest
from django.test import Client

from alerts.models import Task
from customers.models import ConsentEvent, Correction, Customer, Finding, Vehicle
from stores.choices import AuditAction
from stores.models import AuditEntry
from stores.scope import all_stores
from tests import factories
from tests.dashboards.lists import TODAY, car, computed_day, customer, days_ago, task
from tests.exchange.loading import VIN, WRONG_DIGIT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_the_day(time_machine):
    time_machine.move_to(factories.at(TODAY, 11), tick=False)


@pytest.fixture(autouse=True)
def _everywhere():
    with all_stores():
        yield


@pytest.fixture
def reader(client: Client, north, ben) -> Client:
    computed_day(north)
    client.force_login(ben)
    return client


def filled(**other) -> dict[str, object]:
    facts = {
        "key": str(uuid.uuid4()),
        "name": "王建国",
        "phone": "138 0000 1234",
        "gender": "male",
        "vin": VIN,
        "plate": "沪A·D521K",
        "brand": "Volta",
        "model": "One",
        "powertrain": "ICE",
    }
    return {**facts, **other}


def text_of(response) -> str:
    return response.content.decode()


def test_the_page_proposes_the_advisor_and_ticks_no_consent(reader, north, ben):
    car(customer(north, "Li"), brand="Volkswagen", model="Passat")
    text = text_of(reader.get("/customers/new/"))
    assert f'<option value="{ben.pk}" selected>' in text
    assert re.findall(r'name="consent"[^>]*checked', text) == []
    assert '<option value="Passat">' in text


def test_a_customer_and_a_car_are_entered(reader, north, ben):
    response = reader.post("/customers/new/", filled(advisor=ben.pk, consent=["wechat"]))
    one = Customer.objects.get()
    assert response.headers["Location"] == f"/customers/{one.pk}/"
    assert (one.name, one.phone, one.advisor, one.store) == ("王建国", "13800001234", ben, north)
    assert (one.vehicles.get().vin, one.vehicles.get().plate) == (VIN, "沪AD521K")
    assert ConsentEvent.objects.get().channel == "wechat"


def test_the_car_is_computed_at_once(reader):
    reader.post("/customers/new/", filled(delivered_on="2026-01-05"))
    assert Vehicle.objects.get().state.level == "red"


def test_a_double_click_enters_once(reader):
    form = filled()
    first, second = (reader.post("/customers/new/", form) for _click in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert (Customer.objects.count(), Vehicle.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "other",
    [
        {"vin": VIN.lower()},
        {"vin": "".join(chr(ord(char) + 0xFEE0) for char in VIN)},
        {"phone": "１３８００００１２３４"},
    ],
    ids=["lower case", "full-width VIN", "full-width phone"],
)
def test_what_is_typed_another_way_is_kept_the_same(reader, other):
    assert reader.post("/customers/new/", filled(**other)).status_code == 302
    assert Vehicle.objects.get().vin == VIN
    assert Customer.objects.get().phone == "13800001234"


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"vin": "123"}, "17 letters and digits"),
        ({"vin": "I" + VIN[1:]}, "17 letters and digits"),
        ({"name": " "}, "This field is required"),
        ({"phone": ""}, "This field is required"),
        ({"powertrain": "steam"}, "Select a valid choice"),
        ({"powertrain": ""}, "This field is required"),
        ({"plate": "沪" * 13}, "at most 12"),
        ({"delivered_on": "0019-01-01"}, "no date of a delivery"),
        ({"consent": ["visit"]}, "Select a valid choice"),
        ({"key": "nonsense"}, "Nothing is saved yet"),
    ],
)
def test_what_a_file_would_not_take_is_refused(reader, other, said):
    response = reader.post("/customers/new/", filled(**other))
    assert response.status_code == 200
    assert said in text_of(response)
    assert not Customer.objects.exists()


def test_a_wrong_check_digit_is_asked_about_once_and_kept_on_the_fix_list(reader):
    text = text_of(reader.post("/customers/new/", filled(vin=WRONG_DIGIT)))
    assert "The check digit does not fit" in text
    assert f'name="vin_sure" value="{WRONG_DIGIT}"' in text
    assert not Customer.objects.exists()
    # The answer is about this VIN and no other.
    again = filled(vin="1M8GDM9A0KP042788", vin_sure=WRONG_DIGIT)
    assert reader.post("/customers/new/", again).status_code == 200
    reader.post("/customers/new/", filled(vin=WRONG_DIGIT, vin_sure=WRONG_DIGIT))
    assert Finding.objects.get().kind == "check_digit"


def test_a_number_that_is_none_is_asked_about_once_and_kept_as_a_dead_one(reader):
    assert "read it once more" in text_of(reader.post("/customers/new/", filled(phone="12345")))
    reader.post("/customers/new/", filled(phone="12345", phone_sure="12345"))
    assert Customer.objects.get().is_phone_dead


def test_a_car_of_the_own_store_is_shown_with_whose_it_is(reader, north):
    one = customer(north, "李慧")
    car(one, vin=VIN)
    text = text_of(reader.post("/customers/new/", filled()))
    assert "This car is already here" in text
    assert f'<a href="/customers/{one.pk}/">Open 李慧</a>' in text
    assert Customer.objects.count() == 1


def test_of_a_car_at_another_store_of_the_group_nothing_is_told(reader, south):
    car(customer(south, "李慧"), vin=VIN)
    text = text_of(reader.post("/customers/new/", filled()))
    assert "known at another store of the group" in text
    assert "李慧" not in text
    assert Customer.objects.count() == 1


def test_a_car_of_another_group_is_no_hindrance(reader, elsewhere):
    car(customer(elsewhere, "李慧"), vin=VIN)
    assert reader.post("/customers/new/", filled()).status_code == 302


def test_a_known_number_asks_whether_it_is_the_same_person(reader, north):
    wife = customer(north, "李慧", phone="13800001234")
    text = text_of(reader.post("/customers/new/", filled()))
    assert "This number belongs to a customer already" in text
    assert "Yes, 李慧: only add the car there" in text
    assert not Vehicle.objects.exists()
    form = filled(same=wife.pk)
    for _click in range(2):
        assert reader.post("/customers/new/", form).headers["Location"] == f"/customers/{wife.pk}/"
    assert (Customer.objects.count(), Vehicle.objects.get().customer) == (1, wife)


def test_another_person_may_have_the_same_number(reader, north):
    customer(north, "李慧", phone="13800001234")
    assert reader.post("/customers/new/", filled(same="other")).status_code == 302
    assert Customer.objects.count() == 2


def test_the_same_person_is_only_one_who_has_the_number(reader, north, south):
    customer(north, "李慧", phone="13800001234")
    others = [customer(north, "Somebody").pk, customer(south, "Far", phone="13800001234").pk]
    for pk in others:
        assert reader.post("/customers/new/", filled(same=pk)).status_code == 200
    assert not Vehicle.objects.exists()


def test_a_customer_goes_to_a_store_of_the_reader_only(client, north, south, ada):
    factories.StaffStoreFactory(staff=ada, store=factories.StoreFactory(group=north.group))
    client.force_login(ada)
    text = text_of(client.post("/customers/new/", filled(store=south.pk)))
    assert "Select a valid choice" in text
    assert client.post("/customers/new/", filled(store=north.pk)).status_code == 302
    assert Customer.objects.get().store == north


def test_an_advisor_of_another_store_is_none_to_choose(reader, cleo):
    assert "Select a valid choice" in text_of(
        reader.post("/customers/new/", filled(advisor=cleo.pk))
    )


def test_what_is_typed_is_shown_as_text(reader):
    nasty = "<script>alert(1)</script>"
    text = text_of(reader.post("/customers/new/", filled(name=nasty, notes=nasty, vin="1")))
    assert nasty not in text
    reader.post("/customers/new/", filled(name=nasty, notes=nasty))
    assert nasty not in text_of(reader.get(f"/customers/{Customer.objects.get().pk}/"))


def test_a_group_manager_and_an_administrator_enter_nobody(client, north, dora):
    client.force_login(dora)
    assert client.get("/customers/new/").status_code == 403


def test_another_car_is_added_once(reader, north, ben):
    one = customer(north, "王建国", advisor=ben)
    form = filled()
    for _click in range(2):
        response = reader.post(f"/customers/{one.pk}/car/", form)
        assert response.headers["Location"] == f"/customers/{one.pk}/"
    assert one.vehicles.count() == 1
    assert AuditEntry.objects.filter(action=AuditAction.VEHICLE_ADDED).count() == 1


@pytest.mark.parametrize("page", ["car", "correct"])
def test_a_colleagues_customer_is_opened_with_an_entry(reader, north, page):
    gina = factories.StaffFactory(group=north.group, at=[north])
    one = customer(north, "Hers", advisor=gina)
    reader.get(f"/customers/{one.pk}/{page}/")
    assert AuditEntry.objects.filter(action=AuditAction.COLLEAGUES_CUSTOMER).count() == 1


@pytest.mark.parametrize("page", ["car", "correct"])
def test_another_stores_an_erased_and_a_missing_customer_are_the_same(reader, north, south, page):
    far = customer(south, "Far").pk
    erased = customer(north, "Gone", erased_on=TODAY).pk
    for pk in (far, erased, 999_999):
        assert reader.get(f"/customers/{pk}/{page}/").status_code == 404
        assert reader.post(f"/customers/{pk}/{page}/", filled()).status_code == 404


def correction_form(reader, one) -> dict[str, str]:
    """What a browser would send back untouched."""
    text = text_of(reader.get(f"/customers/{one.pk}/correct/"))
    hidden = re.findall(r'<input type="hidden" name="(initial-\w+)"(?: value="([^"]*)")?', text)
    return {
        **dict(hidden),
        "name": one.name,
        "gender": one.gender,
        "occupation": one.occupation,
        "interests": one.interests,
        "dislikes": one.dislikes,
        "notes": one.notes,
    }


def test_only_what_was_changed_is_put_right(reader, north, ben):
    one = customer(north, "王建国", advisor=ben, phone="13800001234")
    form = correction_form(reader, one)
    Customer.objects.update(occupation="teacher")
    reader.post(f"/customers/{one.pk}/correct/", {**form, "notes": "tea\r\nno sugar"})
    one.refresh_from_db()
    assert (one.notes, one.occupation, one.phone) == ("tea\nno sugar", "teacher", "13800001234")
    assert Correction.objects.get().column == "notes"


def test_the_number_is_not_on_the_page_of_corrections(reader, north, ben):
    one = customer(north, "王建国", advisor=ben, phone="13800001234")
    text = text_of(reader.get(f"/customers/{one.pk}/correct/"))
    assert "138****1234" in text
    assert "13800001234" not in text


def test_a_new_number_brings_the_resting_calls_back_and_ends_the_search_for_it(reader, north, ben):
    one = customer(north, "王建国", advisor=ben, is_phone_dead=True)
    vehicle = car(one)
    later = days_ago(-3)
    wrong = task(vehicle, ben, kind="correct_data", proposal="phone", cycle_key="1")
    resting = task(vehicle, ben, kind="due_call", due_on=later, result="wrong_number")
    promised = task(vehicle, ben, kind="overdue_30", due_on=later, result="callback")
    form = correction_form(reader, one)
    reader.post(f"/customers/{one.pk}/correct/", {**form, "phone": "13900005678"})
    one.refresh_from_db()
    assert (one.phone, one.is_phone_dead) == ("13900005678", False)
    for each in (wrong, resting, promised):
        each.refresh_from_db()
    assert (wrong.closed_as, wrong.closed_on) == ("done", TODAY)
    assert (resting.due_on, promised.due_on) == (TODAY, later)


def proposal(vehicle, ben, what="sold") -> tuple[Task, Task]:
    """A call that ended because the car is said to be gone, and the task to look into it."""
    ended = task(
        vehicle, ben, kind="due_call", closed_on=TODAY, closed_as="done", result="vehicle_gone"
    )
    outcome = factories.OutcomeFactory(
        customer=vehicle.customer, staff=ben, result="vehicle_gone", reason=what
    )
    factories.OutcomeTaskFactory(task=ended, outcome=outcome)
    open_one = task(
        vehicle, ben, kind="correct_data", proposal=what, cycle_key="7", opened_by=outcome
    )
    return ended, open_one


def test_a_car_that_is_gone_gets_its_status_and_the_proposal_is_done(reader, north, ben):
    vehicle = car(customer(north, "王建国", advisor=ben))
    ended, open_one = proposal(vehicle, ben)
    day = days_ago(9)
    response = reader.post(
        f"/vehicles/{vehicle.pk}/status/", {"status": "sold", "on": day.isoformat()}
    )
    assert response.headers["Location"] == f"/customers/{vehicle.customer_id}/"
    for each in (vehicle, ended, open_one):
        each.refresh_from_db()
    assert (vehicle.status, vehicle.status_on) == ("sold", day)
    assert (open_one.closed_as, ended.closed_as) == ("done", "done")
    assert AuditEntry.objects.filter(action=AuditAction.VEHICLE_CORRECTED).count() == 1


def test_a_car_that_is_still_here_is_called_about_again(reader, north, ben):
    vehicle = car(customer(north, "王建国", advisor=ben), delivered_on=days_ago(60))
    ended, open_one = proposal(vehicle, ben)
    Task.objects.filter(pk=ended.pk).update(cycle_key=days_ago(60).isoformat())
    reader.post(f"/vehicles/{vehicle.pk}/status/", {"status": "active"})
    vehicle.refresh_from_db()
    for each in (open_one, ended):
        each.refresh_from_db()
    assert (vehicle.status, open_one.closed_as) == ("active", "done")
    assert (ended.closed_on, ended.closed_as, ended.due_on) == (None, "", TODAY)
    assert AuditEntry.objects.filter(action=AuditAction.VEHICLE_CORRECTED).count() == 0


@pytest.mark.parametrize(
    "form",
    [{"status": "eaten"}, {}, {"status": "sold", "on": days_ago(-1).isoformat()}],
    ids=["no status", "nothing", "a day ahead"],
)
def test_a_status_that_makes_no_sense_is_refused(reader, north, ben, form):
    vehicle = car(customer(north, "王建国", advisor=ben))
    reader.post(f"/vehicles/{vehicle.pk}/status/", form)
    vehicle.refresh_from_db()
    assert vehicle.status == "active"


def test_another_stores_car_is_as_missing_as_none(reader, south):
    far = car(customer(south, "Far"))
    for pk in (far.pk, 999_999):
        answer = reader.post(f"/vehicles/{pk}/status/", {"status": "sold"})
        assert answer.status_code == 404
