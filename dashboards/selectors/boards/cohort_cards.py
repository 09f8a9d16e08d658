"""The cards of the cohort page: heat maps, funnel, satisfaction, silence, the second step."""

from collections.abc import Sequence

from django.utils.translation import gettext, gettext_lazy, ngettext

from common.formats import number, percent
from dashboards.charts.bars import Bar, Bars, bars
from dashboards.charts.heat import Heat, HeatCell, HeatRow, HeatWay, heat, shade
from dashboards.charts.line import Line, Point, line
from dashboards.selectors.boards.asked import Asked
from dashboards.selectors.boards.words import BANDS
from lifecycle.rules import funnel as steps
from lifecycle.rules import satisfaction as answers
from lifecycle.rules.cohorts import Cohort, are_thin, by_quarter, cohorts, together
from lifecycle.rules.rates import ENOUGH, Rate
from lifecycle.rules.survival import Week, median, survival
from lifecycle.selectors import Cell

# Months since of a column; every month would be too many to read on one page.
SHOWN = (0, 1, 3, 6, 9, 12, 15, 18, 21, 24)
LONGEST_SILENCE = 24
MONTH, QUARTER = "month", "quarter"
WAYS = {MONTH: gettext_lazy("by month"), QUARTER: gettext_lazy("by quarter")}


def cohort_map(cells: Sequence[Cell], board: str, question: Asked, by: str = "") -> Heat | None:
    """LIFE-6 as a heat map; None before there is a cohort of enough people.

    `by` month or quarter; when not given, quarters where most months are too small.
    """
    found = [one for one in cohorts(cells, question.now.last) if one.size]
    has_quarters = by == QUARTER or (by != MONTH and are_thin(found))
    found = by_quarter(found) if has_quarters else found
    line_ = together(found)
    if not any(rate.is_enough for rate in line_):
        return None
    heads = [number(k) for k in SHOWN if k < len(line_)]
    rows = [
        _all(found, line_, board, question),
        *(_row(one, board, question) for one in found[::-1]),
    ]
    title = _cohort_title(line_)
    if has_quarters and by != QUARTER:
        title = gettext("%(says)s; by quarter, for months have too few") % {"says": title}
    told = gettext("Rows are cohorts, columns months since.")
    return heat(title, told, heads, rows, _ways(QUARTER if has_quarters else MONTH, question))


def _ways(shown: str, question: Asked) -> list[HeatWay]:
    return [
        HeatWay(str(label), f"?{question.query_with(by=way)}", is_current=way == shown)
        for way, label in WAYS.items()
    ]


def _cohort_title(line_: Sequence[Rate]) -> str:
    year = line_[12] if len(line_) > 12 else None
    if year is None or not year.is_enough or year.value is None:
        return gettext("Who still comes, by month")
    return gettext("A year on, %(share)s still come") % {"share": percent(year.value)}


def _all(found: Sequence[Cohort], line_: Sequence[Rate], board: str, question: Asked) -> HeatRow:
    """All that are old enough for the month: from the oldest to the youngest of these."""
    youngest = {k: max(one.last for one in found if len(one.kept) > k) for k in range(len(line_))}
    cells = [
        _heat(line_[k], k, {"item_to": youngest[k]}, board, question)
        for k in SHOWN
        if k < len(line_)
    ]
    return HeatRow(gettext("All"), number(line_[0].n), cells)


def _row(one: Cohort, board: str, question: Asked) -> HeatRow:
    cells = [
        _heat(one.kept[k], k, _items(one), board, question) for k in SHOWN if k < len(one.kept)
    ]
    return HeatRow(_name(one), number(one.size), cells)


def _name(one: Cohort) -> str:
    if one.last == one.month:
        return one.month
    return f"{one.month[:4]} Q{(int(one.month[5:]) + 2) // 3}"


def _heat(rate: Rate, since: int, items: dict[str, str], board: str, question: Asked) -> HeatCell:
    """`items` are the marks of the cohorts it is of. Too few are hatched and say so."""
    if not rate.is_enough or rate.value is None:
        few = gettext("not enough data: %(n)s") % {"n": number(rate.n)}
        return HeatCell(told=few, is_thin=True)
    facts = {"came": number(rate.hits), "n": number(rate.n)}
    return HeatCell(
        number(rate.value * 100),
        gettext("%(came)s of %(n)s came in this month or later") % facts,
        shade(rate.value),
        question.people(board, part_from=f"{since:02}", **items),
    )


def _items(of: Cohort) -> dict[str, str]:
    if of.last == of.month:
        return {"item": of.month}
    return {"item_from": of.month, "item_to": of.last}


