"""The group's stores beside each other, sorted by name: noise is not ranked as merit."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext, gettext_lazy

from common.formats import number
from dashboards.presentation import Chip
from dashboards.selectors.boards.asked import Asked
from lifecycle.rules.cells import merged
from lifecycle.rules.rates import ENOUGH
from lifecycle.rules.sidebyside import NAMES, READS, Figure, figures
from lifecycle.selectors import Cell, cells_by_store
from stores.models import Store

LABELS = {
    "second_service": gettext_lazy("Kept to the 2nd service"),
    "yearly_loss": gettext_lazy("Lost in 12 months"),
    "satisfied": gettext_lazy("Satisfied: 90 or more"),
    "nps": gettext_lazy("NPS"),
    "due_answered": gettext_lazy("Due and came or booked"),
    "revenue_change": gettext_lazy("Revenue against before"),
}
SCALE = 100


@dataclass(frozen=True)
class Range:
    """The interval, the value and the group's value on a line of 0 to 100."""

    low: float
    high: float
    value: float
    group: float


@dataclass(frozen=True)
class SideCell:
    """One figure of one store; `chip` only where chance does not explain the distance."""

    label: str
    text: str
    hint: str
    url: str = ""
    chip: Chip | None = None
    range: Range | None = None


@dataclass(frozen=True)
class SideRow:
    """A store's row, or the group's (`store` None)."""

    store: Store | None
    cells: list[SideCell]


@dataclass(frozen=True)
class Sides:
    """The page: headings, the group's row, a row a store."""

    headings: list[str]
    group: SideRow
    rows: list[SideRow]


def sides(question: Asked) -> Sides:
    """Every store of the question by name; one query."""
    found = cells_by_store(question.store_ids, READS)
    whole = figures(merged(found.values(), READS), question.now)
    none: dict[str, list[Cell]] = {board: [] for board in READS}
    stores = sorted(question.stores, key=lambda store: (store.name, store.pk))
    rows = []
    for store in stores:
        own = figures(found.get(store.pk, none), question.now)
        asked = replace(question, stores=[store])
        pairs = zip(own, whole, strict=True)
        rows.append(SideRow(store, [_cell(one, of_all, asked) for one, of_all in pairs]))
    group = SideRow(None, [_cell(one, None, question) for one in whole])
    return Sides([str(LABELS[name]) for name in NAMES], group, rows)


def _cell(one: Figure, group: Figure | None, question: Asked) -> SideCell:
    label, url = str(LABELS[one.name]), _people(one.name, question)
    if one.value is None:
        few = {"n": number(one.n), "enough": ENOUGH}
        return SideCell(label, "–", gettext("not enough data: %(n)s of %(enough)s") % few, url)
    return SideCell(
        label,
        _shown(one.name, one.value),
        _interval(one),
        url,
        _chip(one, group),
        _range(one, group),
    )


def _shown(name: str, value: float) -> str:
    if name == "nps":
        return number(value * 100)
    sign = "+" if name == "revenue_change" and value > 0 else ""
    return f"{sign}{number(value * 100, 1)}%"


def _interval(one: Figure) -> str:
    if one.low is None or one.high is None:
        return ""
    facts = {
        "low": number(one.low * SCALE),
        "high": number(one.high * SCALE),
        "n": number(one.n),
    }
    return gettext("%(low)s to %(high)s, of %(n)s") % facts


def _chip(one: Figure, group: Figure | None) -> Chip | None:
    better = one.is_better(group) if group else None
    if group is None or better is None:
        return None
    above = one.stands_out(group) > 0
    text = gettext("above the group") if above else gettext("below the group")
    return Chip(("▲ " if above else "▼ ") + text, "green" if better else "red")


def _range(one: Figure, group: Figure | None) -> Range | None:
    """Of NPS, which goes from -100 to 100, the middle of the line is 0."""
    if group is None or group.value is None or one.value is None:
        return None
    if one.low is None or one.high is None:
        return None
    places = [one.low, one.high, one.value, group.value]
    if one.name == "nps":
        places = [(place + 1) / 2 for place in places]
    return Range(*(round(place * SCALE, 1) for place in places))


def _people(name: str, question: Asked) -> str:
    if name == "second_service":
        return question.people_in("retention", item="second")
    if name == "yearly_loss":
        return question.people("span", part="lost", stretch="12m", hit=1)
    if name == "satisfied":
        return question.people_in("answers", item="csat", part="high")
    if name == "nps":
        return question.people_in("answers", item="nps")
    if name == "due_answered":
        return question.people_in("due_answered", item="answered")
    return question.people("span", part="now", stretch=question.code)
