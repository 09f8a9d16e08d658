"""Runs people can see: one row a run, one a chunk of stores, one a store's day."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from pipeline import choices
from stores.models import PolicySet, Staff, Store
from stores.scope import ScopedManager


class JobRun(models.Model):
    """One run of a job for a business date; at most one of a kind and date is open."""

    kind = models.CharField(max_length=10, choices=choices.JobKind.choices)
    business_date = models.DateField()
    attempt = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=choices.JobState.choices, default="open")
    started_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "business_date", "attempt"], name="run_attempt_once"
            ),
            models.UniqueConstraint(
                fields=["kind", "business_date"], condition=Q(state="open"), name="run_open_once"
            ),
        ]
        indexes = [models.Index(fields=["-started_at"])]


class JobChunk(models.Model):
    """About ten stores of a run, claimed under a lease; its result and `done` commit together."""

    run = models.ForeignKey(JobRun, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    store_ids = ArrayField(models.BigIntegerField())
    # The date computed: a run of month-ends has many.
    as_of = models.DateField()
    state = models.CharField(max_length=12, choices=choices.ChunkState.choices, default="waiting")
    attempt = models.PositiveSmallIntegerField(default=0)
    # Of the attempts, those that ended with their worker or their database.
    forgiven = models.PositiveSmallIntegerField(default=0, db_default=0)
    claimed_by = models.CharField(max_length=80, blank=True)
    claimed_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # Vehicles read, states written, warnings and tasks opened and closed: {name: count}.
    counts = models.JSONField(default=dict)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="chunk_once")]
        indexes = [
            # Read by the claim: what waits or whose lease ran out.
            models.Index(
                fields=["lease_until", "id"],
                condition=Q(state__in=["waiting", "claimed"]),
                name="chunk_claim",
            )
        ]


class StoreDay(models.Model):
    """A store's computed day and the policy set pinned for it."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="days")
    on = models.DateField()
    run = models.ForeignKey(JobRun, on_delete=models.PROTECT, related_name="+")
    policy_set = models.ForeignKey(PolicySet, on_delete=models.PROTECT, related_name="+")
    is_first = models.BooleanField(default=False)
    computed_at = models.DateTimeField()

    objects = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "on"], name="store_day_once")]
