"""Stored words of levels, phases, stages and segments, with label, tone and rank."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Basis(models.TextChoices):
    TIME = "time", _("by time")
    MILEAGE = "mileage", _("by mileage")


class Level(models.TextChoices):
    """DUE-5."""

    NONE = "none", _("not due")
    YELLOW = "yellow", _("yellow")
    ORANGE = "orange", _("orange")
    RED = "red", _("red")


class RiskLevel(models.TextChoices):
    """RISK-2."""

    HIGH = "high", _("high risk")
    MEDIUM = "medium", _("medium risk")
    LOW = "low", _("low risk")


class Phase(models.TextChoices):
    """WB-1."""

    PRE_CHURN = "pre_churn", _("pre-churn")
    EARLY = "early", _("early loss")
    DEEP = "deep", _("deep loss")
    COMPLETE = "complete", _("complete loss")


class Stage(models.TextChoices):
    """LIFE-1."""

    AWARENESS = "awareness", _("awareness")
    FIRST_EXPERIENCE = "first_experience", _("first experience")
    GROWTH = "growth", _("growth")
    MATURITY = "maturity", _("maturity")
    DECLINE = "decline", _("decline")
    LOST = "lost", _("lost")


class Rfm(models.TextChoices):
    """SEG-1."""

    DIAMOND = "diamond", _("diamond")
    GOLD = "gold", _("gold")
    SILVER = "silver", _("silver")
    REGULAR = "regular", _("regular")


class Quadrant(models.TextChoices):
    """SEG-2."""

    VIP = "vip", _("VIP")
    LOYAL = "loyal", _("loyal")
    POTENTIAL = "potential", _("potential")
    REGULAR = "regular", _("regular customer")


class ValueTier(models.TextChoices):
    """SEG-3."""

    HIGH = "high", _("high value")
    MID = "mid", _("medium value")
    LOW = "low", _("low value")


class Purpose(models.TextChoices):
    """Whom money is spent on; the words are those of the board `revenue`."""

    NEW = "new", _("New customers")
    RETURNING = "returning", _("Returning customers")
