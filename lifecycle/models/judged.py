"""What became of the cars that were warned of: the boards look back at month-ends."""

from django.db import models

from customers.models import Customer, Vehicle
from lifecycle.choices import RiskLevel
from stores.models import Store
from stores.scope import ScopedManager


class JudgedWarning(models.Model):
    """A car that was flagged at a month-end, and what the 90 days after it showed.

    Flagged and scored as a replay of that day says, judged as one of the 90th day after it says.
    Cars due then (yellow or worse), and those at high or medium risk although not due; written anew
    by `lifecycle.services.hindsight` when facts of the past came late.
    """

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    vehicle = models.ForeignKey(Vehicle, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    month_end_on = models.DateField()
    risk_level = models.CharField(max_length=6, choices=RiskLevel.choices)
    score = models.PositiveSmallIntegerField()
    is_due = models.BooleanField()
    days_overdue = models.PositiveIntegerField()
    idle_days = models.PositiveIntegerField()
    has_come = models.BooleanField()
    is_lost = models.BooleanField()

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "month_end_on", "vehicle"], name="judged_once_a_month"
            )
        ]
