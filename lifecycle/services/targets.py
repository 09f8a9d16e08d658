"""The manager's revenue targets (KPI-1)."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from lifecycle.models import RevenueTarget
from lifecycle.selectors.scorecard import targets_in
from stores.choices import AuditAction
from stores.models import Staff, Store
from stores.services import audit


@transaction.atomic
def set_targets(
    store: Store, month_on: date, amounts: Mapping[int, Decimal | None], *, by: Staff
) -> int:
    """The month's amounts by staff id, None or 0 for no target; returns how many changed.

    People who are not named keep theirs. The same once more changes nothing and is not recorded.
    """
    # One manager at a time: what is compared is what is written.
    Store.objects.select_for_update(no_key=True).get(pk=store.pk)
    known = targets_in(store, month_on)
    wanted = {pk: amount or None for pk, amount in amounts.items()}
    changed = {pk: amount for pk, amount in wanted.items() if known.get(pk) != amount}
    for pk, amount in changed.items():
        row = {"store": store, "staff_id": pk, "month_on": month_on}
        if amount is None:
            RevenueTarget.objects.filter(**row).delete()
        else:
            RevenueTarget.objects.update_or_create(**row, defaults={"amount": amount})
    if changed:
        _record(store, month_on, changed, by)
    return len(changed)


def copy_last_month(store: Store, month_on: date, *, by: Staff) -> int:
    """The month before's amounts for whoever has none yet; returns how many."""
    before = targets_in(store, (month_on - timedelta(days=1)).replace(day=1))
    known = targets_in(store, month_on)
    missing = {pk: amount for pk, amount in before.items() if pk not in known}
    return set_targets(store, month_on, missing, by=by)


def _record(store: Store, month_on: date, changed: Mapping[int, Decimal | None], by: Staff) -> None:
    amounts = {str(pk): None if amount is None else str(amount) for pk, amount in changed.items()}
    audit.record(
        actor=by,
        action=AuditAction.TARGET_SET,
        store=store,
        detail={"month": f"{month_on:%Y-%m}", "amounts": amounts},
    )
