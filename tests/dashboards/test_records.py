"""What comes in beyond the list: contacts, complaints, one's own reminders, appointments off."""

import datetime
import re
import uuid

import pytest
from django.test import Client

from alerts.models import Outcome, Task
from customers.models import Appointment, Complaint, ConsentEvent, Contact
from pipeline.models import StoreDay
from stores.choices import AuditAction
from stores.models import AuditEntry, Staff
from stores.scope import all_stores
from tests import factories
from tests.dashboards.lists import TODAY, car, computed_day, customer, days_ago, task

pytestmark = pytest.mark.django_db
NASTY = "<script>alert(1)</script>"


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
    ben.language = "en"
    ben.save(update_fields=["language"])
    client.force_login(ben)
    return client


@pytest.fixture
def wang(north, ben):
    one = customer(north, "王建国", advisor=ben, phone="13800001234")
    car(one, delivered_on=days_ago(60))
    return one


def text_of(response) -> str:
    return response.content.decode()


def page(client: Client, one) -> str:
    return text_of(client.get(f"/customers/{one.pk}/"))


def hidden(client: Client, one, what: str) -> dict[str, str]:
    """The hidden inputs of a form, as a browser sends them back."""
    text = text_of(client.get(f"/customers/{one.pk}/{what}/"))
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def noted(client: Client, one, **fields):
    form = {"channel": "phone", "note": "", **hidden(client, one, "contact"), **fields}
    return client.post(f"/customers/{one.pk}/contact/", form)


def test_an_answered_question_is_an_incoming_contact(reader, wang, ben):
    assert noted(reader, wang, result="connected", note="opening hours").status_code == 302
    contact = Contact.objects.get()
    assert (contact.direction, contact.channel, contact.outcome) == ("in", "phone", "connected")
    assert (contact.staff, contact.note) == (ben, "opening hours")
    text = page(reader, wang)
    assert "Just recorded: Spoken to" in text
    assert "from the customer · Spoken to" in text
    assert text.count("opening hours") == 1


@pytest.mark.parametrize("channel", ["wechat", "visit"])
def test_a_customer_may_also_write_or_stand_at_the_desk(reader, wang, channel):
    noted(reader, wang, result="connected", channel=channel)
    assert Outcome.objects.get().channel == channel


def test_a_booking_makes_an_appointment_and_closes_the_call(reader, wang, ben):
    call = task(wang.vehicles.get(), ben)
    slot = re.search(
        r'name="slot" value="([^"]+)"', text_of(reader.get(f"/customers/{wang.pk}/contact/"))
    )[1]
    noted(reader, wang, result="booked", slot=slot)
    call.refresh_from_db()
    assert Appointment.objects.get().starts_at == datetime.datetime.fromisoformat(slot)
    assert call.closed_as == "booked"
    assert "Appointments ahead" in page(reader, wang)


def test_another_time_may_be_typed(reader, wang):
    noted(reader, wang, result="booked", slot_on="2026-06-18", slot_time="14:30")
    assert Appointment.objects.get().starts_at == factories.at(datetime.date(2026, 6, 18), 14, 30)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "This field is required"),
        ({"result": "booked"}, "Choose a time"),
        ({"result": "booked", "slot": "noon"}, "Choose a time"),
        ({"result": "booked", "slot": "2026-06-18T10:00"}, "Choose a time"),
        ({"result": "booked", "slot_on": "2026-06-18", "slot_time": "23:00"}, "is open from"),
        ({"result": "booked", "slot_on": "2026-06-01", "slot_time": "10:00"}, "time is over"),
        ({"result": "callback"}, "Choose the day"),
        ({"result": "callback", "callback_on": "2026-06-01"}, "time is over"),
        ({"result": "refused"}, "Choose why"),
        ({"result": "vehicle_gone"}, "sold or the customer moved"),
        ({"result": "no_answer"}, "Select a valid choice"),
        ({"result": "connected", "channel": "app"}, "Select a valid choice"),
        ({"result": "connected", "vehicle": "987654"}, "Nothing is saved yet"),
        ({"result": "connected", "note": "x" * 2001}, "at most 2000"),
    ],
)
def test_what_is_incomplete_comes_back_with_what_is_missing(reader, wang, fields, said):
    response = noted(reader, wang, **fields)
    assert response.status_code == 200
    assert said in text_of(response)
    assert not Outcome.objects.exists()


