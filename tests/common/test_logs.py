"""Logs say who did what by numbers, and nothing of a person, however it gets in (R38, T36)."""

import base64
import io
import json
import logging
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone

from common import logs
from common.exceptions import DomainError
from customers.choices import Channel
from stores.models import Staff, Store
from tests.factories import CustomerFactory

ROOT = Path(__file__).resolve().parents[2]
CANARIES = {
    "phone": "13900001111",
    "phone with blanks": "139 0000 1111",
    "phone with country code": "+8613900001111",
    "VIN": "LSVAA4182E2077777",
    "VIN in small letters": "lsvaa4182e2077777",
    "plate": "沪C77777",
    "electric plate": "沪CD77777",
    "mail": "canary@example.com",
    "name": "金丝雀",
    "name in Latin letters": "Canary Person",
    "one word of a name": "Jinsique",
}
ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda text: quote(text, safe=""),
    "every byte percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "twice percent": lambda text: quote(quote(text, safe=""), safe=""),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "url-safe base64": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
}
CASES = [
    pytest.param(text, encode, id=f"{kind}, {how}")
    for kind, text in CANARIES.items()
    for how, encode in ENCODINGS.items()
]


class Sink:
    """A logger set up as in production, and what it wrote."""

    def __init__(self, served: bool) -> None:
        config = logs.config(served=served, level="DEBUG")
        self.stream = io.StringIO()
        handler = logging.StreamHandler(self.stream)
        handler.addFilter(config["filters"]["personal"]["()"]())
        handler.setFormatter(config["formatters"]["line"]["()"]())
        self.log = logging.Logger("tests.sink")
        self.log.addHandler(handler)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def line(self) -> dict[str, object]:
        (line,) = self.text.splitlines()
        return dict(json.loads(line))


@pytest.fixture(params=[True, False], ids=["served", "embedded"])
def sink(request: pytest.FixtureRequest) -> Sink:
    return Sink(request.param)


@pytest.fixture
def served() -> Sink:
    return Sink(True)


def tells(sink: Sink, canary: str, encoded: str) -> bool:
    """Whether what was written holds the canary, as it is or as it was encoded."""
    text = sink.text + json.dumps(sink.text, ensure_ascii=False)
    escaped = canary.encode("unicode_escape").decode()
    return any(form in text for form in (canary, encoded, escaped))


@pytest.mark.parametrize(("canary", "encode"), CASES)
def test_an_argument_tells_nothing_of_a_person(
    sink: Sink, canary: str, encode: Callable[[str], str]
) -> None:
    encoded = encode(canary)
    sink.log.warning("the sweep of %s met %s", "pipeline.tasks.sweep", encoded)
    sink.log.warning("met %(what)r", {"what": f"about {encoded} and more"})
    sink.log.warning("met %s", [encoded])
    sink.log.warning("met %s", {"q": encoded})
    assert "pipeline.tasks.sweep" in sink.text
    assert not tells(sink, canary, encoded)


@pytest.mark.parametrize(("canary", "encode"), CASES)
def test_an_error_tells_nothing_of_a_person(
    sink: Sink, canary: str, encode: Callable[[str], str]
) -> None:
    encoded = encode(canary)
    try:
        try:
            raise KeyError(encoded)
        except KeyError as error:
            raise ValueError(f"cannot read {encoded}") from error
    except ValueError:
        sink.log.exception("the import of file %s failed", 17)
    assert "the import of file 17 failed" in sink.text
    assert "ValueError" in sink.text
    assert "from KeyError" in sink.text
    assert "tests/common/test_logs.py" in sink.text
    assert not tells(sink, canary, encoded)


@pytest.mark.parametrize(
    ("canary", "encode"),
    [case for case in CASES if case.id and "Latin" not in case.id and "one word" not in case.id],
)
def test_a_text_that_somebody_put_together_is_masked_by_shape(
    sink: Sink, canary: str, encode: Callable[[str], str]
) -> None:
    """The last net, for other people's packages; ours never do this (see the lint below)."""
    encoded = encode(canary)
    sink.log.warning(f"GET /customers/?q={encoded} HTTP/1.1")  # noqa: G004
    assert not tells(sink, canary, encoded)


@pytest.mark.django_db
def test_a_violated_constraint_does_not_quote_the_row(sink: Sink, north: Store) -> None:
    CustomerFactory(store=north, external_id="C1", name="金丝雀")
    with pytest.raises(IntegrityError) as raised:
        CustomerFactory(store=north, external_id="C1", name="金丝雀")
    assert "C1" in str(raised.value)
    sink.log.error("could not save", exc_info=raised.value)
    assert "23505 customers_customer customer_number_once" in sink.text
    assert "C1" not in sink.text


@pytest.mark.django_db
def test_the_database_may_say_what_is_wrong_with_a_statement(sink: Sink) -> None:
    with pytest.raises(Exception, match="no_such_column") as raised, connection.cursor() as cursor:
        cursor.execute("SELECT no_such_column")
    sink.log.error("could not read", exc_info=raised.value)
    assert "42703 column" in sink.text
    assert "no_such_column" in sink.text


def test_an_expected_error_is_told_by_its_code() -> None:
    assert logs.told(DomainError("taken", "金丝雀 did it")) == "common.exceptions.DomainError taken"


def test_what_program_and_system_say_is_kept() -> None:
    assert logs.told(ConnectionRefusedError(111, "Connection refused")) == (
        "ConnectionRefusedError [Errno 111] Connection refused"
    )
    assert logs.told(FileNotFoundError(2, "No such file or directory", "/home/金丝雀")) == (
        "FileNotFoundError No such file or directory"
    )
    assert "has no attribute 'phoen'" in logs.told(
        AttributeError("'Customer' object has no attribute 'phoen'")
    )


