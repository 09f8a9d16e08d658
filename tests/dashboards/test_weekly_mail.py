"""The weekly mail: to whom, when, in which words; at most once, whatever breaks or runs beside."""

import re
import smtplib
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import kombu
import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.utils import timezone

from dashboards.choices import MailState, MailTrouble
from dashboards.models import WeeklyMail, WeeklyReport
from dashboards.services import weekly
from dashboards.tasks import send_weekly as task
from lifecycle.models import BoardDay
from stores.choices import Role
from stores.models import Staff, Store
from stores.scope import all_stores
from tests.dashboards.mailed import MORNING, address
from tests.factories import (
    TODAY,
    StaffFactory,
    WeeklyMailFactory,
)

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 6, 8)
BACKEND = "tests.dashboards.test_weekly_mail.Server"


class Server(EmailBackend):
    """A mail server that answers, refuses or goes away as `says` tells it."""

    @staticmethod
    def says(where: str) -> None:
        """Set by a test: raises where the server shall fail."""

    def open(self) -> bool:
        type(self).says("open")
        return True

    def send_messages(self, messages: Sequence[mail.EmailMessage]) -> int:
        type(self).says("before")
        sent = super().send_messages(messages)
        type(self).says("after")
        return sent


@pytest.fixture
def server(settings) -> Iterator[type[Server]]:
    settings.EMAIL_BACKEND, settings.EMAIL_URL = BACKEND, "smtp://somewhere"
    yield Server
    Server.says = staticmethod(lambda _: None)


def says(at_: str, error: BaseException) -> Callable[[str], None]:
    def say(where: str) -> None:
        if where == at_:
            raise error

    return staticmethod(say)


def run(now: datetime = MORNING) -> int:
    with all_stores():
        return weekly.send_weekly(now)


def row() -> WeeklyMail:
    return WeeklyMail.objects.get()


# --- when and to whom


@pytest.mark.parametrize(
    ("hours", "sent"),
    [(-0.1, 0), (0, 1), (24, 1), (47.9, 1), (48, 0), (7 * 24 - 1, 0)],
    ids=["before half past seven", "then", "Tuesday", "until Wednesday", "too late", "Sunday"],
)
def test_it_goes_on_monday_from_half_past_seven_and_two_days_at_most(
    hours: float, sent: int, north_counted: Store, server: type[Server]
) -> None:
    assert run(MORNING + timedelta(hours=hours)) == sent == len(mail.outbox)


