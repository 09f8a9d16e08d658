"""KPI-2: a store's key figures over a period, and month by month."""

from collections.abc import Sequence
from dataclasses import dataclass

from lifecycle.rules.answers import answers
from lifecycle.rules.cells import Cell, total
from lifecycle.rules.periods import MONTHS, Period
from lifecycle.rules.rates import ENOUGH

NAMES = (
    "csat",
    "nps",
    "kept_3_months",
    "kept_12_months",
    "visits_a_year",
    "spend_a_year",
    "lifetime_value",
    "maintenance_share",
    "referral_rate",
)
READS = ("answers", "kept", "revenue", "span", "referrals")
Found = dict[str, list[Cell]]
# Nobody keeps coming longer than a car lasts, however few were lost lately.
MOST_YEARS = 20


@dataclass(frozen=True)
class Kpi:
    """A figure with the n behind it; `value` None where there is not enough data.

    csat is on 0-100, nps from -100 to 100, spend and lifetime value in yuan, visits a number, the
    others fractions.
    """

    name: str
    value: float | None
    n: int


def kpis(found: Found, period: Period) -> list[Kpi]:
    """All figures of one period; how many visited is known of stretches only."""
    of_period = {board: period.of(cells) for board, cells in found.items()}
    visits = total(of_period["revenue"], part="maintenance").n
    money = total(of_period["revenue"])
    people = _customers(found["span"], period)
    is_before = period.code.endswith("-1")
    years = MONTHS.get(period.code.removesuffix("-1"), 12) / 12
    said = answers(of_period["answers"])
    spend = float(money.amount) / people / years if people and years else None
    return [
        _enough("csat", said.satisfaction, said.answers),
        _enough("nps", said.nps, said.nps_answers),
        _rate("kept_3_months", total(of_period["kept"], item="m3")),
        _rate("kept_12_months", total(of_period["kept"], item="m12")),
        _enough("visits_a_year", visits / people / years if people and years else None, people),
        _enough("spend_a_year", spend, people),
        _lifetime_value(spend if people >= ENOUGH else None, found["span"], period, years),
        _enough("maintenance_share", _share(of_period["revenue"]), visits),
        # Whom a customer referred has no date: what it was before is not known.
        _rate("referral_rate", total([] if is_before else found["referrals"], item="visited")),
    ]


def monthly(found: Found, months: Sequence[str]) -> dict[str, list[Kpi]]:
    """{name: its value in each month}, of those that a month can have."""
    line: dict[str, list[Kpi]] = {name: [] for name in NAMES}
    for month in months:
        for one in kpis({**found, "span": [], "referrals": []}, Period("month", month, month)):
            line[one.name].append(one)
    return line


def _lifetime_value(spend: float | None, span: Sequence[Cell], period: Period, years: float) -> Kpi:
    """What a customer spends a year for as long as customers stay at the period's yearly loss."""
    lost = total([cell for cell in span if cell.period == period.code], part="lost")
    if spend is None or not lost.n:
        return Kpi("lifetime_value", None, lost.n)
    stayed = 1 - lost.hits / lost.n
    yearly_loss: float = 1 - stayed ** (1 / years)
    return _enough("lifetime_value", spend / max(yearly_loss, 1 / MOST_YEARS), lost.n)


def _customers(span: Sequence[Cell], period: Period) -> int:
    """Who came in the stretch."""
    of_stretch = [cell for cell in span if cell.period == period.code]
    return total(of_stretch, part="now").hits


def _share(revenue: Sequence[Cell]) -> float | None:
    whole = total(revenue).amount
    return float(total(revenue, part="maintenance").amount / whole) if whole else None


def _rate(name: str, cell: Cell) -> Kpi:
    return _enough(name, cell.hits / cell.n if cell.n else None, cell.n)


def _enough(name: str, value: float | None, n: int) -> Kpi:
    return Kpi(name, value if n >= ENOUGH else None, n)


def as_json(now: Sequence[Kpi], before: Sequence[Kpi]) -> dict[str, object]:
    """`report kpi --json`: each figure with the one of the period before."""
    return {
        "kpis": [
            {"kpi": one.name, "value": one.value, "n": one.n, "before": former.value}
            for one, former in zip(now, before, strict=True)
        ]
    }
