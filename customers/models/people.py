"""Customers, their cars and who owned which when.

A foreign key without an index of its own leads one that says more: each costs every row written.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.crypto import masked_phone, unseal
from customers import choices
from stores.models import Staff, Store
from stores.scope import ScopedManager


class Customer(models.Model):
    """A person or a firm that owns cars serviced at the store."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="customers", db_index=False
    )
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
        Staff, on_delete=models.PROTECT, null=True, related_name="customers", db_index=False
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
            # Few: found by what counts the others (lifecycle/sql/board.sql).
            models.Index(
                fields=["id"],
                condition=Q(erased_on__isnull=False) | Q(merged_into__isnull=False),
                name="customer_gone",
            ),
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
    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="vehicles", db_index=False
    )
    # The owner now; who owned it when stands in Ownership.
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="vehicles", db_index=False
    )
    vin = models.CharField("VIN", max_length=17)
    plate = models.CharField(_("plate"), max_length=12, blank=True)
    brand = models.CharField(_("brand"), max_length=60)
    model = models.CharField(_("model"), max_length=80)
    powertrain = models.CharField(max_length=4, choices=choices.Powertrain.choices)
    delivered_on = models.DateField(_("delivered"), null=True)
    warranty_months = models.PositiveSmallIntegerField(null=True)
    warranty_km = models.PositiveIntegerField(null=True)
    status = models.CharField(max_length=8, choices=choices.VehicleStatus.choices, default="active")
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

    vehicle = models.ForeignKey(
        Vehicle, on_delete=models.CASCADE, related_name="ownerships", db_index=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="ownerships", db_index=False
    )
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


class ConsentEvent(models.Model):
    """Marketing consent given or withdrawn for one channel; rows are only added.

    A later `given_at` wins, an undated row never grants again, withdrawal wins ties.
    """

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="consents", db_index=False
    )
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
