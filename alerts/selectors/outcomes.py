"""Reads of outcomes: those that stand, the latest on a customer, and who did what in words."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from alerts.models import Outcome
from common import formats
from common.dates import local_date
from common.sql import rows, statement
from stores.scope import ScopedQuerySet, scope_ids


def standing() -> ScopedQuerySet[Outcome]:
    """Outcomes of the scope that were not taken back, the latest first."""
    found: ScopedQuerySet[Outcome] = Outcome.objects.filter(undone_at__isnull=True)
    # They are numbered under the customer's lock; clocks may differ.
    return found.select_related("staff", "store").order_by("-pk")


def latest(customer_id: int) -> Outcome | None:
    """The latest outcome that stands on a customer: what a page has `seen`."""
    found: Outcome | None = standing().filter(customer_id=customer_id).first()
    return found


@dataclass(frozen=True)
class Talk:
    """A contact with a customer; `result` and `reason` of one that was recorded here."""

    happened_on: date
    direction: str
    channel: str
    outcome: str
    note: str
    staff: str
    result: str
    reason: str


def latest_talks(customer_id: int, limit: int) -> list[Talk]:
    """The latest contacts with a customer, newest first; one query."""
    params = {"customer": customer_id, "limit": limit, "stores": scope_ids()}
    return [Talk(**row) for row in rows(statement("alerts", "contacts"), params)]


def who_did_what(outcome: Outcome, today: date | None = None) -> str:
    """`Ben recorded “Booked” at 10:42.`, on the clock of the store.

    With the day when that is not `today`.
    """
    zone = outcome.store.timezone
    on = local_date(outcome.at, zone)
    words = {
        "name": outcome.staff.name,
        "result": outcome.get_result_display(),
        "day": formats.day(on, today),
        "time": formats.clock(outcome.at, zone),
    }
    if today is None or on == today:
        return _("%(name)s recorded “%(result)s” at %(time)s.") % words
    return _("%(name)s recorded “%(result)s” on %(day)s at %(time)s.") % words
