"""Were our warnings right? Past month-ends beside what the 90 days after them showed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext

from common.dates import month_end
from common.formats import number, percent
from dashboards.charts.bars import Bars
from dashboards.charts.curves import Curves
from dashboards.presentation import Chip, chip
from dashboards.selectors.boards.asked import Asked
from dashboards.selectors.boards.hindsight_charts import BOARD, RULES, calibration, gain
from lifecycle.choices import RiskLevel
from lifecycle.rules import hindsight
from lifecycle.rules.hindsight import AWAY, LOST, RISK, Finding, Level
from lifecycle.rules.periods import Period
from lifecycle.rules.rates import ENOUGH, Rate
from lifecycle.selectors import Cell, cells


@dataclass(frozen=True)
class Counted:
    """A number with its share of the row's cars, and where its people are."""

    text: str
    share: str
    url: str


@dataclass(frozen=True)
class LevelRow:
    """A level's flags over the period; `not_due` those that 90 days cannot judge."""

    chip: Chip
    flagged: Counted
    came: Counted
    away: Counted
    lost: Counted
    not_due: Counted | None


@dataclass(frozen=True)
class RuleRow:
    """A way of choosing whom to call: what it finds of those away and of those lost."""

    label: str
    flagged: str
    precision: str
    recall: str
    lift: str
    lost_precision: str
    lost_recall: str
    lost_lift: str
    chip: Chip | None
    gap: str


@dataclass(frozen=True)
class MonthRow:
    """One month-end."""

    month_end_on: date
    due: Counted
    away: Counted
    high: Counted
    high_away: Counted
    high_lost: Counted


@dataclass(frozen=True)
class WarningsBoard:
    """Inputs of templates/dashboards/boards/warnings.html; `first` None: nothing judged yet."""

    verdict: str
    told: list[str]
    first: date | None
    last: date | None
    levels: list[LevelRow]
    rules: list[RuleRow]
    calibration: Bars | None
    gain: Curves | None
    months: list[MonthRow]


def warnings_board(question: Asked) -> WarningsBoard:
    """The month-ends of the question's period whose 90 days are over; one query."""
    found = cells(question.store_ids, [BOARD])[BOARD]
    of = hindsight.period(question.code, question.as_of or question.today)
    months = sorted({cell.period for cell in of.of(found) if cell.item == "level"})
    away, lost = (hindsight.findings(found, question.code, of, one) for one in (AWAY, LOST))
    levels = hindsight.levels(found, of)
    return WarningsBoard(
        verdict=_verdict(away),
        told=_told(away),
        first=_end(months[0]) if months else None,
        last=_end(months[-1]) if months else None,
        levels=[_level_row(one, of, question) for one in levels],
        rules=[_rule_row(*pair) for pair in zip(away, lost, strict=True)],
        calibration=calibration(hindsight.bands(found, of), of, question),
        gain=gain(found, away, question.code),
        months=[_month_row(found, one, question) for one in reversed(months)],
    )


def _end(month: str) -> date:
    return month_end(date.fromisoformat(f"{month}-01"))


def _verdict(away: Sequence[Finding]) -> str:
    """One sentence; merit is claimed only where chance does not explain it."""
    better = [str(RULES[one.rule]) for one in away if one.side > 0]
    worse = [str(RULES[one.rule]) for one in away if one.side < 0]
    same = [str(RULES[one.rule]) for one in away[1:] if not one.side]
    said = hindsight.verdict(away)
    if said == "few":
        return gettext("Not enough data yet to judge the warnings")
    if said == "worse":
        text = gettext("A simple rule was better than our warnings: %(rule)s")
        return text % {"rule": worse[0]}
    if said == "better":
        return gettext("Our warnings were better than both simple rules")
    if said == "mixed":
        text = gettext("Our warnings were better than “%(rule)s”, not better than “%(other)s”")
        return text % {"rule": better[0], "other": same[0]}
    return gettext("Our warnings were no better than the simple rules")


