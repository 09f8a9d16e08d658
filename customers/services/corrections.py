"""Values corrected by hand: kept until the source sends another than the one it replaced."""

from customers.models import Correction, Customer, Vehicle
from stores.models import Staff


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
