"""Signing in and out, the lock-out (R30, T30) and the end of sessions (R28, T31)."""

import datetime

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client

from stores.choices import AuditAction, Role
from stores.models import AuditEntry, Staff
from stores.services import staff as service
from stores.services.staff import Person

WRONG = "not the password"
NOON = datetime.datetime(2026, 6, 15, 4, 0, tzinfo=datetime.UTC)


def test_right_password_signs_in_and_goes_on_to_the_page_asked_for(
    ben, with_password, sign_in, client
):
    with_password(ben)
    answer = sign_in(client, "Ben")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/")
    assert client.get("/account/").status_code == 200
    assert AuditEntry.objects.get(action=AuditAction.LOGIN).actor == ben


def test_sign_in_never_leads_to_another_site(ben, with_password, client):
    with_password(ben)
    for evil in ["https://evil.example/", "//evil.example", "javascript:alert(1)"]:
        form = {"username": "ben", "password": "seven lanterns at noon", "next": evil}
        answer = Client().post("/login/", form)
        assert answer.headers["Location"].startswith("/")
        assert not answer.headers["Location"].startswith("//")


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
        clock.shift(datetime.timedelta(hours=11, minutes=59))
        assert client.get("/account/").status_code == 200
        later = client.session
        later["touched"] = True  # a change of the session must not lengthen it
        later.save()
        clock.shift(datetime.timedelta(minutes=2))
        assert client.get("/account/").status_code == 302


def test_wrong_name_and_wrong_password_read_the_same(ben, with_password, sign_in):
    with_password(ben)
    pages = [sign_in(Client(), name, WRONG) for name in ["ben", "xxx"]]
    assert [page.status_code for page in pages] == [200, 200]
    errors = [page.context["form"].non_field_errors() for page in pages]
    assert errors[0] == errors[1]


