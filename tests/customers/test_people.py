"""Customers and cars by hand: as strict as the importer, and met by it afterwards."""

import datetime
import uuid
from pathlib import Path

import pytest

from common.crypto import blind_index
from common.exceptions import DomainError
from customers.choices import FindingKind, VehicleStatus
from customers.models import (
    ConsentEvent,
    Contact,
    Correction,
    Customer,
    DirtyVehicle,
    Finding,
    Ownership,
    Vehicle,
)
from customers.rules import normal_plate, normal_vin
from customers.services import complaints, corrections, people, vehicles
from customers.services.people import Person
from customers.services.vehicles import Car
from stores.choices import AuditAction
from stores.models import AuditEntry
from stores.scope import all_stores
from tests import factories
from tests.exchange.loading import CUSTOMERS, VEHICLES, VIN, WRONG_DIGIT, Loader
from tests.factories import TODAY, at

pytestmark = pytest.mark.django_db
NOW = at(TODAY, 11)
CAR = Car(VIN, "Volta", "One", "ICE", plate="沪AD521K")
WANG = Person("王建国", "+86 138-0000-1234", gender="male", source="walk-in", notes="coffee")


@pytest.fixture(autouse=True)
def _everywhere():
    with all_stores():
        yield


@pytest.fixture
def loader(tmp_path: Path, north) -> Loader:
    return Loader(tmp_path)


def entered(north, ben, *, person=WANG, car=CAR, key=None) -> Customer:
    return people.add(person, car, store=north, key=key or uuid.uuid4(), by=ben, now=NOW)


@pytest.mark.parametrize(
    "typed",
    ["lsvau2a34n2183294", "ＬＳＶＡＵ２Ａ３４Ｎ２１８３２９４", " LSVAU-2A34N 2183294 "],
    ids=["lower case", "full width", "in groups"],
)
def test_a_vin_is_kept_in_one_form(typed):
    assert normal_vin(typed) == VIN


def test_a_plate_is_kept_in_one_form():
    assert normal_plate(" 沪a·d5 21Ｋ") == "沪AD521K"


def test_a_customer_is_found_as_one_from_a_file(north, ben):
    one = entered(north, ben)
    assert (one.name_pinyin, one.name_initials, one.phone) == (
        "wang jian guo",
        "wjg",
        "13800001234",
    )
    assert bytes(one.phone_index) == blind_index("phone", "13800001234")
    assert bytes(one.phone_last4_index) == blind_index("phone last4", "1234", 4)
    assert b"138" not in bytes(one.phone_sealed)
    assert (one.received_on, one.is_phone_dead, one.advisor) == (TODAY, False, None)
    assert one.external_id.startswith("H-")


def test_the_car_is_hers_from_the_beginning_and_waits_to_be_settled(north, ben):
    one = entered(north, ben)
    car = Vehicle.objects.get()
    assert (car.store, car.group, car.customer, car.plate) == (north, north.group, one, "沪AD521K")
    ownership = Ownership.objects.get()
    assert (ownership.customer, ownership.since_on, ownership.until_on) == (one, None, None)
    assert DirtyVehicle.objects.get().vehicle == car
    actions = set(AuditEntry.objects.values_list("action", "thing_id"))
    assert actions == {
        (AuditAction.CUSTOMER_ADDED, one.pk),
        (AuditAction.VEHICLE_ADDED, car.pk),
    }


def test_consent_is_only_what_was_agreed_to(north, ben):
    entered(north, ben)
    assert not ConsentEvent.objects.exists()
    agreed = Person("李慧", "13900005678", consent=frozenset({"wechat"}))
    entered(north, ben, person=agreed, car=Car(WRONG_DIGIT, "Volta", "One", "BEV"))
    event = ConsentEvent.objects.get()
    assert (event.channel, event.is_granted, event.given_at) == ("wechat", True, NOW)


def test_what_is_doubtful_stands_on_the_fix_list(north, ben):
    one = entered(
        north, ben, person=Person("王", "12345"), car=Car(WRONG_DIGIT, "Volta", "One", "ICE")
    )
    assert one.is_phone_dead
    assert set(Finding.objects.values_list("kind", flat=True)) == {
        FindingKind.DEAD_PHONE,
        FindingKind.CHECK_DIGIT,
    }


def test_the_same_form_twice_is_one_customer_and_one_car(north, ben):
    key = uuid.uuid4()
    assert entered(north, ben, key=key) == entered(north, ben, key=key)
    assert (Customer.objects.count(), Vehicle.objects.count()) == (1, 1)
    assert AuditEntry.objects.filter(action=AuditAction.CUSTOMER_ADDED).count() == 1


def test_a_car_somebody_else_of_the_group_has_takes_nobody_in(north, south, ben):
    factories.VehicleFactory(customer=factories.CustomerFactory(store=south), vin=VIN)
    with pytest.raises(DomainError) as refusal:
        entered(north, ben)
    assert refusal.value.code == "vin_known"
    assert Customer.objects.filter(store=north).count() == 0


def test_another_group_may_have_the_same_car(north, elsewhere, ben):
    factories.VehicleFactory(customer=factories.CustomerFactory(store=elsewhere), vin=VIN)
    assert entered(north, ben).vehicles.count() == 1


def test_a_file_with_the_same_number_updates_the_customer(north, ben, loader):
    one = entered(north, ben)
    record = loader("customers", CUSTOMERS, f"{one.external_id},NORTH,王建国,13800001234")
    assert (record.created, record.updated, record.unchanged) == (0, 0, 1)
    loader("customers", CUSTOMERS, f"{one.external_id},NORTH,王建国,13900005678")
    one.refresh_from_db()
    assert one.phone == "13900005678"


