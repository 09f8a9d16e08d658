"""Were the warnings right? Month-ends replayed, judged 90 days later, beside two simple rules.

The simple rules flag as many cars as were at high risk: those longest overdue, or those longest
without a visit. Whoever shares the last place counts in part, as if drawn by lot.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from common.dates import month_end
from lifecycle.rules import periods
from lifecycle.rules.cells import Cell, total
from lifecycle.rules.periods import Period
from lifecycle.rules.rates import Rate, difference, wilson

WITHIN_DAYS = 90
LEVELS = ("high", "medium", "low")
BANDS = 10
RISK, OVERDUE, IDLE = "score", "overdue", "idle"
RULES = (RISK, OVERDUE, IDLE)
AWAY, LOST = "away", "lost"
# A car stands in up to three month-ends whose 90 days overlap: of three looks one is counted where
# chance is judged.
REPEATS = 3


def last_day(month_end_on: date) -> date:
    """The last of the 90 days after a month-end."""
    return month_end_on + timedelta(days=WITHIN_DAYS)


def month_ends(as_of: date, count: int = 24) -> list[date]:
    """Those of the last `count` months whose 90 days are over, oldest first."""
    found = [month_end(date.fromisoformat(f"{one}-01")) for one in periods.months(as_of, count)]
    return [one for one in found if last_day(one) <= as_of]


def period(code: str, as_of: date) -> Period:
    """So many months, the last one whose 90 days are over included."""
    return periods.period(code, as_of - timedelta(days=WITHIN_DAYS - 1))


@dataclass(frozen=True)
class Level:
    """Flags of a level at month-ends, of cars due then: who came within 90 days, who was lost.

    `not_due` are flags of cars that were not due: what 90 days showed of them judges nothing.
    """

    level: str
    flagged: int
    came: int
    lost: int
    not_due: Rate

    @property
    def came_rate(self) -> Rate:
        return Rate(self.came, self.flagged)

    @property
    def away_rate(self) -> Rate:
        return Rate(self.flagged - self.came, self.flagged)

    @property
    def lost_rate(self) -> Rate:
        return Rate(self.lost, self.flagged)


def levels(cells: Iterable[Cell], of: Period) -> list[Level]:
    """High, medium and low of the period's month-ends."""
    found = of.of(cells)
    return [_level(found, level) for level in LEVELS]


def _level(cells: Sequence[Cell], level: str) -> Level:
    flagged = total(cells, item="level", part=level)
    not_due = total(cells, item="not_due", part=level)
    lost = total(cells, item="lost_level", part=level).n
    return Level(level, flagged.n, flagged.hits, lost, Rate(not_due.hits, not_due.n))


