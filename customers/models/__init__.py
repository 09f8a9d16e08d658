"""Customers, their vehicles and everything that happened to them."""

from customers.models.history import (
    Appointment,
    AppointmentChange,
    Complaint,
    Contact,
    Engagement,
    Survey,
    Visit,
)
from customers.models.people import (
    ConsentEvent,
    Customer,
    Ownership,
    Vehicle,
)
from customers.models.upkeep import (
    Correction,
    DirtyVehicle,
    Finding,
)

__all__ = [
    "Appointment",
    "AppointmentChange",
    "Complaint",
    "ConsentEvent",
    "Contact",
    "Correction",
    "Customer",
    "DirtyVehicle",
    "Engagement",
    "Finding",
    "Ownership",
    "Survey",
    "Vehicle",
    "Visit",
]
