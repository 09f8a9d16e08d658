"""What a manager expects of an advisor."""

from django.core.validators import MinValueValidator
from django.db import models

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
