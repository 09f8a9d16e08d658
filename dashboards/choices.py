"""Stored words of this app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MailState(models.TextChoices):
    """What became of a mail; `unsure`: handed over when the process or the line broke."""

    WAITING = "waiting", _("waits to be sent")
    SENDING = "sending", _("is being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("not sent")
    UNSURE = "unsure", _("perhaps not sent")


class MailTrouble(models.TextChoices):
    """Why a mail did not leave, or perhaps not."""

    NO_LINE = "no_line", _("the mail server could not be reached")
    REFUSED = "refused", _("the mail server refused it")
    BROKE = "broke", _("the line broke while it was being sent")
    ENDED = "ended", _("the process ended while it was being sent")
    UNWANTED = "unwanted", _("the reader left or switched it off")
    LATE = "late", _("given up after two days")
