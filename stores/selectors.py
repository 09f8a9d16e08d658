"""What pages read of groups, stores, people and the audit log; always within the reader's group."""

import datetime
from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from stores.access import Reader
from stores.choices import THINGS
from stores.models import Absence, AuditEntry, Staff, Store
from stores.rights import RIGHTS, Right

M = TypeVar("M", bound=Model)


def of_group(rows: QuerySet[M], reader: Reader, path: str = "group") -> QuerySet[M]:
    """Rows of the reader's group only: for tables without a store (imports, policies, people)."""
    return rows.filter(**{path: reader.staff.group_id})


def staff_of(reader: Reader) -> QuerySet[Staff]:
    """The people a reader may know of: the group's, or those who share one of the stores."""
    people = of_group(Staff.objects.all(), reader)
    if not reader.is_group_wide:
        people = people.filter(staffstore__store__in=reader.store_ids).distinct()
    return people.order_by("name", "pk")


def people(
    reader: Reader,
    *,
    search: str = "",
    store: Store | None = None,
    role: str = "",
    is_active: bool | None = None,
) -> QuerySet[Staff]:
    """The administrator's list, with stores ready."""
    found = staff_of(reader).prefetch_related("stores")
    if search:
        words = Q(name__icontains=search) | Q(username__icontains=search)
        found = found.filter(words | Q(code__iexact=search))
    if store:
        found = found.filter(stores=store)
    if role:
        found = found.filter(role=role)
    if is_active is not None:
        found = found.filter(is_active=is_active)
    return found


def home_store(staff: Staff) -> Store | None:
    """The one store at which a person works; None for several or the whole group."""
    stores = list(staff.stores.all()[:2])
    return stores[0] if len(stores) == 1 else None


def callers(store: Store) -> QuerySet[Staff]:
    """Who works a call list at a store: advisors, specialists, managers; by name."""
    roles = list(RIGHTS[Right.CALL_LIST])
    here = Staff.objects.filter(is_active=True, role__in=roles, staffstore__store=store)
    return here.order_by("name", "pk")


def present(store: Store, on: datetime.date) -> QuerySet[Staff]:
    """The callers of a store who are not away that day."""
    absent = Absence.objects.filter(starts_on__lte=on, ends_on__gte=on).values("staff_id")
    return callers(store).exclude(pk__in=absent)


def work_together(one: Staff, other: Staff) -> bool:
    """Whether two people share a store."""
    of_other = Store.objects.filter(staffstore__staff=other)
    return bool(of_other.filter(pk__in=one.stores.values("pk")).exists())


def away(staff_ids: Iterable[int], on: datetime.date) -> dict[int, Absence]:
    """{staff id: the absence of that day}, with the stand-in; one query."""
    days = Absence.objects.filter(staff_id__in=list(staff_ids), starts_on__lte=on, ends_on__gte=on)
    return {row.staff_id: row for row in days.select_related("stand_in")}


def absences(store: Store, since: datetime.date) -> QuerySet[Absence]:
    """Absences of a store's people that end on `since` or later, the next first."""
    rows = Absence.objects.filter(staff__staffstore__store=store, ends_on__gte=since)
    return rows.select_related("staff", "stand_in").order_by("starts_on", "staff__name", "pk")


def audit_entries(
    reader: Reader,
    *,
    action: str = "",
    actor: Staff | None = None,
    since: datetime.date | None = None,
    until: datetime.date | None = None,
) -> QuerySet[AuditEntry]:
    """Newest first: entries of the reader's stores, and those of their people without a store."""
    of_people = Q(store=None, actor__in=staff_of(reader).order_by().values("pk"))
    rows = AuditEntry.objects.filter(Q(store__in=reader.store_ids) | of_people)
    rows = rows.filter(**_given(action=action, actor=actor))
    rows = rows.filter(**_given(at__date__gte=since, at__date__lte=until))
    return rows.select_related("actor", "store").order_by("-at", "-pk")


def abouts(entries: Iterable[AuditEntry], reader: Reader) -> dict[int, str]:
    """What each entry is about, in words, by the entry's id; people by name."""
    entries = list(entries)
    ids = {entry.thing_id or 0 for entry in entries if entry.thing == "staff"}
    known = of_group(Staff.objects.filter(pk__in=ids), reader)
    names = {staff.pk: staff.name for staff in known}
    return {entry.pk: _about(entry, names) for entry in entries}


def _about(entry: AuditEntry, names: dict[int, str]) -> str:
    if not entry.thing or entry.thing_id is None:
        return ""
    is_person = entry.thing == "staff"
    which = names.get(entry.thing_id, str(entry.thing_id)) if is_person else str(entry.thing_id)
    return str(THINGS.get(entry.thing, "%(which)s")) % {"which": which}


def _given(**conditions: Any) -> dict[str, Any]:
    return {name: value for name, value in conditions.items() if value}


def second_factor(staff: Staff) -> TOTPDevice | None:
    """The clock device a person signs in with."""
    return TOTPDevice.objects.filter(user=staff, confirmed=True).first()


def pending_device(staff: Staff) -> TOTPDevice | None:
    """A secret that waits for its first code."""
    return TOTPDevice.objects.filter(user=staff, confirmed=False).first()


def recovery_codes_left(staff: Staff) -> int:
    """How many recovery codes were not used yet."""
    return int(StaticToken.objects.filter(device__user=staff).count())


def with_second_factor(staff_ids: Iterable[int]) -> set[int]:
    """Which of these people have set up a second factor."""
    devices = TOTPDevice.objects.filter(user__in=list(staff_ids), confirmed=True)
    return set(devices.values_list("user_id", flat=True))