@dataclass(frozen=True)
class Band:
    """Cars due whose score lay in `low` to `high`; `away` did not come within 90 days."""

    band: int
    low: int
    high: int
    away: Rate

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, of as many cars as were not looked at before."""
        return wilson(self.away.value or 0, self.away.n / REPEATS) if self.away.n else (0.0, 1.0)


def bands(cells: Iterable[Cell], of: Period) -> list[Band]:
    """Ten points of the score each, the last with 100: the better the score, the fewer away."""
    found = of.of(cells)
    made = []
    for band in range(BANDS):
        cell = total(found, item="band", part=str(band))
        high = 100 if band == BANDS - 1 else 10 * band + 9
        made.append(Band(band, 10 * band, high, Rate(cell.n - cell.hits, cell.n)))
    return made


@dataclass(frozen=True)
class Step:
    """Cars that a rule cannot tell apart, and how many of them were away and lost."""

    n: int
    away: int
    lost: int


def ranking(cells: Iterable[Cell], code: str, rule: str) -> list[Step]:
    """The cars due of a stretch (12m, 6m, 3m) as a rule would call them, the most urgent first."""
    found: dict[str, list[int]] = {}
    for cell in cells:
        if cell.period == code and cell.item in (rule, f"lost_{rule}"):
            sums = found.setdefault(cell.part, [0, 0, 0])
            if cell.item == rule:
                sums[0] += cell.n
                sums[1] += cell.n - cell.hits
            else:
                sums[2] += cell.n
    return [Step(*found[part]) for part in sorted(found, reverse=rule != RISK)]


def found_among(steps: Iterable[Step], flagged: float, outcome: str) -> float:
    """How many of an outcome the first `flagged` cars hold; of the last step its share."""
    found = 0.0
    for step in steps:
        taken = min(flagged, step.n)
        if taken <= 0:
            break
        found += getattr(step, outcome) * taken / step.n
        flagged -= taken
    return found


@dataclass(frozen=True)
class Finding:
    """What a rule that flags `flagged` of `everybody` finds of an outcome's `total`.

    `difference` (low, high) is that of our precision less this rule's; None for ours.
    """

    rule: str
    outcome: str
    flagged: int
    found: float
    total: int
    everybody: int
    difference: tuple[float, float] | None = None

    @property
    def precision(self) -> float | None:
        """Of those flagged, the share with the outcome."""
        return self.found / self.flagged if self.flagged else None

    @property
    def recall(self) -> float | None:
        """Of all with the outcome, the share that was flagged."""
        return self.found / self.total if self.total else None

    @property
    def lift(self) -> float | None:
        """How many times as often as among all cars due."""
        if not self.flagged or not self.total:
            return None
        return (self.found / self.flagged) / (self.total / self.everybody)

    @property
    def side(self) -> int:
        """1: our level was surely better than this rule; -1: worse; 0: chance explains it."""
        if self.difference is None:
            return 0
        return int(self.difference[0] > 0) - int(self.difference[1] < 0)


def findings(cells: Sequence[Cell], code: str, of: Period, outcome: str) -> list[Finding]:
    """The level high and the two simple rules, each flagging as many cars."""
    high = _level(of.of(cells), "high")
    ours = high.lost if outcome == LOST else high.flagged - high.came
    made: list[Finding] = []
    for rule in RULES:
        steps = ranking(cells, code, rule)
        held = ours if rule == RISK else found_among(steps, high.flagged, outcome)
        everybody, all_ = sum(step.n for step in steps), sum(getattr(s, outcome) for s in steps)
        gap = None
        if rule != RISK and high.flagged:
            looks = high.flagged / REPEATS
            gap = difference(ours / high.flagged, held / high.flagged, looks)
        made.append(Finding(rule, outcome, high.flagged, held, all_, everybody, gap))
    return made


def verdict(found: Sequence[Finding]) -> str:
    """few, better (than both), worse (than one at least), mixed (better than one) or same."""
    if not Rate(0, found[0].flagged).is_enough:
        return "few"
    sides = [one.side for one in found[1:]]
    if min(sides) < 0:
        return "worse"
    return ("same", "mixed", "better")[sum(sides)]


def as_json(cells: Sequence[Cell], as_of: date, code: str = periods.DEFAULT) -> dict[str, object]:
    """`report warnings --json`."""
    of = period(code, as_of)
    away, lost = (findings(cells, code, of, outcome) for outcome in (AWAY, LOST))
    return {
        "first_month": of.first,
        "last_month": of.last,
        "within_days": WITHIN_DAYS,
        "levels": [_level_json(one) for one in levels(cells, of)],
        "calibration": [_band_json(one) for one in bands(cells, of)],
        "rules": [_finding_json(one) for one in (*away, *lost)],
        "verdict": verdict(away),
    }


def _level_json(one: Level) -> dict[str, object]:
    return {
        "level": one.level,
        "flagged": one.flagged,
        "came": one.came,
        "lost": one.lost,
        "came_rate": one.came_rate.value,
        "lost_rate": one.lost_rate.value,
        "not_due": one.not_due.n,
        "not_due_came": one.not_due.hits,
    }


def _band_json(one: Band) -> dict[str, object]:
    low, high = one.interval
    return {
        "from_score": one.low,
        "to_score": one.high,
        "cars": one.away.n,
        "did_not_come": one.away.hits,
        "rate": one.away.value,
        "low": low,
        "high": high,
    }


def _finding_json(one: Finding) -> dict[str, object]:
    low, high = one.difference or (None, None)
    return {
        "rule": {RISK: "risk", OVERDUE: "days_overdue", IDLE: "days_since_visit"}[one.rule],
        "outcome": {AWAY: "did_not_come", LOST: "lost"}[one.outcome],
        "flagged": one.flagged,
        "found": one.found,
        "precision": one.precision,
        "recall": one.recall,
        "lift": one.lift,
        "ours_better_by_low": low,
        "ours_better_by_high": high,
    }
