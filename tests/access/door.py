"""Knocks at one address as one person and says what is wrong: for the matrix and its control."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from stores.models import Staff, Store
from stores.rights import GROUP_WIDE
from tests.access.matrix import PUBLIC, Kwargs, Row

WRONG_METHOD = "put"


def client_of(staff: Staff | None) -> Client:
    """A browser in which `staff` is signed in (nobody, when None)."""
    client = Client()
    if staff is not None:
        staff.refresh_from_db()
        client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


def faults(
    name: str, row: Row, staff: Staff | None, own: Store, other: Store, foreign: Store
) -> Iterator[str]:
    """What differs from the table: statuses, and traces by which a stranger's object shows."""
    for method in [*row.answers, WRONG_METHOD]:
        if row.about is None:
            yield from _differs(name, row, staff, method, "page", {}, _expected(row, staff, method))
            continue
        yield from _objects(name, row, staff, method, own, other, foreign)


def _objects(
    name: str, row: Row, staff: Staff | None, method: str, own: Store, other: Store, foreign: Store
) -> Iterator[str]:
    assert row.about is not None
    # Who stands for the object's makers: somebody must own a task, say.
    owner = staff or Staff.objects.filter(group=own.group).first()
    mine = _expected(row, staff, method)
    sees_group = staff is None or staff.role in GROUP_WIDE
    # Whoever may not come here at all is told so before any object is looked for.
    may = staff is not None and method in row.answers and mine != 403
    stranger = 404 if may else mine
    near = row.about(own, owner)
    yield from _differs(name, row, staff, method, "own store", near, mine)
    far = row.about(other, owner)
    yield from _differs(
        name, row, staff, method, "other store", far, mine if sees_group else stranger
    )
    theirs = row.about(foreign, owner)
    yield from _differs(name, row, staff, method, "other group", theirs, stranger)
    yield from _tells_apart(name, row, staff, method, theirs)
    if not sees_group:
        yield from _tells_apart(name, row, staff, method, far)


def _tells_apart(
    name: str, row: Row, staff: Staff | None, method: str, theirs: Kwargs
) -> Iterator[str]:
    """T22: somebody else's object and a missing one give the same status, body and query count."""
    there, queries_there = _knock(name, row, staff, method, theirs)
    missing = {key: _missing(value) for key, value in theirs.items()}
    gone, queries_gone = _knock(name, row, staff, method, missing)
    if there.status_code != gone.status_code:
        yield f"{name} {method}: {there.status_code} for a stranger's, {gone.status_code} for none"
    if staff is not None and there.content != gone.content:
        yield f"{name} {method}: the page of a stranger's object differs from that of a missing one"
    if queries_there != queries_gone:
        yield f"{name} {method}: {queries_there} queries for a stranger's, {queries_gone} for none"


def _differs(
    name: str, row: Row, staff: Staff | None, method: str, which: str, kwargs: Kwargs, expected: int
) -> Iterator[str]:
    response, _ = _knock(name, row, staff, method, kwargs)
    if response.status_code != expected:
        yield f"{name} {method} {which}: {response.status_code}, not {expected}"
    elif (
        staff is None and row.roles is not PUBLIC and "/login/" not in response.headers["Location"]
    ):
        yield f"{name} {method} {which}: anonymous is not sent to the sign-in page"


def _knock(
    name: str, row: Row, staff: Staff | None, method: str, kwargs: Kwargs
) -> tuple[HttpResponse, int]:
    client = client_of(staff)
    address = address_of(name, row, kwargs)
    data = dict(row.data) if method != "get" else {}
    call: Any = getattr(client, method)
    with CaptureQueriesContext(connection) as queries:
        response = call(address, data) if method in {"get", "post"} else call(address)
    return response, len(queries)


def address_of(name: str, row: Row, kwargs: Kwargs) -> str:
    """The address; an argument named with a question mark goes into the query."""
    path = {key: value for key, value in kwargs.items() if not key.startswith("?")}
    query = {key[1:]: value for key, value in kwargs.items() if key.startswith("?")}
    return reverse(name, kwargs={**row.given, **path}) + (f"?{urlencode(query)}" if query else "")


def _expected(row: Row, staff: Staff | None, method: str) -> int:
    if row.roles is not PUBLIC:
        if staff is None:
            return 302
        if staff.role not in row.roles:
            return 403
    return row.answers.get(method, 405)


def _missing(value: Any) -> Any:
    return 987_654_321 if isinstance(value, int) else "0" * len(str(value))