@pytest.fixture
def hashings(monkeypatch, settings):
    """How often a password was hashed: what a sign-in's time is made of."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    counted = []
    for name in ["encode", "verify"]:
        real = getattr(Argon2PasswordHasher, name)

        def count(self, *args, real=real):
            counted.append(real)
            return real(self, *args)

        monkeypatch.setattr(Argon2PasswordHasher, name, count)
    return counted


def _with_argon2(staff: Staff) -> None:
    staff.set_password("seven lanterns at noon")
    staff.save(update_fields=["password"])


def test_unknown_disabled_and_uninvited_people_cost_as_much_time(ada, ben, cleo, sign_in, hashings):
    for staff in (ada, ben):
        _with_argon2(staff)
    Staff.objects.filter(pk=ada.pk).update(is_active=False)
    cost = {}
    for name in ["ben", "ada", "cleo", "xxx"]:
        hashings.clear()
        sign_in(Client(), name, WRONG)
        cost[name] = len(hashings)
    assert cost == {"ben": 1, "ada": 1, "cleo": 1, "xxx": 1}


@pytest.mark.parametrize(
    ("name", "address"),
    [("ben", "10.0.0.{}"), ("guess{}", "10.0.0.1"), ("ben", "10.0.0.1")],
    ids=["one name, many addresses", "many names, one address", "one name, one address"],
)
def test_forty_wrong_attempts_are_at_most_ten_checks(name, address, ben, sign_in, hashings):
    _with_argon2(ben)
    hashings.clear()
    for number in range(40):
        browser = Client(REMOTE_ADDR=address.format(number))
        sign_in(browser, name.format(number), WRONG)
    assert len(hashings) <= 10


@pytest.mark.parametrize("name", ["ben", "xxx"])
def test_ninth_attempt_is_not_even_checked(name, ben, with_password, sign_in, client):
    with_password(ben)
    statuses = [sign_in(client, name, WRONG).status_code for _ in range(8)]
    assert statuses == [200] * 7 + [429]
    answer = sign_in(Client(REMOTE_ADDR="10.0.0.9"), name)
    assert answer.status_code == 429
    assert "15" in answer.content.decode()


def test_capitals_do_not_start_a_new_count(ben, with_password, sign_in):
    with_password(ben)
    names = ["ben", "Ben", "BEN", "bEn", "beN", "BEn", "bEN", " ben"]
    for number, name in enumerate(names):
        answer = sign_in(Client(REMOTE_ADDR=f"10.0.0.{number}"), name, WRONG)
    assert answer.status_code == 429


def test_lock_ends_after_fifteen_minutes(ben, with_password, sign_in):
    with_password(ben)
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(12):
            sign_in(Client(), "ben", WRONG)
        assert sign_in(Client(), "ben").status_code == 429
        clock.shift(datetime.timedelta(minutes=15, seconds=1))
        assert sign_in(Client(), "ben").status_code == 302


def test_forged_forwarded_address_does_not_count(ben, with_password, sign_in):
    with_password(ben)
    for number in range(8):
        answer = sign_in(Client(), f"guess{number}", WRONG, HTTP_X_FORWARDED_FOR=f"1.2.3.{number}")
    assert answer.status_code == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"127.0.0.1"}


def test_forwarded_address_of_our_own_proxy_counts(ben, with_password, sign_in, settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    sign_in(Client(), "ben", WRONG, HTTP_X_FORWARDED_FOR="9.9.9.9, 10.1.1.1")
    assert AccessAttempt.objects.get().ip_address == "10.1.1.1"


def test_own_sign_in_does_not_clear_the_count_of_a_colleague(ada, ben, with_password, sign_in):
    with_password(ben)
    with_password(ada)
    for _ in range(7):
        sign_in(Client(), "ben", WRONG)
    sign_in(Client(), "ada")
    assert sign_in(Client(REMOTE_ADDR="10.0.0.7"), "ben", WRONG).status_code == 429


def test_disabled_person_reads_what_a_stranger_reads(ben, with_password, sign_in, client):
    with_password(ben)
    Staff.objects.filter(pk=ben.pk).update(is_active=False)
    assert sign_in(client, "ben").context["form"].non_field_errors()


def test_signing_out_is_a_post_and_is_logged(ben, client):
    client.force_login(ben)
    assert client.get("/logout/").status_code == 405
    client.post("/logout/")
    assert client.get("/account/").status_code == 302
    assert AuditEntry.objects.filter(action=AuditAction.LOGOUT, actor=ben).exists()


def _person(staff: Staff, **changes) -> Person:
    facts = {
        "name": staff.name,
        "username": staff.username,
        "role": Role(staff.role),
        "is_active": True,
        "stores": tuple(staff.stores.all()),
    }
    return Person(**{**facts, **changes})


@pytest.mark.parametrize(
    "change",
    [
        lambda ben, dora, south: service.change(
            by=dora, staff=ben, person=_person(ben, is_active=False)
        ),
        lambda ben, dora, south: service.change(
            by=dora, staff=ben, person=_person(ben, role=Role.SPECIALIST)
        ),
        lambda ben, dora, south: service.change(
            by=dora, staff=ben, person=_person(ben, stores=(south,))
        ),
        lambda ben, dora, south: service.set_password(staff=ben, password="another long word"),
        lambda ben, dora, south: service.end_sessions(by=dora, staff=ben),
    ],
    ids=["disabled", "other role", "other store", "password", "ended"],
)
def test_every_open_session_ends_with_the_next_request(change, ben, dora, south):
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(ben)
        assert browser.get("/account/").status_code == 200
    change(ben, dora, south)
    assert [browser.get("/account/").status_code for browser in browsers] == [302, 302]


def test_new_name_alone_ends_no_session(ben, dora, client):
    client.force_login(ben)
    service.change(by=dora, staff=ben, person=_person(ben, name="Benedict"))
    assert client.get("/account/").status_code == 200


def test_changing_ones_password_keeps_this_session_and_ends_the_others(ben, with_password, client):
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


def test_htmx_request_of_a_signed_out_person_is_sent_to_the_sign_in_page(client, db):
    answer = client.get("/account/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login/")


@pytest.mark.parametrize(
    "word", ["shanghai2026", "North1234567", "Harbour Motors 1", "1234509876", "password!!"]
)
def test_words_of_the_trade_are_no_passwords(word, ben, with_password, client):
    with_password(ben)
    client.force_login(ben)
    form = {"present": "seven lanterns at noon", "password": word, "again": word}
    assert "password" in client.post("/account/", form).context["form"].errors


def test_role_changed_by_a_file_ends_the_session_too(ben, client):
    client.force_login(ben)
    Staff.objects.filter(pk=ben.pk).update(role=Role.SPECIALIST)
    assert client.get("/account/").status_code == 302


def test_new_secret_key_signs_nobody_out_while_the_former_is_known(ben, client, settings):
    client.force_login(ben)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "9" * 50
    assert client.get("/account/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert client.get("/account/").status_code == 200
    settings.SECRET_KEY = "8" * 50
    assert client.get("/account/").status_code == 302
