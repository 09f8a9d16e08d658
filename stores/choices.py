"""Words of this app that are stored; labels stand beside them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    ADVISOR = "advisor", _("Service advisor")
    SPECIALIST = "specialist", _("Win-back specialist")
    MANAGER = "manager", _("Store manager")
    GROUP_MANAGER = "group_manager", _("Group manager")
    ADMIN = "admin", _("Administrator")


class PolicyKind(models.TextChoices):
    PLAN = "plan", _("Service plans")
    WARNING = "warning", _("Warning rules")
    SEGMENT = "segment", _("Customer segments")
    TASK = "task", _("Task queue")


class LinkPurpose(models.TextChoices):
    INVITE = "invite", _("Invitation")
    RESET = "reset", _("Password reset")
