"""The reports of EXCHANGE §2 that come from counted boards: what each reads, and how it is folded.

A page folds the cells of the night by the same rules, so page and report agree.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lifecycle.rules import (
    bottlenecks,
    cohorts,
    followed,
    funnel,
    kpi,
    money,
    retention,
    satisfaction,
    scorecard,
    shares,
    sidebyside,
    spending,
    stages,
)
from lifecycle.rules.cells import Cell, merged
from lifecycle.rules.periods import DEFAULT, Period, months, period
from lifecycle.selectors.scorecard import cards_of, grounds_of
from lifecycle.selectors.spending import entered_beside
from stores.models import Store

Found = Mapping[str, list[Cell]]
Split = Mapping[Any, Mapping[str, list[Cell]]]


@dataclass(frozen=True)
class Report:
    """`fold` makes a JSON object with named rows of the boards' cells and the date.

    `by` advisor or store: the cells come as {id: cells}, and the stores' ids beside them.
    """

    boards: tuple[str, ...]
    fold: Callable[..., dict[str, Any]]
    by: str = ""


def _retention(found: Found, as_of: date) -> dict[str, Any]:
    return _with_periods(
        found["retention"], as_of, lambda cells: retention.as_json(retention.retention(cells))
    )


def _with_periods(
    cells: list[Cell], as_of: date, fold: Callable[[list[Cell]], dict[str, object]]
) -> dict[str, Any]:
    """Of the whole history, and of each period a page can be asked for."""
    periods = {}
    for code in ("12m", "6m", "3m"):
        of_period = dict(fold(period(code, as_of).of(cells)))
        of_period.pop("benchmark", None)
        periods[code] = of_period
    return {**fold(cells), "periods": periods}


def _stages(found: Found, as_of: date) -> dict[str, Any]:
    last = period(DEFAULT, as_of)
    figures = stages.stages(found["standing"], found["moves"], last)
    return stages.as_json(figures, found["moves"], last)


def _bottlenecks(found: Found, as_of: date) -> dict[str, Any]:
    last = period(DEFAULT, as_of)
    asked = bottlenecks.questions(found["returned"], found["span"], found["due_answered"], last)
    change = money.as_json(money.revenue_change(found["span"], DEFAULT))
    return {**bottlenecks.as_json(asked), "revenue": change}


def _rfm(found: Found, as_of: date) -> dict[str, Any]:
    tiers = shares.shares(found["standing"], "rfm", shares.TIERS)
    return {**shares.as_json(tiers, "tiers"), "benchmark": shares.TIER_BENCHMARK}


def _quadrants(found: Found, as_of: date) -> dict[str, Any]:
    quadrants = shares.shares(found["standing"], "quadrant", shares.QUADRANTS)
    benchmark = {
        name: {"share_of_customers": list(of_customers), "share_of_amount": list(of_amount)}
        for name, (of_customers, of_amount) in shares.QUADRANT_BENCHMARK.items()
    }
    return {**shares.as_json(quadrants, "quadrants"), "benchmark": benchmark}


def _funnel(found: Found, as_of: date) -> dict[str, Any]:
    return _with_periods(found["funnel"], as_of, lambda cells: funnel.as_json(funnel.funnel(cells)))


def _cohorts(found: Found, as_of: date) -> dict[str, Any]:
    last = months(as_of, 1)[0]
    return {
        "delivery": cohorts.as_json(cohorts.cohorts(found["cohorts"], last)),
        "first_visit": cohorts.as_json(cohorts.cohorts(found["cohorts_visit"], last)),
    }


def _satisfaction(found: Found, as_of: date) -> dict[str, Any]:
    return _with_periods(found["satisfaction"], as_of, satisfaction.as_json)


def _kpi(found: Found, as_of: date) -> dict[str, Any]:
    now, before = period(DEFAULT, as_of), period(DEFAULT, as_of, before=True)
    return kpi.as_json(kpi.kpis(dict(found), now), kpi.kpis(dict(found), before))


def _scorecard(by_advisor: Split, as_of: date, store_ids: Sequence[int]) -> dict[str, Any]:
    grounds = grounds_of(store_ids)
    cards = cards_of(by_advisor, period(DEFAULT, as_of), grounds)
    codes = {person.pk: person.code for person in grounds.people(cards)}
    named = scorecard.as_json({codes[pk]: one for pk, one in cards.items() if pk in codes})
    return {"weights": dict(grounds.weights), **named}


def _stores(by_store: Split, as_of: date, store_ids: Sequence[int]) -> dict[str, Any]:
    codes = dict(Store.objects.filter(pk__in=store_ids).values_list("pk", "code"))
    group = merged(by_store.values(), sidebyside.READS)
    stores = {codes[pk]: found for pk, found in by_store.items()}
    return sidebyside.as_json(stores, group, period(DEFAULT, as_of))


def _money(by_store: Split, as_of: date, store_ids: Sequence[int]) -> dict[str, Any]:
    """Spending is what is entered now: it has no history of its own."""
    found = merged(by_store.values(), spending.READS)
    entered = entered_beside(by_store, store_ids)
    now, before = period(DEFAULT, as_of), period(DEFAULT, as_of, before=True)
    of_now, of_before = (
        spending.sides(found, entered, one, len(store_ids)) for one in (now, before)
    )
    shares = spending.shares(entered, now)
    return {
        "purposes": [spending.as_json(of_now[name], of_before[name]) for name in of_now],
        "share_of_new": shares and vars(shares),
        "months": [
            {"month": month, **spending.as_json(side)}
            for month in months(as_of, 12)
            for side in spending.sides(
                found, entered, Period("month", month, month), len(store_ids)
            ).values()
        ],
        "due": followed.as_json(followed.followed(now.of(found["due_followed"]))),
    }


REPORTS: dict[str, Report] = {
    "retention": Report(("retention",), _retention),
    "funnel": Report(("funnel",), _funnel),
    "cohorts": Report(("cohorts", "cohorts_visit"), _cohorts),
    "satisfaction": Report(("satisfaction",), _satisfaction),
    "kpi": Report(kpi.READS, _kpi),
    "stages": Report(("standing", "moves"), _stages),
    "bottlenecks": Report(("returned", "span", "due_answered"), _bottlenecks),
    "rfm": Report(("standing",), _rfm),
    "quadrants": Report(("standing",), _quadrants),
    "scorecard": Report(scorecard.READS, _scorecard, by="advisor"),
    "stores": Report(sidebyside.READS, _stores, by="store"),
    "money": Report(spending.READS, _money, by="store"),
}
