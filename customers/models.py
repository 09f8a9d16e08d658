"""Customers, their vehicles and everything that happened to them.

A local date beside a moment (`arrived_at`, `arrived_on`) is that of the row's own store; rules
count in local dates, so they are kept, not computed in every statement. `received_on` is the local
date a row was first received: the date that counts for facts without one of their own.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.crypto import masked_phone, unseal
from customers import choices
from stores.models import Staff, Store
from stores.scope import ScopedManager


class Customer(models.Model):
    """A person or a firm that owns cars serviced at the store."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="customers")
    external_id = models.CharField(_("customer number"), max_length=80)
    name = models.CharField(_("name"), max_length=120)
    # Sort key and search keys: trigrams do not help a two-character name.
    name_pinyin = models.CharField(max_length=240, blank=True)
    name_initials = models.CharField(max_length=60, blank=True)
    name_parts = ArrayField(models.CharField(max_length=4), default=list)
    phone_sealed = models.BinaryField(default=b"")
    phone_index = models.BinaryField(default=b"")
    phone_last4_index = models.BinaryField(default=b"")
    is_phone_dead = models.BooleanField(default=False)
    address_sealed = models.BinaryField(default=b"")
    email_sealed = models.BinaryField(default=b"")
    wechat_sealed = models.BinaryField(default=b"")
    # Keyed digests of the sealed columns' source values: the importer compares without opening.
    phone_digest = models.BinaryField(default=b"")
    address_digest = models.BinaryField(default=b"")
    email_digest = models.BinaryField(default=b"")
    wechat_digest = models.BinaryField(default=b"")
    gender = models.CharField(max_length=8, choices=choices.Gender.choices, default="unknown")
    birth_month = models.PositiveSmallIntegerField(null=True)
    birth_day = models.PositiveSmallIntegerField(null=True)
    birth_year = models.PositiveSmallIntegerField(null=True)
    source = models.CharField(max_length=80, blank=True)
    referred_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    advisor = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="customers"
    )
    occupation = models.CharField(max_length=120, blank=True)
    interests = models.CharField(max_length=400, blank=True)
    dislikes = models.CharField(max_length=400, blank=True)
    notes = models.TextField(blank=True)
    is_influencer = models.BooleanField(default=False)
    is_club_member = models.BooleanField(default=False)
    erased_on = models.DateField(null=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    merged_on = models.DateField(null=True)
    received_on = models.DateField()

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "external_id"], name="customer_number_once")
        ]
        indexes = [
            models.Index(fields=["store", "name_pinyin"]),
            models.Index(fields=["store", "phone_index"]),
            models.Index(fields=["store", "phone_last4_index"]),
            models.Index(fields=["store", "name_initials"]),
            models.Index(fields=["advisor"]),
            GinIndex(fields=["name_parts"], name="customer_name_parts"),
        ]

    def __str__(self) -> str:
        return self.name

    def _open(self, column: str) -> str:
        sealed = getattr(self, f"{column}_sealed")
        return unseal("customers_customer", column, self.uid, sealed)

    @property
    def phone(self) -> str:
        """The number in clear: only for a logged unmasking or a provider."""
        return self._open("phone")

    @property
    def phone_masked(self) -> str:
        return masked_phone(self._open("phone"))

    @property
    def address(self) -> str:
        return self._open("address")

    @property
    def email(self) -> str:
        return self._open("email")

    @property
    def wechat_id(self) -> str:
        return self._open("wechat")


class Vehicle(models.Model):
    """A car; its home store is the one whose advisors care for it."""

    group = models.ForeignKey("stores.Group", on_delete=models.PROTECT, related_name="+")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="vehicles")
    # The owner now; who owned it when stands in Ownership.
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="vehicles")
    vin = models.CharField("VIN", max_length=17)
    plate = models.CharField(_("plate"), max_length=12, blank=True)
    brand = models.CharField(_("brand"), max_length=60)
    model = models.CharField(_("model"), max_length=80)
    powertrain = models.CharField(max_length=4, choices=choices.Powertrain.choices)
    delivered_on = models.DateField(_("delivered"), null=True)
    warranty_months = models.PositiveSmallIntegerField(null=True)
    warranty_km = models.PositiveIntegerField(null=True)
    status = models.CharField(
        max_length=8, choices=choices.VehicleStatus.choices, default="active"
    )
    # From when the status counts: as sent, else the day it was first received. Null while active.
    status_on = models.DateField(null=True)
    received_on = models.DateField()

    objects = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "vin"], name="vin_once_in_group")]
        indexes = [
            models.Index(fields=["store", "id"]),
            models.Index(fields=["customer"]),
            models.Index(fields=["vin"]),
            models.Index(fields=["store", "plate"]),
        ]

    def __str__(self) -> str:
        return self.vin


