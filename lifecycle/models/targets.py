"""What a manager expects of an advisor, and what the store spends on its customers."""

from django.core.validators import MinValueValidator
from django.db import models

from lifecycle.choices import Purpose
from stores.models import Staff, Store
from stores.scope import ScopedManager


class RevenueTarget(models.Model):
    """The revenue a person's customers should bring in a month (KPI-1); none: no target."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+", db_index=False)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    # The first of the month.
    month_on = models.DateField()
    amount = models.DecimalField(max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "month_on", "staff"], name="target_once_a_month"
            )
        ]


class Spending(models.Model):
    """What a store spent in a month on winning new or on keeping returning customers (DOMAIN §8).

    No row: not entered, which is not 0. Who entered what before is in the audit log.
    """

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+", db_index=False)
    # The first of the month.
    month_on = models.DateField()
    purpose = models.CharField(max_length=9, choices=Purpose.choices)
    amount = models.DecimalField(max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])
    note = models.CharField(max_length=120, blank=True)
    set_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField(auto_now=True)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "month_on", "purpose"], name="spending_once")
        ]
