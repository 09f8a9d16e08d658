"""Weekly mails that did not leave, for the jobs page."""

from collections.abc import Collection
from datetime import date

from dashboards.choices import MailState
from dashboards.models import WeeklyMail


def unsent(store_ids: Collection[int], since: date) -> list[WeeklyMail]:
    """Of these stores' reports since a day: those that wait, failed, or perhaps did not leave."""
    found = WeeklyMail.objects.filter(
        report__store__in=store_ids, report__monday_on__gte=since
    ).exclude(state=MailState.SENT)
    return list(found.select_related("report__store", "staff").order_by("-report__monday_on", "pk"))
