"""Stored words of imports."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FileKind(models.TextChoices):
    """The ten files in the order in which they load."""

    STORES = "stores", _("Stores")
    STAFF = "staff", _("Staff")
    CUSTOMERS = "customers", _("Customers")
    VEHICLES = "vehicles", _("Vehicles")
    VISITS = "visits", _("Visits")
    SURVEYS = "surveys", _("Surveys")
    COMPLAINTS = "complaints", _("Complaints")
    CONTACTS = "contacts", _("Contacts")
    APPOINTMENTS = "appointments", _("Appointments")
    ENGAGEMENT = "engagement", _("App use")


class ImportState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
