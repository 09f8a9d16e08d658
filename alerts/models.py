"""Warnings, tasks, what came of them, and what advisors say on the phone."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from alerts import choices
from customers.choices import Channel, Direction
from customers.models import Appointment, Contact, Customer, Vehicle
from stores.models import Group, PolicySet, Staff, Store
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
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="tasks", db_index=False
    )
    vehicle = models.ForeignKey(
        Vehicle, on_delete=models.PROTECT, related_name="tasks", db_index=False
    )
    kind = models.CharField(max_length=16, choices=choices.TaskKind.choices)
    # What the task is about, once: a base date, a survey, a complaint, a day. Also after closing.
    cycle_key = models.CharField(max_length=40)
    # Found by task_list while open, by task_gone when closed.
    owner = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="tasks", db_index=False
    )
    # Whose customer it is when the owner stands in; null when the owner is the fixed advisor.
    stands_in_for = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    # Given by hand to this person, whoever the rule of TASK-5 would name; also a reminder's author.
    assigned_to = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    opened_on = models.DateField()
    opened_at = models.DateTimeField(db_default=Now())
    # When it came to its present owner, if later than it was opened.
    given_at = models.DateTimeField(null=True)
    # The first date on which it is on the list; later than today while it rests (TASK-4).
    due_on = models.DateField()
    # The moment a duty ends; null: no duty.
    deadline_at = models.DateTimeField(null=True)
    # TASK-2: 0 obligations by deadline, 1 by expected value.
    priority_group = models.PositiveSmallIntegerField(default=1)
    probability = models.DecimalField(max_digits=6, decimal_places=4, default=0)
    profit_amount = models.DecimalField(max_digits=14, decimal_places=4, default=0)
    value_amount = models.DecimalField(max_digits=16, decimal_places=4, default=0)
    # Calls in a row that were not connected (TASK-4).
    attempts = models.PositiveSmallIntegerField(default=0)
    # How to reach the customer: by phone, or in writing after the calls did not get through.
    channel = models.CharField(max_length=6, choices=Channel.choices, db_default="phone")
    # The latest outcome recorded on it.
    result = models.CharField(max_length=12, choices=choices.Result.choices, db_default="")
    # A reminder's text; what somebody noted for a correction.
    note = models.TextField(db_default="")
    proposal = models.CharField(max_length=8, choices=choices.Proposal.choices, db_default="")
    # The outcome that led to it: taken back with it.
    opened_by = models.ForeignKey(
        "alerts.Outcome", on_delete=models.SET_NULL, null=True, related_name="led_to"
    )
    # RISK-2: the same-day duty was not fulfilled by closing time; the manager sees it.
    escalated_at = models.DateTimeField(null=True)
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
                # A person may want to be reminded of two things.
                condition=Q(closed_on__isnull=True) & ~Q(kind=choices.TaskKind.REMINDER),
                name="task_open_once",
            ),
        ]
        indexes = [
            # The call list: one owner's open tasks that do not rest. Their order is made when they
            # are read: what is worth more tomorrow must not move in an index every night.
            models.Index(
                fields=["owner", "due_on"], condition=Q(closed_on__isnull=True), name="task_list"
            ),
            # Read by alerts.selectors.changes: what left a person's list.
            models.Index(
                fields=["owner", "closed_at"],
                condition=Q(closed_at__isnull=False),
                name="task_gone",
            ),
            models.Index(
                fields=["store", "kind"], condition=Q(closed_on__isnull=True), name="task_by_store"
            ),
            models.Index(fields=["customer"]),
            # Read by alerts.services.escalation: duties whose time is up.
            models.Index(
                fields=["deadline_at"],
                condition=Q(
                    closed_on__isnull=True,
                    escalated_at__isnull=True,
                    kind=choices.TaskKind.RISK_CALL,
                    deadline_at__isnull=False,
                ),
                name="task_to_escalate",
            ),
            # Read by alerts/sql/wanted.sql: who was given what by hand.
            models.Index(
                fields=["store"],
                condition=Q(closed_on__isnull=True, assigned_to__isnull=False),
                name="task_assigned",
            ),
        ]

    @property
    def about_id(self) -> int:
        """The complaint, survey or appointment it is about, by its cycle key; 0 for none."""
        number = self.cycle_key.partition(":")[0]
        return int(number) if self.kind in choices.ABOUT_A_ROW and number.isdigit() else 0


class Outcome(models.Model):
    """What a person recorded of one contact with a customer (TASK-4); an undone one stays, marked.

    It is about the card: every task it touched has an OutcomeTask.
    """

    # Made with the form: a double click or a lost answer records once.
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="outcomes", db_index=False
    )
    # The one car it was about; null: all of the customer's.
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, null=True, related_name="+")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    # The local date of `at` in the store's zone.
    on_date = models.DateField()
    channel = models.CharField(max_length=6, choices=Channel.choices, default="phone")
    direction = models.CharField(max_length=3, choices=Direction.choices, default="out")
    result = models.CharField(max_length=12, choices=choices.Result.choices)
    reason = models.CharField(max_length=11, choices=choices.Reason.choices, blank=True)
    callback_at = models.DateTimeField(null=True)
    # The next maintenance date agreed in the 48-hour call (TASK-6).
    agreed_on = models.DateField(null=True)
    note = models.TextField(blank=True)
    contact = models.OneToOneField(Contact, on_delete=models.SET_NULL, null=True, related_name="+")
    appointment = models.ForeignKey(
        Appointment, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # Until then it can be undone; whatever goes outside waits for it (DESIGN §4).
    final_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    # What else an undo puts back, by name: {"is_phone_dead": false, "consent": 17, …}.
    before = models.JSONField(default=dict)

    objects = ScopedManager()

    class Meta:
        indexes = [
            # The progress of a person's day.
            models.Index(fields=["staff", "on_date"]),
            # The latest on a customer: whether somebody was here meanwhile.
            models.Index(fields=["customer", "-at"]),
            # The team's day.
            models.Index(fields=["store", "on_date"]),
        ]


class OutcomeTask(models.Model):
    """A task an outcome closed or put off, and how it was before."""

    outcome = models.ForeignKey(
        Outcome, on_delete=models.CASCADE, related_name="tasks", db_index=False
    )
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="outcomes")
    # {column: value as JSON} of what was changed.
    before = models.JSONField(default=dict)

    objects = ScopedManager("outcome__store_id")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["outcome", "task"], name="outcome_task_once")
        ]


class Script(models.Model):
    """A group's or a store's own words for a kind of call; what we ship is in alerts/wording/.

    `level` and `tier` empty: for all. The most specific one is shown, the store's before the
    group's.
    """

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="+")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=16, choices=choices.TaskKind.choices)
    # yellow, orange, red.
    level = models.CharField(max_length=6, blank=True)
    # high, mid, low.
    tier = models.CharField(max_length=4, blank=True)
    language = models.CharField(max_length=10)
    text = models.TextField()
    # What may be given on this call, in words, and what it costs the store; empty: nothing.
    offer = models.CharField(max_length=200, blank=True)
    offer_cost_amount = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    author = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "store", "kind", "level", "tier", "language"],
                name="script_once",
                nulls_distinct=False,
            )
        ]


class ListLook(models.Model):
    """When a person last took note of what had changed on the own list."""

    staff = models.OneToOneField(Staff, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
