"""`report NAME --json`, computed afresh from the source, says what the pages show of the night."""

import json
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from common.formats import number, percent
from dashboards.selectors.boards.words import STAGES
from lifecycle.choices import Quadrant, Rfm
from lifecycle.selectors import cells, cells_by
from pipeline.boards import ALL_BOARDS, REPORTS
from tests.engine.trade import Trade, trading

pytestmark = pytest.mark.slow
CODE = "D01"
FOLDED = (
    *("retention", "funnel", "cohorts", "stages", "bottlenecks", "satisfaction", "rfm"),
    *("quadrants", "scorecard", "kpi", "reasons"),
)


@pytest.fixture
def trade(db: None) -> Iterator[Trade]:
    with trading(2, 400, seed=11) as made:
        yield made


def said(trade: Trade, name: str) -> dict[str, Any]:
    out = StringIO()
    options = {"store": [CODE], "as_of": trade.told.as_of, "json": True, "stdout": out}
    call_command("report", name, **options)
    return json.loads(out.getvalue())


def test_every_report_folds_the_nights_own_figures(trade: Trade) -> None:
    pk, as_of = trade.laid.stores[CODE].pk, trade.told.as_of
    for name in FOLDED:
        wanted = REPORTS[name]
        if wanted.by:
            found = wanted.fold(cells_by([pk], wanted.boards, wanted.by), as_of, [pk])
        else:
            found = wanted.fold(cells([pk], ALL_BOARDS), as_of)
        plain = json.loads(json.dumps(found, default=float))
        assert said(trade, name) == {"as_of": as_of.isoformat(), **plain}, name


def test_every_report_says_what_the_page_shows(trade: Trade) -> None:
    client = Client()
    client.force_login(trade.manager)
    pages = {
        name: client.get(f"/boards/{name}/?store={CODE}&by=month").context
        for name in ("lifecycle", "cohorts", "scorecard", "kpi")
    }
    assert set(SHOWN) == set(FOLDED)
    for name, compare in SHOWN.items():
        try:
            compare(said(trade, name), pages)
        except AssertionError as error:
            error.add_note(name)
            raise


def _retention(told: dict[str, Any], pages: dict[str, Any]) -> None:
    points = pages["lifecycle"]["board"].curve.points
    rows = told["periods"]["12m"]["nodes"]
    shown = [row["retention"] if row["at_risk"] >= 20 else None for row in rows]
    assert [point.value for point in points] == shown
    assert sum(value is not None for value in shown) >= 3


def _funnel(told: dict[str, Any], pages: dict[str, Any]) -> None:
    rows = told["periods"]["12m"]["visits"]
    bars = pages["cohorts"]["board"].funnel.points
    assert [bar.value for bar in bars] == [row["share"] for row in rows]


def _cohorts(told: dict[str, Any], pages: dict[str, Any]) -> None:
    for key, heat in (("delivery", "by_delivery"), ("first_visit", "by_first_visit")):
        rows = {row["month"]: row for row in told[key]}
        chart = getattr(pages["cohorts"]["board"], heat)
        assert {row.label for row in chart.rows[1:]} == set(rows)
        for row in chart.rows[1:]:
            own = {cell["months_since"]: cell for cell in rows[row.label]["cells"]}
            for head, cell in zip(chart.heads, row.cells, strict=True):
                if cell.text:
                    assert cell.text == number(own[int(head)]["rate"] * 100)


def _stages(told: dict[str, Any], pages: dict[str, Any]) -> None:
    boxes = {box.label: box for box in pages["lifecycle"]["board"].stages.boxes}
    for row in told["stages"]:
        box = boxes[str(STAGES[row["stage"]])]
        assert box.count == row["customers"]
        assert box.is_worst == (row["stage"] == told["worst_leak"])
        assert not box.arrow or percent(row["rate"]) in box.arrow


def _bottlenecks(told: dict[str, Any], pages: dict[str, Any]) -> None:
    for row, verdict in zip(told["questions"], pages["lifecycle"]["board"].verdicts, strict=True):
        assert verdict.value == ("–" if row["verdict"] == "unknown" else percent(row["rate"]))
        assert verdict.chip.tone == {"bad": "red", "ok": "green", "unknown": ""}[row["verdict"]]


def _satisfaction(told: dict[str, Any], pages: dict[str, Any]) -> None:
    own, bars = told["periods"]["12m"], pages["cohorts"]["board"].satisfaction
    for row, bar in zip(own["bands"], bars.points, strict=True):
        assert bar.value == (row["rate"] if row["answers"] >= 20 else None)
    if own["correlation"]:
        assert number(own["correlation"]["r"], 2) in bars.title


def _shares(rows: str, labels: Callable[[str], Any], table: str) -> Callable[..., None]:
    def compare(told: dict[str, Any], pages: dict[str, Any]) -> None:
        shown = {row.label: row for row in getattr(pages["lifecycle"]["board"], table)}
        for row in told[rows]:
            own = shown[str(labels(row["name"]).label)]
            assert own.of_customers == percent(row["share_of_customers"])
            assert own.of_amount == percent(row["share_of_amount"])

    return compare


def _scorecard(told: dict[str, Any], pages: dict[str, Any]) -> None:
    rows = {row.person.code: row for row in pages["scorecard"]["board"].rows}
    assert told["advisors"]
    for row in told["advisors"]:
        own = rows[row["advisor"]]
        assert own.score.text == ("–" if row["score"] is None else number(row["score"]))
        assert own.customers.text == number(row["customers"])
        if row["due"] >= 20:
            assert own.parts[0].value.text == f"{number(row['retention_raw'] * 100, 1)}%"


def _kpi(told: dict[str, Any], pages: dict[str, Any]) -> None:
    for row, own in zip(told["kpis"], pages["kpi"]["rows"], strict=True):
        assert own.n == number(row["n"])
        assert (own.value == "–") == (row["value"] is None)
        assert (own.before == "–") == (row["before"] is None)
        if row["kpi"].startswith("kept"):
            assert own.value == percent(row["value"])


def _reasons(told: dict[str, Any], pages: dict[str, Any]) -> None:
    shown = [row.text for row in pages["lifecycle"]["board"].reasons]
    assert shown == [percent(row["share"]) for row in told["reasons"]]


SHOWN: dict[str, Callable[..., None]] = {
    "retention": _retention,
    "funnel": _funnel,
    "cohorts": _cohorts,
    "stages": _stages,
    "bottlenecks": _bottlenecks,
    "satisfaction": _satisfaction,
    "rfm": _shares("tiers", Rfm, "tiers"),
    "quadrants": _shares("quadrants", Quadrant, "quadrants"),
    "scorecard": _scorecard,
    "kpi": _kpi,
    "reasons": _reasons,
}
