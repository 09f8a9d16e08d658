"""T27: an unsafe method needs a token of ours and an origin of ours; methods are not overridden."""

from typing import Any

import pytest
from django.apps import apps
from django.http import HttpResponse
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from stores import access
from stores.checks import routes
from stores.models import Staff
from tests import factories
from tests.access.door import address_of, client_of
from tests.access.matrix import ROWS
from tests.figures import say, size

pytestmark = pytest.mark.proof
UNSAFE = ("post", "put", "patch", "delete")
# Each request brings the right token, except where it says otherwise.
WAYS: dict[str, dict[str, Any]] = {
    "no token": {"token": ""},
    "another token": {"token": "a" * 64},
    "foreign origin": {"Origin": "https://evil.example"},
    "no origin": {"Origin": "null"},
    "foreign referrer": {"Referer": "https://evil.example/", "secure": True},
    "no referrer": {"secure": True},
}
OVERRIDES = {"X-HTTP-Method-Override": "DELETE", "X-HTTP-Method": "DELETE", "X-Method": "DELETE"}


@csrf_exempt
@access.signed_in
def planted(request):
    return HttpResponse("done")


urlpatterns = [path("planted/", planted, name="planted")]


class Sender:
    """Somebody signed in (or nobody), whose browser has the cookie with the token."""

    def __init__(self, staff: Staff | None) -> None:
        self.client = client_of(staff)
        self.client.handler.enforce_csrf_checks = True
        # Every page with a form sets the cookie; the sign-in page does for somebody unknown.
        self.client.get("/account/" if staff else "/login/")
        self.token = self.client.cookies["huitou-csrf"].value

    def send(self, method: str, address: str, way: dict[str, Any]) -> int:
        given = dict(way)
        token, secure = given.pop("token", self.token), given.pop("secure", False)
        headers = {"X-CSRFToken": token, **given}
        return getattr(self.client, method)(address, headers=headers, secure=secure).status_code


def _addresses(north, staff) -> dict[str, str]:
    known = {found.name for found in routes()}
    return {
        name: address_of(name, row, row.about(north, staff) if row.about else {})
        for name, row in ROWS.items()
        if name in known
    }


def _exempt() -> list[str]:
    return [found.name for found in routes() if getattr(found.view, "csrf_exempt", False)]


def test_unsafe_methods_need_a_token_and_an_origin_of_ours(north, dora, settings):
    settings.TWO_FACTOR_REQUIRED = False
    addresses = _addresses(north, dora)
    cases, passed = 0, []
    senders = [Sender(staff) for staff in size((dora,), (dora, None))]
    before = rows()
    for sender in senders:
        for method in UNSAFE:
            ways = WAYS if method == "post" else size({"no token": WAYS["no token"]}, WAYS)
            for way, address in ((way, address) for way in ways for address in addresses.values()):
                cases += 1
                if sender.send(method, address, WAYS[way]) != 403:
                    passed.append(f"{method} {address} with {way}")
    assert not passed, "\n".join(passed)
    assert rows() == before
    say("T27", what="requests without a token or an origin of ours", addresses=len(addresses),
        cases=cases, accepted=0, exempt=len(_exempt()))  # fmt: skip


def test_no_view_is_exempt_from_the_token():
    assert _exempt() == []


def test_control_planted_exempt_view_is_found_and_answers_anybody(ben, settings):
    settings.ROOT_URLCONF = __name__
    client = Client(enforce_csrf_checks=True)
    client.force_login(ben)
    evil = {"Origin": "https://evil.example"}
    accepted = [
        getattr(client, method)("/planted/", headers=evil).status_code for method in UNSAFE
    ].count(200)
    assert (_exempt(), accepted) == (["planted"], len(UNSAFE))
    say("T27", control=True, what="a planted exempt view", exempt=1, accepted=accepted)


def test_form_of_our_own_page_is_taken(ben):
    sender = Sender(ben)
    own = {"Origin": "http://testserver"}
    assert sender.send("post", "/account/end-sessions/", own) == 302


def test_no_method_is_overridden(north, dora, settings):
    settings.TWO_FACTOR_REQUIRED = False
    addresses, client = _addresses(north, dora), client_of(dora)
    before, changed = rows(), []
    pages = [name for name, row in ROWS.items() if "get" in row.answers and name in addresses]
    for name in pages:
        address = addresses[name]
        plain = client.get(address).status_code
        mark = "&" if "?" in address else "?"
        asked = client.get(f"{address}{mark}_method=DELETE", headers=OVERRIDES).status_code
        posted = client.post(address, {"_method": "GET"}, headers=OVERRIDES).status_code
        if asked != plain or (posted == 200 and "post" not in ROWS[name].answers):
            changed.append(f"{name}: {plain}, {asked} and {posted} when overridden")
    assert not changed, "\n".join(changed)
    assert rows()["stores.Staff"] == before["stores.Staff"]
    say("T27", what="overridden methods", addresses=len(pages), obeyed=0)


def test_refused_form_explains_itself(ben):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ben)
    Staff.objects.filter(pk=ben.pk).update(language="en")
    assert "The form was too old" in client.post("/account/end-sessions/").content.decode()


@pytest.mark.parametrize("name", sorted(name for name, row in ROWS.items() if "get" in row.answers))
def test_get_changes_no_row(name, dora, north, client):
    row = ROWS[name]
    kwargs = row.about(north, dora) if row.about else {}
    client.force_login(dora)
    factories.AccessLinkFactory(staff=dora)
    before = rows()
    client.get(address_of(name, row, kwargs))
    assert rows() == before


# What was looked at, and who opens links that lead nowhere.
_NOTES = {"stores.AuditEntry", "stores.LinkMiss"}


def rows() -> dict[str, list[dict[str, Any]]]:
    """Every row of ours but notes of what was looked at."""
    ours = {"stores", "customers", "alerts", "lifecycle", "pipeline", "exchange"}
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.app_label in ours and model._meta.label not in _NOTES
    }
