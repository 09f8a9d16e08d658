"""From a recorded outcome to the next card, beside the bare page: what an advisor waits for."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from statistics import median

from django.db import transaction
from django.http import HttpResponse

from bench import pages
from bench.line import Line
from bench.pages import BARE, HTMX, MOST_TIMES, Page, Visitor
from stores.choices import Role

# Most calls of a day end so: not reached, a day to call back, not coming, spoken to.
RESULTS = {
    "not connected": "result=no_answer",
    "not coming": "result=refused&reason=price",
    "already elsewhere": "result=elsewhere&reason=competitor",
    "spoken to": "result=connected",
}
_FIELD = re.compile(r'name="(seen|tasks|channel)" value="([^"]*)"')


def lines(pairs: int) -> list[Line]:
    """Rows of the table: the limit of time."""
    return [
        Line(
            f"7 from an outcome to the next card: {page.name}",
            f"{page.ratio:.1f} × ({page.page_ms:.0f} ms beside {page.bare_ms:.0f} ms; "
            f"{page.queries} queries)",
            f"≤ {MOST_TIMES} × the bare page",
            page.ratio <= MOST_TIMES,
        )
        for page in measure(pairs)
    ]


def measure(pairs: int) -> list[Page]:
    """Each result on customers of the busiest advisor; everything is rolled back."""
    who = pages.signed_in(pages.busiest(Role.ADVISOR))
    people = pages.customers_of(who.staff)
    return [_beside_bare(who, people, name, pick, pairs) for name, pick in RESULTS.items()]


def _beside_bare(who: Visitor, people: list[int], name: str, pick: str, pairs: int) -> Page:
    turns = [_turn(who, people, number, pick) for number in range(pairs + 1)]
    queries, size, *_ = turns[0]
    # The first one read the catalogue and the plans.
    laps = [(page, bare) for _, _, page, bare in turns[1:]]
    return Page(
        name=name,
        page_ms=median(page for page, _ in laps) * 1000,
        bare_ms=median(bare for _, bare in laps) * 1000,
        ratio=median(page / bare for page, bare in laps),
        queries=queries,
        kilobytes=size / 1000,
    )


def _turn(who: Visitor, people: list[int], number: int, pick: str) -> tuple[int, int, float, float]:
    """Queries, bytes and seconds of one outcome, and the bare page's seconds."""
    customer, following = people[number % len(people)], people[(number + 1) % len(people)]
    record = partial(_recorded, who, customer, pick, following)
    bare = pages.seconds(lambda: who.get(BARE))
    with _taken_back():
        fields = _fields(who, customer)
        page = pages.seconds(lambda: record(fields))
    if number:
        return 0, 0, page, bare
    with _taken_back():
        queries, answer = pages.counted(lambda: record(fields))
    return queries, len(answer.content), page, bare


def _fields(who: Visitor, customer: int) -> dict[str, str]:
    """The hidden fields of the opened card's bar."""
    card = who.get(f"/today/{customer}/", **HTMX).content.decode()
    return dict(_FIELD.findall(card))


def _recorded(
    who: Visitor, customer: int, pick: str, following: int, fields: dict[str, str]
) -> HttpResponse:
    address = f"/today/{customer}/outcome/"
    sent = {**fields, "key": str(uuid.uuid4()), "pick": pick, "next": str(following)}
    answer = who.client.post(address, sent, headers=HTMX)
    if answer.status_code != 200 or "HX-Replace-Url" not in answer.headers:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return answer


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
