"""When a session ends: by the clock (R28), and at once with the next request (T31)."""

import datetime

import pytest
import time_machine
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_otp.oath import TOTP

from stores.choices import Role
from stores.models import Staff
from stores.services import staff as service
from stores.services import two_factor
from stores.services.staff import Person
from stores.sessions import WRITES_EVERY
from tests.figures import say

NOON = datetime.datetime(2026, 6, 15, 4, 0, tzinfo=datetime.UTC)
HOUR, MINUTE = datetime.timedelta(hours=1), datetime.timedelta(minutes=1)


def _person(staff: Staff, **changes) -> Person:
    facts = {
        "name": staff.name,
        "username": staff.username,
        "role": Role(staff.role),
        "is_active": True,
        "stores": tuple(staff.stores.all()),
    }
    return Person(**{**facts, **changes})


def _change(**changes):
    return lambda ben, dora: service.change(by=dora, staff=ben, person=_person(ben, **changes))


def _set_up_a_factor(ben, dora):
    device = two_factor.begin(staff=ben)
    with time_machine.travel(NOON, tick=False):
        clock = TOTP(device.bin_key)
        clock.time = NOON.timestamp()
        assert two_factor.confirm(staff=ben, code=f"{clock.token():06}")


CHANGES = {
    "disabled": _change(is_active=False),
    "demoted": _change(role=Role.SPECIALIST),
    "other store": lambda ben, dora: _change(stores=(ben.group.stores.exclude(staff=ben).get(),))(
        ben, dora
    ),
    "password": lambda ben, dora: service.set_password(staff=ben, password="another long word"),
    "second factor set up": _set_up_a_factor,
    "second factor removed": lambda ben, dora: two_factor.remove(staff=ben, by=dora),
    "ended": lambda ben, dora: service.end_sessions(by=dora, staff=ben),
    "role changed by a file": lambda ben, dora: Staff.objects.filter(pk=ben.pk).update(
        role=Role.SPECIALIST
    ),
    "disabled by a file": lambda ben, dora: Staff.objects.filter(pk=ben.pk).update(is_active=False),
}


def _still_answered(change: str, ben: Staff, dora: Staff) -> int:
    """How many requests of two browsers with an old cookie are answered after the change."""
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(ben)
        assert browser.get("/account/").status_code == 200
    cookies = [browser.cookies["huitou"].value for browser in browsers]
    CHANGES[change](ben, dora)
    answered = 0
    for cookie in cookies:
        for page in ("/account/", "/today/", "/customers/"):
            old = Client()
            old.cookies["huitou"] = cookie
            answered += old.get(page).status_code == 200
    return answered


@pytest.mark.proof
@pytest.mark.parametrize("change", CHANGES)
def test_every_open_session_ends_with_the_next_request(change, ben, dora, south):
    answered = _still_answered(change, ben, dora)
    assert answered == 0
    say("T31", what=change, browsers=2, answered=answered)


@pytest.mark.proof
@pytest.mark.parametrize("change", ["demoted", "other store", "second factor removed", "ended"])
def test_control_without_the_epoch_old_cookies_go_on(change, ben, dora, south, monkeypatch):
    monkeypatch.setattr(Staff, "get_session_auth_hash", AbstractBaseUser.get_session_auth_hash)
    answered = _still_answered(change, ben, dora)
    assert answered
    say("T31", control=True, what=change, browsers=2, answered=answered)


@pytest.mark.proof
def test_cookie_of_a_session_that_was_signed_out_is_worth_nothing(ben, client):
    client.force_login(ben)
    old = Client()
    old.cookies["huitou"] = client.cookies["huitou"].value
    client.post("/logout/")
    assert old.get("/account/").status_code == 302
    say("T31", what="signed out", browsers=1, answered=0)


def test_new_name_alone_ends_no_session(ben, dora, client):
    client.force_login(ben)
    service.change(by=dora, staff=ben, person=_person(ben, name="Benedict"))
    assert client.get("/account/").status_code == 200