def test_a_promised_call_is_on_the_promisers_list(reader, wang, ben):
    noted(reader, wang, result="callback", callback_on="2026-06-17", callback_time="15:00")
    call = Task.objects.get(kind="callback")
    assert (call.owner, call.due_on) == (ben, datetime.date(2026, 6, 17))
    assert call.deadline_at == factories.at(datetime.date(2026, 6, 17), 15)
    text = page(reader, wang)
    assert "Later" in text
    assert "Promised call" in text


@pytest.mark.parametrize(
    ("result", "channel"), [("do_not_call", "phone"), ("do_not_write", "wechat")]
)
def test_who_does_not_want_to_be_reached_is_not(reader, wang, result, channel):
    noted(reader, wang, result=result)
    event = ConsentEvent.objects.get()
    assert (event.channel, event.is_granted) == (channel, False)
    assert "Refused, for service as well" in page(reader, wang)


def test_a_refusal_to_be_written_to_is_taken_back_with_its_contact(reader, wang):
    noted(reader, wang, result="do_not_write")
    outcome = Outcome.objects.get()
    answer = reader.post(f"/today/outcomes/{outcome.pk}/undo/", {"back": "customer"})
    assert answer.headers["Location"] == f"/customers/{wang.pk}/"
    assert not ConsentEvent.objects.exists()
    assert not Contact.objects.exists()


def test_a_car_said_to_be_sold_is_to_be_decided_on_the_page(reader, wang, ben):
    task(wang.vehicles.get(), ben)
    noted(reader, wang, result="vehicle_gone", gone="sold")
    assert Task.objects.get(kind="correct_data").proposal == "sold"
    assert f"/vehicles/{wang.vehicles.get().pk}/status/" in page(reader, wang)


def test_a_double_click_records_once(reader, wang):
    form = {**hidden(reader, wang, "contact"), "channel": "phone", "result": "connected"}
    for _click in range(2):
        answer = reader.post(f"/customers/{wang.pk}/contact/", form)
        assert answer.status_code == 302
    assert (Outcome.objects.count(), Contact.objects.count()) == (1, 1)


def test_the_second_of_two_people_is_told_and_may_go_on_knowing_it(reader, wang, ada):
    form = {**hidden(reader, wang, "contact"), "channel": "phone", "result": "connected"}
    factories.OutcomeFactory(customer=wang, staff=ada, result="no_answer")
    answer = reader.post(f"/customers/{wang.pk}/contact/", form)
    assert "Ada recorded" in text_of(answer)
    assert Outcome.objects.count() == 1
    seen = re.search(r'name="seen" value="(\d+)"', text_of(answer))[1]
    assert reader.post(f"/customers/{wang.pk}/contact/", {**form, "seen": seen}).status_code == 302
    assert Outcome.objects.count() == 2


def test_what_is_noted_is_shown_as_text(reader, wang):
    noted(reader, wang, result="connected", note=NASTY)
    assert NASTY not in page(reader, wang)
    assert "&lt;script&gt;" in page(reader, wang)


@pytest.mark.parametrize("what", ["contact", "complaint", "reminder"])
def test_another_stores_an_erased_and_a_missing_customer_are_the_same(reader, north, south, what):
    far = customer(south, "Far").pk
    erased = customer(north, "Gone", erased_on=TODAY).pk
    for pk in (far, erased, 999_999):
        assert reader.get(f"/customers/{pk}/{what}/").status_code == 404
        assert reader.post(f"/customers/{pk}/{what}/", {}).status_code == 404


