"""What a manager enters as spent on new and on returning customers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from lifecycle.models import Spending
from lifecycle.selectors.spending import spending_in
from stores.choices import AuditAction
from stores.models import Staff, Store
from stores.services import audit


@dataclass(frozen=True)
class Given:
    """An amount in yuan, None for "not entered", and a short note."""

    amount: Decimal | None
    note: str = ""


@transaction.atomic
def set_spending(store: Store, month_on: date, given: Mapping[str, Given], *, by: Staff) -> int:
    """The month's spending by purpose; returns how many rows changed. 0 is an amount, None is none.

    Purposes that are not named keep theirs. The same once more changes nothing.
    """
    # One manager at a time: what is compared is what is written.
    Store.objects.select_for_update(no_key=True).get(pk=store.pk)
    known = {one.purpose: Given(one.amount, one.note) for one in spending_in(store, month_on)}
    absent = Given(None)
    changed = {name: one for name, one in given.items() if known.get(name, absent) != one}
    for purpose, one in changed.items():
        row = {"store": store, "month_on": month_on, "purpose": purpose}
        if one.amount is None:
            Spending.objects.filter(**row).delete()
        else:
            facts = {"amount": one.amount, "note": one.note, "set_by": by}
            Spending.objects.update_or_create(**row, defaults=facts)
    if changed:
        _record(store, month_on, changed, by)
    return len(changed)


def _record(store: Store, month_on: date, changed: Mapping[str, Given], by: Staff) -> None:
    amounts = {
        name: None if one.amount is None else str(one.amount) for name, one in changed.items()
    }
    audit.record(
        actor=by,
        action=AuditAction.SPENDING_SET,
        store=store,
        detail={"month": f"{month_on:%Y-%m}", "amounts": amounts},
    )
