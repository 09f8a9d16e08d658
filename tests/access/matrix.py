"""The access table of every address: who may, how it answers, and which object it is about.

Written by hand and not read from the marks on the views: two sources that must agree.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from stores.choices import Role
from stores.models import Staff, Store
from tests import factories

EVERYBODY = frozenset(Role)
ADMIN = frozenset({Role.ADMIN})
BOARDS = frozenset({Role.MANAGER, Role.GROUP_MANAGER, Role.ADMIN})
CALLERS = frozenset({Role.ADVISOR, Role.SPECIALIST, Role.MANAGER})
UNMASKERS = frozenset(Role) - {Role.GROUP_MANAGER}
AUDITORS = frozenset({Role.MANAGER, Role.ADMIN})
PUBLIC = None

Kwargs = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Row:
    """One address.

    `answers` maps each method to what it answers to those who may; every other method is a 405.
    `about` makes an object of a store (in reach of `staff`) and gives the address's arguments;
    `data` is what unsafe methods send. `is_locked_to_group`: out of reach for another store's
    manager as well, because only group-wide roles come here at all.
    """

    roles: frozenset[Role] | None
    answers: Mapping[str, int] = dataclasses.field(default_factory=lambda: {"get": 200})
    about: Callable[[Store, Staff], Kwargs] | None = None
    data: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    query: str = ""
    # Arguments that name no object (a kind of setting, say): the same for everybody.
    given: Kwargs = dataclasses.field(default_factory=dict)
    why: str = ""


def _person(store: Store, staff: Staff) -> Kwargs:
    return {"pk": factories.StaffFactory(group=store.group, at=[store]).pk}


POST = {"post": 302}
FORM = {"get": 200, "post": 200}  # an empty form comes back with what is missing

ROWS: dict[str, Row] = {
    # stores
    "login": Row(PUBLIC, {"get": 200}, why="signed in: on to the start page"),
    "logout": Row(EVERYBODY, POST),
    "language": Row(PUBLIC, POST, data={"language": "en", "next": "/account/"}),
    "welcome": Row(PUBLIC, {"get": 404}, given={"token": "x" * 22}),
    "new_password": Row(PUBLIC, {"get": 404}, given={"token": "x" * 22}),
    "set_password": Row(PUBLIC, {"get": 404, "post": 404}),
    "two_factor": Row(EVERYBODY, {"get": 404, "post": 404}, why="switched off in this table"),
    "two_factor_setup": Row(EVERYBODY, {"get": 404, "post": 404}),
    "two_factor_picture": Row(EVERYBODY, {"get": 404}),
    "account": Row(EVERYBODY, FORM),
    "account_end_sessions": Row(EVERYBODY, POST),
    "account_drop_two_factor": Row(EVERYBODY, POST),
    "staff": Row(ADMIN),
    "person_new": Row(ADMIN, FORM),
    "person": Row(ADMIN, FORM, about=_person),
    "person_invite": Row(ADMIN, {"post": 200}, about=_person),
    "person_reset_password": Row(ADMIN, {"post": 200}, about=_person),
    "person_reset_two_factor": Row(ADMIN, POST, about=_person),
    "person_end_sessions": Row(ADMIN, POST, about=_person),
    "audit": Row(AUDITORS),
}
