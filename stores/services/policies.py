"""Publishing, restoring and resolving versioned settings (DESIGN: settings are policies)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet

from stores.models import Group, Policy, PolicySet, Staff, Store
from stores.policies import PolicyValues, digest, in_force


@dataclass(frozen=True)
class ResolvedSet:
    """The values in force for a store; `policy_set_id` is None when the set was never used."""

    store_id: int
    policy_set_id: int | None
    versions: dict[str, list[int]]
    values: dict[str, Any]


def versions(kind: str, group: Group, store: Store | None) -> QuerySet[Policy]:
    """Published versions of the group (`store` None) or of one store, newest first."""
    found = Policy.objects.filter(kind=kind, group=group, store=store)
    return found.select_related("author").order_by("-number")


def values_in_force(kind: type[PolicyValues], group: Group, store: Store | None) -> dict[str, Any]:
    """The values a run started now would use: shipped, then the group's, then the store's."""
    latest = _latest([group.pk], [kind])
    group_values = latest.get((group.pk, None, kind.kind), _SHIPPED).values
    store_values = latest.get((group.pk, store.pk, kind.kind), _SHIPPED).values if store else {}
    merged = in_force([kind], {kind.kind: group_values}, {kind.kind: store_values})
    values: dict[str, Any] = merged[kind.kind]
    return values


@transaction.atomic
def publish(
    *,
    kind: type[PolicyValues],
    group: Group,
    store: Store | None,
    values: Mapping[str, Any],
    author: Staff | None,
    note: str = "",
) -> Policy:
    """A new version, used from the next run; keeps only what differs from the level above.

    Raises DomainError('bad_policy', field=…) when the values do not fit together.
    """
    # The group's row is the queue: two administrators publishing at once get two numbers.
    Group.objects.select_for_update().get(pk=group.pk)
    above = values_in_force(kind, group, None) if store else in_force([kind], {}, {})[kind.kind]
    kept = _difference(above, dict(values))
    in_force(
        [kind],
        {kind.kind: _latest_values(group, kind) if store else kept},
        {kind.kind: kept if store else {}},
    )
    number = versions(kind.kind, group, store).aggregate(top=Max("number"))["top"] or 0
    return Policy.objects.create(
        group=group,
        store=store,
        kind=kind.kind,
        number=number + 1,
        values=kept,
        note=note,
        author=author,
    )


def restore(policy: Policy, author: Staff | None, note: str = "") -> Policy:
    """A new version with the values of an old one."""
    number = versions(policy.kind, policy.group, policy.store).aggregate(top=Max("number"))["top"]
    return Policy.objects.create(
        group=policy.group,
        store=policy.store,
        kind=policy.kind,
        number=number + 1,
        values=policy.values,
        note=note,
        author=author,
    )


def resolve(stores: Iterable[Store], kinds: Iterable[type[PolicyValues]]) -> list[ResolvedSet]:
    """The set in force now for each store; writes nothing."""
    stores, kinds = list(stores), list(kinds)
    latest = _latest({store.group_id for store in stores}, kinds)
    resolved = []
    for store in stores:
        of_group = {k.kind: latest.get((store.group_id, None, k.kind), _SHIPPED) for k in kinds}
        of_store = {k.kind: latest.get((store.group_id, store.pk, k.kind), _SHIPPED) for k in kinds}
        values = in_force(
            kinds,
            {name: found.values for name, found in of_group.items()},
            {name: found.values for name, found in of_store.items()},
        )
        numbers = {name: [of_group[name].pk, of_store[name].pk] for name in values}
        resolved.append(ResolvedSet(store.pk, None, numbers, values))
    known = {
        (row.store_id, row.digest): row.pk
        for row in PolicySet.objects.filter(store__in=[store.pk for store in stores])
    }
    return [
        ResolvedSet(
            one.store_id,
            known.get((one.store_id, digest(one.versions, one.values))),
            one.versions,
            one.values,
        )
        for one in resolved
    ]


def pin(stores: Iterable[Store], kinds: Iterable[type[PolicyValues]]) -> list[ResolvedSet]:
    """As `resolve`, and keeps each set as a row, so that what it decides can name it."""
    stores, kinds = list(stores), list(kinds)
    found = resolve(stores, kinds)
    # Again when a version was published between the two looks.
    while new := [_row(one) for one in found if one.policy_set_id is None]:
        PolicySet.objects.bulk_create(new, ignore_conflicts=True)
        found = resolve(stores, kinds)
    return found


def _row(one: ResolvedSet) -> PolicySet:
    return PolicySet(
        store_id=one.store_id,
        digest=digest(one.versions, one.values),
        versions=one.versions,
        values=one.values,
    )


@dataclass(frozen=True)
class _Found:
    pk: int
    values: dict[str, Any]


_SHIPPED = _Found(0, {})


def _latest(
    group_ids: Iterable[int], kinds: Iterable[type[PolicyValues]]
) -> dict[tuple[int, int | None, str], _Found]:
    rows = (
        Policy.objects.filter(group__in=group_ids, kind__in=[kind.kind for kind in kinds])
        .order_by("group", "store", "kind", "-number")
        .distinct("group", "store", "kind")
    )
    return {(row.group_id, row.store_id, row.kind): _Found(row.pk, row.values) for row in rows}


def _latest_values(group: Group, kind: type[PolicyValues]) -> dict[str, Any]:
    return _latest([group.pk], [kind]).get((group.pk, None, kind.kind), _SHIPPED).values


def _difference(above: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What of `values` differs from `above`; a key of a dict that is gone becomes None."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict) and isinstance(above.get(name), dict):
            part = {k: v for k, v in value.items() if above[name].get(k) != v}
            part |= {k: None for k in above[name] if k not in value}
            if part:
                kept[name] = part
        elif above.get(name) != value:
            kept[name] = value
    return kept
