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
    SECOND_VISIT_48H = "second_visit_48h", _("Call within 48 hours")
    SECOND_VISIT_7D = "second_visit_7d", _("Care a week later")
    SECOND_VISIT_14D = "second_visit_14d", _("Booking the second service")
    SECOND_VISIT_3D = "second_visit_3d", _("Last word before the second service")
    BOOKING_CONFIRM = "booking_confirm", _("Confirm the appointment")
    CALLBACK = "callback", _("Promised call")
    RETRY = "retry", _("Next try")
    CORRECT_DATA = "correct_data", _("Correct the data")
    REMINDER = "reminder", _("Own reminder")


# Their cycle key begins with the number of a row.
ABOUT_A_ROW = frozenset({TaskKind.CRITICAL, TaskKind.COMPLAINT, TaskKind.BOOKING_CONFIRM})


class ClosedAs(models.TextChoices):
    DONE = "done", _("done")
    VISITED = "visited", _("visited")
    BOOKED = "booked", _("booked")
    SUPERSEDED = "superseded", _("superseded")
    VEHICLE_GONE = "vehicle_gone", _("car gone")
    EXPIRED = "expired", _("expired")


class Result(models.TextChoices):
    """What came of a contact; the first ten are EXCHANGE's."""

    BOOKED = "booked", _("Booked")
    CALLBACK = "callback", _("Call back")
    REFUSED = "refused", _("Not coming")
    ELSEWHERE = "elsewhere", _("Already elsewhere")
    NO_ANSWER = "no_answer", _("No answer")
    BUSY = "busy", _("Busy")
    OFF = "off", _("Switched off")
    WRONG_NUMBER = "wrong_number", _("Wrong number")
    DO_NOT_CALL = "do_not_call", _("Do not call again")
    VEHICLE_GONE = "vehicle_gone", _("Sold or moved away")
    # Spoken to, and nothing else to arrange: a thank-you, a confirmed appointment, a question.
    CONNECTED = "connected", _("Spoken to")
    # Written to on another channel, after the calls did not get through.
    MESSAGED = "messaged", _("Written to")
    # A complaint or a low survey put right.
    SETTLED = "settled", _("Settled")
    # A reminder or a correction dealt with, without a contact.
    DONE = "done", _("Done")


NOT_CONNECTED = frozenset({Result.NO_ANSWER, Result.BUSY, Result.OFF})


class Reason(models.TextChoices):
    """Why a customer does not come (TASK-7, WB-6)."""

    PRICE = "price", _("Price")
    SERVICE = "service", _("Service attitude")
    WAITING = "waiting", _("Waiting time")
    QUALITY = "quality", _("Quality of the work")
    CONVENIENCE = "convenience", _("Distance or convenience")
    MOVED = "moved", _("Moved away")
    SOLD = "sold", _("Sold the car")
    COMPETITOR = "competitor", _("Competitor's offer")
    FORGOT = "forgot", _("Forgot")
    OTHER = "other", _("Other")


class Proposal(models.TextChoices):
    """What a `correct_data` task asks to put right."""

    PHONE = "phone", _("The number is wrong")
    SOLD = "sold", _("The car was sold")
    MOVED = "moved", _("The customer moved away")
