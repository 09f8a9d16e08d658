"""Pages beside the barest one: the account page, which asks one question of its own (the menu's).

All through the test client, so middleware, session, sign-in, database and templates take part and
the network does not. Each page is asked for in turn with the bare one.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.http import HttpResponse
from django.test import Client

from alerts.models import Task
from alerts.selectors import call_list
from bench import day
from bench.line import Line
from stores.choices import Role
from stores.models import Staff
from stores.scope import all_stores

BARE = "/account/"
HTMX = {"HX-Request": "true"}
MOST_QUERIES, MOST_TIMES = 12, 5
BOARDS = {
    "lifecycle board": "/boards/lifecycle/",
    "cohorts": "/boards/cohorts/",
    "key figures": "/boards/kpi/",
}
OF_ALL, MOST_BOARD_MS = " of all stores", 50
# Cards of a day that a page shows, about.
PLACES = 40


@dataclass(frozen=True)
class Page:
    """Milliseconds in the middle, the ratio's median, and what was asked of the database."""

    name: str
    page_ms: float
    bare_ms: float
    ratio: float
    queries: int
    kilobytes: float


@dataclass
class Visitor:
    """Somebody signed in; the client answers without a network."""

    client: Client
    staff: Staff

    def get(self, address: str, **headers: str) -> HttpResponse:
        response: Any = self.client.get(address, headers=headers)
        if response.status_code != 200:
            raise RuntimeError(f"{address} answered {response.status_code}")
        return response


def signed_in(staff: Staff) -> Visitor:
    settings.ALLOWED_HOSTS = ["*"]
    # Each request is logged; the terminal is for figures.
    logging.getLogger("huitou.request").setLevel(logging.WARNING)
    client = Client()
    client.force_login(staff)
    return Visitor(client, staff)


def busiest(role: Role) -> Staff:
    """The person of this role with the longest list."""
    people = Staff.objects.filter(role=role, is_active=True)
    with all_stores():
        has = Task.objects.filter(owner__in=people, closed_on__isnull=True).values("owner")
        first = has.annotate(tasks=Count("pk")).order_by("-tasks", "owner").first()
    return people.get(pk=first["owner"]) if first else people.order_by("pk")[0]


def group_manager() -> Staff:
    """Somebody who sees every store."""
    first = Staff.objects.order_by("pk")[0]
    role = Role.GROUP_MANAGER
    return Staff.objects.create(group_id=first.group_id, code="BENCH-G", name="Person", role=role)


def customers_of(staff: Staff) -> list[int]:
    """Customers with one open task or more on the person's list, most valuable first."""
    with all_stores():
        mine = Task.objects.filter(owner=staff, closed_on__isnull=True, priority_group=1)
        found = mine.order_by("-value_amount", "pk").values_list("customer_id", flat=True)
        return list(dict.fromkeys(found))


def lines(pairs: int) -> list[Line]:
    """Rows of the table: the design's limit of queries and of time."""
    advisor, found = measure(pairs)
    cards = len(customers_of(advisor))
    asked = list_queries(advisor)
    told = [Line("7 the call list itself", f"{asked} query", "1 query", asked == 1)]
    for page in found:
        if page.name.endswith(OF_ALL):
            told.append(_of_all(page))
            continue
        name = f"{page.name} of {cards} cards" if page.name == "call list" else page.name
        told.append(
            Line(
                f"7 {name}",
                f"{page.queries} queries; {page.ratio:.1f} × ({page.page_ms:.0f} ms beside "
                f"{page.bare_ms:.0f} ms; {page.kilobytes:.0f} kB)",
                f"≤ {MOST_QUERIES} queries, ≤ {MOST_TIMES} × the bare page",
                page.queries <= MOST_QUERIES and page.ratio <= MOST_TIMES,
            )
        )
    return told


def _of_all(page: Page) -> Line:
    """A board over every store of the group reads aggregates only."""
    return Line(
        f"7 {page.name}",
        f"{page.queries} queries; {page.page_ms:.0f} ms",
        f"≤ {MOST_QUERIES} queries, ≤ {MOST_BOARD_MS} ms",
        page.queries <= MOST_QUERIES and page.page_ms <= MOST_BOARD_MS,
    )


def measure(pairs: int) -> tuple[Staff, list[Page]]:
    """The pages of the busiest advisor and the boards of a manager."""
    advisor, manager = signed_in(busiest(Role.ADVISOR)), signed_in(busiest(Role.MANAGER))
    group = signed_in(group_manager())
    one = customers_of(advisor.staff)[0]
    asked: list[tuple[str, Visitor, str, dict[str, str]]] = [
        ("call list", advisor, "/today/", {}),
        ("card of the list", advisor, f"/today/{one}/", HTMX),
        ("customer page", advisor, f"/customers/{one}/", {}),
        ("search by name", advisor, "/customers/?q=Customer+12", {}),
        ("store board", manager, "/store/", {}),
        ("team's day", manager, "/team/", {}),
        ("second-visit lane", manager, "/lane/", {}),
        *((name, manager, at, {}) for name, at in BOARDS.items()),
        *((f"{name}{OF_ALL}", group, at, {}) for name, at in BOARDS.items()),
    ]
    return advisor.staff, [
        beside_bare(name, who, lambda who=who, at=at, more=more: who.get(at, **more), pairs)
        for name, who, at, more in asked
    ]


def list_queries(staff: Staff) -> int:
    """How many statements read the cards of a page of the list."""
    on = day.last()
    assert on
    with all_stores():
        return counted(lambda: call_list(staff.pk, on, PLACES))[0]


def beside_bare(name: str, who: Visitor, ask: Callable[[], HttpResponse], pairs: int) -> Page:
    """Asks for the bare page and for this one in turn, after one of each to warm up."""
    who.get(BARE)
    # The first on a connection has statements prepared besides (common.sql.kept_plan).
    ask()
    queries, answer = counted(ask)
    bare, page = [], []
    for _ in range(pairs):
        bare.append(seconds(lambda: who.get(BARE)))
        page.append(seconds(ask))
    return Page(
        name=name,
        page_ms=median(page) * 1000,
        bare_ms=median(bare) * 1000,
        ratio=median(a / b for a, b in zip(page, bare, strict=True)),
        queries=queries,
        kilobytes=len(answer.content) / 1000,
    )


def seconds(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


def counted(ask: Callable[[], Any]) -> tuple[int, Any]:
    """How many statements reach the database meanwhile, those of the door among them."""
    asked = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE")):
            asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        answer = ask()
    return len(asked), answer
