"""Headers, cookies and CSRF of every kind of page (R27, R28, T27, T28)."""

import re

import pytest
from django.apps import apps
from django.test import Client
from django.urls import path

from stores import access
from stores.checks import every_page_has_a_mark, routes
from stores.models import Staff
from tests import factories
from tests.access.door import address_of
from tests.access.matrix import ROWS

INLINE = re.compile(
    rb"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE
)


@access.public
def fails(request):
    raise RuntimeError("the secret reason")


def unmarked(request):
    raise AssertionError("a view without a mark must not run")


urlpatterns = [
    path("fails/", fails, name="fails"),
    path("unmarked/", unmarked, name="unmarked"),
    path("login/", fails, name="login"),
]


def _page(kind: str, ben: Staff, settings):
    client = Client(raise_request_exception=False)
    if kind == "400":
        return client.get("/login/", headers={"Host": "evil.example"})
    if kind == "500":
        settings.ROOT_URLCONF = __name__
        return client.get("/fails/")
    if kind in {"403", "404", "200 inside"}:
        client.force_login(ben)
    addresses = {
        "200": "/login/",
        "200 inside": "/account/",
        "302": "/account/",
        "403": "/staff/",
        "404": "/nothing/",
    }
    return client.get(addresses[kind])


@pytest.mark.parametrize("kind", ["200", "200 inside", "302", "400", "403", "404", "500"])
def test_every_answer_carries_the_headers(kind, ben, settings):
    answer = _page(kind, ben, settings)
    assert str(answer.status_code) == kind[:3]
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    if kind != "400":  # an unknown host is turned away before the inner middleware
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "camera=()" in answer.headers["Permissions-Policy"]


@pytest.mark.parametrize("kind", ["200", "200 inside", "400", "403", "404", "500"])
def test_no_page_has_inline_code_or_styles_or_says_what_broke(kind, ben, settings):
    content = _page(kind, ben, settings).content
    assert not INLINE.search(content)
    assert b"secret reason" not in content
    assert b"Traceback" not in content


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("kind", ["403", "404"])
def test_error_pages_speak_the_readers_language(kind, language, ben, settings):
    Staff.objects.filter(pk=ben.pk).update(language=language)
    lang = {"zh-hans": b'lang="zh-Hans"', "en": b'lang="en"'}[language]
    assert lang in _page(kind, ben, settings).content


def test_pages_of_signed_in_people_are_not_kept_by_the_browser(ben, client):
    client.force_login(ben)
    assert "no-store" in client.get("/account/").headers["Cache-Control"]


def test_cookies_are_closed_to_scripts_and_other_sites(ben, with_password, sign_in, client):
    with_password(ben)
    client.get("/login/")
    sign_in(client, "ben")
    client.post("/language/", {"language": "en"})
    assert {"huitou", "huitou-csrf", "django_language"} <= set(client.cookies)
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


def test_view_without_a_mark_stays_closed(ben, client, settings):
    settings.ROOT_URLCONF = __name__
    client.force_login(ben)
    assert client.get("/unmarked/").status_code == 403


def test_view_without_a_mark_is_an_error_at_start(settings):
    settings.ROOT_URLCONF = __name__
    found = every_page_has_a_mark(None)
    assert [(error.id, error.msg) for error in found] == [
        ("stores.E001", "/unmarked/ has no access mark")
    ]


def test_every_view_of_the_product_has_a_mark():
    assert every_page_has_a_mark(None) == []


UNSAFE = sorted(name for name, row in ROWS.items() if "post" in row.answers)


@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe_method_without_a_token_is_refused(name, dora, north, settings):
    if name not in {found.name for found in routes()}:
        pytest.skip("the address is gone; the matrix test says so")
    row = ROWS[name]
    kwargs = row.about(north, dora) if row.about else {}
    client = Client(enforce_csrf_checks=True)
    client.force_login(dora)
    before = Staff.objects.values().get(pk=dora.pk)
    assert client.post(address_of(name, row, kwargs), dict(row.data)).status_code == 403
    assert Staff.objects.values().get(pk=dora.pk) == before


def test_no_view_is_exempt_from_the_token():
    exempt = [found.name for found in routes() if getattr(found.view, "csrf_exempt", False)]
    assert exempt == []


def test_token_from_another_site_is_refused(ben):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ben)
    client.get("/account/")
    form = {"csrfmiddlewaretoken": client.cookies["huitou-csrf"].value}
    address = "/account/end-sessions/"
    assert client.post(address, form, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post(address, form, headers={"Origin": "http://testserver"}).status_code == 302


def test_method_cannot_be_overridden(ben, client):
    client.force_login(ben)
    answer = client.post(
        "/account/", {"_method": "DELETE"}, headers={"X-HTTP-Method-Override": "DELETE"}
    )
    assert answer.status_code == 200


def test_refused_form_explains_itself(ben):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ben)
    Staff.objects.filter(pk=ben.pk).update(language="en")
    assert "The form was too old" in client.post("/account/end-sessions/").content.decode()


@pytest.mark.parametrize("name", sorted(name for name, row in ROWS.items() if "get" in row.answers))
def test_get_changes_no_row_of_people_links_or_log(name, dora, north, client):
    row = ROWS[name]
    kwargs = row.about(north, dora) if row.about else {}
    client.force_login(dora)
    factories.AccessLinkFactory(staff=dora)
    before = _rows()
    client.get(address_of(name, row, kwargs))
    assert _rows() == before


def _rows():
    ours = {"stores", "customers", "alerts", "lifecycle", "pipeline", "exchange"}
    found = {}
    for model in apps.get_models():
        if model._meta.app_label in ours and model._meta.label != "stores.AuditEntry":
            found[model._meta.label] = list(model._base_manager.order_by("pk").values())
    return found
