"""The second factor (R29): enrolment cannot be skipped, codes work once."""

import pytest
import time_machine
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from stores.choices import Role
from tests import factories

NOON = 1_781_496_000


@pytest.fixture(autouse=True)
def _served(settings):
    settings.TWO_FACTOR_REQUIRED = True


def _code(staff, ahead: int = 0) -> str:
    device = TOTPDevice.objects.filter(user=staff).latest("pk")
    totp = TOTP(device.bin_key)
    totp.time = NOON + ahead
    return f"{totp.token():06}"


def _enrol(browser: Client, staff) -> list[str]:
    browser.post("/two-factor/set-up/")
    with time_machine.travel(NOON, tick=False):
        page = browser.post("/two-factor/set-up/", {"code": _code(staff)})
    return page.context["codes"]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.GROUP_MANAGER, Role.ADMIN])
@pytest.mark.parametrize("page", ["/account/", "/staff/", "/audit/", "/settings/"])
def test_obliged_roles_reach_no_page_before_enrolment(role, page, north):
    browser = Client()
    browser.force_login(factories.StaffFactory(group=north.group, role=role, at=[north]))
    answer = browser.get(page)
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/two-factor/")
    assert browser.get("/two-factor/").headers["Location"] == "/two-factor/set-up/"


def test_advisor_needs_none(ben, client):
    client.force_login(ben)
    assert client.get("/account/").status_code == 200


def test_enrolment_shows_the_key_and_its_picture_and_then_the_recovery_codes_once(ada, client):
    client.force_login(ada)
    assert client.get("/two-factor/set-up/code.svg").status_code == 404
    client.post("/two-factor/set-up/")
    assert client.get("/two-factor/set-up/").context["secret"]
    picture = client.get("/two-factor/set-up/code.svg")
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert b"style" not in picture.content
    with time_machine.travel(NOON, tick=False):
        page = client.post("/two-factor/set-up/", {"code": _code(ada)})
        assert client.get("/account/").status_code == 200
        assert client.get("/two-factor/set-up/code.svg").status_code == 404
    codes = page.context["codes"]
    assert len(set(codes)) == 8
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert not kept & {code.replace("-", "") for code in codes}


def test_enrolment_ends_other_sessions(ada, client):
    other = Client()
    other.force_login(ada)
    client.force_login(ada)
    _enrol(client, ada)
    assert "/login/" in other.get("/two-factor/").headers["Location"]


def test_password_alone_neither_enters_nor_replaces_the_device(ada, client):
    client.force_login(ada)
    _enrol(client, ada)
    thief = Client()
    ada.refresh_from_db()
    thief.force_login(ada)
    assert thief.get("/account/").headers["Location"].startswith("/two-factor/")
    assert thief.post("/two-factor/set-up/").headers["Location"] == "/two-factor/"
    assert thief.get("/two-factor/set-up/code.svg").status_code == 404
    assert TOTPDevice.objects.filter(user=ada).count() == 1


def test_code_and_recovery_code_each_enter_once(ada, client):
    client.force_login(ada)
    codes = _enrol(client, ada)
    ada.refresh_from_db()
    with time_machine.travel(NOON + 60, tick=False):
        for code in [_code(ada, 60), codes[0], codes[1].upper()]:
            browser = Client()
            browser.force_login(ada)
            form = {"code": code, "next": "/account/"}
            assert browser.post("/two-factor/", form).headers["Location"] == "/account/"
            assert browser.get("/account/").status_code == 200
            again = Client()
            again.force_login(ada)
            assert again.post("/two-factor/", form).status_code == 200
            assert again.get("/account/").status_code == 302
            for device in (TOTPDevice, StaticToken.device.field.related_model):
                device.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)


def test_guessing_codes_is_slowed_down(ada, client):
    client.force_login(ada)
    _enrol(client, ada)
    ada.refresh_from_db()
    thief = Client()
    thief.force_login(ada)
    with time_machine.travel(NOON + 90, tick=False):
        for _ in range(3):
            thief.post("/two-factor/", {"code": "000000"})
        assert thief.post("/two-factor/", {"code": _code(ada, 90)}).status_code == 200


def test_reset_by_an_administrator_ends_sessions_and_asks_for_enrolment(
    ada, dora, client, settings
):
    client.force_login(ada)
    _enrol(client, ada)
    settings.TWO_FACTOR_REQUIRED = False
    admin = Client()
    admin.force_login(dora)
    admin.post(f"/staff/{ada.pk}/reset-two-factor/")
    settings.TWO_FACTOR_REQUIRED = True
    assert "/login/" in client.get("/account/").headers["Location"]
    assert not TOTPDevice.objects.filter(user=ada).exists()


def test_pages_do_not_exist_where_it_is_switched_off(ada, client, settings):
    settings.TWO_FACTOR_REQUIRED = False
    client.force_login(ada)
    assert client.get("/two-factor/set-up/").status_code == 404
    assert client.get("/account/").status_code == 200
