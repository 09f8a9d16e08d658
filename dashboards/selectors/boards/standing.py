"""Where the customers stand: the stage map, quadrants and tiers, warnings, reasons."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from alerts.choices import Reason
from alerts.rules.reasons import reasons
from common.formats import number, percent
from dashboards import presentation
from dashboards.presentation import Chip
from dashboards.selectors.boards.asked import Asked
from dashboards.selectors.boards.words import STAGE_ARROWS, STAGES
from lifecycle.choices import Level, Quadrant, Rfm, RiskLevel
from lifecycle.rules import shares
from lifecycle.rules.cells import total
from lifecycle.rules.rates import ENOUGH
from lifecycle.rules.stages import StageFigure, stages, worst_leak
from lifecycle.selectors import Cell

_CAME_BACK = ("decline", "lost")


@dataclass(frozen=True)
class StageBox:
    """A stage of the map; `arrow` says what share went its way in the period."""

    label: str
    count: int
    arrow: str
    url: str
    is_bad: bool
    is_worst: bool


@dataclass(frozen=True)
class StageMap:
    """The map and what it says."""

    boxes: list[StageBox]
    says: str


@dataclass(frozen=True)
class ShareRow:
    """A tier or quadrant: its share of customers and of revenue, and the industry's."""

    label: str
    of_customers: str
    of_amount: str
    benchmark: str
    url: str


@dataclass(frozen=True)
class BarRow:
    """A row with a bar of `percent` of the largest, for a meter."""

    label: str
    text: str
    percent: int
    url: str
    is_muted: bool = False


@dataclass(frozen=True)
class LevelCount:
    """How many cars stand at a level today."""

    chip: Chip
    count: int
    url: str


def stage_map(standing: list[Cell], moves: list[Cell], question: Asked) -> StageMap:
    """LIFE-2: six stages, their arrows, the worst leak."""
    found = stages(standing, moves, question.now)
    worst = worst_leak(found)
    return StageMap([_box(one, question, is_worst=one is worst) for one in found], _leak(worst))


def _box(one: StageFigure, question: Asked, *, is_worst: bool) -> StageBox:
    known = one.moved.is_enough and one.moved.value is not None
    arrow = ""
    if known:
        facts = {"share": percent(one.moved.value or 0)}
        arrow = str(STAGE_ARROWS[one.stage]) % facts
    return StageBox(
        label=str(STAGES[one.stage]),
        count=one.count,
        arrow=arrow,
        url=question.people("standing", item="stage", part=one.stage),
        is_bad=one.stage in _CAME_BACK,
        is_worst=is_worst,
    )


def _leak(worst: StageFigure | None) -> str:
    if worst is None:
        return gettext("Nobody moved into decline in this period, as far as the history is known.")
    facts = {"stage": STAGES[worst.stage], "n": number(worst.leaked)}
    return gettext("The worst leak: %(n)s customers went from %(stage)s into decline.") % facts


def quadrants(standing: list[Cell], question: Asked) -> list[ShareRow]:
    """SEG-2 by share of customers and revenue."""
    rows = []
    for one in shares.shares(standing, "quadrant", shares.QUADRANTS):
        (low, high), (low_amount, high_amount) = shares.QUADRANT_BENCHMARK[one.name]
        facts = {
            "customers": f"{number(low * 100)}–{percent(high)}",
            "revenue": f"{number(low_amount * 100)}–{percent(high_amount)}",
        }
        rows.append(
            ShareRow(
                str(Quadrant(one.name).label),
                _share(one.of_customers),
                _share(one.of_amount),
                gettext("%(customers)s / %(revenue)s") % facts,
                question.people("standing", item="quadrant", part=one.name),
            )
        )
    return rows


def tiers(standing: list[Cell], question: Asked) -> list[ShareRow]:
    """SEG-1 by share of customers and revenue."""
    return [
        ShareRow(
            str(Rfm(one.name).label),
            _share(one.of_customers),
            _share(one.of_amount),
            percent(shares.TIER_BENCHMARK[one.name]),
            question.people("standing", item="rfm", part=one.name),
        )
        for one in shares.shares(standing, "rfm", shares.TIERS)
    ]


def _share(value: float | None) -> str:
    return "–" if value is None else percent(value)


def warnings(standing: list[Cell], question: Asked) -> list[LevelCount]:
    """Cars due and at high risk as of the night; the links lead to the store's lists."""
    levels: list[tuple[str, Any, str]] = [
        ("due", Level, level) for level in (Level.RED, Level.ORANGE, Level.YELLOW)
    ]
    levels += [("risk", RiskLevel, level) for level in (RiskLevel.HIGH, RiskLevel.MEDIUM)]
    return [
        LevelCount(
            presentation.chip(choice, level),
            total(standing, item=kind, part=level).n,
            _warned(question, kind, level),
        )
        for kind, choice, level in levels
    ]


def _warned(question: Asked, kind: str, level: str) -> str:
    if question.store is None or question.split:
        return question.people("standing", item=kind, part=level)
    query = urlencode({"store": question.store.code, "kind": kind, "level": level})
    return f"{reverse('store_warnings')}?{query}"


def reason_bars(cells: list[Cell], question: Asked) -> list[BarRow] | None:
    """TASK-7: the reasons of the period, the most frequent first; none below 20 answers.

    None: an answer is of a customer, not of a car, and not counted by the split asked for.
    """
    if not question.parts("reasons"):
        return None
    found = reasons(question.now.of(cells))
    if sum(one.count for one in found) < ENOUGH:
        return []
    most = found[0].count
    return [
        BarRow(
            label=str(Reason(one.reason).label),
            text=percent(one.share),
            percent=round(100 * one.count / most),
            url=question.people_in("reasons", item=one.reason),
            is_muted=not one.is_solvable,
        )
        for one in found
    ]
