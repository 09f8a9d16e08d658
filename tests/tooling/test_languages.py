"""Every page of the URLconf in each language, as each role: no word of the other one."""

import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import openpyxl
import pytest
import time_machine

from alerts.choices import Reason, Result, TaskKind
from stores.checks import routes
from stores.choices import Role
from stores.models import Staff, Store
from tests import factories
from tests.access.door import address_of, client_of
from tests.access.matrix import ROWS
from tests.dashboards.lists import TODAY, car, computed_day, customer, days_ago, task
from tests.tooling import catalogue

pytestmark = pytest.mark.django_db
# Files and machines' answers are in one language for everybody.
NOT_PAGES = {"import_template", "import_rejected", "healthz", "healthz-jobs", "two_factor_picture"}
PAGES = sorted(found.name for found in routes() if found.name not in NOT_PAGES)
CJK = re.compile(r"[\u3400-\u9fff]+")
# The first character of a Chinese plate.
PLATE = {"沪"}
HEARD = {"aria-label", "placeholder", "title", "alt", "data-label"}


class Texts(HTMLParser):
    """What a page says: its text and the attributes that are read out.

    What is marked as being in another language is left out: its button, a column of a file.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.is_foreign = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [value for name, value in attrs if name in HEARD and value]
        self.is_foreign = tag != "html" and "lang" in dict(attrs)

    def handle_endtag(self, tag: str) -> None:
        self.is_foreign = False

    def handle_data(self, data: str) -> None:
        if not self.is_foreign:
            self.said.append(" ".join(data.split()))


def english() -> list[str]:
    """Runs of two words and more that the catalogue says otherwise in Chinese."""
    found: set[str] = set()
    for entry in catalogue.entries():
        if entry.text != entry["msgid"]:
            for text in (entry["msgid"], entry.get("msgid_plural", "")):
                found |= set(re.split(r"%\(\w+\)[sd]|\{\w+\}|</?\w+>|%%", text))
    runs = (run.strip(" ,.;:·()") for run in found)
    return sorted(run for run in runs if re.search(r"[A-Za-z]+ [A-Za-z]{3,}", run))


ENGLISH = english()


@pytest.fixture
def world(north: Store, ben: Staff) -> None:
    """A customer about whom there is something to say on every part of a page."""
    computed_day(north)
    one = customer(
        north, "Lee", advisor=ben, interests="tennis", is_club_member=True, birth_month=3,
        birth_day=9,
    )  # fmt: skip
    bad = {
        "level": "red", "due_on": days_ago(40), "due_basis": "mileage", "score": 20,
        "risk_level": "high", "satisfaction_points": 20, "complaint_points": 30, "call_points": 10,
        "overdue_points": 75, "wechat_points": 5, "is_dormant": True, "is_critical": True,
        "satisfaction": 60, "survey_on": days_ago(90), "complaints": 1, "calls_missed": 2,
        "complaint_on": days_ago(3), "call_missed_on": days_ago(2), "wechats_unanswered": 1,
        "wechat_unanswered_on": days_ago(9), "last_visit_on": days_ago(90),
    }  # fmt: skip
    vehicle = car(one, state=bad)
    soon = car(one, state={"due_on": TODAY, "is_booked": True}, status="sold")
    for kind in ("due_call", "risk_call", "critical", "complaint", "overdue_30"):
        task(vehicle, ben, kind=kind)
    visit = factories.VisitFactory(
        vehicle=vehicle, promised_minutes=60, actual_minutes=90, recommendations="tyres"
    )
    factories.SurveyFactory(visit=visit, comment="slow")
    factories.ComplaintFactory(vehicle=vehicle)
    factories.AppointmentFactory(vehicle=soon)
    factories.ConsentEventFactory(customer=one)
    factories.StageTransitionFactory(customer=one, is_reconstructed=True)
    factories.FindingFactory(store=north, row_id=visit.pk)
    for channel, outcome in (("phone", "no_answer"), ("wechat", "no_reply"), ("visit", "replied")):
        factories.ContactFactory(customer=one, channel=channel, outcome=outcome)


def said(page: str) -> list[str]:
    return Texts(page).said


def said_by(response: Any) -> list[str]:
    """The texts of a page, or of a workbook's cells."""
    if response.headers["Content-Type"].startswith("text/"):
        return said(response.content.decode())
    sheet: Any = openpyxl.load_workbook(io.BytesIO(response.content)).active
    return [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]


def pages(name: str, staff: Staff, store: Store) -> Iterator[list[str]]:
    """The texts that the address answers to each of its methods that show a page."""
    row = ROWS[name]
    kwargs = row.about(store, staff) if row.about else {}
    address = address_of(name, row, kwargs)
    for method, status in row.answers.items():
        if status != 302:
            client: Any = client_of(staff)
            data = dict(row.data) if method == "post" else {}
            yield said_by(getattr(client, method)(address, data))


