"""Spending on new and on returning customers beside what each brought, and who answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from common.formats import number, percent, yuan
from dashboards.charts.bars import Bar, Bars, bars
from dashboards.charts.pairs import Pair, Pairs, pairs
from dashboards.selectors.boards.asked import Asked
from dashboards.selectors.boards.scorecard import Shown
from lifecycle.choices import Purpose
from lifecycle.rules import spending
from lifecycle.rules.cells import total
from lifecycle.rules.followed import Followed, followed
from lifecycle.rules.periods import MONTHS, Period, months
from lifecycle.rules.rates import ENOUGH, Rate
from lifecycle.rules.spending import Entered, Shares, Side
from lifecycle.selectors import Cell, cells
from lifecycle.selectors.spending import entered

Found = dict[str, list[Cell]]
# Before a month stands nothing to compare it with.
_NOTHING = Side("", Decimal(0), 0, None, 0, 0, Decimal(0), None, 0)


@dataclass(frozen=True)
class SideRow:
    """A purpose over the period or over a month, ready to show."""

    label: str
    spent: Shown
    revenue: Shown
    per_yuan: Shown
    came: Shown
    cost: Shown


@dataclass(frozen=True)
class MonthRow:
    """A month with both purposes."""

    month: str
    new: SideRow
    returning: SideRow


@dataclass(frozen=True)
class MoneyBoard:
    """Inputs of templates/dashboards/boards/money.html."""

    has_spending: bool
    sides: list[SideRow]
    shares: Pairs | None
    months: list[MonthRow]
    due: Bars | None
    due_says: str
    answered: Shown


def money_board(question: Asked) -> MoneyBoard:
    """Two queries: counted cells and what was entered."""
    found = cells(question.store_ids, spending.READS)
    known = entered(question.store_ids, question.before.first, question.now.last)
    stores = len(question.stores)
    now, before = (
        spending.sides(found, known, one, stores) for one in (question.now, question.before)
    )
    due = followed(question.now.of(found["due_followed"]))
    return MoneyBoard(
        has_spending=any(question.now.has(one.month) for one in known),
        sides=[_row(now[name], before[name], question, question.now) for name in now],
        shares=_shares(spending.shares(known, question.now), question),
        months=_months(found, known, question),
        due=_funnel(due, question),
        due_says=_alone(due),
        answered=_answered(found["due_answered"], question),
    )


def _months(found: Found, known: Sequence[Entered], question: Asked) -> list[MonthRow]:
    """Newest first."""
    rows = []
    for month in reversed(months(question.as_of or question.today, MONTHS[question.code])):
        period = Period("month", month, month)
        of = spending.sides(found, known, period, len(question.stores))
        new, returning = (_row(of[name], None, question, period) for name in spending.PURPOSES)
        rows.append(MonthRow(month, new, returning))
    return rows


def _row(side: Side, before: Side | None, question: Asked, period: Period) -> SideRow:
    name = side.purpose
    came_url = (
        question.people("arrivals", item=name, stretch=period.code)
        if period.code in MONTHS
        else question.people_in("arrivals", period, item=name)
    )
    visits_url = question.people_in("revenue", period, item=name)
    former = before or _NOTHING
    return SideRow(
        label=str(Purpose(name).label),
        spent=_spent(side, before, question, period),
        revenue=Shown(
            yuan(side.revenue),
            _change(side.revenue, former.revenue),
            visits_url,
        ),
        per_yuan=_per_yuan(side, before),
        came=Shown(number(side.came), _change(side.came, former.came), came_url),
        cost=_cost(side, before),
    )


def _spent(side: Side, before: Side | None, question: Asked, period: Period) -> Shown:
    url = _entry(question, period.last)
    if side.spent is None:
        return Shown(gettext("not entered"), "", url)
    former = before.spent if before and _comparable(side, before) else None
    hint = _change(side.spent, former)
    if not side.is_whole:
        facts = {"n": number(side.entered), "of": number(side.wanted)}
        hint = gettext("%(n)s of %(of)s months entered") % facts
    return Shown(yuan(side.spent), hint, url)


def _comparable(side: Side, before: Side | None) -> bool:
    return before is not None and side.is_whole and before.is_whole


def _per_yuan(side: Side, before: Side | None) -> Shown:
    if side.per_yuan is None:
        return _missing(side, side.known_visitors, is_month=before is None)
    former = before.per_yuan if before and _comparable(side, before) else None
    return Shown(f"¥{number(side.per_yuan, 1)}", _change(side.per_yuan, former))


def _cost(side: Side, before: Side | None) -> Shown:
    if side.cost is None:
        return _missing(side, side.known_came or 0, is_month=before is None)
    former = before.cost if before and _comparable(side, before) else None
    return Shown(f"¥{number(side.cost, 2)}", _change(side.cost, former))


def _missing(side: Side, n: int, *, is_month: bool) -> Shown:
    """Why there is no ratio: nothing entered, not all of it, or too few people."""
    # A month's line has the number of customers beside it.
    if side.spent is None or is_month:
        return Shown("–")
    if side.known_came is None:
        return Shown("–", gettext("not all months are entered"))
    if n < ENOUGH:
        facts = {"n": number(n), "enough": ENOUGH}
        return Shown("–", gettext("not enough data: %(n)s of %(enough)s") % facts)
    return Shown("–")


def _change(now: Decimal | int, before: Decimal | int | None) -> str:
    """«▲ 12%» against the period before; empty where nothing can be compared."""
    if not before:
        return ""
    share = Decimal(now - before) / Decimal(before)
    arrow = "▲" if share > 0 else "▼" if share < 0 else "＝"
    return f"{arrow} {percent(abs(share))}"


def _entry(question: Asked, month: str) -> str:
    store = question.store or question.stores[0]
    return f"{reverse('spending')}?{urlencode({'store': store.code, 'month': month})}"


def _shares(found: Shares | None, question: Asked) -> Pairs | None:
    if found is None:
        return None
    rows = [
        _pair(gettext("Spending"), found.spending, ""),
        _pair(gettext("Revenue"), found.revenue, "revenue", question),
        _pair(gettext("Customers who came"), found.customers, "arrivals", question),
    ]
    title = gettext(
        "%(spent)s of the spending goes to new customers, who bring %(revenue)s of the revenue"
    ) % {"spent": percent(found.spending), "revenue": percent(found.revenue)}
    told = "; ".join(f"{bar.label}: {bar.told}" for row in rows for bar in (row.first, row.second))
    return pairs(title, told, rows)


def _pair(label: str, share: float, board: str, question: Asked | None = None) -> Pair:
    new, returning = (
        _share_bar(label, value, purpose, board, question)
        for value, purpose in zip((share, 1 - share), Purpose, strict=True)
    )
    return Pair(label, new, returning)


def _share_bar(
    label: str, share: float, purpose: Purpose, board: str, question: Asked | None
) -> Bar:
    url = question.people_in(board, item=purpose.value) if board and question else ""
    return Bar(f"{label} · {purpose.label}", share, percent(share), percent(share), url=url)


def _funnel(found: Followed, question: Asked) -> Bars | None:
    if found.due < ENOUGH:
        return None
    labels = {
        "followed": gettext("followed up"),
        "answered": gettext("came or booked"),
        "came": gettext("came"),
    }
    rows = [
        _step(gettext("fell due"), Rate(found.due, found.due), "followed", question),
        *(_step(labels[name], rate, name, question, hit=1) for name, rate in found.steps.items()),
    ]
    facts = {"followed": rows[1].text, "came": rows[3].text}
    title = gettext("%(followed)s of those due were followed up, %(came)s then came") % facts
    return bars(title, "; ".join(f"{row.label}: {row.told}" for row in rows), rows)


def _step(label: str, rate: Rate, item: str, question: Asked, **marks: Any) -> Bar:
    text = percent(rate.value or 0)
    told = ngettext("%(n)s car (%(share)s)", "%(n)s cars (%(share)s)", rate.hits)
    facts = {"n": number(rate.hits), "share": text}
    url = question.people_in("due_followed", item=item, **marks)
    return Bar(label, rate.value, text, told % facts, url=url)


def _alone(found: Followed) -> str:
    """What following up does, where both sides are many enough to say so."""
    called, alone = found.called, found.alone
    if not (called.is_enough and alone.is_enough):
        return ""
    text = gettext(
        "Of those followed up %(called)s came or booked, of the %(n)s nobody followed up %(alone)s."
    )
    facts = {"called": percent(called.value or 0), "alone": percent(alone.value or 0)}
    return text % {**facts, "n": number(alone.n)}


def _answered(found: Sequence[Cell], question: Asked) -> Shown:
    """The board's own figure of due answered, as on the lifecycle board."""
    sum_ = total(question.now.of(found), item="answered")
    rate, url = Rate(sum_.hits, sum_.n), question.people_in("due_answered", item="answered")
    if not rate.is_enough or rate.value is None:
        few = gettext("not enough data: %(n)s of %(enough)s")
        return Shown("–", few % {"n": number(rate.n), "enough": ENOUGH}, url)
    facts = {"n": number(rate.hits), "of": number(rate.n)}
    return Shown(f"{number(rate.value * 100, 1)}%", gettext("%(n)s of %(of)s") % facts, url)
