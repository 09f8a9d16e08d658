"""KPI-2 as a table: each figure with its change and its two years."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_lazy

from common.formats import number, percent, yuan
from dashboards.charts.spark import Spark, spark
from dashboards.selectors.boards.asked import Asked
from lifecycle.rules import kpi
from lifecycle.rules.periods import months
from lifecycle.selectors import cells

LABELS = {
    "csat": gettext_lazy("Satisfaction"),
    "nps": gettext_lazy("NPS"),
    "kept_3_months": gettext_lazy("Came again within 3 months"),
    "kept_12_months": gettext_lazy("Came again within 12 months"),
    "visits_a_year": gettext_lazy("Visits per customer and year"),
    "spend_a_year": gettext_lazy("Spend per customer and year"),
    "lifetime_value": gettext_lazy("Lifetime value of a customer"),
    "maintenance_share": gettext_lazy("Share of maintenance in revenue"),
    "referral_rate": gettext_lazy("Customers who referred another"),
}
HELP = {
    "csat": gettext_lazy("mean of the answers on 0 to 100"),
    "nps": gettext_lazy("share of 9 and 10 less share of 0 to 6"),
    "kept_3_months": gettext_lazy("of visits whose 3 months ran out in the period"),
    "kept_12_months": gettext_lazy("of visits whose 12 months ran out in the period"),
    "visits_a_year": gettext_lazy("of customers who came in the period"),
    "spend_a_year": gettext_lazy("of customers who came in the period"),
    "lifetime_value": gettext_lazy(
        "a year's spend for as long as customers stay at the present loss, at most 20 years"
    ),
    "maintenance_share": gettext_lazy("amount of maintenance in all amounts"),
    "referral_rate": gettext_lazy("with a referred customer who visited, all time"),
}
_SHOWN: dict[str, Callable[[float], str]] = {
    "csat": lambda value: number(value, 1),
    "nps": number,
    "visits_a_year": lambda value: number(value, 2),
    "spend_a_year": yuan,
    "lifetime_value": yuan,
}


@dataclass(frozen=True)
class KpiRow:
    """One line of the table; texts are "–" where there is not enough data."""

    label: str
    help: str
    value: str
    before: str
    n: str
    trend: Spark | None
    url: str


def kpi_rows(question: Asked) -> list[KpiRow]:
    """Nine figures, one query."""
    found = cells(question.store_ids, kpi.READS, split=question.split, value=question.value or None)
    now, before = kpi.kpis(found, question.now), kpi.kpis(found, question.before)
    line = kpi.monthly(found, months(question.as_of or question.today, 24))
    return [
        _row(one, former, line[one.name], question) for one, former in zip(now, before, strict=True)
    ]


def _row(one: kpi.Kpi, former: kpi.Kpi, line: list[kpi.Kpi], question: Asked) -> KpiRow:
    values = [month.value for month in line]
    label, url = str(LABELS[one.name]), _people(one.name, question)
    has_trend = sum(value is not None for value in values) > 2
    return KpiRow(
        label=label,
        help=str(HELP[one.name]) if url else gettext("not counted by this filter"),
        value=_shown(one),
        before=_shown(former),
        n=number(one.n),
        trend=spark(gettext("%(what)s, month by month") % {"what": label}, values)
        if has_trend
        else None,
        url=url,
    )


def _shown(one: kpi.Kpi) -> str:
    if one.value is None:
        return "–"
    return _SHOWN.get(one.name, percent)(one.value)


def _people(name: str, question: Asked) -> str:
    if name in {"csat", "nps"}:
        return question.people_in("answers", item=name)
    if name in {"kept_3_months", "kept_12_months"}:
        item = "m3" if name == "kept_3_months" else "m12"
        return question.people_in("kept", item=item, hit=1)
    if name == "lifetime_value":
        return question.people("span", part="lost", stretch=question.now.code)
    if name == "referral_rate":
        return question.people("referrals", hit=1)
    return question.people_in("revenue", part="maintenance")
