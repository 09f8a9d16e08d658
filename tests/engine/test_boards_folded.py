"""The boards' folded figures against pandas over the raw rows, of fifty random stores.

Each figure three times: from pandas, as `report` folds it, and as the page shows it.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from django.test import Client

from dashboards.selectors.boards.cohort_cards import SHOWN
from lifecycle.rules import bottlenecks, cohorts, kpi, money, survival
from lifecycle.rules.cells import Cell
from lifecycle.rules.periods import period
from lifecycle.selectors import cells, cells_by
from pipeline.boards import BOARDS, REPORTS
from tests.engine.trade import Trade, trading
from tests.oracle.table_people import People
from tests.oracle.tables import NODES, Counted

pytestmark = pytest.mark.slow
STORES, PEOPLE = 25, 45
CLOSE = 1e-9


@dataclass
class Shown:
    """A store's tables, its cells and its pages."""

    trade: Trade
    code: str

    @cached_property
    def tables(self) -> People:
        return People(self.trade.told, self.code)

    @cached_property
    def cells(self) -> dict[str, list[Cell]]:
        return cells([self.trade.laid.stores[self.code].pk], BOARDS)

    @cached_property
    def pages(self) -> dict[str, Any]:
        """What the manager's pages are drawn from, of the last 12 months."""
        client = Client()
        client.force_login(self.trade.manager)
        query = f"?store={self.code}&period=12m&by=month"
        return {
            name: client.get(f"/boards/{name}/{query}").context["board"]
            for name in ("lifecycle", "cohorts", "scorecard")
        }

    def folded(self, name: str) -> dict[str, Any]:
        """As `manage.py report NAME` folds the store's cells."""
        report = REPORTS[name]
        return report.fold({b: self.cells[b] for b in report.boards}, self.trade.told.as_of)


def close(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, abs=CLOSE)


def products(found: dict[str, Counted]) -> list[float | None]:
    """Retention is the product of the step rates; the node after the warranty stands alone."""
    kept: float | None = 1.0
    shares: list[float | None] = []
    for node in NODES:
        rate = found[node].rate
        kept = None if kept is None or rate is None else kept * rate
        shares.append(kept)
    return [*shares, found["out_of_warranty"].rate]


def the_retention_curve(shown: Shown) -> None:
    whole = shown.tables.retention(None)
    rows = shown.folded("retention")["nodes"]
    assert [(row["came"], row["at_risk"]) for row in rows] == [
        (o.hits, o.n) for o in whole.values()
    ]
    assert [row["retention"] for row in rows] == [close(share) for share in products(whole)]
    wanted = shown.tables.retention(shown.tables.months("12m"))
    points = shown.pages["lifecycle"].curve.points
    for point, share, one in zip(points, products(wanted), wanted.values(), strict=True):
        assert point.value == (close(share) if one.n >= 20 else None)


def the_funnel(shown: Shown) -> None:
    whole = shown.tables.funnel(None)
    rows = shown.folded("funnel")["visits"]
    assert [row["customers"] for row in rows] == whole
    assert [row["share"] for row in rows] == [
        close(n / whole[0] if whole[0] else None) for n in whole
    ]
    wanted = shown.tables.funnel(shown.tables.months("12m"))
    bars = shown.pages["cohorts"].funnel
    if wanted[0] < 20:
        assert bars is None
    else:
        assert [bar.value for bar in bars.points] == [close(n / wanted[0]) for n in wanted]


def the_cohorts(shown: Shown) -> None:
    for key, board in (("delivery", "cohorts"), ("first_visit", "cohorts_visit")):
        the_cohorts_by(shown, key, board)


def the_cohorts_by(shown: Shown, key: str, board: str) -> None:
    wanted = shown.tables.cohorts(key)
    found = cohorts.cohorts(shown.cells[board], str(shown.tables.month - 1))
    assert {one.month: one.size for one in found} == {m: own[0].n for m, own in wanted.items()}
    assert {one.month: [rate.hits for rate in one.kept] for one in found} == {
        month: [one.hits for one in own] for month, own in wanted.items()
    }
    rows = {row["month"]: row["cells"] for row in shown.folded("cohorts")[key]}
    assert {month: [cell["rate"] for cell in own] for month, own in rows.items()} == {
        month: [close(one.rate) for one in own] for month, own in wanted.items()
    }


def satisfaction_against_return(shown: Shown) -> None:
    own = shown.tables.satisfaction(None)
    said = shown.folded("satisfaction")
    limits = {"high": own["score"] >= 90, "low": own["score"] < 70}
    limits["mid"] = ~limits["high"] & ~limits["low"]
    for row in said["bands"]:
        of_band = own[limits[row["band"]]]
        assert (row["returned"], row["answers"]) == (of_band["came"].sum(), len(of_band))
    if len(own) < 20 or own["came"].nunique() < 2 or own["score"].nunique() < 2:
        assert said["correlation"] is None
    else:
        r = own["score"].corr(own["came"])
        assert said["correlation"]["r"] == close(r)
        assert said["correlation"]["low"] < r < said["correlation"]["high"]
    of_year = shown.tables.satisfaction(shown.tables.months("12m"))
    bars = shown.pages["cohorts"].satisfaction
    assert (bars is None) == (len(of_year) < 20)
    high = of_year[of_year["score"] >= 90]
    if bars is not None:
        assert bars.points[0].value == (close(high["came"].mean()) if len(high) >= 20 else None)


