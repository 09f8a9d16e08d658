"""SEG-1 to SEG-3: RFM tier, quadrant and value tier of a store's customers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .exact import half_up, within_last
from .facts import Customer
from .known import MergedVisit, Snapshot
from .settings import SegmentSettings
from .stage import visits_of


@dataclass(frozen=True)
class Segments:
    """What is shown of a customer; rfm and quadrant are None without a visit."""

    rfm: str | None
    quadrant: str | None
    value_tier: str
    yearly_spend: Decimal


@dataclass(frozen=True)
class Figures:
    """A customer's figures of the window."""

    external_id: str
    days_since: int
    frequency: int
    money: Fraction

    @property
    def ticket(self) -> Fraction:
        """SEG-2: amount by visits, 0 without a visit in the window."""
        return self.money / self.frequency if self.frequency else Fraction(0)


def segments_of(snapshot: Snapshot, store: str) -> dict[str, Segments]:
    """All customers of the store by external id."""
    found = {}
    figures = []
    for customer in snapshot.world.customers:
        if customer.store != store:
            continue
        visits = visits_of(snapshot, customer)
        found[customer.external_id] = _value_only(snapshot, customer, visits)
        if visits and not customer.erased and not customer.merged:
            figures.append(_figures(snapshot, customer, visits))
    tiers = rfm_tiers(figures, snapshot.settings.segments)
    areas = quadrants(figures, snapshot.settings.segments)
    for external_id, tier in tiers.items():
        row = found[external_id]
        found[external_id] = replace(row, rfm=tier, quadrant=areas[external_id])
    return found


def _figures(snapshot: Snapshot, customer: Customer, visits: list[MergedVisit]) -> Figures:
    window_days = snapshot.settings.segments.window_days
    recent = [visit for visit in visits if within_last(window_days, visit.on, snapshot.as_of)]
    return Figures(
        external_id=customer.external_id,
        days_since=(snapshot.as_of - max(visit.on for visit in visits)).days,
        frequency=len(recent),
        money=_amount(recent),
    )


def _amount(visits: list[MergedVisit]) -> Fraction:
    return sum((Fraction(visit.amount) for visit in visits), Fraction(0))


def percent_rank(value: Fraction, others: list[Fraction]) -> Fraction:
    """(rank - 1) / (n - 1), ascending; ties take the lowest rank, 0 when n = 1."""
    if len(others) == 1:
        return Fraction(0)
    return Fraction(sum(other < value for other in others), len(others) - 1)


def rfm_tiers(figures: list[Figures], settings: SegmentSettings) -> dict[str, str]:
    """SEG-1: by composite, then money, then external id."""
    order = [_rfm_key(row, figures, settings) for row in figures]
    tiers = {}
    for position, (_, _, external_id) in enumerate(sorted(order), start=1):
        tiers[external_id] = _rfm_tier(position, len(figures), settings)
    return tiers


def _rfm_key(
    row: Figures, figures: list[Figures], settings: SegmentSettings
) -> tuple[Fraction, Fraction, str]:
    """Sorts the best first; a short recency is the good one."""
    recency = percent_rank(
        Fraction(-row.days_since), [Fraction(-other.days_since) for other in figures]
    )
    frequency = percent_rank(
        Fraction(row.frequency), [Fraction(other.frequency) for other in figures]
    )
    money = percent_rank(row.money, [other.money for other in figures])
    composite = (
        settings.recency_weight * recency
        + settings.frequency_weight * frequency
        + settings.money_weight * money
    )
    return (-composite, -row.money, row.external_id)


def _rfm_tier(position: int, count: int, settings: SegmentSettings) -> str:
    """The first ceil(5 %) diamond, up to ceil(20 %) gold, up to ceil(50 %) silver."""
    cuts = (
        ("diamond", settings.diamond_percent),
        ("gold", settings.gold_percent),
        ("silver", settings.silver_percent),
    )
    for tier, percent in cuts:
        if position <= -(-count * percent // 100):
            return tier
    return "regular"


def quadrants(figures: list[Figures], settings: SegmentSettings) -> dict[str, str]:
    """SEG-2: visits and ticket, each high from its percentile on."""
    if not figures:
        return {}
    frequencies = [Fraction(row.frequency) for row in figures]
    often = percentile(frequencies, settings.frequency_percentile)
    dear = percentile([row.ticket for row in figures], settings.ticket_percentile)
    names = {
        (True, True): "vip",
        (True, False): "loyal",
        (False, True): "potential",
        (False, False): "regular",
    }
    return {row.external_id: names[row.frequency >= often, row.ticket >= dear] for row in figures}


def percentile(values: list[Fraction], percent: int) -> Fraction:
    """Continuous: straight between the two neighbours of position p x (n - 1)."""
    ordered = sorted(values)
    place = Fraction(percent * (len(ordered) - 1), 100)
    below = place.numerator // place.denominator
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _value_only(snapshot: Snapshot, customer: Customer, visits: list[MergedVisit]) -> Segments:
    spend = yearly_spend(snapshot, customer, visits)
    tier = value_tier(spend, snapshot.settings.segments)
    return Segments(None, None, tier, half_up(spend, 2))


def yearly_spend(snapshot: Snapshot, customer: Customer, visits: list[MergedVisit]) -> Fraction:
    """SEG-3: all amounts / max(1, days from the earliest delivery or visit / 365)."""
    if not visits:
        return Fraction(0)
    last_on = max(visit.on for visit in visits)
    first_on = min([visit.on for visit in visits] + _deliveries(snapshot, customer))
    years = Fraction((last_on - first_on).days, 365)
    return _amount(visits) / max(Fraction(1), years)


def _deliveries(snapshot: Snapshot, customer: Customer) -> list[date]:
    """Deliveries that fell in the customer's ownership."""
    return [
        known.delivered_on
        for known in snapshot.vehicles
        if known.delivered_on is not None
        and snapshot.world.owner_on(known.vehicle, known.delivered_on) == customer
    ]


def value_tier(spend: Fraction, settings: SegmentSettings) -> str:
    """SEG-3: high above 5,000, mid 2,000-5,000 inclusive, low below."""
    if spend > settings.high_above:
        return "high"
    return "mid" if spend >= settings.mid_from else "low"
