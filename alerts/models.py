"""Warnings and tasks."""

from django.db import models
from django.db.models import Q

from alerts import choices
from customers.models import Customer, Vehicle
from stores.models import PolicySet, Staff, Store
from stores.scope import ScopedManager


class Warning(models.Model):
    """A warning that stood on a vehicle from one day to another; a new level is a new row."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+", db_index=False)
    vehicle = models.ForeignKey(Vehicle, on_delete=models.CASCADE, related_name="warnings")
    kind = models.CharField(max_length=4, choices=choices.WarningKind.choices)
    # Of due: yellow, orange, red; of risk: medium, high; of lost: the phase.
    level = models.CharField(max_length=9)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vehicle", "kind"],
                condition=Q(closed_on__isnull=True),
                name="warning_open_once",
            )
        ]
        indexes = [models.Index(fields=["store", "opened_on"])]


class Task(models.Model):
    """One reason to call a customer; a card on the list gathers a customer's tasks."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="tasks")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=16, choices=choices.TaskKind.choices)
    # What the task is about, once: a base date, a survey, a complaint, a day. Also after closing.
    cycle_key = models.CharField(max_length=40)
    owner = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="tasks")
    # Whose customer it is when the owner stands in; null when the owner is the fixed advisor.
    stands_in_for = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    opened_on = models.DateField()
    due_on = models.DateField()
    # The moment a duty ends; null: no duty.
    deadline_at = models.DateTimeField(null=True)
    # TASK-2: 0 obligations by deadline, 1 by expected value.
    priority_group = models.PositiveSmallIntegerField(default=1)
    probability = models.DecimalField(max_digits=6, decimal_places=4, default=0)
    profit_amount = models.DecimalField(max_digits=14, decimal_places=4, default=0)
    value_amount = models.DecimalField(max_digits=16, decimal_places=4, default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    policy_set = models.ForeignKey(PolicySet, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_on = models.DateField(null=True)
    closed_as = models.CharField(max_length=12, choices=choices.ClosedAs.choices, blank=True)

    objects = ScopedManager()

    class Meta:
        constraints = [
            # TASK-1: what is run twice or killed midway makes no second task.
            models.UniqueConstraint(fields=["vehicle", "kind", "cycle_key"], name="task_once"),
            models.UniqueConstraint(
                fields=["vehicle", "kind"],
                condition=Q(closed_on__isnull=True),
                name="task_open_once",
            ),
        ]
        indexes = [
            # The call list: one owner's open tasks in the order of TASK-2.
            models.Index(
                fields=["owner", "priority_group", "deadline_at", "-value_amount"],
                condition=Q(closed_on__isnull=True),
                name="task_list",
            ),
            models.Index(
                fields=["store", "kind"], condition=Q(closed_on__isnull=True), name="task_by_store"
            ),
            models.Index(fields=["customer"]),
        ]
