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
    SCORECARD = "scorecard", _("Scorecard")


class LinkPurpose(models.TextChoices):
    INVITE = "invite", _("Invitation")
    RESET = "reset", _("Password reset")


class AuditAction(models.TextChoices):
    LOGIN = "login", _("Signed in")
    LOGIN_FAILED = "login_failed", _("Sign-in failed")
    LOGOUT = "logout", _("Signed out")
    PASSWORD_SET = "password_set", _("Password set")
    INVITED = "invited", _("Invitation made")
    RESET_LINK = "reset_link", _("Password reset link made")
    STAFF_ADDED = "staff_added", _("Person added")
    STAFF_CHANGED = "staff_changed", _("Person changed")
    ROLE_CHANGED = "role_changed", _("Role or stores changed")
    SESSIONS_ENDED = "sessions_ended", _("Sessions ended")
    TWO_FACTOR_ON = "two_factor_on", _("Second factor set up")
    TWO_FACTOR_OFF = "two_factor_off", _("Second factor removed")
    UNMASKED = "unmasked", _("Phone number shown")
    COLLEAGUES_CUSTOMER = "colleagues_customer", _("Colleague's customer opened")
    SETTINGS_PUBLISHED = "settings_published", _("Settings published")
    EXPORTED = "exported", _("Exported")
    IMPORTED = "imported", _("File imported")
    JOB_RUN = "job_run", _("Job started")
    TASK_GIVEN = "task_given", _("Task given to somebody")
    CUSTOMER_GIVEN = "customer_given", _("Customer given to somebody")
    ABSENCE_SET = "absence_set", _("Absence entered")
    ABSENCE_ENDED = "absence_ended", _("Absence ended")
    CUSTOMER_ADDED = "customer_added", _("Customer added by hand")
    VEHICLE_ADDED = "vehicle_added", _("Car added by hand")
    COMPLAINT_NOTED = "complaint_noted", _("Complaint noted")
    CUSTOMER_CORRECTED = "customer_corrected", _("Customer's data corrected")
    VEHICLE_CORRECTED = "vehicle_corrected", _("Car's data corrected")
    CONSENT_WITHDRAWN = "consent_withdrawn", _("Consent withdrawn")
    OUTCOME_UNDONE = "outcome_undone", _("Outcome taken back")
    APPOINTMENT_CANCELLED = "appointment_cancelled", _("Appointment called off")
    REMINDER_SET = "reminder_set", _("Own reminder set")
    REMINDER_CHANGED = "reminder_changed", _("Own reminder changed")
    REMINDER_REMOVED = "reminder_removed", _("Own reminder taken off")
    SCRIPT_CHANGED = "script_changed", _("Call script changed")
    TARGET_SET = "target_set", _("Revenue targets set")
    SPENDING_SET = "spending_set", _("Spending entered")


# What an entry is about, by the model's name in lower case.
THINGS = {
    "staff": _("person %(which)s"),
    "customer": _("customer no. %(which)s"),
    "policy": _("settings version no. %(which)s"),
    "jobrun": _("job run no. %(which)s"),
    "importfile": _("imported file no. %(which)s"),
    "task": _("task no. %(which)s"),
    "appointment": _("appointment no. %(which)s"),
    "vehicle": _("car no. %(which)s"),
    "complaint": _("complaint no. %(which)s"),
    "outcome": _("outcome no. %(which)s"),
    "absence": _("absence no. %(which)s"),
    "script": _("call script no. %(which)s"),
}
