"""Reads of stores' days: which date is computed, under which policies."""

from collections.abc import Iterable
from datetime import date

from pipeline.models import StoreDay
from stores.models import Store
from stores.services.policies import ResolvedSet


def pinned_sets(stores: Iterable[Store], on: date) -> dict[int, ResolvedSet]:
    """{store id: the set pinned for its day `on`}; stores without that day are left out."""
    found = StoreDay.objects.filter(store__in=stores, on=on).select_related("policy_set")
    return {day.store_id: resolved(day) for day in found}


def latest_days(store_ids: Iterable[int]) -> dict[int, StoreDay]:
    """{store id: its last computed day}, with the policy set."""
    found = (
        StoreDay.objects.filter(store_id__in=list(store_ids))
        .select_related("policy_set")
        .order_by("store_id", "-on")
        .distinct("store_id")
    )
    return {day.store_id: day for day in found}


def resolved(day: StoreDay) -> ResolvedSet:
    """The day's pinned set as the engine takes it."""
    pinned = day.policy_set
    return ResolvedSet(day.store_id, pinned.pk, pinned.versions, pinned.values)
