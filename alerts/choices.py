"""Stored words of warnings and tasks."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class WarningKind(models.TextChoices):
    DUE = "due", _("Maintenance due")
    RISK = "risk", _("Churn risk")
    LOST = "lost", _("Lost")


class TaskKind(models.TextChoices):
    DUE_CALL = "due_call", _("Maintenance due")
    RISK_CALL = "risk_call", _("High churn risk")
    CRITICAL = "critical", _("Low survey")
    COMPLAINT = "complaint", _("Complaint")
    OVERDUE_30 = "overdue_30", _("30 days overdue")


class ClosedAs(models.TextChoices):
    DONE = "done", _("done")
    VISITED = "visited", _("visited")
    BOOKED = "booked", _("booked")
    SUPERSEDED = "superseded", _("superseded")
    VEHICLE_GONE = "vehicle_gone", _("car gone")
    EXPIRED = "expired", _("expired")
