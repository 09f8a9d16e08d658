"""Imported files: progress, counts and the rows that were rejected."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from exchange import choices
from stores.models import Group, Staff


class ImportFile(models.Model):
    """One file that was or is being imported."""

    # Null: loaded from the command line for all groups.
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=12, choices=choices.FileKind.choices)
    name = models.CharField(max_length=200)
    # Where an upload waits for the worker, relative to HUITOU_HOME; empty once read.
    path = models.CharField(max_length=300, blank=True)
    # Made from the form's own number: a form sent twice is one import.
    upload_uid = models.UUIDField(null=True, unique=True)
    state = models.CharField(max_length=8, choices=choices.ImportState.choices, default="waiting")
    uploaded_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # Raised while reading: a worker that died leaves it behind (R5's lease for imports).
    lease_until = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(default=0)
    handled = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    warned = models.PositiveIntegerField(default=0)
    # Counts by kind of warning, and the extra columns that were passed over.
    warnings = models.JSONField(default=dict)
    ignored_columns = ArrayField(models.CharField(max_length=80), default=list)
    header = ArrayField(models.CharField(max_length=80), default=list)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["-created_at"])]


class ImportRejection(models.Model):
    """A rejected row: where, why, and the row itself sealed, so that it can be corrected."""

    file = models.ForeignKey(ImportFile, on_delete=models.CASCADE, related_name="rejections")
    uid = models.UUIDField()
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=80, blank=True)
    value_masked = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=200)
    row_sealed = models.BinaryField(default=b"")

    class Meta:
        indexes = [models.Index(fields=["file", "line"])]
