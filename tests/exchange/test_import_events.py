"""Surveys, complaints, contacts, appointments and app use."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from customers.models import (
    Appointment,
    AppointmentChange,
    Complaint,
    Contact,
    Engagement,
    Survey,
    Vehicle,
)
from exchange.models import ImportFile
from stores.models import Staff, Store
from stores.scope import all_stores
from tests.exchange.loading import VEHICLES, VIN, VIN2, Loader, counts
from tests.factories import TODAY

pytestmark = pytest.mark.django_db
TOMORROW = date(2026, 6, 16)


@pytest.fixture
def loader(tmp_path: Path, north: Store) -> Loader:
    loader = Loader(tmp_path)
    loader.customer("C2,NORTH,李四,13812345679")
    loader.vehicle()
    loader("vehicles", VEHICLES, f"{VIN2},C1,NORTH,Volta,Two,BEV,")
    loader.visits("W1,2026-05-01 09:00,3000")
    return loader


@pytest.fixture
def settled(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The VINs handed on by each chunk."""
    found: list[list[str]] = []

    def note(ids: list[int]) -> None:
        rows = Vehicle.objects.filter(pk__in=ids).order_by("vin")
        found.append(list(rows.values_list("vin", flat=True)))

    monkeypatch.setattr("exchange.importing.chunk.settle", note)
    return found


SURVEY = "store,work_order_no,answered_at,score,scale,nps,comment"


@pytest.mark.parametrize(
    ("score", "scale", "satisfaction"),
    [("4.5", "5", "90"), ("10", "10", "100"), ("79.9", "100", "79.9"), ("0", "5", "0")],
)
def test_survey_is_kept_with_its_scale_and_on_a_hundred(
    loader: Loader, settled: list[list[str]], score: str, scale: str, satisfaction: str
) -> None:
    row = f"NORTH,W1,2026-05-02 10:00,{score},{scale},9,good"
    assert counts(loader("surveys", SURVEY, row)) == (1, 0, 0, 0)
    with all_stores():
        survey = Survey.objects.get()
    assert (survey.satisfaction, survey.score) == (Decimal(satisfaction), Decimal(score))
    assert (survey.scale, survey.nps, survey.answered_on) == (int(scale), 9, date(2026, 5, 2))
    assert settled == [[VIN]]
    assert counts(loader("surveys", SURVEY, row)) == (0, 0, 1, 0)


def test_answer_sent_again_with_another_score_is_updated(loader: Loader) -> None:
    loader("surveys", SURVEY, "NORTH,W1,2026-05-02,8,10,,")
    assert counts(loader("surveys", SURVEY, "NORTH,W1,2026-05-02,9,10,,")) == (0, 1, 0, 0)
    with all_stores():
        assert Survey.objects.get().satisfaction == 90


def test_complaint_is_opened_resolved_and_opened_again(loader: Loader) -> None:
    header = "external_id,store,vin,opened_at,work_order_no,category,text,resolved_at,resolution"
    row = f"K1,NORTH,{VIN},2026-05-03 08:00,W1,service,late,"
    assert counts(loader("complaints", header, row + ",")) == (1, 0, 0, 0)
    assert counts(loader("complaints", header, row + "2026-05-04,called")) == (0, 1, 0, 0)
    with all_stores():
        complaint = Complaint.objects.get()
    assert (complaint.resolved_on, complaint.visit_id is not None) == (date(2026, 5, 4), True)
    loader("complaints", header, row + "\\N,\\N")
    with all_stores():
        complaint = Complaint.objects.get()
    assert (complaint.resolved_at, complaint.resolved_on, complaint.resolution) == (None, None, "")


CONTACT = "external_id,store,customer,vin,at,channel,direction,outcome,staff"


def _contact(
    loader: Loader, outcome: str, on: date = TODAY, vin: str = "", channel: str = "wechat"
) -> ImportFile:
    row = f"X1,NORTH,C1,{vin},2026-06-01 10:00,{channel},,{outcome},"
    return loader("contacts", CONTACT, row, on=on)


