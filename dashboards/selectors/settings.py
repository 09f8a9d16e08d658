"""What the settings pages show beside the form: versions, differences, stores with their own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext

from customers.models import Vehicle
from dashboards import plan_fields, policy_fields
from lifecycle.policies import PlanPolicy
from stores.models import Group, Policy, Store
from stores.policies import PolicyValues
from stores.services import policies

_GONE = object()


@dataclass(frozen=True)
class Place:
    """Whose settings are shown: the group's, or one store's differences from them."""

    kind: type[PolicyValues]
    group: Group
    store: Store | None

    def values(self) -> dict[str, Any]:
        """What a run started now would use here."""
        return policies.values_in_force(self.kind, self.group, self.store)

    def values_above(self) -> dict[str, Any]:
        """What holds without this place's own version: the group's, or what we ship."""
        if self.store is None:
            return dict(vars(self.kind()))
        return policies.values_in_force(self.kind, self.group, None)

    def latest(self) -> Policy | None:
        """This place's newest version."""
        return policies.versions(self.kind.kind, self.group, self.store).first()

    def base(self) -> str:
        """What a form opened now is based on; a store's form also shows the group's values."""
        numbers = [_number(policies.versions(self.kind.kind, self.group, None).first())]
        if self.store is not None:
            numbers.append(_number(self.latest()))
        return ".".join(str(number) for number in numbers)


def _number(policy: Policy | None) -> int:
    return policy.number if policy else 0


@dataclass(frozen=True)
class Change:
    """One setting that a version changed against the one before."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Version:
    """A line of the history."""

    number: int
    created_at: datetime
    author: str
    note: str
    changes: list[Change]
    is_current: bool


def history(place: Place, limit: int | None = None) -> list[Version]:
    """Versions newest first, each with what it changed."""
    found = policies.versions(place.kind.kind, place.group, place.store)
    rows = list(found if limit is None else found[: limit + 1])
    before = [*(row.values for row in rows[1:]), {}]
    lines = [
        Version(
            number=row.number,
            created_at=row.created_at,
            author=row.author.name if row.author else "",
            note=row.note,
            changes=list(_changes(place, former, row.values)),
            is_current=row is rows[0],
        )
        for row, former in zip(rows, before, strict=False)
    ]
    return lines if limit is None else lines[:limit]


def _changes(place: Place, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Change]:
    if place.kind is PlanPolicy:
        yield from _plan_changes(place, before.get("plans", {}), after.get("plans", {}))
        return
    for setting in policy_fields.settings_of(place.kind.kind):
        old, new = before.get(setting.name, _GONE), after.get(setting.name, _GONE)
        if old == new:
            continue
        shipped = None if place.store else getattr(place.kind(), setting.name)
        texts = (_text_or_above(setting, value, shipped) for value in (old, new))
        yield Change(str(setting.label), *texts)


def _text_or_above(setting: policy_fields.Setting, value: Any, shipped: Any) -> str:
    if value is not _GONE:
        return setting.text(value)
    if shipped is None:
        return gettext("the group's")
    return setting.text(shipped)


def _plan_changes(
    place: Place, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterable[Change]:
    shipped = {} if place.store else PlanPolicy().plans
    for key in sorted({*before, *after}, key=plan_fields.sort_key):
        old, new = (values.get(key, shipped.get(key, _GONE)) for values in (before, after))
        if old != new:
            label = plan_fields.key_label(key)
            yield Change(label, _plan_text(place, old), _plan_text(place, new))


def _plan_text(place: Place, entry: Any) -> str:
    if entry is _GONE:
        return gettext("the group's") if place.store else gettext("none")
    return plan_fields.entry_text(entry)


def stores_with_their_own(place: Place, stores: Iterable[Store]) -> list[Store]:
    """Those of `stores` whose newest version differs from the group's in something."""
    latest = (
        Policy.objects.filter(group=place.group, kind=place.kind.kind, store__in=stores)
        .order_by("store", "-number")
        .distinct("store")
    )
    own = {row.store_id for row in latest if row.values}
    return [store for store in stores if store.pk in own]


def plan_choices(taken: Iterable[str]) -> list[tuple[str, str, int]]:
    """Brands and models of the reader's vehicles without a plan: key, label, number of cars."""
    rows = Vehicle.objects.values("brand", "model").annotate(n=Count("id")).order_by()
    counts: dict[str, int] = {}
    for row in rows:
        for key in (f"brand:{row['brand']}", f"model:{row['brand']}|{row['model']}"):
            counts[key] = counts.get(key, 0) + row["n"]
    free = sorted(set(counts) - set(taken), key=plan_fields.sort_key)
    return [(key, plan_fields.key_label(key), counts[key]) for key in free]
