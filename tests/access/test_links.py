"""One-time links (R31, T26)."""

import datetime

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from common.exceptions import NotFound
from common.logs import mask
from stores.choices import AuditAction, LinkPurpose
from stores.models import AccessLink, AuditEntry, Staff
from stores.services import links

GOOD = {"password": "eleven kites over water", "again": "eleven kites over water"}


@pytest.fixture
def token(ben, dora) -> str:
    return links.make(staff=ben, purpose=LinkPurpose.INVITE, by=dora)


def test_link_sets_a_password_and_works_once(ben, token, client):
    assert client.get(f"/welcome/{token}/").headers["Location"] == "/set-password/"
    assert client.post("/set-password/", GOOD).headers["Location"] == "/login/"
    ben.refresh_from_db()
    assert ben.check_password(GOOD["password"])
    assert Client().get(f"/welcome/{token}/").status_code == 404
    assert client.get("/set-password/").status_code == 404


def test_only_the_digest_is_kept(token):
    assert len(token) >= 22
    assert token.encode() not in bytes(AccessLink.objects.get().token_digest)
    assert bytes(AccessLink.objects.get().token_digest) == links.digest_of(token)


def test_link_that_expires_while_the_form_is_open_sets_nothing(ben, token, client):
    client.get(f"/welcome/{token}/")
    with time_machine.travel(datetime.datetime.now(datetime.UTC) + links.LASTS, tick=False):
        assert client.post("/set-password/", GOOD).status_code == 404
    ben.refresh_from_db()
    assert not ben.check_password(GOOD["password"])


def test_bad_password_does_not_use_the_link_up(token, client):
    client.get(f"/welcome/{token}/")
    assert client.post("/set-password/", {"password": "short", "again": "short"}).status_code == 200
    assert client.post("/set-password/", GOOD).status_code == 302


def test_address_with_the_token_is_neither_stored_nor_passed_on(token, client):
    answer = client.get(f"/welcome/{token}/")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert token not in client.get("/set-password/").content.decode()


def test_new_password_ends_open_sessions(ben, dora, client):
    client.force_login(ben)
    token = links.make(staff=ben, purpose=LinkPurpose.RESET, by=dora)
    browser = Client()
    browser.get(f"/new-password/{token}/")
    browser.post("/set-password/", GOOD)
    assert client.get("/account/").status_code == 302


def test_person_without_a_user_name_chooses_one(ben, token, client):
    Staff.objects.filter(pk=ben.pk).update(username=None)
    client.get(f"/welcome/{token}/")
    assert client.post("/set-password/", {**GOOD, "username": "Big.Ben"}).status_code == 302
    ben.refresh_from_db()
    assert ben.username == "big.ben"


def test_user_name_of_somebody_else_is_refused_in_any_case(ada, ben, token, client):
    Staff.objects.filter(pk=ben.pk).update(username=None)
    client.get(f"/welcome/{token}/")
    answer = client.post("/set-password/", {**GOOD, "username": "ADA"})
    assert "username" in answer.context["form"].errors


def test_command_prints_a_working_link(ben, client, capsys):
    call_command("invite", "BEN", "--base-url", "https://crm.example/")
    address = capsys.readouterr().out.strip()
    assert address.startswith("https://crm.example/welcome/")
    assert client.get(address.removeprefix("https://crm.example")).status_code == 302
    assert AuditEntry.objects.get(action=AuditAction.INVITED).thing_id == ben.pk


def test_administrator_sees_the_link_once(ben, dora, client):
    client.force_login(dora)
    answer = client.post(f"/staff/{ben.pk}/invite/")
    address = answer.context["address"]
    assert address in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert Client().get(address.removeprefix("http://testserver")).status_code == 302


def test_token_never_reaches_the_log():
    assert mask("Not Found: /welcome/abcDEF_-123/") == "Not Found: /welcome/[secret]/"
    assert mask('"GET /new-password/abc-DEF/ HTTP/1.1"') == '"GET /new-password/[secret]/ HTTP/1.1"'


def test_second_of_two_who_hold_the_same_form_is_told_there_is_nothing(ben, token):
    link = links.find(digest=links.digest_of(token), purpose=LinkPurpose.INVITE)
    links.spend(link=link, password=GOOD["password"])
    with pytest.raises(NotFound):
        links.spend(link=link, password="the other one's choice")
    ben.refresh_from_db()
    assert ben.check_password(GOOD["password"])