def visit_funnel(cells: Sequence[Cell], question: Asked) -> Bars | None:
    """LIFE-5 of the customers whose first visit lies in the period."""
    found = steps.funnel(question.now.of(cells))
    if found[0].customers < ENOUGH:
        return None
    rows = [
        Bar(
            label=_visits(step.n),
            value=step.share,
            text=percent(step.share or 0),
            told=gettext("%(n)s customers (%(share)s)")
            % {"n": number(step.customers), "share": percent(step.share or 0)},
            benchmark=benchmark,
            url=question.people_in("funnel", part_from=str(step.n)),
        )
        for step, benchmark in zip(found, steps.BENCHMARK, strict=True)
    ]
    title = gettext("%(share)s came a second time") % {"share": percent(found[1].share or 0)}
    return bars(title, "; ".join(f"{row.label}: {row.told}" for row in rows), rows)


def _visits(n: int) -> str:
    if n == steps.MOST:
        return gettext("6 or more")
    return ngettext("%(n)d visit", "%(n)d visits", n) % {"n": n}


def satisfaction_bars(cells: Sequence[Cell], question: Asked) -> Bars | None:
    """LIFE-7: return to the second service by the answer to the first."""
    of_period = question.now.of(cells)
    found = answers.bands(of_period)
    if sum(rate.n for rate in found.values()) < ENOUGH:
        return None
    rows = [_band(band, rate, question) for band, rate in found.items()]
    return bars(_correlation(of_period), "; ".join(f"{r.label}: {r.told}" for r in rows), rows)


def _band(band: str, rate: Rate, question: Asked) -> Bar:
    label, url = str(BANDS[band]), question.people_in("satisfaction", item=band)
    benchmark = answers.BENCHMARK[band]
    if not rate.is_enough or rate.value is None:
        few = gettext("not enough data: %(n)s") % {"n": number(rate.n)}
        return Bar(label, None, few, few, benchmark, url=url)
    low, high = rate.interval
    facts = {"came": number(rate.hits), "n": number(rate.n), "share": percent(rate.value)}
    told = gettext("%(came)s of %(n)s came again (%(share)s)") % facts
    return Bar(label, rate.value, percent(rate.value), told, benchmark, low, high, url)


def _correlation(cells: Sequence[Cell]) -> str:
    found = answers.correlation(cells)
    if found is None:
        return gettext("Not enough answers for a correlation yet")
    facts = {"r": number(found.r, 2), "low": number(found.low, 2), "high": number(found.high, 2)}
    if found.low > 0:
        return gettext("Satisfied customers come again: r = %(r)s (%(low)s to %(high)s)") % facts
    return gettext("No clear connection: r = %(r)s (%(low)s to %(high)s)") % facts


def silence_bars(cells: Sequence[Cell], question: Asked) -> Bars | None:
    """How many full months the cars in use have been silent, in quarters of a year."""
    everybody = sum(cell.n for cell in cells)
    if everybody < ENOUGH:
        return None
    rows = []
    for first in range(0, LONGEST_SILENCE + 1, 3):
        n = sum(c.n for c in cells if first <= int(c.item) <= first + 2)
        label = f"{first}+" if first == LONGEST_SILENCE else f"{first}–{first + 2}"
        told = gettext("%(n)s cars (%(share)s)") % {"n": number(n), "share": percent(n / everybody)}
        url = question.people("silence", item_from=f"{first:02}", item_to=f"{first + 2:02}")
        rows.append(Bar(label, n / everybody, percent(n / everybody), told, url=url))
    silent = sum(c.n for c in cells if int(c.item) >= 12)
    title = gettext("%(share)s of the cars have not been seen for a year")
    return bars(title % {"share": percent(silent / everybody)}, "", rows)


def second_step(cells: Sequence[Cell], question: Asked) -> Line | None:
    """Kaplan-Meier: who has not come to the second service, by weeks since the first.

    A quarter of a year opens the cars that wait so long or longer now.
    """
    found = survival(cells)
    if sum(cell.n for cell in cells) < ENOUGH or not found:
        return None
    last = min(found[-1].week, 104)
    points = [_week(week, found, cells, question) for week in range(0, last + 1)]
    half = median(found)
    title = (
        gettext("Half have not come again by the end of what is known")
        if half is None
        else gettext("Half have come again after %(weeks)s weeks") % {"weeks": number(half + 1)}
    )
    told = gettext("The share that has not come to the second service, week by week.")
    return line(title, told, points)


def _week(week: int, found: Sequence[Week], cells: Sequence[Cell], question: Asked) -> Point:
    """What stood at the end of the week."""
    before = [one for one in found if one.week <= week]
    share, low, high = (1.0, 1.0, 1.0)
    if before:
        share, low, high = before[-1].share, before[-1].low, before[-1].high
    if week % 13:
        return Point("", share, low=low, high=high)
    waiting = sum(cell.n - cell.hits for cell in cells if int(cell.part) >= week)
    facts = {"share": percent(share), "n": number(waiting)}
    return Point(
        number(week),
        share,
        percent(share),
        gettext("%(share)s; %(n)s cars wait so long or longer now") % facts,
        low=low,
        high=high,
        url=question.people("survival", part_from=f"{week:03}", hit=0),
    )
