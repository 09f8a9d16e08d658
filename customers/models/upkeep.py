"""What keeps the facts in order: corrections by hand, fix lists, vehicles to settle."""

from django.db import models

from customers import choices
from customers.models.people import Vehicle
from stores.models import Staff, Store
from stores.scope import ScopedManager


class Correction(models.Model):
    """A value corrected by hand, and the source's value it replaced.

    It stays until the source sends another than that one. Of sealed columns the digest is kept, and
    the value sealed, from which the digest is made again when the keys change.
    """

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+")
    table = models.CharField(max_length=40)
    row_id = models.BigIntegerField()
    column = models.CharField(max_length=40)
    replaced = models.TextField()
    replaced_sealed = models.BinaryField(default=b"")
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
