"""Stored words of customers and their histories; the words are those of EXCHANGE's files."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Gender(models.TextChoices):
    MALE = "male", _("Male")
    FEMALE = "female", _("Female")
    UNKNOWN = "unknown", _("Unknown")


class Powertrain(models.TextChoices):
    ICE = "ICE", _("Combustion")
    HEV = "HEV", _("Hybrid")
    PHEV = "PHEV", _("Plug-in hybrid")
    EREV = "EREV", _("Range-extended")
    BEV = "BEV", _("Battery electric")


class VehicleStatus(models.TextChoices):
    ACTIVE = "active", _("Active")
    SOLD = "sold", _("Sold")
    SCRAPPED = "scrapped", _("Scrapped")
    MOVED = "moved", _("Moved away")


class OrderStatus(models.TextChoices):
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")
    VOID = "void", _("Void")


class VisitKind(models.TextChoices):
    MAINTENANCE = "maintenance", _("Maintenance")
    REPAIR = "repair", _("Repair")
    BODYWORK = "bodywork", _("Bodywork")
    RECALL = "recall", _("Recall")
    INSPECTION = "inspection", _("Inspection")
    OTHER = "other", _("Other")


class Channel(models.TextChoices):
    PHONE = "phone", _("Phone")
    WECHAT = "wechat", _("WeChat")
    SMS = "sms", _("SMS")
    APP = "app", _("App")
    EMAIL = "email", _("E-mail")
    VISIT = "visit", _("Visit")


class Direction(models.TextChoices):
    OUT = "out", _("Outgoing")
    IN = "in", _("Incoming")


class Outcome(models.TextChoices):
    CONNECTED = "connected", _("Connected")
    CALLBACK = "callback", _("Call back")
    NO_ANSWER = "no_answer", _("No answer")
    BUSY = "busy", _("Busy")
    OFF = "off", _("Switched off")
    WRONG_NUMBER = "wrong_number", _("Wrong number")
    BOOKED = "booked", _("Booked")
    REFUSED = "refused", _("Refused")
    REPLIED = "replied", _("Replied")
    NO_REPLY = "no_reply", _("No reply")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")


class AppointmentStatus(models.TextChoices):
    REQUESTED = "requested", _("Requested")
    CONFIRMED = "confirmed", _("Confirmed")
    ARRIVED = "arrived", _("Arrived")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    NO_SHOW = "no_show", _("No show")


class FindingKind(models.TextChoices):
    """What a fix list holds: rows that were accepted with a warning."""

    ODOMETER = "odometer", _("Odometer reading set aside")
    DEAD_PHONE = "dead_phone", _("Not a valid phone number")
    BEFORE_DELIVERY = "before_delivery", _("Visit before delivery")
    CHECK_DIGIT = "check_digit", _("VIN check digit does not fit")
