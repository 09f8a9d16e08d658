"""Sealed values: bound to their place, opened by former keys, renewed by the present ones (T38)."""

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from threading import Event

import pytest
from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models
from pytest_django.fixtures import Settings

from common import crypto, sealed_rows
from customers.models import Correction, Customer
from customers.selectors import search
from customers.services import people
from exchange.services import keys
from stores.models import Staff, Store
from stores.scope import all_stores
from stores.services import two_factor
from tests.exchange.loading import CUSTOMERS, NOW, Loader, counts
from tests.factories import CustomerFactory
from tests.figures import say

FIELD, INDEX = "F" * 48, "I" * 48


def change(settings: Settings, *, field: bool = True, index: bool = True) -> None:
    """New keys, with the former ones still known."""
    if field:
        settings.FIELD_KEYS_FORMER, settings.FIELD_KEY = [settings.FIELD_KEY], FIELD
    if index:
        settings.INDEX_KEYS_FORMER, settings.INDEX_KEY = [settings.INDEX_KEY], INDEX


def forget(settings: Settings) -> None:
    settings.FIELD_KEYS_FORMER = settings.INDEX_KEYS_FORMER = []


def test_every_sealed_column_is_renewed() -> None:
    sealed = {
        (model._meta.db_table, field.name)
        for model in apps.get_models()
        for field in model._meta.fields
        if isinstance(field, models.BinaryField) and field.name.endswith("_sealed")
    }
    renewed = {(one.table, f"{name}_sealed") for one in keys.TABLES for name in one.columns}
    assert renewed == sealed


def _opened_elsewhere(north: Store) -> tuple[int, int]:
    """Every value at the place of every other one: how many were tried, how many open."""
    for _n in range(3):
        CustomerFactory(store=north, address="Quay 1", email="a@example.com", wechat="wx_1")
    places = [
        ("customers_customer", name, one.uid, bytes(getattr(one, f"{name}_sealed")))
        for one in Customer.objects.all()
        for name in ("phone", "address", "email", "wechat")
    ]
    places.append(("stores_staff", "phone", places[0][2], places[0][3]))
    tried = opened = 0
    for (*here, _own), (*_there, sealed) in permutations(places, 2):
        if here[:2] == ["stores_staff", "phone"] or sealed != _own:
            tried += 1
            try:
                crypto.unseal(*here, sealed)
            except InvalidTag:
                continue
            opened += 1
    return tried, opened


@pytest.mark.proof
def test_a_sealed_value_opens_at_its_own_place_only(north: Store) -> None:
    with all_stores():
        tried, opened = _opened_elsewhere(north)
    say("T38", what="sealed values put elsewhere", tried=tried, opened=opened)
    assert (tried > 100, opened) == (True, 0)


@pytest.mark.proof
def test_control_unbound_values_open_anywhere(
    north: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crypto, "_bound_to", lambda *_place: b"")
    with all_stores():
        tried, opened = _opened_elsewhere(north)
    say("T38", what="sealed values put elsewhere", control=True, tried=tried, opened=opened)
    assert opened == tried


@pytest.mark.parametrize(("field", "index"), [(True, True), (True, False), (False, True)])
def test_people_are_found_and_read_before_and_after(
    north: Store, settings: Settings, field: bool, index: bool
) -> None:
    one = CustomerFactory(store=north, phone="13800001234", address="Quay 1")
    with all_stores():
        for step in (
            lambda: change(settings, field=field, index=index),
            lambda: call_command("rotate_keys"),
            lambda: forget(settings),
        ):
            step()
            kept = Customer.objects.get(pk=one.pk)
            assert (kept.phone, kept.address) == ("13800001234", "Quay 1")
            assert list(search("138 0000 1234")) == list(search("1234")) == [kept]


