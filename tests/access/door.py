"""Knocks at one address as one person and says what is wrong: for the matrix and its controls."""

from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from stores.models import Staff, Store
from stores.rights import GROUP_WIDE
from tests.access.matrix import PUBLIC, Kwargs, Row
from tests.access.pages import Tally, header_faults, inline_faults
from tests.figures import size

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
# Beside those an address answers to; all of them are turned away by the same decorator.
WRONG = size(("put",), METHODS)


def client_of(staff: Staff | None) -> Client:
    """A browser in which `staff` is signed in (nobody, when None)."""
    client = Client()
    if staff is not None:
        staff.refresh_from_db()
        client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


class Door:
    """One address and one person; each knock is taken back, so that all see the same world."""

    def __init__(self, name: str, row: Row, staff: Staff | None, tally: Tally | None = None):
        self.name, self.row, self.staff = name, row, staff
        self.tally = Tally() if tally is None else tally
        self.tally.addresses.add(name)
        self.client = client_of(staff)
        self.cookies = self.client.cookies.output(header="", sep=";")

    def methods(self) -> list[str]:
        return [*dict.fromkeys([*self.row.answers, *WRONG])]

    def faults(self, own: Store, other: Store, foreign: Store) -> Iterator[str]:
        """What differs from the table: statuses, and traces by which a stranger's object shows."""
        about = self.row.about
        if about is None:
            for method in self.methods():
                yield from self._differs(method, "page", {}, self._expected(method))
            return
        # Who stands for the object's makers: somebody must own a task, say.
        owner: Any = self.staff or Staff.objects.filter(group=own.group).first()
        near, far, theirs = (about(store, owner) for store in (own, other, foreign))
        for method in self.methods():
            yield from self._objects(method, near, far, theirs)

    def _objects(self, method: str, near: Kwargs, far: Kwargs, theirs: Kwargs) -> Iterator[str]:
        mine = self._expected(method)
        sees_group = self.staff is None or self.staff.role in GROUP_WIDE
        # Whoever may not come here at all is told so before any object is looked for.
        is_answered = method in self.row.answers or (method == "head" and "get" in self.row.answers)
        may = self.staff is not None and is_answered and mine != {403}
        stranger = {404} if may else mine
        if method == "head" and 405 in mine:
            stranger = {404, 405}  # some pages answer it, some turn it away at once
        yield from self._differs(method, "own store", near, mine)
        yield from self._differs(method, "other store", far, mine if sees_group else stranger)
        yield from self._differs(method, "other group", theirs, stranger)
        yield from self._tells_apart(method, theirs)
        if not sees_group:
            yield from self._tells_apart(method, far)

    def _tells_apart(self, method: str, theirs: Kwargs) -> Iterator[str]:
        """T22: somebody else's object and a missing one give the same, at the same cost."""
        missing = {key: _missing(value) for key, value in theirs.items()}
        there, asked_there = self.knock(method, theirs)
        gone, asked_gone = self.knock(method, missing)
        who = f"{self.name} {method}"
        if there.status_code != gone.status_code:
            yield f"{who}: {there.status_code} for a stranger's, {gone.status_code} for none"
        if self.staff is not None and _said(there) != _said(gone):
            yield f"{who}: the page of a stranger's object differs from that of a missing one"
        if asked_there != asked_gone:
            yield f"{who}: {asked_there} queries for a stranger's, {asked_gone} for none"

    def _differs(
        self, method: str, which: str, kwargs: Kwargs, expected: set[int]
    ) -> Iterator[str]:
        answer, _ = self.knock(method, kwargs)
        who = f"{self.name} {method} {which}"
        if answer.status_code not in expected:
            yield f"{who}: {answer.status_code}, not {min(expected)}"
        elif (
            self.staff is None
            and self.row.roles is not PUBLIC
            and "/login/" not in answer.headers["Location"]
        ):
            yield f"{who}: anonymous is not sent to the sign-in page"
        for fault in [*header_faults(answer), *inline_faults(answer)]:
            self.tally.faults.append(f"{who} {answer.status_code}: {fault}")

    def knock(self, method: str, kwargs: Kwargs) -> tuple[HttpResponse, int]:
        """The answer and how many statements it cost; what it changed is undone."""
        address = address_of(self.name, self.row, kwargs)
        self.client.cookies = SimpleCookie(self.cookies)
        sent = [dict(self.row.data)] if method == "post" else []
        with transaction.atomic():
            with CaptureQueriesContext(connection) as queries:
                answer = getattr(self.client, method)(address, *sent)
                if answer.streaming:
                    answer.getvalue()
            transaction.set_rollback(True)
        self.tally.answers[answer.status_code] += 1
        return answer, len(queries)

    def _expected(self, method: str) -> set[int]:
        if self.row.roles is not PUBLIC:
            if self.staff is None:
                return {302}
            if self.staff.role not in self.row.roles:
                return {403}
        if method == "head":
            return {405, self.row.answers.get("get", 405)}
        return {self.row.answers.get(method, 405)}


def address_of(name: str, row: Row, kwargs: Kwargs) -> str:
    """The address; an argument named with a question mark goes into the query."""
    path = {key: value for key, value in kwargs.items() if not key.startswith("?")}
    query = {key[1:]: value for key, value in kwargs.items() if key.startswith("?")}
    return reverse(name, kwargs={**row.given, **path}) + (f"?{urlencode(query)}" if query else "")


def _said(answer: HttpResponse) -> tuple[object, ...]:
    """All of an answer but its number."""
    headers = {name: value for name, value in answer.items() if name != "X-Request-ID"}
    return answer.status_code, answer.content, sorted(headers.items())


def _missing(value: Any) -> Any:
    return 987_654_321 if isinstance(value, int) else "0" * len(str(value))
