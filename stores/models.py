"""Groups, stores, staff and what they may see; versioned policies; the audit log."""

import uuid
from collections.abc import Iterator
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from common.crypto import unseal
from stores.choices import AuditAction, LinkPurpose, PolicyKind, Role


class Group(models.Model):
    """A dealer group: owns stores, group-wide policies, and the VINs unique within it."""

    name = models.CharField(_("name"), max_length=120, unique=True)

    def __str__(self) -> str:
        return self.name


class Store(models.Model):
    """One dealership: the unit that owns customers, staff and reports."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="stores")
    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    city = models.CharField(_("city"), max_length=80, blank=True)
    timezone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    opens_at = models.TimeField(_("opens"), default="08:30")
    closes_at = models.TimeField(_("closes"), default="17:30")
    bays = models.PositiveSmallIntegerField(_("bays"), default=0)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class StaffManager(BaseUserManager["Staff"]):
    """Staff sign in by user name, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "Staff":
        return self.get(username__iexact=username)


class Staff(AbstractBaseUser):
    """A person who works at a store and, once invited, signs in."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="staff")
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("staff code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    # Null, not empty: two people without a user name must not collide.
    username = models.CharField(_("user name"), max_length=80, unique=True, null=True, blank=True)
    email_sealed = models.BinaryField(default=b"")
    phone_sealed = models.BinaryField(default=b"")
    source_digest = models.BinaryField(default=b"")
    is_active = models.BooleanField(_("active"), default=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    # Managers may do without the weekly report by e-mail.
    has_weekly_mail = models.BooleanField(default=True, db_default=True)
    # Raised when role, stores or second factor change: every open session ends at once (R28).
    session_epoch = models.PositiveIntegerField(default=0)
    stores: "models.ManyToManyField[Store, StaffStore]" = models.ManyToManyField(
        Store, through="StaffStore", related_name="staff"
    )

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = StaffManager()

    class Meta:
        indexes = [models.Index(fields=["group", "role"])]
        constraints = [
            # People sign in whatever the case: "Ben" and "ben" would be one person to the door.
            models.UniqueConstraint(Lower("username"), name="username_once_in_any_case")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def email(self) -> str:
        return unseal("stores_staff", "email", self.uid, self.email_sealed)

    @property
    def phone(self) -> str:
        return unseal("stores_staff", "phone", self.uid, self.phone_sealed)

    def get_session_auth_hash(self) -> str:
        """Also covers role and epoch: a change of either ends old sessions, whoever made it."""
        return f"{super().get_session_auth_hash()}.{self.session_epoch}.{self.role}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """As above under the former secret keys, so that a rotation signs nobody out."""
        for former in super().get_session_auth_fallback_hash():
            yield f"{former}.{self.session_epoch}.{self.role}"


class StaffStore(models.Model):
    """A store at which a person works; group managers and administrators need no row."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE)
    store = models.ForeignKey(Store, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "store"], name="staff_store_once")]


class Absence(models.Model):
    """Days a person is away, both ends inclusive, and who stands in."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="absences")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    stand_in = models.ForeignKey(
        Staff, on_delete=models.PROTECT, related_name="stands_in_for", null=True, blank=True
    )

    class Meta:
        # Who is here today, and who stands in: alerts/sql/wanted.sql.
        indexes = [models.Index(fields=["staff", "starts_on", "ends_on"])]


class AccessLink(models.Model):
    """A one-time link to set a password; only the digest of its token is kept (R31)."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="links")
    purpose = models.CharField(max_length=10, choices=LinkPurpose.choices)
    token_digest = models.BinaryField(max_length=32, unique=True)
    created_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class LinkMiss(models.Model):
    """How often links that lead nowhere were opened from an address, in a quarter of an hour."""

    # Keyed digest: the address itself is nobody's business.
    address_digest = models.BinaryField(max_length=16, unique=True)
    since = models.DateTimeField()
    misses = models.PositiveIntegerField(default=1)


class Policy(models.Model):
    """One immutable version of a group of settings (DESIGN: settings are versioned policies).

    `store` empty: the group's; a store's version holds only what differs from the group's.
    """

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="policies")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, null=True, related_name="policies")
    kind = models.CharField(max_length=20, choices=PolicyKind.choices)
    number = models.PositiveIntegerField()
    values = models.JSONField(default=dict)
    note = models.CharField(_("note"), max_length=200, blank=True)
    author = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "store", "kind", "number"],
                name="policy_number_once",
                nulls_distinct=False,
            )
        ]


class PolicySet(models.Model):
    """The versions that together decided a store's rows; kept by state, task and message.

    Not one row a day: the same versions are the same set, so an unchanged night writes nothing.
    """

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="policy_sets")
    # {kind: [group policy id or 0, store policy id or 0]}; 0 is the figure we ship.
    versions = models.JSONField()
    values = models.JSONField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "digest"], name="policy_set_once")]


class AuditEntry(models.Model):
    """Who did what to which row, when and why; only ever added to (R40). Details hold ids."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=40)
    thing = models.CharField(max_length=40, blank=True)
    thing_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["thing", "thing_id", "-at"]),
            models.Index(fields=["store", "-at"]),
        ]

    @property
    def label(self) -> str:
        """The action in words."""
        return str(AuditAction(self.action).label)
