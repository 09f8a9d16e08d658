"""Values corrected by hand: kept until the source sends another than the one it replaced."""

from typing import Any
from uuid import UUID

from common.crypto import digest, seal
from customers.models import Correction, Customer, Vehicle
from customers.services import keys
from stores.models import Staff

DEAD = "is_phone_dead"
SEALED = ("phone",)


def hold_dead(customer: Customer, *, by: Staff) -> int | None:
    """A valid number that is not the customer's stays dead until the source sends another one.

    Returns the id of the correction; None when there is one already.
    """
    place = {"table": customer._meta.db_table, "row_id": customer.pk}
    # A number put right by hand is kept against the source as it is, dead or not.
    if Correction.objects.filter(**place, column__in=("phone", DEAD)).exists():
        return None
    kept = Correction.objects.create(
        store_id=customer.store_id,
        column=DEAD,
        corrected_by=by,
        **_of_source(customer, customer.phone),
        **place,
    )
    return int(kept.pk)


def release_dead(customer: Customer) -> None:
    """The right number is known."""
    place = {"table": customer._meta.db_table, "row_id": customer.pk}
    Correction.objects.filter(**place, column=DEAD).delete()


def keep(row: Customer | Vehicle, column: str, *, old: str, new: str, by: Staff) -> None:
    """Notes that `column` (a file's column name) no longer says what the source sent.

    `old` is the value there was, as PostgreSQL writes it as text. The first correction knows the
    source's value, later ones leave it; the source's value entered again ends the correction.
    """
    place = {"table": row._meta.db_table, "row_id": row.pk, "column": column}
    if isinstance(row, Customer):
        keys.renew([row.pk])
    known = Correction.objects.filter(**place).first()
    if known is None:
        if old != new:
            source = _of_source(row, old) if column in SEALED else {"replaced": old}
            Correction.objects.create(store_id=row.store_id, corrected_by=by, **source, **place)
    elif known.replaced == (_of_source(row, new)["replaced"] if column in SEALED else new):
        known.delete()
    else:
        known.corrected_by = by
        known.save(update_fields=["corrected_by"])


def _of_source(row: Customer | Vehicle, plain: str) -> dict[str, Any]:
    """The digest that the importer compares with, and what it is made of, bound to the customer."""
    uid = row.uid if isinstance(row, Customer) else UUID(int=0)
    table = Correction._meta.db_table
    return {
        "replaced": digest([plain]).hex(),
        "replaced_sealed": seal(table, "replaced", uid, plain),
    }