@pytest.mark.parametrize("what", ["contact", "complaint", "reminder"])
def test_a_colleagues_customer_is_opened_with_an_entry(reader, north, what):
    gina = factories.StaffFactory(group=north.group, at=[north])
    one = customer(north, "Hers", advisor=gina)
    assert reader.get(f"/customers/{one.pk}/{what}/").status_code == 200
    assert AuditEntry.objects.filter(action=AuditAction.COLLEAGUES_CUSTOMER).count() == 1


def test_a_complaint_is_the_managers_card_at_once(reader, wang, ada):
    form = {
        **hidden(reader, wang, "complaint"),
        "channel": "phone",
        "category": "waiting",
        "text": NASTY,
    }
    for _click in range(2):
        assert reader.post(f"/customers/{wang.pk}/complaint/", form).status_code == 302
    complaint = Complaint.objects.get()
    assert (complaint.category, complaint.opened_on) == ("waiting", TODAY)
    duty = Task.objects.get(kind="complaint")
    assert (duty.owner, duty.cycle_key) == (ada, str(complaint.pk))
    text = page(reader, wang)
    assert "Waiting time" in text
    assert NASTY not in text


@pytest.mark.parametrize(
    ("language", "typed", "kept"),
    [
        ("en", "Waiting time", "waiting"),
        ("zh-hans", "等待时间", "waiting"),
        ("zh-hans", "洗车不干净", "洗车不干净"),
    ],
)
def test_a_complaint_about_a_known_reason_is_kept_as_that_reason(
    reader, ben, wang, language, typed, kept
):
    Staff.objects.filter(pk=ben.pk).update(language=language)
    form = {**hidden(reader, wang, "complaint"), "channel": "phone", "text": NASTY}
    reader.post(f"/customers/{wang.pk}/complaint/", {**form, "category": typed})
    assert Complaint.objects.get().category == kept
    suggested = reader.get(f"/customers/{wang.pk}/complaint/").content.decode()
    assert f'<option value="{typed}">' in suggested


def test_a_complaint_is_about_one_of_the_customers_cars(reader, wang, north):
    other = car(customer(north, "李慧"))
    form = {**hidden(reader, wang, "complaint"), "channel": "phone", "text": "late"}
    form["vehicle"] = other.pk
    assert reader.post(f"/customers/{wang.pk}/complaint/", form).status_code == 200
    assert not Complaint.objects.exists()


def reminded(client: Client, one, **fields):
    form = {**hidden(client, one, "reminder"), "ahead": "1", "text": "birthday", **fields}
    return client.post(f"/customers/{one.pk}/reminder/", form)


@pytest.mark.parametrize(
    ("fields", "on"),
    [
        ({"ahead": "1"}, datetime.date(2026, 6, 16)),
        ({"ahead": "3"}, datetime.date(2026, 6, 18)),
        ({"ahead": "7"}, datetime.date(2026, 6, 22)),
        ({"ahead": "", "on": "2026-07-01"}, datetime.date(2026, 7, 1)),
        ({"ahead": "", "on": "2026-06-15"}, TODAY),
    ],
    ids=["tomorrow", "in 3 days", "in a week", "a date", "today"],
)
def test_a_reminder_is_on_the_list_from_its_day_on(reader, wang, ben, fields, on):
    assert reminded(reader, wang, **fields).status_code == 302
    note = Task.objects.get()
    assert (note.kind, note.owner, note.assigned_to, note.note) == (
        "reminder",
        ben,
        ben,
        "birthday",
    )
    assert (note.due_on, note.deadline_at, note.priority_group) == (on, None, 1)


def test_a_reminder_at_a_time_is_a_duty_until_then(reader, wang):
    reminded(reader, wang, at="15:30")
    note = Task.objects.get()
    assert note.deadline_at == factories.at(datetime.date(2026, 6, 16), 15, 30)
    assert note.priority_group == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"text": ""},
        {"ahead": ""},
        {"ahead": "", "on": "2026-06-14"},
        {"ahead": "", "on": "2030-01-01"},
        {"ahead": "2"},
        {"at": "25:00"},
        {"key": "x"},
    ],
)
def test_a_reminder_without_day_or_text_is_none(reader, wang, fields):
    assert reminded(reader, wang, **fields).status_code == 200
    assert not Task.objects.exists()