def test_a_file_with_the_same_vin_meets_the_car_and_begins_an_ownership(north, ben, loader):
    entered(north, ben)
    loader.customer()
    record = loader("vehicles", VEHICLES, f"{VIN},C1,NORTH,Volta,One,ICE,2024-01-10")
    assert (record.created, record.updated) == (0, 1)
    assert Vehicle.objects.get().customer.external_id == "C1"
    former, present = Ownership.objects.order_by("pk")
    assert former.until_on == TODAY - datetime.timedelta(days=1)
    assert present.since_on == TODAY


def corrected(one, ben, **values) -> frozenset[str]:
    return people.correct(one, values, by=ben, now=NOW)


def test_a_corrected_name_is_found_by_its_new_keys(north, ben):
    one = entered(north, ben)
    assert corrected(one, ben, name="汪建国", notes="coffee") == {"name"}
    one.refresh_from_db()
    assert (one.name, one.name_initials, "汪" in one.name_parts) == ("汪建国", "wjg", True)
    kept = Correction.objects.get()
    assert (kept.column, kept.replaced, kept.corrected_by) == ("name", "王建国", ben)


def test_what_was_corrected_stays_until_the_source_says_something_else(north, ben, loader):
    loader.customer()
    one = Customer.objects.get()
    corrected(one, ben, name="章三", phone="139 0000 5678", gender="female")
    loader.customer()
    one.refresh_from_db()
    assert (one.name, one.phone, one.gender) == ("章三", "13900005678", "female")
    loader("customers", CUSTOMERS, "C1,NORTH,张三,13712345678")
    one.refresh_from_db()
    assert (one.name, one.phone) == ("章三", "13712345678")


def test_a_second_correction_still_knows_what_the_source_said(north, ben, loader):
    loader.customer()
    one = Customer.objects.get()
    corrected(one, ben, name="章三")
    corrected(one, ben, name="张叁")
    assert Correction.objects.get().replaced == "张三"
    loader.customer()
    one.refresh_from_db()
    assert one.name == "张叁"


def test_the_sources_value_entered_again_ends_the_correction(north, ben):
    one = entered(north, ben)
    corrected(one, ben, name="汪建国")
    corrected(one, ben, name="王建国")
    assert not Correction.objects.exists()


@pytest.mark.parametrize(
    ("phone", "is_dead"), [("13900005678", False), ("1390000", True), ("13800001234", False)]
)
def test_a_number_that_is_entered_is_no_dead_one_when_it_is_valid(north, ben, phone, is_dead):
    one = entered(north, ben)
    Customer.objects.update(is_phone_dead=True)
    corrected(one, ben, phone=phone)
    one.refresh_from_db()
    assert (one.phone, one.is_phone_dead) == (phone, is_dead)


def test_a_number_that_was_wrong_stays_dead_until_the_source_sends_another(north, ben, loader):
    loader.customer()
    one = Customer.objects.get()
    Customer.objects.update(is_phone_dead=True)
    assert corrections.hold_dead(one, by=ben)
    assert corrections.hold_dead(one, by=ben) is None
    loader.customer()
    one.refresh_from_db()
    assert one.is_phone_dead
    loader("customers", CUSTOMERS, "C1,NORTH,张三,13712345678")
    one.refresh_from_db()
    assert (one.phone, one.is_phone_dead) == ("13712345678", False)
    assert not Correction.objects.exists()


def test_a_number_found_right_after_all_is_the_sources_again(north, ben, loader):
    loader.customer()
    one = Customer.objects.get()
    Customer.objects.update(is_phone_dead=True)
    corrections.hold_dead(one, by=ben)
    corrected(one, ben, phone="13812345678")
    assert not Correction.objects.exists()


def test_nothing_changed_leaves_no_trace(north, ben):
    one = entered(north, ben)
    before = AuditEntry.objects.count()
    assert corrected(one, ben, name="王建国", notes="coffee") == frozenset()
    assert AuditEntry.objects.count() == before


def test_a_car_that_is_gone_stays_gone_against_the_source(north, ben, loader):
    loader.customer()
    loader.vehicle()
    car = Vehicle.objects.get()
    day = TODAY - datetime.timedelta(days=5)
    vehicles.set_status(car, VehicleStatus.SOLD, day, by=ben, now=NOW)
    header = f"{VEHICLES},status"
    loader("vehicles", header, f"{VIN},C1,NORTH,Volta,One,ICE,2024-01-10,active")
    car.refresh_from_db()
    assert (car.status, car.status_on) == ("sold", day)
    loader("vehicles", header, f"{VIN},C1,NORTH,Volta,One,ICE,2024-01-10,scrapped")
    car.refresh_from_db()
    assert (car.status, car.status_on) == ("scrapped", TODAY)


def test_a_car_that_is_back_has_no_date(north, ben):
    entered(north, ben)
    car = Vehicle.objects.get()
    vehicles.set_status(car, VehicleStatus.MOVED, None, by=ben, now=NOW)
    vehicles.set_status(car, VehicleStatus.ACTIVE, TODAY, by=ben, now=NOW)
    car.refresh_from_db()
    assert (car.status, car.status_on) == ("active", None)
    assert not Correction.objects.exists()


def test_a_complaint_sent_twice_is_one(north, ben):
    entered(north, ben)
    car, key = Vehicle.objects.get(), uuid.uuid4()
    for _click in range(2):
        one = complaints.add(
            car, channel="visit", category="waiting", text="2 h", key=key, by=ben, now=NOW
        )
    contact = Contact.objects.get()
    assert (contact.channel, contact.direction, contact.staff) == ("visit", "in", ben)
    assert (one.external_id, one.opened_on, one.store) == (f"huitou-{key}", TODAY, north)
    assert AuditEntry.objects.filter(action=AuditAction.COMPLAINT_NOTED).count() == 1
