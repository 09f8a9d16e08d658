"""Days people are away and who stands in (TASK-5). Whoever calls settles what that moves."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common.exceptions import DomainError
from common.formats import span
from stores.choices import AuditAction
from stores.models import Absence, Staff
from stores.selectors import home_store, work_together
from stores.services import audit


@dataclass(frozen=True)
class Away:
    """An absence as it is wanted: both days inclusive; without a stand-in the team shares."""

    staff: Staff
    starts_on: date
    ends_on: date
    stand_in: Staff | None = None


@transaction.atomic
def plan(away: Away, *, by: Staff) -> Absence:
    """Enters the absence; the very same one, sent twice, is there once.

    Raises DomainError('backwards'), ('overlap'), ('own_stand_in'), ('other_store') or
    ('stand_in_away').
    """
    # Both people: neither may leave in the same moment because the other seemed to stay.
    ids = {person.pk for person in (away.staff, away.stand_in) if person}
    list(Staff.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    same = Absence.objects.filter(
        staff=away.staff,
        starts_on=away.starts_on,
        ends_on=away.ends_on,
        stand_in=away.stand_in,
    ).first()
    if same:
        return same
    _check(away)
    absence = Absence.objects.create(
        staff=away.staff,
        starts_on=away.starts_on,
        ends_on=away.ends_on,
        stand_in=away.stand_in,
    )
    _record(absence, by, AuditAction.ABSENCE_SET)
    return absence


@transaction.atomic
def end(absence: Absence, *, back_on: date, by: Staff) -> None:
    """The person is back from `back_on` on; an absence that would begin then or later is gone.

    One that was over before stays as it is.
    """
    row = Absence.objects.select_for_update().filter(pk=absence.pk).first()
    if row is None or row.ends_on < back_on:
        return
    _record(row, by, AuditAction.ABSENCE_ENDED)
    if row.starts_on >= back_on:
        row.delete()
    else:
        row.ends_on = back_on - timedelta(days=1)
        row.save(update_fields=["ends_on"])


def _check(away: Away) -> None:
    if away.ends_on < away.starts_on:
        raise DomainError("backwards", _("The last day is before the first."), field="ends_on")
    if known := _in_that_time(away, away.staff).first():
        text = _("%(name)s is away already: %(days)s.")
        raise DomainError("overlap", text % _facts(known, away.starts_on), field="starts_on")
    if away.stand_in:
        _check_stand_in(away, away.stand_in)


def _check_stand_in(away: Away, stand_in: Staff) -> None:
    if stand_in.pk == away.staff.pk:
        text = _("Nobody stands in for himself or herself.")
        raise DomainError("own_stand_in", text, field="stand_in")
    if not stand_in.is_active or not work_together(away.staff, stand_in):
        text = _("%(name)s does not work at this store.") % {"name": stand_in.name}
        raise DomainError("other_store", text, field="stand_in")
    if known := _in_that_time(away, stand_in).first():
        text = _("%(name)s is away in that time and cannot stand in: %(days)s.")
        raise DomainError("stand_in_away", text % _facts(known, away.starts_on), field="stand_in")


def _in_that_time(away: Away, staff: Staff) -> QuerySet[Absence]:
    found = Absence.objects.filter(
        staff=staff, starts_on__lte=away.ends_on, ends_on__gte=away.starts_on
    )
    return found.select_related("staff").order_by("starts_on")


def _facts(known: Absence, near: date) -> dict[str, str]:
    return {"name": known.staff.name, "days": span(known.starts_on, known.ends_on, near)}


def _record(absence: Absence, by: Staff, action: AuditAction) -> None:
    audit.record(
        actor=by,
        action=action,
        store=home_store(absence.staff),
        thing="absence",
        thing_id=absence.pk,
        detail={
            "staff": absence.staff_id,
            "from": absence.starts_on.isoformat(),
            "to": absence.ends_on.isoformat(),
            "stand_in": absence.stand_in_id,
        },
    )
