"""Every default figure of DOMAIN.md §1-§4 that the oracle needs; all are settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from .exact import add_days, add_months
from .facts import Vehicle


@dataclass(frozen=True)
class Interval:
    """Months (clamped to the month's end) or days, and km, whichever comes first."""

    km: int
    months: int | None = None
    days: int | None = None

    def after(self, base: date) -> date:
        """DUE-4: base date + months; the first check's 30 are days."""
        if self.days is not None:
            return add_days(base, self.days)
        return add_months(base, self.months or 0)


@dataclass(frozen=True)
class Plan:
    """DUE-1: a service plan and the vehicles it is for; a None field matches every vehicle."""

    name: str
    regular: Interval
    first: Interval = Interval(km=3000, days=30)
    daily_km: int = 50
    model: str | None = None
    brand: str | None = None
    powertrain: str | None = None

    def matches(self, vehicle: Vehicle) -> bool:
        return (
            self.model in (None, vehicle.model)
            and self.brand in (None, vehicle.brand)
            and self.powertrain in (None, vehicle.powertrain)
        )

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        """DUE-1: model before brand before powertrain before the store's default."""
        return (self.model is not None, self.brand is not None, self.powertrain is not None)


COMBUSTION = Interval(km=5000, months=6)
PLUG = Interval(km=10000, months=12)
DEFAULT_PLANS = (
    Plan("default", COMBUSTION),
    Plan("ICE", COMBUSTION, powertrain="ICE"),
    Plan("HEV", COMBUSTION, powertrain="HEV"),
    Plan("BEV", PLUG, powertrain="BEV"),
    Plan("PHEV", PLUG, powertrain="PHEV"),
    Plan("EREV", PLUG, powertrain="EREV"),
)


@dataclass(frozen=True)
class DueSettings:
    """DUE-1 to DUE-5."""

    plans: tuple[Plan, ...] = DEFAULT_PLANS
    window_days: int = 730
    lean_days: int = 60
    slowest_km: int = 1
    fastest_km: int = 500
    most_km_a_day: int = 1500  # a reading that rises faster is set aside
    yellow_days: int = 30
    orange_days: int = 15
    red_from_days_overdue: int = 1
    booked_after_due_days: int = 7
    booked_ahead_days: int = 14

    def plan_for(self, vehicle: Vehicle) -> Plan:
        """DUE-1: the most specific plan that matches."""
        return max((plan for plan in self.plans if plan.matches(vehicle)), key=lambda p: p.rank)


@dataclass(frozen=True)
class RiskSettings:
    """RISK-1 to RISK-3."""

    low_survey: int = 80
    satisfaction_points: int = 20
    complaint_points: int = 30
    points_a_week: int = 15
    most_overdue_points: int = 100
    call_points: int = 10
    wechat_points: int = 5
    wechat_age_days: int = 3
    high_below: int = 60
    low_above: int = 75
    dormant_days: int = 90
    unresponsive_from_days: int = 30


@dataclass(frozen=True)
class PreChurnSettings:
    """RISK-4."""

    free_days: int = 90
    per_day: Fraction = Fraction(3, 10)
    most_for_days: int = 30
    inactive_app: int = 15
    inactive_app_opens: int = 1
    window_days: int = 365
    per_cancelled_percent: Fraction = Fraction(2, 10)
    most_for_cancellations: int = 20
    per_survey_point: Fraction = Fraction(5, 2)
    most_for_survey: int = 25
    no_enquiries: int = 10
    enquiry_months: int = 3
    threshold: int = 60


@dataclass(frozen=True)
class LostSettings:
    """LIFE-1 and WB-1; `phase_basis` is `overdue` or `last_visit`."""

    lost_days: int = 90
    decline_days: int = 30
    phase_basis: str = "overdue"
    phase_starts_day: int = 90
    early_day: int = 120
    deep_day: int = 180
    complete_day: int = 365


@dataclass(frozen=True)
class StageSettings:
    """LIFE-1: from how many visits on."""

    growth_visits: int = 2
    maturity_visits: int = 6


@dataclass(frozen=True)
class SegmentSettings:
    """SEG-1 to SEG-3."""

    window_days: int = 730
    recency_weight: Fraction = Fraction(1)
    frequency_weight: Fraction = Fraction(1)
    money_weight: Fraction = Fraction(1)
    diamond_percent: int = 5
    gold_percent: int = 20
    silver_percent: int = 50
    frequency_percentile: int = 76
    ticket_percentile: int = 81
    high_above: int = 5000
    mid_from: int = 2000


@dataclass(frozen=True)
class TaskSettings:
    """TASK-2, TASK-6. `not_due` is in no figure of DOMAIN.md: a risk call on a car not due."""

    not_due: Fraction = Fraction(35, 100)
    yellow: Fraction = Fraction(35, 100)
    orange: Fraction = Fraction(45, 100)
    overdue: Fraction = Fraction(40, 100)
    long_overdue: Fraction = Fraction(20, 100)
    long_overdue_from_days: int = 31
    per_failed_attempt: Fraction = Fraction(8, 10)
    count_earlier_calls: bool = True
    overdue_30_days: int = 30
    profit_visits: int = 3
    margin: Fraction = Fraction(50, 100)
    lane_call_days: int = 2
    lane_care_days: int = 7
    lane_booking_days: int = 14
    lane_confirm_days: int = 3


@dataclass(frozen=True)
class Settings:
    """All of them."""

    due: DueSettings = DueSettings()
    risk: RiskSettings = RiskSettings()
    pre_churn: PreChurnSettings = PreChurnSettings()
    lost: LostSettings = LostSettings()
    stage: StageSettings = StageSettings()
    segments: SegmentSettings = SegmentSettings()
    tasks: TaskSettings = TaskSettings()


DEFAULTS = Settings()


def _variants() -> dict[str, Settings]:
    """Other policies, to see that each figure is a setting and not a constant."""
    own = (
        Plan("model Qin", Interval(km=8000, months=9), Interval(km=5000, months=3), 40, "Qin"),
        Plan("brand BYD", Interval(km=7500, months=8), brand="BYD"),
    )
    return {
        "default": DEFAULTS,
        "phase by last visit": Settings(lost=LostSettings(phase_basis="last_visit")),
        "own plans": Settings(due=DueSettings(plans=DEFAULT_PLANS + own)),
        "other due levels": Settings(
            due=DueSettings(yellow_days=45, orange_days=10, red_from_days_overdue=3)
        ),
        "other risk": Settings(
            risk=RiskSettings(
                low_survey=90, call_points=7, most_overdue_points=50, high_below=70, low_above=90
            )
        ),
        "other loss": Settings(
            lost=LostSettings(lost_days=60, decline_days=20),
            stage=StageSettings(growth_visits=3, maturity_visits=4),
        ),
        "other segments": Settings(
            segments=SegmentSettings(
                recency_weight=Fraction(1, 2),
                frequency_weight=Fraction(3, 10),
                money_weight=Fraction(2, 10),
                frequency_percentile=50,
                ticket_percentile=60,
                high_above=3000,
                mid_from=500,
            )
        ),
    }


VARIANTS = _variants()
