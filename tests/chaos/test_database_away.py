"""R45: while PostgreSQL is away people see a plain page, and web finds it again by itself."""

import json
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import IntegrityError, InterfaceError, OperationalError, ProgrammingError

from common import embedded
from common.embedded import postgres
from crm_project import unavailable
from tests.chaos.rig import ROOT, Process, Rig
from tests.figures import say

PATHS = ["/today/", "/store/", "/customers/", "/login/", "/"]


def ask(web: Process, path: str, cookie: str = "", method: str = "GET") -> tuple[int, str, str]:
    """Status, text and the header Retry-After of an answer."""
    line = HTTPConnection(urlsplit(web.url).netloc, timeout=30)
    try:
        line.request(method, path, headers={"Cookie": f"huitou={cookie}"} if cookie else {})
        answer: HTTPResponse = line.getresponse()
        return answer.status, answer.read().decode(), answer.headers.get("Retry-After", "")
    finally:
        line.close()


@pytest.mark.proof
@pytest.mark.chaos
def test_people_see_a_plain_page_and_then_their_list_again(rig: Rig) -> None:
    cookie, web = rig.sign_in("B1-0"), rig.web()
    assert ask(web, "/today/", cookie)[0] == 200
    page = unavailable.PAGE.decode()
    try:
        postgres.stop(rig.home)
        answers = [ask(web, path, cookie) for path in PATHS * 3]
        posted = ask(web, "/login/", cookie, "POST")[0]
        told = ask(web, "/healthz")
    finally:
        embedded.ensure(rig.home)
    away = [answer for answer in answers if answer == (503, page, "30")]
    # A page that asks nothing of the database still answers.
    assert {status for status, _text, _again in answers} <= {503, 200, 302}
    assert len(away) >= 3 * 4
    assert posted in {403, 503}
    assert told[0] == 503
    assert json.loads(told[1])["checks"]["database"]["ok"] is False
    after = [ask(web, path, cookie)[0] for path in PATHS * 3]
    assert set(after) <= {200, 302}, web.text()[-4000:]
    assert "Traceback" not in page
    lines = [json.loads(line) for line in web.text().splitlines() if line.startswith("{")]
    assert not [line for line in lines if "error" in line]
    assert "the database is away" in web.text()
    say("R45", what="database away", pages=len(answers), plain_pages=len(away), errors_after=0)


@pytest.mark.proof
@pytest.mark.chaos
def test_control_without_the_page_it_is_an_error(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "unguarded.py").write_text(
        "from crm_project.settings import *\nROOT_URLCONF = 'unguarded_urls'\n"
    )
    (tmp_path / "unguarded_urls.py").write_text("from crm_project.urls import urlpatterns\n")
    cookie = rig.sign_in("B1-0")
    path = f"{tmp_path}:{ROOT}"
    web = rig.web(DJANGO_SETTINGS_MODULE="unguarded", PYTHONPATH=path)
    try:
        postgres.stop(rig.home)
        found = [ask(web, path, cookie)[0] for path in PATHS * 3]
    finally:
        embedded.ensure(rig.home)
    assert found.count(500) >= 3 * 4
    say("R45", what="database away", control=True, pages=len(found), errors=found.count(500))


class Refusal(Exception):
    """psycopg2's own error, with what the server said."""

    def __init__(self, pgcode: str | None) -> None:
        self.pgcode = pgcode


@pytest.mark.parametrize(
    ("error", "state", "is_away"),
    [
        (OperationalError, None, True),  # not reached, or broken off
        (OperationalError, "57P01", True),  # shut down by its administrator
        (OperationalError, "57P03", True),  # starting up
        (OperationalError, "53300", True),  # too many connections
        (OperationalError, "53100", True),  # disk full
        (InterfaceError, None, True),  # closed under us
        (OperationalError, "57014", False),  # a time limit of ours
        (OperationalError, "40P01", False),  # a deadlock
        (ProgrammingError, "42P01", False),  # a fault of ours
        (IntegrityError, None, False),
        (ValueError, None, False),
    ],
)
def test_only_a_server_that_cannot_be_used_is_away(
    error: type[Exception], state: str | None, is_away: bool
) -> None:
    raised = error()
    raised.__cause__ = Refusal(state)
    assert unavailable.is_away(raised) is is_away