def test_changing_ones_password_keeps_this_session_and_ends_the_others(ben, with_password):
    with_password(ben)
    here, there = Client(), Client()
    here.force_login(ben)
    there.force_login(ben)
    form = {
        "present": "seven lanterns at noon",
        "password": "eleven kites over water",
        "again": "eleven kites over water",
    }
    assert here.post("/account/", form).status_code == 302
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302


def test_session_key_changes_at_sign_in_and_ends_twelve_hours_later(
    ben, with_password, sign_in, client
):
    with_password(ben)
    with time_machine.travel(NOON, tick=False) as clock:
        session = client.session
        session["before"] = "kept"
        session.save()
        before = session.session_key
        sign_in(client, "ben")
        assert client.session.session_key != before
        for _ in range(2):
            clock.shift(6 * HOUR - MINUTE)
            assert client.get("/account/").status_code == 200
        later = client.session
        later["touched"] = True  # a change of the session must not lengthen it
        later.save()
        clock.shift(3 * MINUTE)
        assert client.get("/account/").status_code == 302


@pytest.mark.parametrize(
    ("hours", "idle", "status"),
    [
        (8, 8 * HOUR - MINUTE, 200),
        (8, 8 * HOUR, 302),
        (2, 2 * HOUR - MINUTE, 200),
        (2, 2 * HOUR, 302),
    ],
)
def test_session_ends_after_so_many_hours_without_use(
    hours, idle, status, ben, with_password, sign_in, client, settings
):
    settings.SESSION_IDLE_HOURS = hours
    with_password(ben)
    with time_machine.travel(NOON, tick=False) as clock:
        sign_in(client, "ben")
        clock.shift(HOUR)
        assert client.get("/account/").status_code == 200
        clock.shift(idle)
        assert client.get("/account/").status_code == status


def test_control_without_counting_use_a_busy_session_would_end(
    ben, with_password, sign_in, client, monkeypatch
):
    monkeypatch.setattr("stores.sessions.SessionStore.used", lambda self: None)
    with_password(ben)
    with time_machine.travel(NOON, tick=False) as clock:
        sign_in(client, "ben")
        clock.shift(HOUR)
        assert client.get("/account/").status_code == 200
        clock.shift(8 * HOUR - MINUTE)
        assert client.get("/account/").status_code == 302


def test_what_an_open_page_asks_for_by_itself_is_no_use(ben, with_password, sign_in, client):
    with_password(ben)
    with time_machine.travel(NOON, tick=False) as clock:
        sign_in(client, "ben")
        for _ in range(8):
            assert client.get("/today/changes/").status_code == 200
            clock.shift(HOUR)
        assert client.get("/today/").status_code == 302


def test_use_is_written_down_every_few_minutes_only_and_nothing_else_with_it(
    ben, with_password, sign_in, client
):
    with_password(ben)
    with time_machine.travel(NOON, tick=False) as clock:
        sign_in(client, "ben")
        writes = []
        for _ in range(10):
            clock.shift(MINUTE)
            with CaptureQueriesContext(connection) as asked:
                client.get("/account/")
            writes += [one["sql"] for one in asked if "django_session" in one["sql"]
                       and not one["sql"].startswith("SELECT")]  # fmt: skip
    assert len(writes) == 10 * MINUTE / WRITES_EVERY
    assert all("session_data" not in one for one in writes)


def test_request_that_ends_late_brings_no_ended_session_back(ben, with_password, sign_in, client):
    with_password(ben)
    with time_machine.travel(NOON, tick=False) as clock:
        sign_in(client, "ben")
        slow = client.session
        slow.get("_auth_user_id")  # it was read when the session was open
        client.post("/logout/")
        clock.shift(HOUR)
        slow.used()
    assert not Session.objects.filter(session_key=slow.session_key).exists()
