"""What is computed: one rollup row a vehicle and a customer, one state row each, and the history.

The rollups hold sums of a vehicle's own history and know no setting; the states are a function of
the rollup, the date and the policies, and hold nothing that changes by itself every day.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from customers.models import Customer, Vehicle
from lifecycle import choices
from stores.models import PolicySet, Store
from stores.scope import ScopedManager


class VehicleRollup(models.Model):
    """Facts of one vehicle as of `computed_on`; written only by lifecycle/sql/rollup.sql."""

    vehicle = models.OneToOneField(
        Vehicle, on_delete=models.CASCADE, primary_key=True, related_name="rollup"
    )
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+", db_index=False)
    # Owner on that date; null before the first owner's date.
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    computed_on = models.DateField()
    # The next date on which time alone changes this row; null: never.
    ages_on = models.DateField(null=True)
    is_gone = models.BooleanField(default=False)
    delivered_on = models.DateField(null=True)
    visits = models.PositiveIntegerField(default=0)
    maintenance_visits = models.PositiveIntegerField(default=0)
    last_visit_on = models.DateField(null=True)
    base_on = models.DateField(null=True)
    base_km = models.PositiveIntegerField(null=True)
    latest_on = models.DateField(null=True)
    latest_km = models.PositiveIntegerField(null=True)
    window_days = models.IntegerField(default=0)
    window_km = models.IntegerField(default=0)
    # Readings from the base on, in order of arrival: DUE-4 asks for the first at or above a km.
    since_base_on = ArrayField(models.DateField(), default=list)
    since_base_km = ArrayField(models.IntegerField(), default=list)
    survey_id = models.BigIntegerField(null=True)
    survey_on = models.DateField(null=True)
    satisfaction = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    complaints = models.PositiveIntegerField(default=0)
    complaint_id = models.BigIntegerField(null=True)
    complaint_on = models.DateField(null=True)
    calls_missed = models.PositiveIntegerField(default=0)
    call_missed_on = models.DateField(null=True)
    wechats_unanswered = models.PositiveIntegerField(default=0)
    wechat_unanswered_on = models.DateField(null=True)
    # The last outgoing contact, and the last one not after the last sign of life (RISK-3).
    outgoing_on = models.DateField(null=True)
    outgoing_answered_on = models.DateField(null=True)
    confirmed_on = models.DateField(null=True)
    appointments_year = models.PositiveIntegerField(default=0)
    cancelled_year = models.PositiveIntegerField(default=0)
    app_opens = models.PositiveIntegerField(null=True)
    enquiries = models.PositiveIntegerField(null=True)
    # Last three paid maintenance visits: how many, margins known, amounts whose margin is not.
    paid_visits = models.PositiveSmallIntegerField(default=0)
    paid_margin = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    paid_amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)

    objects = ScopedManager()

    class Meta:
        indexes = [
            # Read by the night: rows whose windows turn.
            models.Index(fields=["store", "ages_on"]),
        ]


class CustomerRollup(models.Model):
    """Visits and amounts of one customer, of the days the cars were the customer's."""

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="rollup"
    )
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+", db_index=False)
    computed_on = models.DateField()
    ages_on = models.DateField(null=True)
    is_gone = models.BooleanField(default=False)
    visits = models.PositiveIntegerField(default=0)
    last_visit_on = models.DateField(null=True)
    # The earliest of the customer's visits and of the deliveries to the customer (SEG-3).
    first_fact_on = models.DateField(null=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    recent_visits = models.PositiveIntegerField(default=0)
    recent_amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["store", "ages_on"])]