def test_two_reminders_stand_side_by_side_and_a_double_click_makes_one(reader, wang):
    form = {**hidden(reader, wang, "reminder"), "ahead": "1", "text": "tyres"}
    for _click in range(2):
        reader.post(f"/customers/{wang.pk}/reminder/", form)
    reminded(reader, wang, text="birthday")
    assert set(Task.objects.values_list("note", flat=True)) == {"tyres", "birthday"}


def test_a_reminder_before_the_first_computed_day_has_settings_too(client, north, wang, ben):
    StoreDay.objects.all().delete()
    client.force_login(ben)
    reminded(client, wang)
    assert Task.objects.get().policy_set.store == north


def test_without_a_car_in_use_there_is_none_to_be_reminded_of(reader, north):
    assert "Add a car" in text_of(reader.get(f"/customers/{customer(north, 'Li').pk}/reminder/"))


def test_ones_own_reminder_is_changed_and_deleted(reader, wang, ben):
    reminded(reader, wang, at="15:30")
    note = Task.objects.get()
    assert f"/reminders/{note.pk}/" in page(reader, wang)
    text = text_of(reader.get(f"/reminders/{note.pk}/"))
    assert 'value="2026-06-16"' in text
    assert 'value="15:30"' in text
    form = {"key": uuid.uuid4(), "vehicle": note.vehicle_id, "ahead": "", "on": "2026-06-20"}
    reader.post(f"/reminders/{note.pk}/", {**form, "text": "call Li"})
    note.refresh_from_db()
    assert (note.due_on, note.deadline_at, note.note) == (
        datetime.date(2026, 6, 20), None, "call Li",
    )  # fmt: skip
    reader.post(f"/reminders/{note.pk}/delete/")
    assert not Task.objects.exists()


def test_a_colleagues_reminder_is_as_missing_as_none(reader, wang, ada, client):
    theirs = task(wang.vehicles.get(), ada, kind="reminder", assigned_to=ada, cycle_key="k")
    for pk in (theirs.pk, 999_999):
        assert reader.get(f"/reminders/{pk}/").status_code == 404
        assert reader.post(f"/reminders/{pk}/delete/").status_code == 404
    assert f"/reminders/{theirs.pk}/" not in page(reader, wang)


def test_a_coming_appointment_is_cancelled_once(reader, wang):
    booked = factories.AppointmentFactory(vehicle=wang.vehicles.get())
    assert f"/appointments/{booked.pk}/cancel/" in page(reader, wang)
    answer = reader.post(f"/appointments/{booked.pk}/cancel/")
    assert answer.headers["Location"] == f"/customers/{wang.pk}/"
    booked.refresh_from_db()
    assert booked.status == "cancelled"
    assert reader.post(f"/appointments/{booked.pk}/cancel/").status_code == 404


def test_an_appointment_that_is_over_cannot_be_cancelled(reader, wang):
    over = factories.AppointmentFactory(vehicle=wang.vehicles.get(), starts_on=days_ago(1))
    assert reader.post(f"/appointments/{over.pk}/cancel/").status_code == 404


def test_results_show_the_next_task_and_whose_it_is(reader, wang, ben, ada):
    task(wang.vehicles.get(), ada, kind="complaint", cycle_key="5")
    text = text_of(reader.get("/customers/", {"q": "wjg"}))
    assert "Settle the complaint" in text
    assert "Ada" in text


def test_an_administrator_looks_and_notes_nothing(client, north, wang, dora):
    computed_day(north)
    client.force_login(dora)
    assert "Log a contact" not in page(client, wang)
    assert "New customer" not in text_of(client.get("/customers/"))
