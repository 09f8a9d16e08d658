"""Values corrected by hand: kept until the source sends another than the one it replaced."""

from customers.models import Correction, Customer, Vehicle
from stores.models import Staff

DEAD = "is_phone_dead"


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
        replaced=bytes(customer.phone_digest).hex(),
        corrected_by=by,
        **place,
    )
    return int(kept.pk)


def release_dead(customer: Customer) -> None:
    """The right number is known."""
    place = {"table": customer._meta.db_table, "row_id": customer.pk}
    Correction.objects.filter(**place, column=DEAD).delete()


def keep(row: Customer | Vehicle, column: str, *, old: str, new: str, by: Staff) -> None:
    """Notes that `column` (a file's column name) no longer says what the source sent.

    `old` is the value there was, as PostgreSQL writes it as text; of a sealed one the digest in
    hex. The first correction knows the source's value, later ones leave it; the source's value
    entered again ends the correction.
    """
    place = {"table": row._meta.db_table, "row_id": row.pk, "column": column}
    known = Correction.objects.filter(**place).first()
    if known is None:
        if old != new:
            Correction.objects.create(store_id=row.store_id, replaced=old, corrected_by=by, **place)
    elif known.replaced == new:
        known.delete()
    else:
        known.corrected_by = by
        known.save(update_fields=["corrected_by"])