class VehicleState(models.Model):
    """What the product believes about a vehicle; written only by lifecycle/sql/state.sql."""

    vehicle = models.OneToOneField(
        Vehicle, on_delete=models.CASCADE, primary_key=True, related_name="state"
    )
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, related_name="vehicle_states"
    )
    policy_set = models.ForeignKey(PolicySet, on_delete=models.PROTECT, related_name="+")
    is_gone = models.BooleanField(default=False)
    plan = models.CharField(max_length=160, blank=True)
    due_on = models.DateField(null=True)
    due_basis = models.CharField(max_length=7, choices=choices.Basis.choices, blank=True)
    daily_km = models.DecimalField(max_digits=8, decimal_places=2)
    level = models.CharField(max_length=6, choices=choices.Level.choices)
    is_booked = models.BooleanField(default=False)
    score = models.PositiveSmallIntegerField()
    satisfaction_points = models.PositiveSmallIntegerField(default=0)
    complaint_points = models.PositiveSmallIntegerField(default=0)
    overdue_points = models.PositiveSmallIntegerField(default=0)
    call_points = models.PositiveSmallIntegerField(default=0)
    wechat_points = models.PositiveSmallIntegerField(default=0)
    risk_level = models.CharField(max_length=6, choices=choices.RiskLevel.choices)
    is_dormant = models.BooleanField(default=False)
    is_due_unresponsive = models.BooleanField(default=False)
    is_critical = models.BooleanField(default=False)
    # The later of due date and last visit: from it the days to loss are counted (LIFE-1).
    idle_from_on = models.DateField(null=True)
    is_lost = models.BooleanField(default=False)
    phase = models.CharField(max_length=9, choices=choices.Phase.choices, blank=True)
    survey_id = models.BigIntegerField(null=True)
    complaint_id = models.BigIntegerField(null=True)
    # The day the same-day call arose (RISK-2): the level became high, or a complaint or a low
    # survey came on a high one; no duty when it was high at the store's first run.
    high_on = models.DateField(null=True)
    is_duty = models.BooleanField(default=False)

    objects = ScopedManager()

    class Meta:
        indexes = [
            # Read by the store's warnings page and its counts.
            models.Index(fields=["store", "level"]),
            models.Index(fields=["store", "risk_level", "is_lost"]),
        ]


class CustomerState(models.Model):
    """Stage, segments and value of a customer."""

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="state"
    )
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+", db_index=False)
    policy_set = models.ForeignKey(PolicySet, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=16, choices=choices.Stage.choices)
    stage_since_on = models.DateField()
    won_back_on = models.DateField(null=True)
    rfm = models.CharField(max_length=8, choices=choices.Rfm.choices, blank=True)
    quadrant = models.CharField(max_length=9, choices=choices.Quadrant.choices, blank=True)
    value_tier = models.CharField(max_length=4, choices=choices.ValueTier.choices)
    yearly_amount = models.DecimalField(max_digits=14, decimal_places=2)

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["store", "stage"]),
            models.Index(fields=["store", "value_tier"]),
        ]


class StageTransition(models.Model):
    """A dated change of stage (LIFE-2); one a day and customer, from its first to its last."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="transitions")
    changed_on = models.DateField()
    from_stage = models.CharField(max_length=16, choices=choices.Stage.choices, blank=True)
    to_stage = models.CharField(max_length=16, choices=choices.Stage.choices)
    # Found by replaying month-ends after the first load: the date is the month's end.
    is_reconstructed = models.BooleanField(default=False)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "changed_on"], name="stage_change_once_a_day"
            )
        ]
        indexes = [models.Index(fields=["store", "changed_on"])]


class MonthSnapshot(models.Model):
    """How many vehicles or customers of a store stood where at a month's end."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+", db_index=False)
    month_end_on = models.DateField()
    # stage, level, risk, phase, rfm, quadrant, value_tier, vehicles, customers
    dimension = models.CharField(max_length=16)
    key = models.CharField(max_length=16)
    count = models.PositiveIntegerField()
    is_reconstructed = models.BooleanField(default=False)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "month_end_on", "dimension", "key"], name="snapshot_once"
            )
        ]


class PreChurnScreening(models.Model):
    """Monday's pre-churn index of a vehicle at or above the threshold (RISK-4)."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+", db_index=False)
    vehicle = models.ForeignKey(Vehicle, on_delete=models.CASCADE, related_name="screenings")
    screened_on = models.DateField()
    index = models.DecimalField(max_digits=4, decimal_places=1)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vehicle", "screened_on"], name="screened_once")
        ]
        indexes = [models.Index(fields=["store", "screened_on"])]
