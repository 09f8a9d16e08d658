"""What is wrong with the data: how many, what it costs, what to do, and the list to do it with."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, ngettext

from alerts.rules.health import Problem, problems, silent_days
from common.formats import number, percent
from dashboards.list_words import VISIT_LATE_DAYS
from dashboards.selectors.boards.asked import Asked
from dashboards.selectors.boards.words import PROBLEMS
from lifecycle.selectors import cells, cells_by_store
from stores.access import Reader
from stores.models import Store
from stores.rights import Right

TO_DO = {
    "dead_phone": gettext_lazy(
        "Ask for the number at the next visit, or look for it in the sales papers."
    ),
    "stale_odometer": gettext_lazy(
        "Write the odometer on every work order: the due date is only guessed without it."
    ),
    "no_owner": gettext_lazy("Give each of these customers to an advisor."),
    "no_consent": gettext_lazy(
        "Ask at the next visit whether and how the customer wants to be written to."
    ),
    "duplicate_phone": gettext_lazy(
        "See whether they are one person, and put it right in the dealer's system."
    ),
    "duplicate_car": gettext_lazy(
        "See which car has the plate now, and mark the other one as sold or moved."
    ),
}
# The fix list of the imports that belongs to a problem.
_FINDINGS = {"dead_phone": "dead_phone", "stale_odometer": "odometer"}


@dataclass(frozen=True)
class ProblemRow:
    """One problem; `findings_url` leads to the rows an import complained of, else empty."""

    label: str
    count: int
    url: str
    cost: str
    why: str
    to_do: str
    in_work: str
    findings_url: str


@dataclass(frozen=True)
class Feed:
    """A store whose visits stay away."""

    store: Store
    text: str


@dataclass(frozen=True)
class HealthBoard:
    """Inputs of templates/dashboards/boards/health.html."""

    rows: list[ProblemRow]
    feeds: list[Feed]

    @property
    def is_well(self) -> bool:
        return not self.feeds and not any(row.count for row in self.rows)


def health_board(question: Asked, reader: Reader) -> HealthBoard:
    """Two queries."""
    found = cells(
        question.store_ids, ["health"], split=question.split, value=question.value or None
    )
    may_import = reader.has(Right.IMPORT)
    return HealthBoard(
        rows=[_row(one, question, may_import) for one in problems(found["health"])],
        feeds=_feeds(question),
    )


def _feeds(question: Asked) -> list[Feed]:
    by_store = cells_by_store(question.store_ids, ["health"])
    late = []
    for store in question.stores:
        days = silent_days(by_store.get(store.pk, {}).get("health", []))
        if days is not None and days > VISIT_LATE_DAYS:
            text = ngettext(
                "No visit has come in for %(n)s day.", "No visit has come in for %(n)s days.", days
            )
            late.append(Feed(store, text % {"n": number(days)}))
    return late


def _row(one: Problem, question: Asked, may_import: bool) -> ProblemRow:
    return ProblemRow(
        label=str(PROBLEMS[one.name]),
        count=one.count,
        url=question.people("health", item=one.name),
        cost=_cost(one),
        why=_why(one),
        to_do=str(TO_DO[one.name]),
        in_work=_in_work(one),
        findings_url=_findings(one, question) if may_import else "",
    )


def _cost(one: Problem) -> str:
    lost = one.visits_lost
    if not one.count:
        return "–"
    return gettext("not enough data") if lost is None else number(lost)


def _why(one: Problem) -> str:
    """The figures the estimate is made of."""
    if not one.count:
        return ""
    if one.visits_lost is None:
        few = min(one.affected.n, one.others.n)
        return gettext("fell due %(n)s times; at least 20 are needed") % {"n": number(few)}
    facts = {
        "expected": number(one.expected),
        "came": percent(one.affected.value or 0),
        "others": percent(one.others.value or 0),
    }
    return gettext("%(expected)s visits expected; %(came)s come, of the others %(others)s") % facts


def _in_work(one: Problem) -> str:
    if one.name != "dead_phone" or not one.count:
        return ""
    if not one.in_work:
        return gettext("None is on a list to be put right yet.")
    text = ngettext(
        "%(n)s is on a list to be put right.", "%(n)s are on a list to be put right.", one.in_work
    )
    return text % {"n": number(one.in_work)}


def _findings(one: Problem, question: Asked) -> str:
    kind = _FINDINGS.get(one.name)
    if kind is None:
        return ""
    asked = {"kind": kind} | ({"store": question.store.code} if question.store else {})
    return f"{reverse('import_findings')}?{urlencode(asked)}"
