"""The weekly report by e-mail: made once a store and week, sent at most once a manager.

Everything lies in the database: a report is made when its store's Monday has come and its figures
are counted, its mails are rows from the same moment on, and whoever claims a row sends it. No
message of the broker is needed for any of it but the beat's own.

What is known not to have left is tried again, later each time, for two days. A claim that never
came back, or a line that broke while the mail was under way, may have left: it is not repeated but
shown as *perhaps not sent*. The page is there in either case.
"""

import logging
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from dashboards.choices import MailState, MailTrouble
from dashboards.models import WeeklyMail, WeeklyReport
from dashboards.selectors.boards.week import kept, summary, week_board
from dashboards.selectors.brief.facts import Facts
from dashboards.selectors.brief.matters import brief
from lifecycle.selectors import stamp
from stores.choices import Role
from stores.models import Staff, Store

log = logging.getLogger(__name__)
# On the store's own clock.
SEND_AT = time(7, 30)
# Longer than a run of the job may take: whoever claimed a row and is silent for so long is gone.
LEASE = timedelta(minutes=10)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=4)
GIVE_UP = timedelta(days=2)
# Below the job's limit by more than one mail may take.
SECONDS = 150.0


class NotSent(Exception):
    """The mail certainly did not leave; `is_final`: it never will."""

    def __init__(self, trouble: MailTrouble, *, is_final: bool = False) -> None:
        super().__init__(trouble.value)
        self.trouble, self.is_final = trouble, is_final


def send_weekly(now: datetime, seconds: float = SECONDS) -> int:
    """Makes the reports whose morning it is and sends what waits; returns how many mails left.

    Begins no further mail after `seconds`: the next beat goes on.
    """
    begun, sent = monotonic(), 0
    make_reports(now)
    settle(now)
    waiting = WeeklyMail.objects.filter(state=MailState.WAITING, next_at__lte=now)
    for pk in list(waiting.order_by("next_at", "pk").values_list("pk", flat=True)):
        if monotonic() - begun > seconds:
            break
        sent += send(pk, now)
    return sent


def make_reports(now: datetime) -> int:
    """A report for each store whose Monday has come and whose week is counted, with its mails."""
    made = 0
    for store in Store.objects.filter(is_active=True).order_by("pk"):
        monday = due_monday(store, now)
        if monday is None or WeeklyReport.objects.filter(store=store, monday_on=monday).exists():
            continue
        as_of = stamp([store.pk], ["week"]).as_of
        if as_of is not None and as_of >= monday + timedelta(days=7):
            made += _make(store, monday, as_of, now)
    return made


def due_monday(store: Store, now: datetime) -> date | None:
    """The Monday of the week to report; None before half past seven and after two days."""
    local = now.astimezone(ZoneInfo(store.timezone))
    today = local.date()
    begins = datetime.combine(
        today - timedelta(days=today.weekday()), SEND_AT, ZoneInfo(store.timezone)
    )
    if not begins <= local < begins + GIVE_UP:
        return None
    return begins.date() - timedelta(days=7)


@transaction.atomic
def _make(store: Store, monday: date, as_of: date, now: datetime) -> int:
    """One of two workers makes it: the other finds the row (weekly_report_once)."""
    matters = kept(brief(Facts(store, now)))
    report, is_new = WeeklyReport.objects.get_or_create(
        store=store, monday_on=monday, defaults={"as_of": as_of, "matters": matters, "made_at": now}
    )
    if is_new and settings.EMAIL_URL:
        WeeklyMail.objects.bulk_create(
            WeeklyMail(report=report, staff=person, next_at=now) for person in readers(store)
        )
    return int(is_new)


def readers(store: Store) -> list[Staff]:
    """The store's active managers who want it and whose address is known."""
    managers = Staff.objects.filter(
        stores=store, role=Role.MANAGER, is_active=True, has_weekly_mail=True
    )
    return [person for person in managers.order_by("pk") if person.email]


def settle(now: datetime) -> None:
    """A claim that never came back may have left; what waits since two days is given up."""
    WeeklyMail.objects.filter(state=MailState.SENDING, claimed_at__lt=now - LEASE).update(
        state=MailState.UNSURE, trouble=MailTrouble.ENDED
    )
    WeeklyMail.objects.filter(state=MailState.WAITING, report__made_at__lt=now - GIVE_UP).update(
        state=MailState.FAILED, trouble=MailTrouble.LATE
    )


