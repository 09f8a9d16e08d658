"""One load: its kind and file, who may write where, and today on every store's calendar."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from common.dates import local_date
from exchange.importing.columns import Kind
from exchange.importing.row import Person, StoreInfo
from stores.models import Group, Staff, Store

DEFAULT_GROUP = "Huitou"


@dataclass
class Load:
    """What all parts of a load share."""

    kind: Kind
    now: datetime
    # The day that counts as the day of receipt; None: today on each store's calendar.
    on: date | None
    group: Group | None
    stores: Mapping[str, StoreInfo]
    staff: Mapping[str, Person]
    # Codes this load may write to; None: all of `stores`.
    allowed: frozenset[str] | None
    present: frozenset[str] = frozenset()
    params: dict[str, Any] = field(default_factory=dict)


def prepare(
    kind: Kind,
    now: datetime,
    *,
    on: date | None,
    group: Group | None,
    allowed: frozenset[str] | None,
) -> Load:
    """Reads the stores and the staff, which are few."""
    params = {
        "group": group.pk if group else None,
        "group_name": group.name if group else None,
        "default": group.name if group else DEFAULT_GROUP,
    }
    staff = _staff(group, with_details=kind.name == "staff")
    return Load(kind, now, on, group, _stores(group, now, on), staff, allowed, params=params)


def _stores(group: Group | None, now: datetime, on: date | None) -> dict[str, StoreInfo]:
    rows = Store.objects.all() if group is None else Store.objects.filter(group=group)
    return {
        row.code: StoreInfo(
            row.pk, row.group_id, row.code, row.timezone, on or local_date(now, row.timezone)
        )
        for row in rows
    }


def _staff(group: Group | None, with_details: bool) -> dict[str, Person]:
    if with_details:
        # Codes are unique over all groups: another group's person must be recognised.
        return {
            one.code: Person(one.pk, one.group_id, one.uid, one.email, one.phone)
            for one in Staff.objects.all()
        }
    rows = Staff.objects.values_list("code", "pk", "group_id", "uid")
    return {code: Person(key, of, UUID(str(uid))) for code, key, of, uid in rows}
