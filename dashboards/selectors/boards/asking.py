"""The three questions with their verdicts, and whose change the revenue's is (LIFE-3)."""

from dataclasses import dataclass

from django.utils.translation import gettext, gettext_lazy

from common.formats import listing, number, percent
from dashboards.presentation import Chip
from dashboards.selectors.boards.asked import Asked
from dashboards.selectors.boards.words import STAGES
from lifecycle.rules import bottlenecks
from lifecycle.rules.money import GONE, NEW, revenue_change
from lifecycle.selectors import Cell

_ASKED = {
    "returned": gettext_lazy("How many came back after their first visit?"),
    "mature_loss": gettext_lazy("How many mature customers are lost in a year?"),
    "saved": gettext_lazy("How many overdue ones were contacted and came before they were lost?"),
}
_BAD = {
    "returned": gettext_lazy("The first experience is the problem: below %(limit)s"),
    "mature_loss": gettext_lazy("Care is the problem: above %(limit)s"),
    "saved": gettext_lazy("The warnings are not worked: below %(limit)s"),
}
_GOOD = {
    "returned": gettext_lazy("In order: %(limit)s or more"),
    "mature_loss": gettext_lazy("In order: %(limit)s or less"),
    "saved": gettext_lazy("In order: %(limit)s or more"),
}
# So many parts of the change are told; the rest is small.
TOLD = 3


@dataclass(frozen=True)
class Verdict:
    """A question with its figure and the verdict as a chip."""

    text: str
    value: str
    chip: Chip
    url: str


def verdicts(found: dict[str, list[Cell]], question: Asked) -> list[Verdict]:
    """The three questions in DOMAIN's order."""
    asked = bottlenecks.questions(
        found["returned"], found["span"], found["due_answered"], question.now
    )
    return [_verdict(one, question) for one in asked]


def _verdict(one: bottlenecks.Question, question: Asked) -> Verdict:
    text, url = str(_ASKED[one.name]), _people(one.name, question)
    if not url:
        return Verdict(text, "–", Chip(gettext("not counted by this filter"), ""), "")
    if one.is_bad is None or one.rate.value is None:
        few = gettext("not enough data: %(n)s") % {"n": number(one.rate.n)}
        return Verdict(text, "–", Chip(few, ""), url)
    words = (_BAD if one.is_bad else _GOOD)[one.name]
    verdict = str(words) % {"limit": percent(one.limit)}
    chip = Chip(verdict, "red" if one.is_bad else "green")
    return Verdict(text, percent(one.rate.value), chip, url)


def _people(name: str, question: Asked) -> str:
    if name == "returned":
        return question.people_in("returned", item="first", hit=0)
    if name == "saved":
        return question.people_in("due_answered", item="saved", hit=0)
    return question.people("span", item="maturity", part="lost", stretch="12m", hit=1)


def revenue_sentence(cells: list[Cell], question: Asked) -> str:
    """«Revenue −4 % …, of which −3 points from growth …»: the largest parts of the change."""
    change = revenue_change(cells, question.code)
    if change.share is None:
        return ""
    parts = [part for part in change.parts if part.share and abs(part.share) >= 0.005]
    parts.sort(key=lambda part: -abs(part.share or 0))
    told = [_part(part.stage, part.share or 0) for part in parts[:TOLD]]
    facts = {"change": _signed(change.share), "parts": listing(told)}
    if not told:
        return gettext("Revenue %(change)s against the period before.") % facts
    return gettext("Revenue %(change)s against the period before: %(parts)s.") % facts


def _part(stage: str, share: float) -> str:
    if stage == NEW:
        return gettext("%(points)s from new customers") % {"points": _signed(share)}
    if stage == GONE:
        return gettext("%(points)s from customers erased or merged") % {"points": _signed(share)}
    facts = {"points": _signed(share), "stage": STAGES[stage]}
    return gettext("%(points)s from the stage %(stage)s") % facts


def _signed(share: float) -> str:
    sign = "+" if share > 0 else "−" if share < 0 else "±"
    return f"{sign}{number(abs(share) * 100, 1)}%"