def _told(away: Sequence[Finding]) -> list[str]:
    """What the verdict rests on, a sentence each rule."""
    if hindsight.verdict(away) == "few":
        text = gettext("Fewer than %(enough)s cars that were due stood at high risk.")
        return [text % {"enough": ENOUGH}]
    ours = away[0]
    facts = {"n": number(ours.flagged), "share": percent(ours.precision or 0)}
    text = gettext("Of %(n)s flags at high risk, %(share)s did not come within 90 days.")
    said = [text % facts]
    for one in away[1:]:
        text = gettext("As many by “%(rule)s”: %(share)s; the difference is %(gap)s.")
        facts = {"rule": str(RULES[one.rule]), "share": percent(one.precision or 0)}
        said.append(text % {**facts, "gap": _gap(one)})
    return said


def _gap(one: Finding) -> str:
    low, high = one.difference or (0.0, 0.0)
    text = gettext("%(low)s to %(high)s points")
    return text % {"low": _signed(low), "high": _signed(high)}


def _signed(share: float) -> str:
    return f"{'+' if share > 0 else ''}{number(share * 100)}"


def _counted(n: int, of: int | None, url: str) -> Counted:
    """`of` None: no share is meant."""
    if of is None:
        return Counted(number(n), "", url)
    rate = Rate(n, of)
    if not rate.is_enough:
        return Counted(number(n), gettext("too few for a share"), url)
    return Counted(number(n), percent(rate.value or 0), url)


def _level_row(one: Level, of: Period, question: Asked) -> LevelRow:
    def url(**marks: Any) -> str:
        return question.people_in(BOARD, of, part=one.level, **marks)

    away, n = one.away_rate.hits, one.flagged
    is_flag = one.level != RiskLevel.LOW
    not_due = _counted(one.not_due.n, None, url(item="not_due")) if is_flag else None
    return LevelRow(
        chip=chip(RiskLevel, one.level),
        flagged=_counted(n, None, url(item="level")),
        came=_counted(one.came, n, url(item="level", hit=1)),
        away=_counted(away, n, url(item="level", hit=0)),
        lost=_counted(one.lost, n, url(item="lost_level")),
        not_due=not_due,
    )


def _rule_row(away: Finding, lost: Finding) -> RuleRow:
    is_enough = Rate(0, away.flagged).is_enough

    def share(value: float | None) -> str:
        return percent(value) if is_enough and value is not None else "–"

    def times(value: float | None) -> str:
        return f"{number(value, 1)} ×" if is_enough and value is not None else "–"

    is_judged = is_enough and away.rule != RISK
    return RuleRow(
        label=str(RULES[away.rule]),
        flagged=number(away.flagged),
        precision=share(away.precision),
        recall=share(away.recall),
        lift=times(away.lift),
        lost_precision=share(lost.precision),
        lost_recall=share(lost.recall),
        lost_lift=times(lost.lift),
        chip=_chip(away) if is_judged else None,
        gap=_gap(away) if is_judged else "",
    )


def _chip(one: Finding) -> Chip:
    if one.side > 0:
        return Chip(gettext("ours was better"), "green")
    if one.side < 0:
        return Chip(gettext("ours was worse"), "red")
    return Chip(gettext("no sure difference"), "")


def _month_row(found: Sequence[Cell], month: str, question: Asked) -> MonthRow:
    of = Period("month", month, month)
    levels = hindsight.levels(found, of)
    due, away = (sum(n) for n in zip(*((x.flagged, x.away_rate.hits) for x in levels), strict=True))
    high = levels[0]

    def url(**marks: Any) -> str:
        return question.people_in(BOARD, of, **marks)

    return MonthRow(
        month_end_on=_end(month),
        due=_counted(due, None, url(item="level")),
        away=_counted(away, due, url(item="level", hit=0)),
        high=_counted(high.flagged, None, url(item="level", part="high")),
        high_away=_counted(
            high.away_rate.hits, high.flagged, url(item="level", part="high", hit=0)
        ),
        high_lost=_counted(high.lost, high.flagged, url(item="lost_level", part="high")),
    )
