"""Stored words of jobs."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobKind(models.TextChoices):
    DAY = "day", _("The day's computation")
    HISTORY = "history", _("Reconstruction of month-ends")


class JobState(models.TextChoices):
    OPEN = "open", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class ChunkState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    CLAIMED = "claimed", _("running")
    DONE = "done", _("done")
    QUARANTINED = "quarantined", _("set aside")


class Beat(models.TextChoices):
    """Processes that leave a heartbeat."""

    SWEEPER = "sweeper", _("Sweeper")