def test_contact_goes_out_when_no_direction_is_given(loader: Loader, ben: Staff) -> None:
    loader("contacts", CONTACT, "X1,NORTH,C1,,2026-06-01 10:00,电话,,无人接听,BEN")
    with all_stores():
        contact = Contact.objects.get()
    assert (contact.direction, contact.outcome, contact.staff) == ("out", "no_answer", ben)


def test_reply_counts_from_the_day_it_was_first_received(loader: Loader) -> None:
    def replied_on() -> date | None:
        with all_stores():
            return Contact.objects.get().replied_on

    _contact(loader, "delivered")
    assert replied_on() is None
    _contact(loader, "replied", TOMORROW)
    assert replied_on() == TOMORROW
    assert counts(_contact(loader, "replied", date(2026, 6, 20))) == (0, 0, 1, 0)
    assert replied_on() == TOMORROW


def test_contact_without_a_car_concerns_all_of_the_customers(
    loader: Loader, settled: list[list[str]]
) -> None:
    _contact(loader, "delivered")
    _contact(loader, "failed", vin=VIN)
    _contact(loader, "no_reply", vin=VIN)
    assert settled == [[VIN2, VIN], [VIN2, VIN], [VIN]]


APPOINTMENT = "external_id,store,vin,starts_at,status,status_at,created_at"


def _appointment(
    loader: Loader, status: str, status_at: str = "", on: date = TODAY
) -> tuple[str, list[tuple[str, str]]]:
    row = f"P1,NORTH,{VIN},2026-07-01 09:00,{status},{status_at},"
    loader("appointments", APPOINTMENT, row, on=on)
    with all_stores():
        changes = AppointmentChange.objects.order_by("from_on", "pk")
        found = [(change.status, str(change.from_on)) for change in changes]
        return Appointment.objects.get().status, found


def test_every_status_of_an_appointment_counts_from_its_own_day(loader: Loader) -> None:
    first = ("requested", "2026-06-15")
    assert _appointment(loader, "requested") == ("requested", [first])
    assert _appointment(loader, "requested", on=TOMORROW) == ("requested", [first])
    second = ("confirmed", "2026-06-16")
    assert _appointment(loader, "confirmed", on=TOMORROW) == ("confirmed", [first, second])
    third = ("cancelled", "2026-06-18")
    later = date(2026, 6, 20)
    changes = [first, second, third]
    assert _appointment(loader, "cancelled", "2026-06-18 10:00", later) == ("cancelled", changes)
    assert _appointment(loader, "cancelled", "2026-06-18 10:00", later) == ("cancelled", changes)


def test_older_status_that_comes_late_does_not_become_the_present_one(loader: Loader) -> None:
    _appointment(loader, "confirmed", "2026-06-10 10:00")
    status, changes = _appointment(loader, "requested", "2026-06-01 10:00")
    assert status == "confirmed"
    assert changes == [("requested", "2026-06-01"), ("confirmed", "2026-06-10")]


def test_date_of_a_status_may_be_sent_later(loader: Loader) -> None:
    _appointment(loader, "confirmed")
    assert _appointment(loader, "confirmed", "2026-06-01 08:00") == (
        "confirmed",
        [("confirmed", "2026-06-01")],
    )


def test_appointment_without_creation_is_known_from_the_start(loader: Loader) -> None:
    _appointment(loader, "requested")
    with all_stores():
        one = Appointment.objects.get()
    assert (one.created_at, one.created_on, one.starts_on) == (None, None, date(2026, 7, 1))


def test_app_use_of_a_month_tells_no_data_from_zero(loader: Loader) -> None:
    header = "store,customer,month,app_opens,enquiries"
    rows = ["NORTH,C1,2026-05,0,", "NORTH,C2,2026/5,,4"]
    assert counts(loader("engagement", header, *rows)) == (2, 0, 0, 0)
    with all_stores():
        found = [(row.month, row.app_opens, row.enquiries) for row in Engagement.objects.all()]
    assert found == [(date(2026, 5, 1), 0, None), (date(2026, 5, 1), None, 4)]
    assert counts(loader("engagement", header, *rows)) == (0, 0, 2, 0)
    assert counts(loader("engagement", header, "NORTH,C1,2026-05,\\N,2")) == (0, 1, 0, 0)
    with all_stores():
        assert Engagement.objects.get(customer__external_id="C1").app_opens is None
