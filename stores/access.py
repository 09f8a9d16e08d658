"""Marks on views: who may open them. The door itself is stores/middleware.py.

Every view carries exactly one mark; a view without one is an error at start (stores/checks.py) and
stays closed at run time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from stores import rights
from stores.choices import Role
from stores.models import Staff, Store
from stores.rights import Right

View = TypeVar("View", bound=Callable[..., Any])


class Door(StrEnum):
    """How far into signing in somebody must be."""

    PUBLIC = "public"
    # After the password, before the second factor: the pages that ask for it, and logging out.
    FIRST_FACTOR = "first_factor"
    SIGNED_IN = "signed_in"


@dataclass(frozen=True)
class Access:
    """What a view asks of its reader."""

    door: Door
    right: Right | None = None


@dataclass(frozen=True)
class Reader:
    """The signed-in person of a request and how far this person sees."""

    staff: Staff
    role: Role
    store_ids: frozenset[int]
    stores: list[Store] = field(hash=False, compare=False)

    @property
    def own_only(self) -> bool:
        """Whether lists start with the reader's own customers (advisors and specialists)."""
        return self.role in rights.OWN_ONLY

    @property
    def is_group_wide(self) -> bool:
        """Whether the reader sees every store of the group."""
        return self.role in rights.GROUP_WIDE

    def has(self, right: Right | str) -> bool:
        """Whether the reader's role includes the right."""
        return rights.has(self.role, Right(right))


class ReaderRequest(HttpRequest):
    """For annotations: a request behind the door."""

    reader: Reader
    htmx: Any


def _mark(view: View, access: Access) -> View:
    if hasattr(view, "access"):
        raise ImproperlyConfigured(f"{view.__name__} has two access marks")
    view.access = access  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Anybody, also without signing in."""
    return _mark(view, Access(Door.PUBLIC))


def first_factor(view: View) -> View:
    """Whoever gave the right password, before the second factor (no store is in reach yet)."""
    return _mark(view, Access(Door.FIRST_FACTOR))


def signed_in(view: View) -> View:
    """Everybody who is signed in, whatever the role."""
    return _mark(view, Access(Door.SIGNED_IN))


def needs(right: Right) -> Callable[[View], View]:
    """Roles with the right, by the table of stores/rights.py."""

    def mark(view: View) -> View:
        return _mark(view, Access(Door.SIGNED_IN, right))

    return mark


def unattended(view: View) -> View:
    """Asked for by an open page again and again: no sign that somebody sits there (R28)."""
    view.is_unattended = True  # type: ignore[attr-defined]
    return view


def is_unattended(view: Callable[..., Any]) -> bool:
    """Whether asking for the view keeps nobody signed in."""
    return getattr(view, "is_unattended", False)


def access_of(view: Callable[..., Any]) -> Access | None:
    """The mark of a view, None when it was forgotten."""
    return getattr(view, "access", None)


def reader_of(staff: Staff) -> Reader:
    """The stores a person sees: those of the group, or those assigned (R24)."""
    role = Role(staff.role)
    stores = Store.objects.filter(group_id=staff.group_id).order_by("name", "id")
    if role not in rights.GROUP_WIDE:
        stores = stores.filter(staffstore__staff=staff)
    found = list(stores)
    return Reader(staff, role, frozenset(store.pk for store in found), found)


def client_ip(request: HttpRequest) -> str:
    """The caller's address; a forwarded one counts only where our own proxies wrote it (R30)."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    # Each proxy appends whom it heard from: read from the right, stop at the first stranger.
    while hops and address in settings.TRUSTED_PROXIES:
        address = hops.pop()
    return address
