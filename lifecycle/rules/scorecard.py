"""KPI-1: an advisor's figures over a stretch and the score made of them.

Few customers make wild rates, so what is scored is drawn towards the store's: as if 20 customers
of the store's average were among the advisor's, (hits + 20 x store's rate) / (n + 20).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from lifecycle.rules.answers import answers
from lifecycle.rules.cells import Cell, total
from lifecycle.rules.periods import MONTHS, Period
from lifecycle.rules.rates import ENOUGH, Rate

PULL = 20
PARTS = ("retention", "revenue", "satisfaction")
READS = ("scorecard", "calls", "gaming")
YEAR = "12m"
Found = Mapping[str, Sequence[Cell]]
Targets = Mapping[str, Decimal]


@dataclass(frozen=True)
class Part:
    """One of the three parts: as counted, as scored (0-1), what it weighs in the score (0-1).

    `scored` None: not enough data or no target; it is left out and the others weigh more.
    """

    name: str
    raw: float | None
    n: int
    scored: float | None
    weight: float = 0.0


@dataclass(frozen=True)
class Calls:
    """Outgoing calls made by the person, whoever owns the customer."""

    made: int
    connected: int
    booked: int
    arrived: int


@dataclass(frozen=True)
class Flags:
    """What a manager should look at; none of it changes the score.

    `bulk` calls not connected within minutes of each other, of `missed`; `moved` customers who
    changed hands in the 30 days before they were lost, of `lost`.
    """

    bulk: int
    missed: int
    moved: int
    lost: int


@dataclass(frozen=True)
class Card:
    """A person's figures; `score` 0-100, None with fewer than 20 customers due."""

    parts: list[Part]
    score: float | None
    retention: Rate
    loss: Rate
    customers: int
    visits_a_year: float | None
    satisfaction: float | None
    answers: int
    nps: float | None
    nps_answers: int
    revenue: Decimal
    # Revenue and target of the months that have a target, and how many those are.
    in_targeted: Decimal = Decimal(0)
    target: Decimal = Decimal(0)
    targeted_months: int = 0
    calls: Calls = field(default_factory=lambda: Calls(0, 0, 0, 0))
    flags: Flags = field(default_factory=lambda: Flags(0, 0, 0, 0))

    def part(self, name: str) -> Part:
        return next(part for part in self.parts if part.name == name)


def card(
    found: Found, whole: Found, period: Period, targets: Targets, weights: Mapping[str, int]
) -> Card:
    """The figures of one person's cells; `whole` the store's, towards which they are drawn.

    `targets`: {month: yuan}. `weights`: {part: share}, any numbers.
    """
    cells, of_store = (_of(one["scorecard"], period.code) for one in (found, whole))
    came, said, owned = _rate(cells, "came"), answers(cells), total(cells, item="owned")
    visits = total(cells, item="revenue")
    known = {month: amount for month, amount in targets.items() if _is_in(month, period)}
    earned = _earned(cells, known)
    target = sum(known.values(), Decimal(0))
    parts = _weighed(
        [
            _retention(came, _rate(of_store, "came")),
            _revenue(earned, target, visits.n),
            _satisfaction(cells, of_store),
        ],
        weights,
    )
    years = MONTHS[period.code.removesuffix("-1")] / 12
    return Card(
        parts=parts,
        score=_score(parts),
        retention=came,
        loss=_loss(found["scorecard"]),
        customers=owned.n,
        visits_a_year=visits.hits / owned.n / years if owned.n >= ENOUGH else None,
        satisfaction=said.satisfaction,
        answers=said.answers,
        nps=said.nps if said.nps_answers >= ENOUGH else None,
        nps_answers=said.nps_answers,
        revenue=visits.amount,
        in_targeted=earned,
        target=target,
        targeted_months=len(known),
        calls=_calls(period.of(found["calls"])),
        flags=_flags(period.of(found["gaming"])),
    )


def drawn(rate: float, n: int, whole: float) -> float:
    """A rate of n drawn towards the whole store's."""
    return (rate * n + PULL * whole) / (n + PULL)


