"""LIFE-6 on the page: cells of fewer than 20 have no colour, thin months become quarters."""

import pytest
from django.test import Client

from lifecycle.rules.cells import Cell
from lifecycle.rules.cohorts import by_quarter, cohorts
from stores.models import Staff, Store
from tests.factories import BoardCellFactory, BoardDayFactory

MONTHS = ("2025-01", "2025-02", "2025-03", "2025-04")


def counted(store: Store, size: int) -> None:
    """Each month's cohort of so many, half of them seen for the last time a year on."""
    BoardDayFactory(store=store, board="cohorts")
    for month in MONTHS:
        for part, n in (("", size - size // 2), ("12", size // 2)):
            BoardCellFactory(store=store, board="cohorts", item=month, part=part, n=n, period="")


def heat(client: Client, query: str = ""):
    return client.get(f"/boards/cohorts/?{query}").context["board"].by_delivery


def test_quarters_are_their_months_together() -> None:
    cells = [Cell("", month, "12", 10, 10) for month in MONTHS]
    first, second = by_quarter(cohorts(cells, "2026-05"))
    assert (first.month, first.last, first.size) == ("2025-01", "2025-03", 30)
    # As old as its youngest month: March has 14 full months behind it.
    assert len(first.kept) == 15
    assert (first.kept[12].hits, first.kept[13].hits) == (30, 0)
    assert (second.month, second.last, second.size) == ("2025-04", "2025-04", 10)


@pytest.mark.django_db
def test_months_with_enough_stay_months(north: Store, ada: Staff, client: Client) -> None:
    counted(north, 20)
    client.force_login(ada)
    assert [row.label for row in heat(client).rows[1:]] == list(MONTHS[::-1])
    assert heat(client).rows[1].cells[0].text == "50"


@pytest.mark.django_db
def test_thin_months_become_quarters_and_say_so(north: Store, ada: Staff, client: Client) -> None:
    counted(north, 19)
    client.force_login(ada)
    found = heat(client)
    assert "by quarter" in found.title
    april, first = found.rows[1:]
    assert (april.label, first.label) == ("2025-04", "2025 Q1")
    # One month alone is still too few: hatched, with its number told, never a colour.
    assert (april.cells[0].text, april.cells[0].shade, april.cells[0].is_thin) == ("", None, True)
    assert "19" in april.cells[0].told
    assert "item_from=2025-01&item_to=2025-03" in first.cells[0].url
    assert all(
        cell.shade is None for row in heat(client, "by=month").rows[1:] for cell in row.cells
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "shown", "is_told"),
    [
        pytest.param("", "by quarter", True, id="thin months"),
        pytest.param("by=month", "by month", False, id="months asked for"),
        pytest.param("by=quarter", "by quarter", False, id="quarters asked for"),
        pytest.param("by=week", "by quarter", True, id="no such way"),
    ],
)
def test_the_map_tells_how_it_groups_and_offers_the_other_way(
    north: Store, ada: Staff, client: Client, query: str, shown: str, is_told: bool
) -> None:
    counted(north, 19)
    client.force_login(ada)
    found = heat(client, f"{query}&powertrain=")
    assert [way.label for way in found.ways if way.is_current] == [shown]
    assert [way.url for way in found.ways] == [
        "?period=12m&store=NORTH&by=month",
        "?period=12m&store=NORTH&by=quarter",
    ]
    # The reason is only told where the page chose by itself.
    assert ("months have too few" in found.title) is is_told


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "kept"),
    [
        pytest.param("by=month", b'name="by" value="month"', id="kept"),
        pytest.param("by=week", b"", id="no such way"),
    ],
)
def test_a_filter_keeps_the_way_of_grouping(
    north: Store, ada: Staff, client: Client, query: str, kept: bytes
) -> None:
    counted(north, 20)
    client.force_login(ada)
    page = client.get(f"/boards/cohorts/?{query}").content
    assert kept in page
    assert (b'name="by"' in page) is bool(kept)


@pytest.mark.django_db
def test_reasons_under_a_model_are_said_not_to_be_counted(
    north: Store, ada: Staff, client: Client
) -> None:
    BoardDayFactory(store=north, board="reasons")
    client.force_login(ada)
    assert client.get("/boards/lifecycle/").context["board"].reasons == []
    page = client.get("/boards/lifecycle/?powertrain=EV")
    assert page.context["board"].reasons is None
    assert "Not enough reasons yet" not in page.content.decode()
