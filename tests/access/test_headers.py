"""T28: headers and cookies of every kind of answer, embedded and served (R27, R28)."""

import json
import subprocess
import sys

import pytest
from django.test import Client
from django.urls import path

from stores import access
from stores.checks import every_page_has_a_mark
from stores.models import Staff
from stores.services import guesses
from tests.access.pages import Tally, header_faults, inline_faults
from tests.access.test_deploy import ROOT, served
from tests.figures import say

pytestmark = pytest.mark.proof
KINDS = ["200", "200 inside", "302", "400", "403", "403 form", "404", "404 link", "405", "429",
         "429 link", "500"]  # fmt: skip
SERVED_ONLY = (
    "SECURE_ SESSION_ CSRF_ LANGUAGE_COOKIE_ X_FRAME_OPTIONS CONTENT_SECURITY_POLICY MIDDLEWARE"
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


@pytest.fixture(scope="module")
def settings_of_served():
    """What production has of cookies, headers and TLS, read from a process of its own."""
    code = (
        "import json; from crm_project import settings as s;"
        f"names = {SERVED_ONLY.split()!r};"
        "print(json.dumps({n: v for n, v in vars(s).items() if n.startswith(tuple(names))}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=served(), capture_output=True, check=True
    )
    return json.loads(done.stdout)


@pytest.fixture(params=["embedded", "served"])
def mode(request, settings):
    if request.param == "served":
        for name, value in request.getfixturevalue("settings_of_served").items():
            setattr(settings, name, value)
    return request.param


def _client(mode: str, **kwargs) -> Client:
    proxy = {"X-Forwarded-Proto": "https"} if mode == "served" else {}
    return Client(raise_request_exception=False, headers=proxy, **kwargs)


def _page(kind: str, ben: Staff, settings, mode: str = "embedded"):
    client = _client(mode, enforce_csrf_checks=kind == "403 form")
    if kind == "400":
        return client.get("/login/", headers={"Host": "evil.example"})
    if kind == "500":
        settings.ROOT_URLCONF = __name__
        return client.get("/fails/")
    if kind.startswith("429"):
        return _too_often(client, kind)
    if kind not in {"200", "302", "404 link"}:
        client.force_login(ben)
    if kind in {"403 form", "405"}:
        return client.post("/account/end-sessions/" if kind == "403 form" else "/today/")
    addresses = {
        "200": "/login/",
        "200 inside": "/account/",
        "302": "/account/",
        "403": "/staff/",
        "404": "/nothing/",
        "404 link": "/welcome/nothing/",
    }
    return client.get(addresses[kind])


def _too_often(client: Client, kind: str):
    if kind == "429":
        wrong = {"username": "nobody", "password": "not the password"}
        return [client.post("/login/", wrong) for _ in range(9)][-1]
    return [client.get("/welcome/nothing/") for _ in range(guesses.MOST + 1)][-1]


def test_every_kind_of_answer_carries_the_headers(mode, ben, settings):
    found, before = Tally(), settings.ROOT_URLCONF
    for kind in KINDS:
        answer = _page(kind, ben, settings, mode)
        settings.ROOT_URLCONF = before
        assert str(answer.status_code) == kind[:3]
        found.answers[answer.status_code] += 1
        faults = [*header_faults(answer, is_served=mode == "served"), *inline_faults(answer)]
        found.faults += [f"{kind}: {fault}" for fault in faults]
    assert not found.faults, "\n".join(found.faults)
    say("T28", what=f"one answer of every kind, {mode}", **found.figures())


def test_control_without_the_header_middleware_every_answer_is_at_fault(ben, settings):
    found = Tally()
    names = ("SecurityM", "XFrame", "CSPM", "requests.R")
    settings.MIDDLEWARE = [
        one for one in settings.MIDDLEWARE if not any(name in one for name in names)
    ]
    settings.SESSION_COOKIE_HTTPONLY = settings.CSRF_COOKIE_HTTPONLY = False
    for kind in ["200", "404"]:
        answer = _page(kind, ben, settings)
        found.answers[answer.status_code] += 1
        found.faults += header_faults(answer, is_served=True)
    assert len(found.faults) > 20
    say("T28", control=True, what="without the middleware", **found.figures())


@pytest.mark.parametrize("kind", ["400", "403", "404", "500"])
def test_no_page_says_what_broke(kind, ben, settings):
    content = _page(kind, ben, settings).content
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


def test_every_cookie_is_closed_to_scripts_and_other_sites(mode, ben, with_password, sign_in):
    with_password(ben)
    client = _client(mode)
    answers = [client.get("/login/"), sign_in(client, "ben")]
    answers.append(client.post("/language/", {"language": "en"}))
    answers.append(client.post("/account/end-sessions/"))
    names = {name for answer in answers for name in answer.cookies}
    host = "__Host-" if mode == "served" else ""
    assert names == {f"{host}huitou", f"{host}huitou-csrf", "django_language", "messages"}
    faults = [
        fault for answer in answers for fault in header_faults(answer, is_served=mode == "served")
    ]
    assert not faults, "\n".join(faults)
    say("T28", what=f"cookies, {mode}", cookies=len(names), faults=0)


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
