"""Every linked figure of the boards: what is shown, listed and exported are as many.

Over random stores, whole and under each filter; each page's links are followed, a sample of many.
"""

import html
import re
from collections.abc import Iterator
from io import BytesIO
from random import Random
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from openpyxl import load_workbook

from tests.engine.trade import Trade, trading

pytestmark = pytest.mark.slow
STORES, PEOPLE, SEED = 2, 120, 5
PAGES = ("lifecycle", "cohorts", "kpi", "scorecard", "health", "stores")
LISTS = ("/boards/people/", "/boards/scorecard/people/", "/brief/people/")
MOST_LINKS = 6
_ANCHOR = re.compile(r'<a\b[^>]*?href="([^"]+)"[^>]*>(.*?)</a>', re.S)


def links(client: Client, url: str) -> Iterator[tuple[str, str]]:
    """(address, text) of the lists a page leads to, each address once."""
    answer = client.get(url)
    assert answer.status_code == 200, url
    seen = set()
    for address, text in _ANCHOR.findall(answer.content.decode()):
        address = html.unescape(address)
        if urlsplit(address).path in LISTS and address not in seen:
            seen.add(address)
            yield address, re.sub(r"<[^>]+>|\s+", " ", text).strip()


def listed(client: Client, url: str) -> tuple[int, int]:
    """(what the list says it has, rows over all its pages)."""
    answer = client.get(url)
    assert answer.status_code == 200, url
    if "behind" in answer.context:
        behind = answer.context["behind"].page
        pages = behind.paginator.num_pages
        rows = sum(
            len(client.get(f"{url}&page={n}").context["behind"].page.object_list)
            for n in range(1, pages + 1)
        )
        return behind.paginator.count, rows
    count = answer.context["members"].count
    if answer.context["counted"] != count:
        return answer.context["counted"], count
    rows = len(answer.context["members"].rows)
    for n in range(2, answer.context["page"].paginator.num_pages + 1):
        rows += len(client.get(f"{url}&page={n}").context["members"].rows)
    return count, rows


def exported(client: Client, url: str) -> int:
    parts = urlsplit(url)
    answer = client.get(f"/boards/people.xlsx?{parts.query}")
    assert answer.status_code == 200, url
    book = load_workbook(BytesIO(answer.content))
    return max(book.active.max_row - 1, 0)


def wrong(client: Client, address: str, text: str) -> str:
    """What does not agree behind one link; empty when all does."""
    count, rows = listed(client, address)
    if rows != count:
        return f"{count} counted, {rows} listed: {address}"
    if not address.startswith("/brief/") and (written := exported(client, address)) != count:
        return f"{count} listed, {written} exported: {address}"
    shown = re.fullmatch(r"(?:\D*\s)?([\d,]+)(?:\s*[→←–].*)?", text)
    if shown and "%" not in text and _is_count(address):
        figure = int(shown.group(1).replace(",", ""))
        return "" if figure == count else f"{figure} shown, {count} listed: {address}"
    return ""


def _is_count(address: str) -> bool:
    """A stage's, a level's, a problem's or a scorecard's number; not a score or an amount."""
    marks = parse_qs(urlsplit(address).query)
    board, item = marks.get("board", [""])[0], marks.get("item", [""])[0]
    return board in ("standing", "health", "calls") or (board, item) == ("scorecard", "owned")


@pytest.fixture
def trade(db: None) -> Iterator[Trade]:
    with trading(STORES, PEOPLE, SEED) as made:
        yield made


@pytest.fixture
def boss(trade: Trade, client: Client) -> Client:
    client.force_login(trade.manager)
    return client


def test_every_linked_figure_is_as_many_as_its_list_and_its_export(
    trade: Trade, boss: Client
) -> None:
    dice, followed, found = Random(SEED), 0, []
    advisor = trade.laid.staff["D01A1"].pk
    pages = ["/brief/?store=D01"]
    for query in (
        "",
        "store=D01",
        "store=D01&period=3m",
        f"store=D01&advisor={advisor}",
        "store=D01&model=BYD+Qin",
        "store=D01&powertrain=ICE&period=6m",
        "store=D01&band=high",
    ):
        pages += [f"/boards/{page}/?{query}" for page in PAGES]
    for page in pages:
        all_links = sorted(links(boss, page))
        some = dice.sample(all_links, min(len(all_links), MOST_LINKS))
        followed += len(some)
        found += [f"{page}: {said}" for said in (wrong(boss, *link) for link in some) if said]
    assert not found, "\n".join(found)
    assert followed > 100


def test_who_waits_for_a_second_service_is_as_many_as_the_chart_says(
    trade: Trade, boss: Client
) -> None:
    chart = boss.get("/boards/cohorts/?store=D01").context["board"].second_step
    waiting = []
    for point in chart.tabled:
        count, rows = listed(boss, point.url)
        assert count == rows == int(re.findall(r"\d+", point.told)[-1])
        waiting.append(count)
    assert waiting == sorted(waiting, reverse=True)
    assert waiting[0] > waiting[-1]


@pytest.mark.parametrize("by", ["month", "quarter"])
def test_a_cell_of_the_heat_map_opens_as_many_as_it_counts(
    trade: Trade, boss: Client, by: str
) -> None:
    board = boss.get(f"/boards/cohorts/?store=D01&by={by}").context["board"]
    cells = [c for heat in (board.by_delivery, board.by_first_visit) for row in heat.rows[:2]
             for c in row.cells if c.url]  # fmt: skip
    assert len(cells) > 10
    for cell in cells:
        count, _ = listed(boss, cell.url)
        # Those who came, of all.
        assert count == min(map(int, re.findall(r"\d+", cell.told.replace(",", "")))), cell