def _retention(came: Rate, of_store: Rate) -> Part:
    value = came.value
    if value is None or of_store.value is None or not came.is_enough:
        return Part("retention", value, came.n, None)
    return Part("retention", value, came.n, drawn(value, came.n, of_store.value))


def _revenue(earned: Decimal, target: Decimal, n: int) -> Part:
    """More than the target earns no more than the whole part."""
    if not target:
        return Part("revenue", None, n, None)
    reached = float(earned / target)
    return Part("revenue", reached, n, min(max(reached, 0.0), 1.0))


def _satisfaction(cells: Sequence[Cell], of_store: Sequence[Cell]) -> Part:
    own, whole = answers(cells), answers(of_store)
    raw = None if own.satisfaction is None else own.satisfaction / 100
    if raw is None or whole.satisfaction is None or not own.is_enough:
        return Part("satisfaction", raw, own.answers, None)
    scored = drawn(raw, own.answers, whole.satisfaction / 100)
    return Part("satisfaction", raw, own.answers, scored)


def _weighed(parts: Sequence[Part], weights: Mapping[str, int]) -> list[Part]:
    """The weights of the parts there are add up to 1."""
    whole = sum(weights[part.name] for part in parts if part.scored is not None)
    return [
        Part(
            part.name,
            part.raw,
            part.n,
            part.scored,
            weights[part.name] / whole if whole and part.scored is not None else 0.0,
        )
        for part in parts
    ]


def _score(parts: Sequence[Part]) -> float | None:
    """Without the retention there is no score: half of it would be missing."""
    if parts[0].scored is None:
        return None
    return 100 * sum(part.weight * (part.scored or 0) for part in parts)


def _loss(cells: Sequence[Cell]) -> Rate:
    """Always of the last 12 full months; who was lost before counts on neither side."""
    found = total(_of(cells, YEAR), item="owned", part="")
    return Rate(found.hits, found.n)


def _calls(cells: Sequence[Cell]) -> Calls:
    made, booked = total(cells, item="called"), total(cells, item="booked")
    return Calls(made.n, made.hits, booked.n, booked.hits)


def _flags(cells: Sequence[Cell]) -> Flags:
    missed, lost = total(cells, item="bulk"), total(cells, item="moved")
    return Flags(missed.hits, missed.n, lost.hits, lost.n)


def _earned(cells: Sequence[Cell], known: Targets) -> Decimal:
    revenue = (cell for cell in cells if cell.item == "revenue" and cell.part in known)
    return sum((cell.amount for cell in revenue), Decimal(0))


def _rate(cells: Sequence[Cell], item: str) -> Rate:
    found = total(cells, item=item)
    return Rate(found.hits, found.n)


def _of(cells: Sequence[Cell], stretch: str) -> list[Cell]:
    return [cell for cell in cells if cell.period == stretch]


def _is_in(month: str, period: Period) -> bool:
    return period.first <= month <= period.last


def as_json(cards: Mapping[str, Card]) -> dict[str, object]:
    """`report scorecard --json`: a row a person, by staff code."""
    return {"advisors": [_row(code, one) for code, one in sorted(cards.items())]}


def _row(code: str, one: Card) -> dict[str, object]:
    low, high = one.retention.interval
    return {
        "advisor": code,
        "score": one.score,
        "customers": one.customers,
        "due": one.retention.n,
        "came": one.retention.hits,
        "retention_low": low,
        "retention_high": high,
        **{f"{part.name}_raw": part.raw for part in one.parts},
        **{f"{part.name}_scored": part.scored for part in one.parts},
        **{f"{part.name}_weight": part.weight for part in one.parts},
        "revenue": float(one.revenue),
        "target": float(one.target),
        "target_months": one.targeted_months,
        "answers": one.answers,
        "nps": one.nps,
        "lost_of": one.loss.n,
        "lost": one.loss.hits,
        "visits_a_year": one.visits_a_year,
        "calls": one.calls.made,
        "connected": one.calls.connected,
        "booked": one.calls.booked,
        "arrived": one.calls.arrived,
        "bulk_no_answer": one.flags.bulk,
        "moved_before_lost": one.flags.moved,
    }
