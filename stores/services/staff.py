"""Changes to people: every one of them may end sessions, none may leave a group without a head."""

import dataclasses
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from common.exceptions import DomainError
from stores.choices import AuditAction, Role
from stores.models import Group, Staff, StaffStore, Store
from stores.selectors import home_store
from stores.services import audit


@dataclasses.dataclass(frozen=True)
class Person:
    """What an administrator decides about a person."""

    name: str
    username: str
    role: Role
    is_active: bool
    stores: tuple[Store, ...]


@transaction.atomic
def add(*, by: Staff, code: str, person: Person) -> Staff:
    """A new person of the administrator's group, without a password until invited."""
    staff = Staff(group_id=by.group_id, code=code)
    _fill(staff, person)
    staff.set_unusable_password()
    staff.save()
    _assign(staff, person.stores)
    _record(by, staff, AuditAction.STAFF_ADDED, role=staff.role, stores=_ids(person.stores))
    return staff


@transaction.atomic
def change(*, by: Staff, staff: Staff, person: Person) -> Staff:
    """Writes the person anew; another role, other stores or leaving ends all sessions (R28).

    Raises DomainError('own_account'), DomainError('last_admin').
    """
    # One lock a group: two administrators cannot demote each other in the same moment.
    Group.objects.select_for_update().get(pk=by.group_id)
    staff = Staff.objects.select_for_update().get(pk=staff.pk, group_id=by.group_id)
    before = (staff.role, staff.is_active, _ids(staff.stores.all()))
    after = (str(person.role), person.is_active, _ids(person.stores))
    _check(by, staff, person)
    _fill(staff, person)
    if before != after:
        staff.session_epoch += 1
    staff.save()
    _assign(staff, person.stores)
    if before == after:
        _record(by, staff, AuditAction.STAFF_CHANGED)
    else:
        _record(by, staff, AuditAction.ROLE_CHANGED, before=list(before), after=list(after))
    return staff


def end_sessions(*, by: Staff, staff: Staff) -> None:
    """Whoever is signed in as `staff` is signed out with the next request."""
    _end(staff)
    _record(by, staff, AuditAction.SESSIONS_ENDED)


@transaction.atomic
def set_password(*, staff: Staff, password: str) -> Staff:
    """A person's own change; ends every session (the caller keeps its own by the new hash)."""
    staff = Staff.objects.select_for_update().get(pk=staff.pk)
    staff.set_password(password)
    staff.session_epoch += 1
    staff.save(update_fields=["password", "session_epoch"])
    _record(staff, staff, AuditAction.PASSWORD_SET)
    return staff


def set_language(*, staff: Staff, language: str) -> None:
    """The language of a person's pages, whatever the browser asks for."""
    Staff.objects.filter(pk=staff.pk).update(language=language)


def set_weekly_mail(*, staff: Staff, is_wanted: bool) -> None:
    """Whether a manager gets the weekly report by e-mail."""
    Staff.objects.filter(pk=staff.pk).update(has_weekly_mail=is_wanted)


def record_sign(*, staff: Staff, action: AuditAction) -> None:
    """Signing in, out, or failing to, of one account."""
    _record(staff, staff, action)


def _check(by: Staff, staff: Staff, person: Person) -> None:
    if staff.pk == by.pk and (not person.is_active or person.role != staff.role):
        raise DomainError("own_account", _("You cannot disable or demote your own account."))
    heads = Staff.objects.filter(group_id=by.group_id, role=Role.ADMIN, is_active=True)
    stays = person.is_active and person.role == Role.ADMIN
    if not stays and not heads.exclude(pk=staff.pk).exists():
        raise DomainError("last_admin", _("A group needs at least one active administrator."))


def _fill(staff: Staff, person: Person) -> None:
    staff.name, staff.role, staff.is_active = person.name, person.role, person.is_active
    staff.username = person.username.lower() or None


def _assign(staff: Staff, stores: Iterable[Store]) -> None:
    wanted = set(_ids(stores))
    StaffStore.objects.filter(staff=staff).exclude(store__in=wanted).delete()
    StaffStore.objects.bulk_create(
        [StaffStore(staff=staff, store_id=pk) for pk in wanted], ignore_conflicts=True
    )


def _ids(stores: Iterable[Store]) -> list[int]:
    return sorted(store.pk for store in stores)


@transaction.atomic
def _end(staff: Staff) -> None:
    locked = Staff.objects.select_for_update().get(pk=staff.pk)
    locked.session_epoch += 1
    locked.save(update_fields=["session_epoch"])


def _record(by: Staff, staff: Staff, action: AuditAction, **detail: object) -> None:
    audit.record(
        actor=by,
        action=action,
        store=home_store(staff),
        thing="staff",
        thing_id=staff.pk,
        detail=detail,
    )