class Ownership(models.Model):
    """Who owned a car from which date (inclusive) to the next owner's; null: from the beginning."""

    vehicle = models.ForeignKey(Vehicle, on_delete=models.CASCADE, related_name="ownerships")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="ownerships")
    since_on = models.DateField(null=True)
    # The day before the next owner's first; null for the present owner.
    until_on = models.DateField(null=True)

    objects = ScopedManager("customer__store_id")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vehicle", "since_on"], name="owner_once_a_day", nulls_distinct=False
            )
        ]
        indexes = [models.Index(fields=["customer", "vehicle"])]


class Visit(models.Model):
    """One work order; work orders of one vehicle on one day are one visit to the rules."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="visits")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="visits")
    # Owner of the vehicle on that day; kept in step by the importer when an ownership changes.
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, related_name="visits"
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
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="surveys")
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

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="complaints")
    external_id = models.CharField(max_length=80)
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="complaints")
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

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="contacts")
    external_id = models.CharField(max_length=80)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contacts")
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

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="appointments")
    external_id = models.CharField(max_length=80)
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="appointments")
    starts_at = models.DateTimeField()
    starts_on = models.DateField()
    status = models.CharField(max_length=9, choices=choices.AppointmentStatus.choices)
    source = models.CharField(max_length=80, blank=True)
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

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="changes")
    status = models.CharField(max_length=9, choices=choices.AppointmentStatus.choices)
    status_at = models.DateTimeField(null=True)
    from_on = models.DateField()

    objects = ScopedManager("appointment__store_id")

    class Meta:
        indexes = [models.Index(fields=["appointment", "from_on", "id"])]


class Engagement(models.Model):
    """A customer's use of the app in one month; a null figure is no data."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="engagement")
    month = models.DateField()
    app_opens = models.PositiveIntegerField(null=True)
    enquiries = models.PositiveIntegerField(null=True)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "month"], name="engagement_month_once")
        ]


class ConsentEvent(models.Model):
    """Marketing consent given or withdrawn for one channel; rows are only added.

    A later `given_at` wins, an undated row never grants again, withdrawal wins ties.
    """

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    channel = models.CharField(max_length=6, choices=choices.Channel.choices)
    is_granted = models.BooleanField()
    given_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=40, default="file")
    wording = models.CharField(max_length=40, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "channel", "is_granted", "given_at", "source"],
                name="consent_event_once",
                nulls_distinct=False,
            )
        ]


class Correction(models.Model):
    """A value corrected by hand, and the source's value it replaced.

    It stays until the source sends another than that one. Of sealed columns the digest is kept.
    """

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+")
    table = models.CharField(max_length=40)
    row_id = models.BigIntegerField()
    column = models.CharField(max_length=40)
    replaced = models.TextField()
    corrected_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    corrected_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["table", "row_id", "column"], name="correction_once")
        ]


class Finding(models.Model):
    """A line of the fix list: a row that was accepted with a warning."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField(max_length=20, choices=choices.FindingKind.choices)
    table = models.CharField(max_length=40)
    row_id = models.BigIntegerField()
    found_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "table", "row_id"], name="finding_once")
        ]
        indexes = [models.Index(fields=["store", "kind"])]


class DirtyVehicle(models.Model):
    """A vehicle whose facts changed and whose state is to be settled; append-only queue.

    Not unique: a mark set while another transaction settles the same car must not be lost.
    """

    vehicle = models.ForeignKey(Vehicle, on_delete=models.CASCADE, related_name="+")
    marked_at = models.DateTimeField(auto_now_add=True)
