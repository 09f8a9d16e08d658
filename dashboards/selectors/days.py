"""The computed day of each store: the date every page is as of, and the settings pinned for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from alerts.policies import TaskPolicy
from lifecycle.policies import WarningPolicy
from pipeline.models import StoreDay
from pipeline.selectors.days import latest_days
from stores.models import Policy, PolicySet, Store


@dataclass(frozen=True)
class Day:
    """A store's latest computed day; before the first one `is_computed` is false."""

    store: Store
    as_of: date
    computed_at: datetime | None = None
    policy_set: PolicySet | None = None

    @property
    def is_computed(self) -> bool:
        return self.policy_set is not None

    @property
    def index_threshold(self) -> int:
        """From which pre-churn index on a car is in pre-churn (RISK-4), by the pinned settings."""
        policy: WarningPolicy = WarningPolicy.from_json(self._values("warning"))
        return policy.index_threshold

    @property
    def task_policy(self) -> TaskPolicy:
        """The settings of the queue that are pinned for the day."""
        policy: TaskPolicy = TaskPolicy.from_json(self._values("task"))
        return policy

    def _values(self, kind: str) -> dict[str, Any]:
        return dict(self.policy_set.values.get(kind, {})) if self.policy_set else {}

    def capacity(self, role: str) -> int:
        """Cards a day of a person of this role (TASK-5), by the settings pinned for the day."""
        policy = self.task_policy
        return int(getattr(policy, f"{role}_capacity", policy.manager_capacity))


def latest(stores: Iterable[Store], known: Mapping[int, StoreDay] | None = None) -> dict[int, Day]:
    """{store id: its day}, in the stores' order; one query, none when every day is `known`."""
    found = list(stores)
    by_store = dict(known or {})
    asked = [store.pk for store in found if store.pk not in by_store]
    if asked:
        by_store |= latest_days(asked)
    days = {}
    for store in found:
        row = by_store.get(store.pk)
        days[store.pk] = (
            Day(store, row.on, row.computed_at, row.policy_set)
            if row
            else Day(store, timezone.localdate())
        )
    return days


def versions(day: Day) -> list[Policy]:
    """The published versions behind the day's rows; none while everything is as shipped."""
    if day.policy_set is None:
        return []
    ids = {number for pair in day.policy_set.versions.values() for number in pair if number}
    return list(Policy.objects.filter(pk__in=ids).order_by("kind", "store_id")) if ids else []