def send(pk: int, now: datetime) -> bool:
    """Claims one mail and sends it; False when somebody else has it or it did not leave."""
    claimed = WeeklyMail.objects.filter(pk=pk, state=MailState.WAITING, next_at__lte=now).update(
        state=MailState.SENDING, claimed_at=now, attempts=F("attempts") + 1
    )
    if not claimed:
        return False
    mail = WeeklyMail.objects.select_related("report__store", "staff").get(pk=pk)
    try:
        _deliver(mail)
    except NotSent as error:
        _put_back(mail, now, error)
        return False
    except (OSError, smtplib.SMTPException) as error:
        log.warning("weekly mail %s broke under way: %s", pk, type(error).__name__)
        _set(mail, MailState.UNSURE, MailTrouble.BROKE)
        return False
    _set(mail, MailState.SENT, sent_at=now)
    return True


def _put_back(mail: WeeklyMail, now: datetime, error: NotSent) -> None:
    """To be tried again after 5, 10, 20 … minutes, at most 4 hours."""
    log.warning("weekly mail %s did not leave: %s", mail.pk, error.trouble.value)
    if error.is_final:
        _set(mail, MailState.FAILED, error.trouble)
        return
    pause = min(FIRST_PAUSE * 2 ** min(mail.attempts - 1, 10), LONGEST_PAUSE)
    _set(mail, MailState.WAITING, error.trouble, next_at=now + pause)


def _set(mail: WeeklyMail, state: MailState, trouble: str = "", **facts: datetime) -> None:
    """Only while the claim is still this one's."""
    WeeklyMail.objects.filter(pk=mail.pk, state=MailState.SENDING, attempts=mail.attempts).update(
        state=state, trouble=trouble, **facts
    )


def _deliver(mail: WeeklyMail) -> None:
    """Raises NotSent where it certainly did not leave; any other error may have come too late."""
    if mail.staff.pk not in {person.pk for person in readers(mail.report.store)}:
        raise NotSent(MailTrouble.UNWANTED, is_final=True)
    message = message_of(mail.report, mail.staff)
    with _line() as line, _answers():
        message.connection = line
        message.send()


@contextmanager
def _line() -> Iterator[BaseEmailBackend]:
    """An open line to the mail server; that it cannot be had is known before anything leaves."""
    line = get_connection()
    try:
        line.open()
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(MailTrouble.NO_LINE) from error
    try:
        yield line
    finally:
        _hang_up(line)


def _hang_up(line: BaseEmailBackend) -> None:
    """What was taken stays taken, however the line ends."""
    try:
        line.close()
    except (OSError, smtplib.SMTPException):
        log.info("the mail server did not say goodbye")


@contextmanager
def _answers() -> Iterator[None]:
    """An answer of the server that it does not take the mail; 4xx means later, 5xx never."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        final = all(code >= 500 for code in codes)
        raise NotSent(MailTrouble.REFUSED, is_final=final) from error
    except smtplib.SMTPResponseException as error:
        raise NotSent(MailTrouble.REFUSED, is_final=error.smtp_code >= 500) from error


def message_of(report: WeeklyReport, staff: Staff) -> EmailMultiAlternatives:
    """Numbers and links, no customer, in the manager's language."""
    with translation.override(staff.language or settings.LANGUAGE_CODE):
        board = week_board(report.store, report.as_of, _week(report))
        facts = {"board": board, "site": settings.SITE_URL, "staff": staff}
        subject = gettext("%(store)s: week of %(days)s") % {
            "store": report.store.name,
            "days": board.days,
        }
        message = EmailMultiAlternatives(
            subject=subject,
            body=render_to_string("dashboards/mail/weekly.txt", {**facts, "line": summary(board)}),
            to=[staff.email],
            headers={
                "Message-ID": f"<weekly-{report.pk}-{staff.pk}@{_host()}>",
                # No answers of robots, no holiday notes.
                "Auto-Submitted": "auto-generated",
            },
        )
        message.attach_alternative(
            render_to_string("dashboards/mail/weekly.html", facts), "text/html"
        )
    return message


def _week(report: WeeklyReport) -> str:
    year, week, _ = report.monday_on.isocalendar()
    return f"{year}-W{week:02}"


def _host() -> str:
    return settings.SITE_URL.partition("://")[2].partition(":")[0] or "localhost"
