"""What happened: visits, surveys, complaints, contacts, appointments, use of the app.

A local date beside a moment (`arrived_at`, `arrived_on`) is that of the row's own store; rules
count in local dates, so they are kept, not computed in every statement. `received_on` is the local
date a row was first received: the date that counts for facts without one of their own. A foreign
key without an index of its own leads one that says more: each costs every row written.
"""

from django.db import models

from customers import choices
from customers.models.people import Customer, Vehicle
from stores.models import Staff, Store
from stores.scope import ScopedManager


class Visit(models.Model):
    """One work order; work orders of one vehicle on one day are one visit to the rules."""

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="visits", db_index=False
    )
    vehicle = models.ForeignKey(
        Vehicle, on_delete=models.PROTECT, related_name="visits", db_index=False
    )
    # Owner of the vehicle on that day; kept in step by the importer when an ownership changes.
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, related_name="visits", db_index=False
    )
    work_order_no = models.CharField(max_length=80)
    arrived_at = models.DateTimeField()
    arrived_on = models.DateField()
    closed_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=6, choices=choices.OrderStatus.choices, default="closed")
    # From when a void counts; -infinity is not needed: a first receipt as void is 0001-01-01.
    void_on = models.DateField(null=True)
    odometer_km = models.PositiveIntegerField()
    is_reading_ok = models.BooleanField(default=True)
    # False: arrived before the delivery; kept, not counted by any rule.
    is_counted = models.BooleanField(default=True)
    kind = models.CharField(max_length=11, choices=choices.VisitKind.choices)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    gross_margin = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    advisor = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="visits")
    promised_minutes = models.PositiveIntegerField(null=True)
    actual_minutes = models.PositiveIntegerField(null=True)
    items = models.TextField(blank=True)
    recommendations = models.TextField(blank=True)
    received_on = models.DateField()

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "work_order_no"], name="work_order_once")
        ]
        indexes = [
            # Read by lifecycle/sql/rollup.sql, by vehicle in order of arrival.
            models.Index(fields=["vehicle", "arrived_at"]),
            # Read by lifecycle/sql/customer_rollup.sql.
            models.Index(fields=["customer", "arrived_on"]),
        ]


class Survey(models.Model):
    """The answer to a visit's survey; satisfaction on 0-100, the original beside it."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="surveys")
    visit = models.OneToOneField(Visit, on_delete=models.CASCADE, related_name="survey")
    vehicle = models.ForeignKey(
        Vehicle, on_delete=models.PROTECT, related_name="surveys", db_index=False
    )
    answered_at = models.DateTimeField()
    answered_on = models.DateField()
    score = models.DecimalField(max_digits=7, decimal_places=4)
    scale = models.PositiveSmallIntegerField()
    satisfaction = models.DecimalField(max_digits=8, decimal_places=4)
    nps = models.PositiveSmallIntegerField(null=True)
    comment = models.TextField(blank=True)
    received_on = models.DateField()

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["vehicle", "answered_at"])]


class Complaint(models.Model):
    """A complaint about a vehicle's service, open until resolved."""

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="complaints", db_index=False
    )
    external_id = models.CharField(max_length=80)
    vehicle = models.ForeignKey(
        Vehicle, on_delete=models.PROTECT, related_name="complaints", db_index=False
    )
    visit = models.ForeignKey(Visit, on_delete=models.SET_NULL, null=True, related_name="+")
    opened_at = models.DateTimeField()
    opened_on = models.DateField()
    category = models.CharField(max_length=80, blank=True)
    text = models.TextField(blank=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_on = models.DateField(null=True)
    resolution = models.TextField(blank=True)
    received_on = models.DateField()

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "external_id"], name="complaint_once")
        ]
        indexes = [models.Index(fields=["vehicle", "opened_at"])]


class Contact(models.Model):
    """One call, message or conversation; without a vehicle it counts for each of the customer's."""

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="contacts", db_index=False
    )
    external_id = models.CharField(max_length=80)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="contacts", db_index=False
    )
    vehicle = models.ForeignKey(
        Vehicle, on_delete=models.PROTECT, null=True, related_name="contacts"
    )
    happened_at = models.DateTimeField()
    happened_on = models.DateField()
    channel = models.CharField(max_length=6, choices=choices.Channel.choices)
    direction = models.CharField(max_length=3, choices=choices.Direction.choices, default="out")
    outcome = models.CharField(max_length=12, choices=choices.Outcome.choices)
    # The day `replied` was first received: an answer has no date of its own.
    replied_on = models.DateField(null=True)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="contacts")
    note = models.TextField(blank=True)
    received_on = models.DateField()

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "external_id"], name="contact_once")
        ]
        # Read by lifecycle/sql/rollup.sql: contacts of the owner, named vehicle or none.
        indexes = [models.Index(fields=["customer", "happened_at"])]


class Appointment(models.Model):
    """An agreed visit; its present status, the former ones in AppointmentChange."""

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="appointments", db_index=False
    )
    external_id = models.CharField(max_length=80)
    vehicle = models.ForeignKey(
        Vehicle, on_delete=models.PROTECT, related_name="appointments", db_index=False
    )
    starts_at = models.DateTimeField()
    starts_on = models.DateField()
    status = models.CharField(max_length=9, choices=choices.AppointmentStatus.choices)
    source = models.CharField(max_length=80, blank=True)
    # Who agreed it here; null for one the DMS sent.
    booked_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(null=True)
    created_on = models.DateField(null=True)
    received_on = models.DateField()

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "external_id"], name="appointment_once")
        ]
        indexes = [
            models.Index(fields=["vehicle", "starts_at"]),
            models.Index(fields=["store", "starts_at"]),
        ]


class AppointmentChange(models.Model):
    """A status an appointment had, and from which date it counts (`status_at`, else receipt)."""

    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, related_name="changes", db_index=False
    )
    status = models.CharField(max_length=9, choices=choices.AppointmentStatus.choices)
    status_at = models.DateTimeField(null=True)
    from_on = models.DateField()

    objects = ScopedManager("appointment__store_id")

    class Meta:
        indexes = [models.Index(fields=["appointment", "from_on", "id"])]


class Engagement(models.Model):
    """A customer's use of the app in one month; a null figure is no data."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="engagement", db_index=False
    )
    month = models.DateField()
    app_opens = models.PositiveIntegerField(null=True)
    enquiries = models.PositiveIntegerField(null=True)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "month"], name="engagement_month_once")
        ]