@pytest.mark.parametrize(
    ("zone", "hour", "is_sent"),
    [("Asia/Urumqi", 8, False), ("Asia/Urumqi", 9, True), ("Asia/Tokyo", 7, True)],
)
def test_half_past_seven_is_on_the_stores_own_clock(
    zone: str, hour: int, is_sent: bool, north_counted: Store, server: type[Server]
) -> None:
    Store.objects.filter(pk=north_counted.pk).update(timezone=zone)
    moment = datetime(2026, 6, 15, hour, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert run(moment) == is_sent


def test_it_waits_until_the_week_is_counted(north_counted: Store, server: type[Server]) -> None:
    with all_stores():
        BoardDay.objects.update(as_of=TODAY - timedelta(days=1))
    assert run() == 0
    with all_stores():
        assert not WeeklyReport.objects.exists()
        BoardDay.objects.update(as_of=TODAY)
    assert run(MORNING + timedelta(minutes=5)) == 1


def test_it_goes_to_active_managers_with_an_address_who_want_it(
    north_counted: Store, south: Store, server: type[Server]
) -> None:
    def person(text: str, **fields: object) -> None:
        made = StaffFactory(group=north_counted.group, **{"at": [north_counted], **fields})
        address(made, text)

    person("second@example.com", role=Role.MANAGER)
    person("off@example.com", role=Role.MANAGER, has_weekly_mail=False)
    person("gone@example.com", role=Role.MANAGER, is_active=False)
    person("advisor@example.com", role=Role.ADVISOR)
    person("south@example.com", role=Role.MANAGER, at=[south])
    StaffFactory(group=north_counted.group, role=Role.MANAGER, at=[north_counted])
    assert run() == 2
    assert sorted(one.to[0] for one in mail.outbox) == ["ada@example.com", "second@example.com"]


def test_the_same_once_more_sends_nothing(north_counted: Store, server: type[Server]) -> None:
    assert run() == 1
    assert run(MORNING + timedelta(minutes=5)) == 0
    assert len(mail.outbox) == 1
    assert row().sent_at == MORNING


def test_without_a_mail_server_the_report_is_kept_and_nothing_waits(
    north_counted: Store, settings
) -> None:
    settings.EMAIL_URL = ""
    assert run() == 0
    with all_stores():
        assert WeeklyReport.objects.get().monday_on == MONDAY
    assert not WeeklyMail.objects.exists()


# --- what it says


def test_it_has_numbers_and_links_and_no_customer(
    north_counted: Store, server: type[Server]
) -> None:
    run()
    (message,) = mail.outbox
    html = message.alternatives[0].content
    assert message.subject == "North: week of 8 Jun – 14 Jun"
    for text in (message.body, html):
        assert "41" in text
        assert "http://localhost:8000/boards/weekly/?store=NORTH" in text
        assert "Private" not in text
        assert "5678" not in text
    assert "came by" not in message.body
    assert not re.search(r'(?:src|href)="(?!http://localhost:8000/)', html)
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_it_speaks_the_managers_language(
    north_counted: Store, ada: Staff, server: type[Server]
) -> None:
    Staff.objects.filter(pk=ada.pk).update(language="zh-hans")
    run()
    (message,) = mail.outbox
    assert "6月8日 – 6月14日" in message.subject
    assert 'lang="zh-Hans"' in message.alternatives[0].content


# --- what breaks


@pytest.mark.parametrize(
    "error",
    [ConnectionRefusedError(), TimeoutError(), smtplib.SMTPConnectError(421, b"busy"),
     smtplib.SMTPAuthenticationError(535, b"no")],
    ids=["refused", "timeout", "busy", "wrong password"],
)  # fmt: skip
def test_while_the_server_is_away_it_is_tried_later_each_time(
    error: Exception, north_counted: Store, server: type[Server]
) -> None:
    server.says = says("open", error)
    now, pauses = MORNING, []
    for _ in range(8):
        assert run(now) == 0
        found = row()
        assert (found.state, found.trouble) == (MailState.WAITING, MailTrouble.NO_LINE)
        pauses.append(int((found.next_at - now).total_seconds() // 60))
        assert run(found.next_at - timedelta(seconds=1)) == 0
        now = found.next_at
    assert pauses == [5, 10, 20, 40, 80, 160, 240, 240]
    server.says = staticmethod(lambda _: None)
    assert run(now) == 1
    assert len(mail.outbox) == 1


def test_after_two_days_it_is_given_up_and_shown(
    north_counted: Store, ada: Staff, server: type[Server], client: Client
) -> None:
    server.says = says("open", ConnectionRefusedError())
    run()
    server.says = staticmethod(lambda _: None)
    assert run(MORNING + timedelta(days=2, minutes=1)) == 0
    assert (row().state, row().trouble) == (MailState.FAILED, MailTrouble.LATE)
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (smtplib.SMTPRecipientsRefused({"ada@example.com": (550, b"no")}), MailState.FAILED),
        (smtplib.SMTPRecipientsRefused({"ada@example.com": (450, b"later")}), MailState.WAITING),
        (smtplib.SMTPDataError(554, b"spam"), MailState.FAILED),
        (smtplib.SMTPDataError(451, b"later"), MailState.WAITING),
        (smtplib.SMTPSenderRefused(553, b"no", "a@b"), MailState.FAILED),
    ],
    ids=["no such person", "person later", "never", "later", "not from you"],
)
def test_a_refusal_is_final_or_for_later_as_the_server_says(
    error: Exception, state: str, north_counted: Store, server: type[Server]
) -> None:
    server.says = says("before", error)
    assert run() == 0
    assert (row().state, row().trouble) == (state, MailTrouble.REFUSED)


@pytest.mark.parametrize("error", [smtplib.SMTPServerDisconnected(), TimeoutError()])
@pytest.mark.parametrize("where", ["before", "after"])
def test_a_line_that_breaks_under_way_is_never_tried_again(
    where: str, error: Exception, north_counted: Store, server: type[Server]
) -> None:
    server.says = says(where, error)
    assert run() == 0
    assert (row().state, row().trouble) == (MailState.UNSURE, MailTrouble.BROKE)
    server.says = staticmethod(lambda _: None)
    assert run(MORNING + timedelta(hours=1)) == 0
    assert len(mail.outbox) == (where == "after")


@pytest.mark.parametrize("where", ["open", "before", "after"])
def test_a_killed_worker_leaves_a_claim_that_is_shown_and_not_repeated(
    where: str, north_counted: Store, ada: Staff, server: type[Server], client: Client
) -> None:
    server.says = says(where, SystemExit())
    with pytest.raises(SystemExit):
        run()
    assert row().state == MailState.SENDING
    server.says = staticmethod(lambda _: None)
    assert run(MORNING + weekly.LEASE) == 0
    assert row().state == MailState.SENDING
    assert run(MORNING + weekly.LEASE + timedelta(seconds=1)) == 0
    assert (row().state, row().trouble) == (MailState.UNSURE, MailTrouble.ENDED)
    assert len(mail.outbox) == (where == "after")


def test_killed_before_its_rows_stand_it_is_made_again_from_the_beginning(
    north_counted: Store, server: type[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = weekly.readers
    monkeypatch.setattr(weekly, "readers", _killed)
    with pytest.raises(SystemExit):
        run()
    with all_stores():
        assert not WeeklyReport.objects.exists()
    monkeypatch.setattr(weekly, "readers", readers)
    assert run(MORNING + timedelta(minutes=5)) == 1


def _killed(store: Store) -> list[Staff]:
    raise SystemExit


def test_an_answer_that_comes_after_the_claim_was_given_up_changes_nothing(
    north_counted: Store, server: type[Server]
) -> None:
    def gives_up(where: str) -> None:
        if where == "after":
            weekly.settle(MORNING + weekly.LEASE * 2)

    server.says = staticmethod(gives_up)
    run()
    assert row().state == MailState.UNSURE


def test_whoever_switched_it_off_in_between_gets_nothing(
    north_counted: Store, ada: Staff, server: type[Server]
) -> None:
    server.says = says("open", ConnectionRefusedError())
    run()
    server.says = staticmethod(lambda _: None)
    Staff.objects.filter(pk=ada.pk).update(has_weekly_mail=False)
    assert run(MORNING + timedelta(hours=1)) == 0
    assert (row().state, row().trouble) == (MailState.FAILED, MailTrouble.UNWANTED)
    assert mail.outbox == []


def test_no_further_mail_is_begun_when_the_time_is_up(
    north_counted: Store, server: type[Server]
) -> None:
    with all_stores():
        assert weekly.send_weekly(MORNING, seconds=-1) == 0
        assert row().state == MailState.WAITING


def test_it_needs_no_broker(
    north_counted: Store, server: type[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The beat's message wakes it; reports, mails and their next try stand in the database."""

    def away(*_: object, **__: object) -> None:
        raise ConnectionError("the broker is away")

    monkeypatch.setattr(kombu.Connection, "connect", away)
    monkeypatch.setattr(kombu.Connection, "ensure_connection", away)
    assert run() == 1


def test_the_beats_task_sends(
    north_counted: Store, server: type[Server], time_machine_at: Callable[[datetime], None]
) -> None:
    time_machine_at(MORNING)
    task()
    assert len(mail.outbox) == 1


@pytest.fixture
def time_machine_at() -> Iterator[Callable[[datetime], None]]:
    travellers = []

    def go(moment: datetime) -> None:
        traveller = time_machine.travel(moment, tick=False)
        traveller.start()
        travellers.append(traveller)

    yield go
    for traveller in travellers:
        traveller.stop()


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_one_report_and_send_one_mail(
    north_counted: Store, server: type[Server]
) -> None:
    assert _race(lambda: run()) == [0, 1]
    assert len(mail.outbox) == 1
    assert row().state == MailState.SENT


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_two_workers_send_two_mails(
    north_counted: Store, server: type[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: sending whatever was read as waiting, the claim left out."""
    with all_stores():
        weekly.make_reports(MORNING)
        pk = row().pk

    def send_unclaimed() -> int:
        with all_stores():
            found = WeeklyMail.objects.select_related("report__store", "staff").get(pk=pk)
            weekly._deliver(found)
            return 1

    assert _race(send_unclaimed) == [1, 1]
    assert len(mail.outbox) == 2


def _race(work: Callable[[], int]) -> list[int]:
    """What two threads return that begin together; sorted."""
    gate, found, faults = threading.Barrier(2, timeout=30), [], []

    def one() -> None:
        try:
            gate.wait()
            found.append(work())
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    return sorted(found)


# --- what people see of it


def test_the_jobs_page_shows_what_did_not_leave_to_whoever_sees_the_store(
    north_counted: Store, south: Store, ada: Staff, client: Client
) -> None:
    today = timezone.localdate()
    for store, name in ((north_counted, "Ada's"), (south, "Cleo's")):
        person = StaffFactory(group=store.group, name=f"{name} manager")
        WeeklyMailFactory(
            report__store=store, report__monday_on=today, staff=person, state=MailState.UNSURE,
            trouble=MailTrouble.ENDED,
        )  # fmt: skip
    client.force_login(ada)
    page = client.get("/jobs/").content.decode()
    assert "perhaps not sent" in page
    assert "the process ended while it was being sent" in page
    assert "Ada&#x27;s manager" in page
    assert "Cleo" not in page


def test_a_manager_switches_it_off_and_on_again(
    north_counted: Store, ada: Staff, client: Client
) -> None:
    client.force_login(ada)
    assert "ada@example.com" in client.get("/account/").content.decode()
    for wanted, is_on in (("0", False), ("1", True)):
        client.post("/account/weekly-mail/", {"wanted": wanted})
        ada.refresh_from_db()
        assert ada.has_weekly_mail is is_on


def test_an_advisor_is_not_asked(ben: Staff, client: Client) -> None:
    client.force_login(ben)
    assert "Weekly report by e-mail" not in client.get("/account/").content.decode()
