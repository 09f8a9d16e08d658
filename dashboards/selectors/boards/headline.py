"""The key figures of the lifecycle board, each with its change from the period before."""

from dataclasses import dataclass

from django.utils.translation import gettext

from common.formats import number, percent, yuan
from dashboards.selectors.boards.asked import Asked
from lifecycle.rules.answers import answers
from lifecycle.rules.bottlenecks import loss
from lifecycle.rules.cells import total
from lifecycle.rules.money import revenue_change
from lifecycle.rules.rates import ENOUGH, Rate
from lifecycle.rules.retention import kept_to_second
from lifecycle.selectors import Cell

Found = dict[str, list[Cell]]


@dataclass(frozen=True)
class Headline:
    """A key figure; `is_better` None where nothing changed or nothing can be compared."""

    title: str
    value: str
    change: str
    is_better: bool | None
    url: str


def headlines(found: Found, question: Asked) -> list[Headline]:
    """Five figures out of the cells of the board."""
    made = [
        _second_service(found["retention"], question),
        _yearly_loss(found["span"], question),
        _satisfaction(found["answers"], question),
        _due_answered(found["due_answered"], question),
        _revenue(found["span"], question),
    ]
    return [one if one.url else _not_parted(one) for one in made]


def _not_parted(one: Headline) -> Headline:
    """Nothing was counted by the filter: that is not the same as too few."""
    return Headline(one.title, "–", gettext("not counted by this filter"), None, "")


def _second_service(cells: list[Cell], question: Asked) -> Headline:
    now, before = (kept_to_second(period.of(cells)) for period in (question.now, question.before))
    return _rate(
        gettext("Kept to the 2nd service"),
        now,
        before,
        question.people_in("retention", item="second"),
    )


def _yearly_loss(cells: list[Cell], question: Asked) -> Headline:
    return _rate(
        gettext("Lost in 12 months"),
        loss(cells, "12m"),
        loss(cells, "12m-1"),
        question.people("span", part="lost", stretch="12m", hit=1),
        is_more_better=False,
    )


def _satisfaction(cells: list[Cell], question: Asked) -> Headline:
    now, before = (answers(period.of(cells)) for period in (question.now, question.before))
    url = question.people_in("answers", item="csat")
    title = gettext("Satisfaction / NPS")
    if not now.is_enough or now.satisfaction is None:
        return Headline(title, "–", _few(now.answers), None, url)
    value = f"{number(now.satisfaction)} / {'–' if now.nps is None else number(now.nps)}"
    if not before.is_enough or before.satisfaction is None:
        return Headline(title, value, "", None, url)
    change = round(now.satisfaction, 1) - round(before.satisfaction, 1)
    return Headline(title, value, _points(change), _better(change), url)


def _due_answered(cells: list[Cell], question: Asked) -> Headline:
    now, before = (
        _as_rate(period.of(cells), "answered") for period in (question.now, question.before)
    )
    url = question.people_in("due_answered", item="answered")
    return _rate(gettext("Due and came or booked"), now, before, url)


def _as_rate(cells: list[Cell], item: str) -> Rate:
    found = total(cells, item=item)
    return Rate(found.hits, found.n)


def _revenue(cells: list[Cell], question: Asked) -> Headline:
    found = revenue_change(cells, question.code)
    url = question.people("span", part="now", stretch=question.code)
    title = gettext("Service revenue")
    if found.share is None:
        return Headline(title, yuan(found.now), "", None, url)
    return Headline(title, yuan(found.now), _signed(found.share), _better(found.share), url)


def _rate(
    title: str, now: Rate, before: Rate, url: str, *, is_more_better: bool = True
) -> Headline:
    if not now.is_enough or now.value is None:
        return Headline(title, "–", _few(now.n), None, url)
    value = f"{number(now.value * 100, 1)}%"
    if not before.is_enough or before.value is None:
        return Headline(title, value, "", None, url)
    change = (now.value - before.value) * 100
    better = _better(change if is_more_better else -change)
    return Headline(title, value, _points(change), better, url)


def _few(n: int) -> str:
    return gettext("not enough data: %(n)s of %(enough)s") % {"n": number(n), "enough": ENOUGH}


def _points(change: float) -> str:
    """A difference of two percentages or scores, its direction as a shape."""
    facts = {"change": number(abs(change), 1)}
    return f"{_arrow(change)} " + gettext("%(change)s points") % facts


def _signed(share: float) -> str:
    return f"{_arrow(share)} {percent(abs(share))}"


def _arrow(change: float) -> str:
    return "▲" if change > 0 else "▼" if change < 0 else "＝"


def _better(change: float) -> bool | None:
    return change > 0 if change else None