def test_values_of_before_keys_had_marks_are_read_and_renewed(north: Store) -> None:
    one = CustomerFactory(store=north, phone="13800001234")
    sealed = bytes(one.phone_sealed)
    with all_stores():
        unmarked = b"\x01" + sealed[crypto.MARK_BYTES :]
        Customer.objects.filter(pk=one.pk).update(phone_sealed=unmarked)
        assert Customer.objects.get().phone == "13800001234"
        assert keys.left()["customers_customer"] == 1
        call_command("rotate_keys")
        kept = Customer.objects.get()
    assert kept.phone == "13800001234"
    assert bytes(kept.phone_sealed).startswith(crypto.present_mark())


def test_a_value_that_no_key_opens_is_told_and_does_not_stop_the_others(
    north: Store, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    lost, kept = CustomerFactory(store=north), CustomerFactory(store=north, phone="13800001234")
    with all_stores():
        Customer.objects.filter(pk=lost.pk).update(phone_sealed=kept.phone_sealed)
        change(settings)
        with pytest.raises(SystemExit):
            call_command("rotate_keys", batch=1)
        forget(settings)
        assert Customer.objects.get(pk=kept.pk).phone == "13800001234"
    assert f"no known key opens 1 rows, the first of them {lost.pk}" in capsys.readouterr().err


def test_a_file_changes_nothing_that_it_did_not_change_before(
    loader: Loader, ben: Staff, settings: Settings
) -> None:
    rows = [f"C{n},NORTH,Person {n},1380000{n:04}" for n in range(3)]
    loader("customers", CUSTOMERS, *rows)
    with all_stores():
        one = Customer.objects.get(external_id="C1")
        people.correct(one, {"phone": "13900009999"}, by=ben, now=NOW)
        change(settings)
        assert counts(loader("customers", CUSTOMERS, *rows)) == (0, 0, 3, 0)
        assert Customer.objects.get(external_id="C1").phone == "13900009999"
        # The source's own number, entered again, ends the correction.
        people.correct(one, {"phone": "13800000001"}, by=ben, now=NOW)
        assert not Correction.objects.exists()


@pytest.fixture
def loader(north: Store, tmp_path: object) -> Loader:
    return Loader(tmp_path)  # type: ignore[arg-type]


def test_recovery_codes_work_until_their_key_is_forgotten(
    ben: Staff, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    two_factor.begin(staff=ben).__class__.objects.update(confirmed=True)
    first, second, *_rest = two_factor._new_codes(ben)
    change(settings)
    call_command("rotate_keys")
    assert "1 person has recovery codes" in capsys.readouterr().err
    assert two_factor.verify(staff=ben, code=first)
    forget(settings)
    assert two_factor.verify(staff=ben, code=second) is None


def _number_after_both(
    north: Store, ben: Staff, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Somebody corrects a phone while the rotation has its row in its hands."""
    one = CustomerFactory(store=north, phone="13800001234")
    change(settings)
    read, written = Event(), Event()
    anew = sealed_rows._anew

    def hold(*args: object) -> object:
        read.set()
        # Where the row is locked, the other waits for us instead.
        written.wait(1)
        return anew(*args)  # type: ignore[arg-type]

    def correct() -> None:
        read.wait(10)
        try:
            with all_stores():
                people.correct(one, {"phone": "13900009999"}, by=ben, now=NOW)
        finally:
            written.set()
            connection.close()

    monkeypatch.setattr(sealed_rows, "_anew", hold)
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(correct)
        keys.rotate(lambda *_: None)
        other.result()
    with all_stores():
        return str(Customer.objects.get().phone)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_a_correction_of_that_moment_is_not_lost(
    north: Store, ben: Staff, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = _number_after_both(north, ben, settings, monkeypatch)
    say("T38", what="corrected while renewed", lost=int(number != "13900009999"))
    assert number == "13900009999"


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_the_correction_is_lost(
    north: Store, ben: Staff, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed_rows, "LOCK", "")
    number = _number_after_both(north, ben, settings, monkeypatch)
    say("T38", what="corrected while renewed", control=True, lost=int(number != "13900009999"))
    assert number == "13800001234"
