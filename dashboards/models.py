"""Weekly reports: what stood out when the week was over, and to whom it was mailed."""

from django.db import models
from django.db.models import Q

from dashboards.choices import MailState, MailTrouble
from stores.models import Staff, Store
from stores.scope import ScopedManager


class WeeklyReport(models.Model):
    """A store's week as it was on the Monday after: its figures are cells, its exceptions here."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    # The week's own Monday.
    monday_on = models.DateField()
    as_of = models.DateField()
    # The morning brief's exceptions: names, counts and staff, nobody's customer.
    matters = models.JSONField(default=list)
    made_at = models.DateTimeField()

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "monday_on"], name="weekly_report_once")
        ]


class WeeklyMail(models.Model):
    """One report on its way to one manager; the row is there before anything is sent.

    Sent at most once: a row is claimed before the mail leaves, and a claim that breaks is never
    repeated but shown as `unsure`.
    """

    report = models.ForeignKey(WeeklyReport, on_delete=models.CASCADE, related_name="mails")
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=7, choices=MailState.choices, default="waiting")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=8, choices=MailTrouble.choices, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "staff"], name="weekly_mail_once")]
        indexes = [
            # Read by every beat: what waits, and what was claimed and never came back.
            models.Index(
                fields=["state", "next_at"],
                condition=Q(state__in=["waiting", "sending"]),
                name="weekly_mail_open",
            )
        ]