def slips(language: str, said: list[str]) -> list[tuple[str, str]]:
    """Each text in the other language, with what gives it away."""
    if language == "en":
        return [(run, text) for text in said for run in set(CJK.findall(text)) - PLATE]
    return [(run, text) for text in said for run in ENGLISH if run in text]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("role", Role)
def test_every_page_speaks_the_readers_language(role, language, north, world):
    reader = factories.StaffFactory(group=north.group, role=role, at=[north], language=language)
    found = {
        name: slips(language, [text for page in pages(name, reader, north) for text in page])
        for name in PAGES
    }
    assert {name: lapses for name, lapses in found.items() if lapses} == {}


QUESTIONS = [
    *(f"/store/warnings/?store=NORTH&kind={kind}" for kind in ("due", "risk", "lost", "stage")),
    "/store/warnings/?store=NORTH&kind=cards",
    *(f"/settings/{kind}/?store=NORTH" for kind in ("plan", "segment", "task")),
    "/customers/?q=nobody+at+all",
    "/customers/",
    "/nowhere/",
]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_lists_that_depend_on_a_question_speak_the_readers_language(language, client, dora, world):
    Staff.objects.filter(pk=dora.pk).update(language=language)
    client.force_login(dora)
    found = {path: slips(language, said(client.get(path).content.decode())) for path in QUESTIONS}
    assert {path: lapses for path, lapses in found.items() if lapses} == {}


def test_the_call_list_and_its_card_speak_the_readers_language(client, ben, world):
    for language in ("zh-hans", "en"):
        Staff.objects.filter(pk=ben.pk).update(language=language)
        client.force_login(ben)
        page = client.get("/today/").content.decode()
        assert "Lee" in page
        assert slips(language, said(page)) == []


# What a call may be about, and how it may end.
CALLS = [*((kind, {}) for kind in TaskKind), ("correct_data", {"proposal": "sold"})]
CALLS += [("retry", {"channel": "wechat", "attempts": 4}), ("retry", {"attempts": 1})]
ENDS = [*((result, "") for result in Result), ("refused", Reason.PRICE)]
ENDS += [("vehicle_gone", Reason.SOLD)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_kind_of_call_speaks_the_readers_language(language, client, north, ben, ada):
    computed_day(north)
    Staff.objects.update(language=language)
    found = {}
    for kind, facts in CALLS:
        owner = ada if kind in ("complaint", "critical") else ben
        one = customer(north, "Lee", advisor=ben)
        vehicle = car(one, state={"level": "red", "due_on": days_ago(9), "base_on": days_ago(99)})
        cycle = {"deadline_at": factories.at(TODAY, 17), "cycle_key": str(vehicle.pk)}
        if kind == "booking_confirm":
            booked = factories.AppointmentFactory(vehicle=vehicle, starts_on=days_ago(-1))
            cycle["cycle_key"] = f"{booked.pk}:{booked.starts_on}"
        task(vehicle, owner, kind=kind, **cycle, **facts)
        if owner is ada:
            task(vehicle, ben, kind="reminder", note="tyres")
        for reader in (owner, ben):
            client.force_login(reader)
            for path in (f"/today/{one.pk}/", f"/customers/{one.pk}/"):
                texts = said_by(client.get(path, follow=True))
                assert "Lee" in " ".join(texts)
                found[f"{kind} {path} {reader.role}"] = slips(language, texts)
    client.force_login(ada)
    for path in ("/team/", "/lane/", "/today/", "/scripts/"):
        found[path] = slips(language, said_by(client.get(path)))
    assert {path: lapses for path, lapses in found.items() if lapses} == {}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_end_of_a_call_speaks_the_readers_language(language, client, north, ben, ada):
    computed_day(north)
    Staff.objects.update(language=language)
    found = {}
    with time_machine.travel(factories.at(TODAY, 10), tick=False):
        for result, reason in ENDS:
            one = customer(north, "Lee", advisor=ben)
            task(car(one), ben, due_on=days_ago(-3))
            later = {"callback_at": factories.at(days_ago(-2), 15)} if result == "callback" else {}
            factories.OutcomeFactory(
                customer=one, staff=ben, result=result, reason=str(reason), **later
            )
            client.force_login(ben)
            for path in (f"/today/{one.pk}/", f"/customers/{one.pk}/"):
                found[f"{result} {path}"] = slips(language, said_by(client.get(path)))
        found["list"] = slips(language, said_by(client.get("/today/")))
        client.force_login(ada)
        for what in ("done", "connected", "booked"):
            texts = said_by(client.get(f"/team/people/?store={north.code}&what={what}"))
            found[what] = slips(language, texts)
    assert {path: lapses for path, lapses in found.items() if lapses} == {}


def test_a_lapse_is_seen():
    assert slips("zh-hans", said("<p>Sign out everywhere else</p>"))
    assert slips("zh-hans", said('<input placeholder="Find a customer">'))
    assert slips("en", said('<p>浦东店</p><b lang="zh-hans">中文</b>')) == [("浦东店", "浦东店")]
