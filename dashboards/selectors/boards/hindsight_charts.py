"""The charts of the page that looks back at warnings."""

from collections.abc import Sequence

from django.utils.translation import gettext, gettext_lazy

from common.formats import number, percent
from dashboards.charts.bars import Bar, Bars, bars
from dashboards.charts.curves import Curves, Track, curves
from dashboards.selectors.boards.asked import Asked
from lifecycle.rules import hindsight
from lifecycle.rules.hindsight import AWAY, IDLE, OVERDUE, RISK, Band, Finding, Step
from lifecycle.rules.periods import Period
from lifecycle.rules.rates import Rate
from lifecycle.selectors import Cell

BOARD = "warnings"
RULES = {
    RISK: gettext_lazy("Our warnings"),
    OVERDUE: gettext_lazy("Longest overdue"),
    IDLE: gettext_lazy("Longest without a visit"),
}
TENTHS = 10


def calibration(found: Sequence[Band], of: Period, question: Asked) -> Bars | None:
    """Of each ten points of the score, who stayed away; a good score has a low bar."""
    if not any(one.away.is_enough for one in found):
        return None
    rows = [_bar(one, question.people_in(BOARD, of, item="band", part=one.band)) for one in found]
    return bars(_calibration_title(found), "; ".join(f"{r.label}: {r.told}" for r in rows), rows)


def _bar(one: Band, url: str) -> Bar:
    label = f"{one.low}–{one.high}"
    if not one.away.is_enough:
        few = gettext("not enough data: %(n)s") % {"n": number(one.away.n)}
        return Bar(label, None, "–", few, url=url)
    share = percent(one.away.value or 0)
    low, high = one.interval
    facts = {"away": number(one.away.hits), "n": number(one.away.n), "share": share}
    told = gettext("%(away)s of %(n)s did not come (%(share)s)") % facts
    return Bar(label, one.away.value, share, told, low=low, high=high, url=url)


def _calibration_title(found: Sequence[Band]) -> str:
    """Two bands are told apart where their intervals do not touch."""
    known = [one for one in found if one.away.is_enough]
    rising = any(
        better.interval[0] > worse.interval[1]
        for place, worse in enumerate(known)
        for better in known[place + 1 :]
    )
    if rising:
        return gettext("The score misleads: a better one stayed away more often")
    if len(known) > 1 and known[0].interval[0] > known[-1].interval[1]:
        return gettext("The lower the score, the more stayed away")
    return gettext("The score does not tell who stays away yet")


def gain(found: Sequence[Cell], away: Sequence[Finding], code: str) -> Curves | None:
    """How many of those who stayed away each ranking has found by so many calls."""
    ours = away[0]
    if not Rate(0, ours.everybody).is_enough or not ours.total:
        return None
    tracks = [_track(rule, hindsight.ranking(found, code, rule)) for rule in hindsight.RULES]
    steps = [f"{10 * tenth}%" for tenth in range(1, TENTHS + 1)]
    flagged = ours.flagged / ours.everybody
    facts = {"flagged": percent(flagged), "found": percent(ours.recall or 0)}
    title = gettext("The %(flagged)s at high risk held %(found)s of those who stayed away") % facts
    description = gettext(
        "Across: share of the cars due, the most urgent first. Up: share of those who stayed away."
    )
    mark = (flagged, gettext("at high risk: %(share)s") % {"share": percent(flagged)})
    return curves(title, description, tracks, steps, mark=mark if ours.flagged else None)


def _track(rule: str, steps: Sequence[Step]) -> Track:
    everybody, total = sum(one.n for one in steps), sum(one.away for one in steps)
    places, n, away = [(0.0, 0.0)], 0, 0
    for one in steps:
        n, away = n + one.n, away + one.away
        places.append((n / everybody, away / total))
    tenths = [everybody * tenth / TENTHS for tenth in range(1, TENTHS + 1)]
    told = [percent(hindsight.found_among(steps, most, AWAY) / total) for most in tenths]
    return Track(str(RULES[rule]), places, told)
