"""Signing in and out; what passwords may be. Guessing and the end have their own files."""

import datetime

import pytest
from django.test import Client

from stores.choices import AuditAction
from stores.models import AuditEntry, Staff

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


def test_wrong_name_and_wrong_password_read_the_same(ben, with_password, sign_in):
    with_password(ben)
    pages = [sign_in(Client(), name, WRONG) for name in ["ben", "xxx"]]
    assert [page.status_code for page in pages] == [200, 200]
    errors = [page.context["form"].non_field_errors() for page in pages]
    assert errors[0] == errors[1]


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


def test_new_secret_key_signs_nobody_out_while_the_former_is_known(ben, client, settings):
    client.force_login(ben)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "9" * 50
    assert client.get("/account/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert client.get("/account/").status_code == 200
    settings.SECRET_KEY = "8" * 50
    assert client.get("/account/").status_code == 302