def survival_of_the_second_step(shown: Shown) -> None:
    wanted = shown.tables.survival()
    found = survival.survival(shown.cells["survival"])
    assert [week.week for week in found] == wanted["week"].to_list()
    for week, row in zip(found, wanted.itertuples(), strict=True):
        assert week.share == close(row.share)
        assert (week.low, week.high) == (close(max(0, row.low)), close(min(1, row.high)))
    chart = shown.pages["cohorts"].second_step
    if chart is not None:
        values = wanted.set_index("week")["share"]
        for place, point in enumerate(chart.points):
            before = values[values.index <= place]
            assert point.value == close(before.iloc[-1] if len(before) else 1.0)


def three_and_twelve_months(shown: Shown) -> None:
    months = shown.tables.months("12m")
    rows = {row["kpi"]: row for row in shown.folded("kpi")["kpis"]}
    for name, many in (("kept_3_months", 3), ("kept_12_months", 12)):
        wanted = shown.tables.kept(many, months)
        assert rows[name]["n"] == wanted.n
        assert rows[name]["value"] == (close(wanted.rate) if wanted.n >= 20 else None)
        assert shown.tables.kept(many, shown.tables.months("12m", before=True)).n == len_of(
            shown, name
        )
    visits = shown.tables.visits[shown.tables.visits["month"].isin(months)]
    people = visits["who"].nunique()
    if people >= 20:
        assert rows["visits_a_year"]["value"] == close(len(visits) / people)
        assert rows["spend_a_year"]["value"] == close(visits["amount"].sum() / people)
        share = visits["part"].sum() / visits["amount"].sum()
        assert rows["maintenance_share"]["value"] == close(share)


def len_of(shown: Shown, name: str) -> int:
    before = kpi.kpis(shown.cells, period("12m", shown.trade.told.as_of, before=True))
    return next(one.n for one in before if one.name == name)


def revenue_change_by_stage(shown: Shown) -> None:
    wanted = shown.tables.revenue("12m")
    found = money.revenue_change(shown.cells["span"], "12m")
    parts = {part.stage: (float(part.before), float(part.now)) for part in found.parts}
    for stage, row in wanted.iterrows():
        assert parts.pop(str(stage)) == (row["before"], row["now"])
    assert set(parts.values()) <= {(0.0, 0.0)}
    assert float(found.now) == wanted["now"].sum() == float(sum(p.now for p in found.parts))
    assert sum(part.change for part in found.parts) == found.now - found.before
    assert shown.folded("bottlenecks")["revenue"]["now"] == wanted["now"].sum()
    title, value = (
        (one.title, one.value) for one in shown.pages["lifecycle"].headlines[-1:]
    ).__next__()
    assert f"{round(wanted['now'].sum()):,}".replace(",", "") in value.replace(",", ""), title


def the_three_questions(shown: Shown) -> None:
    asked = {row["question"]: row for row in shown.folded("bottlenecks")["questions"]}
    months = shown.tables.months("12m")
    for name, wanted in (
        ("returned", shown.tables.returned(months)),
        ("mature_loss", shown.tables.lost("12m", "maturity")),
    ):
        assert (asked[name]["hits"], asked[name]["n"]) == (wanted.hits, wanted.n), name
    whole = bottlenecks.loss(shown.cells["span"], "12m")
    assert Counted(whole.hits, whole.n) == shown.tables.lost("12m")


def tiers_and_quadrants(shown: Shown) -> None:
    the_shares_of(shown, "rfm", "tiers", "rfm")
    the_shares_of(shown, "quadrants", "quadrants", "quadrant")


def the_shares_of(shown: Shown, name: str, rows: str, dimension: str) -> None:
    wanted = shown.tables.shares(dimension)
    for row in shown.folded(name)[rows]:
        if row["name"] not in wanted.index:
            assert row["customers"] == 0
            continue
        assert row["share_of_customers"] == close(wanted.loc[row["name"], "size"])
        assert row["share_of_amount"] == close(wanted.loc[row["name"], "sum"])


def the_scorecards_retention(shown: Shown) -> None:
    wanted = shown.tables.due("12m")
    store = shown.trade.laid.stores[shown.code]
    staff = {person.pk: code for code, person in shown.trade.laid.staff.items()}
    for pk, found in cells_by([store.pk], ["scorecard"], "advisor").items():
        came = [one for one in found["scorecard"] if (one.period, one.item) == ("12m", "came")]
        own = Counted(sum(one.hits for one in came), sum(one.n for one in came))
        assert own == wanted.pop(staff.get(pk, ""), Counted(0, 0))
    assert wanted == {}
    for row in shown.pages["scorecard"].rows:
        part = row.parts[0]
        assert part.value.text == "–" or part.value.text.endswith("%")


def the_heat_map_shows_the_cohorts(shown: Shown) -> None:
    heat = shown.pages["cohorts"].by_first_visit
    wanted = shown.tables.cohorts("first_visit")
    if heat is None:
        return
    for row in heat.rows[1:]:
        own = wanted[row.label]
        for k, cell in zip(SHOWN, row.cells, strict=False):
            if k < len(own):
                assert cell.is_thin == (own[k].n < 20)
            if cell.text:
                assert cell.text == str(int(100 * own[k].hits / own[k].n + 0.5))


FIGURES = (
    the_retention_curve,
    the_funnel,
    the_cohorts,
    satisfaction_against_return,
    survival_of_the_second_step,
    three_and_twelve_months,
    revenue_change_by_stage,
    the_three_questions,
    tiers_and_quadrants,
    the_scorecards_retention,
    the_heat_map_shows_the_cohorts,
)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [20260615, 20260616])
def test_every_figure_of_twenty_five_random_stores(seed: int) -> None:
    """Laid and counted once for all; a failure says of which store and figure it is."""
    with trading(STORES, PEOPLE, seed) as trade:
        for code in trade.laid.stores:
            shown = Shown(trade, code)
            for figure in FIGURES:
                try:
                    figure(shown)
                except Exception as error:
                    error.add_note(f"{figure.__name__} of {code}")
                    raise