def test_numbers_dates_and_words_of_the_program_are_kept(served: Sink) -> None:
    key = uuid.UUID(int=7)
    day = timezone.localdate()
    served.log.info(
        "%s %d %.1f %s %s %s %s %s %s",
        *("lifecycle.sql", 42, 1.25, key, day, "/customers/12/", "celery@house-1", "Not Found"),
        Channel.PHONE,
    )
    assert served.line["event"] == (
        f"lifecycle.sql 42 1.2 {key} {day} /customers/12/ celery@house-1 Not Found Channel.PHONE"
    )


def test_a_row_is_named_by_its_number(served: Sink) -> None:
    staff = Staff(pk=12, name="金丝雀")
    served.log.info("%s came", staff)
    assert served.line["event"] == "[Staff 12] came"


def test_only_listed_fields_come_out(served: Sink) -> None:
    with logs.about(request="abc", colour="red"):
        served.log.info("done", extra={"facts": {"status": 200, "name": "金丝雀"}, "phone": "1"})
    assert set(served.line) == {"time", "level", "logger", "event", "request", "status"}
    assert set(served.line) <= set(logs.FIELDS)


def test_a_line_of_a_desk_can_be_read(sink: Sink) -> None:
    with logs.about(request="abc"):
        sink.log.info("done", extra={"facts": {"view": "today", "status": 200, "ms": 12.5}})
    if sink.text.startswith("{"):
        assert sink.line["view"] == "today"
    else:
        assert sink.text.endswith(
            "INFO tests.sink done request=abc view=today status=200 ms=12.5\n"
        )


def test_a_developer_may_read_an_errors_words_but_no_number() -> None:
    opened = logs.PersonalDataFilter(is_open=True)
    record = logging.LogRecord("x", logging.ERROR, "", 1, "bad %s", ("cell 13900001111",), None)
    assert opened.filter(record)
    assert record.msg == "bad cell [phone]"


def test_the_context_ends_with_its_block(served: Sink) -> None:
    with logs.about(request="abc"):
        pass
    served.log.info("later")
    assert "request" not in served.line


def test_no_log_call_of_ours_puts_its_text_together_itself() -> None:
    """Only arguments are looked at one by one: f-strings, % and + would slip through."""
    apps = [path.parent.name for path in ROOT.glob("*/apps.py")]
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "G", *apps]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


# Requests


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, object]]]:
    """What the product's own loggers write while a request is answered."""
    sink = Sink(True)
    handler = sink.log.handlers[0]
    root = logging.getLogger()
    found: list[dict[str, object]] = []
    monkeypatch.setattr(
        handler, "emit", lambda record: found.append(json.loads(handler.format(record)))
    )
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.INFO)
    yield found
    root.setLevel(level)
    root.removeHandler(handler)


def request_line(lines: list[dict[str, object]]) -> dict[str, object]:
    (line,) = [line for line in lines if line["logger"] == "huitou.request"]
    return line


@pytest.mark.django_db
def test_a_request_is_one_line_with_its_number_and_its_reader(
    client: Client, ben: Staff, north: Store, lines: list[dict[str, object]]
) -> None:
    client.force_login(ben, backend="django.contrib.auth.backends.ModelBackend")
    response = client.get("/customers/", {"q": "金丝雀 13900001111"})
    line = request_line(lines)
    assert line["view"] == "customers"
    assert (line["method"], line["path"], line["status"]) == ("GET", "/customers/", 200)
    assert (line["reader"], line["stores"]) == (ben.pk, str(north.pk))
    assert line["request"] == response.headers["X-Request-ID"]
    assert 0 < float(str(line["ms"])) < 60_000
    assert "13900001111" not in json.dumps(lines)
    assert quote("金丝雀") not in json.dumps(lines)


@pytest.mark.django_db
def test_a_proxys_number_is_kept_and_nothing_else_is(
    client: Client, lines: list[dict[str, object]]
) -> None:
    number = uuid.uuid4().hex
    assert client.get("/login/", headers={"X-Request-ID": number})["X-Request-ID"] == number
    answered = client.get("/login/", headers={"X-Request-ID": "13900001111"})["X-Request-ID"]
    assert uuid.UUID(answered)
    assert "13900001111" not in json.dumps(lines)


@pytest.mark.django_db
def test_an_address_that_leads_nowhere_is_not_repeated(
    client: Client, lines: list[dict[str, object]]
) -> None:
    assert client.get("/canary-person/13900001111/金丝雀/").status_code == 404
    line = request_line(lines)
    assert (line["view"], line["status"]) == ("none", 404)
    assert "path" not in line
    assert "canary" not in json.dumps(lines)


@pytest.mark.django_db
def test_one_time_links_are_not_repeated(client: Client, lines: list[dict[str, object]]) -> None:
    client.get("/welcome/AbCdEfGhIjKlMnOpQrStUv/")
    assert "AbCdEf" not in json.dumps(lines)


@pytest.mark.django_db
def test_a_page_that_breaks_tells_where_under_the_requests_number(
    ben: Staff, lines: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(ben, backend="django.contrib.auth.backends.ModelBackend")
    monkeypatch.setattr("dashboards.views.home.reverse", lambda *_: {}["金丝雀"])
    response = client.get("/")
    assert response.status_code == 500
    broken = [line for line in lines if "error" in line]
    assert broken
    assert {line["request"] for line in broken} == {response.headers["X-Request-ID"]}
    assert "dashboards/views/home.py" in json.dumps(broken)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/healthz", "/healthz/jobs"])
def test_what_machines_ask_all_the_time_is_not_logged(
    client: Client, lines: list[dict[str, object]], address: str
) -> None:
    client.get(address)
    assert [line for line in lines if line["logger"] == "huitou.request"] == []
