"""The boards' figures: counted each night from members, read by the pages instead of the visits."""

from django.db import models

from customers.models import Customer
from stores.models import PolicySet, Staff, Store
from stores.scope import ScopedManager


class AdvisorSpell(models.Model):
    """From which day a customer had which advisor; null: from the beginning, as far as known.

    Written by the night when the advisor is another than the last spell's, so that a period's
    figures belong to whoever had the customer at its start (DOMAIN: fairness).
    """

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="advisor_spells", db_index=False
    )
    advisor = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    since_on = models.DateField(null=True)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "since_on"], name="advisor_once_a_day", nulls_distinct=False
            )
        ]


class BoardDay(models.Model):
    """As of when a store's board was counted, and under which versions of the settings."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    board = models.CharField(max_length=16)
    as_of = models.DateField()
    policy_set = models.ForeignKey(
        PolicySet, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "board"], name="board_once_a_store")
        ]


class BoardCell(models.Model):
    """How many members of a board share these marks, how many of them are hits, and their amount.

    The boards and what `item`, `part` and a hit mean: lifecycle/sql/boards/*.sql. Each member is
    counted once a `split`: in the store's total ('') and under its advisor, model, powertrain and
    band, one at a time; all of them at once would be nearly a cell a car. Without a store: the sum
    of all stores (services.group), but for what is parted by advisor.
    """

    store = models.ForeignKey(
        Store, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    board = models.CharField(max_length=16)
    split = models.CharField(max_length=10, blank=True)
    # A month (2026-05; older than two years: older), a stretch of months (12m, 12m-1), or nothing.
    period = models.CharField(max_length=8, blank=True)
    item = models.CharField(max_length=32)
    part = models.CharField(max_length=32, blank=True)
    advisor = models.ForeignKey(
        Staff, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    model = models.CharField(max_length=160, blank=True)
    powertrain = models.CharField(max_length=4, blank=True)
    band = models.CharField(max_length=8, blank=True)
    n = models.PositiveIntegerField()
    hits = models.PositiveIntegerField()
    amount = models.DecimalField(max_digits=16, decimal_places=4)

    objects = ScopedManager()

    class Meta:
        constraints = [
            # Also the index of every page: one store's board, its total or one split.
            models.UniqueConstraint(
                fields=[
                    "store",
                    "board",
                    "split",
                    "period",
                    "item",
                    "part",
                    "advisor",
                    "model",
                    "powertrain",
                    "band",
                ],
                name="board_cell_once",
                nulls_distinct=False,
            )
        ]
