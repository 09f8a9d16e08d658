"""Settings of due dates, warnings and segments; every default is DOMAIN's figure."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from stores.policies import PolicyValues, require


def plan_entry(months: int, km: int) -> dict[str, int]:
    """One service plan: first and regular interval; `first_months` 0 means `first_days` count."""
    return {
        "first_months": 0,
        "first_days": 30,
        "first_km": 3000,
        "months": months,
        "km": km,
        "daily_km": 50,
    }


PLAN_LIMITS = {
    "first_months": (0, 60),
    "first_days": (0, 1000),
    "first_km": (100, 200_000),
    "months": (1, 60),
    "km": (100, 200_000),
    "daily_km": (1, 500),
}


@dataclass(frozen=True)
class PlanPolicy(PolicyValues):
    """DUE-1: plans by key, the most specific wins.

    Keys: `model:BRAND|MODEL`, `brand:BRAND`, `powertrain:BEV`, `default`. Texts compare as sent.
    """

    kind: ClassVar[str] = "plan"
    plans: dict[str, dict[str, int]] = field(
        default_factory=lambda: {
            "default": plan_entry(6, 5000),
            "powertrain:ICE": plan_entry(6, 5000),
            "powertrain:HEV": plan_entry(6, 5000),
            "powertrain:PHEV": plan_entry(12, 10_000),
            "powertrain:EREV": plan_entry(12, 10_000),
            "powertrain:BEV": plan_entry(12, 10_000),
        }
    )

    def check(self) -> None:
        require("default" in self.plans, "default", "the store's default plan is missing")
        for key, entry in self.plans.items():
            known = key == "default" or key.split(":")[0] in {"model", "brand", "powertrain"}
            require(known, key, f"{key} is no plan")
            require(set(entry) == set(PLAN_LIMITS), key, "a plan has six figures")
            for name, (low, high) in PLAN_LIMITS.items():
                value: Any = entry[name]
                fits = isinstance(value, int) and low <= value <= high
                require(fits, f"{key}.{name}", f"must be from {low} to {high}")
            first = entry["first_months"] + entry["first_days"]
            require(first > 0, f"{key}.first_days", "the first interval needs days or months")


@dataclass(frozen=True)
class WarningPolicy(PolicyValues):
    """DUE-3…5, RISK-1…4, the lost threshold of LIFE-1 and the phases of WB-1. Days, points, km."""

    kind: ClassVar[str] = "warning"
    yellow_days: int = 30
    orange_days: int = 15
    red_days: int = 1
    booked_after_due_days: int = 7
    booked_ahead_days: int = 14
    window_days: int = 730
    lean_days: int = 60
    low_survey: int = 80
    survey_points: int = 20
    complaint_points: int = 30
    week_points: int = 15
    week_points_cap: int = 100
    call_points: int = 10
    wechat_points: int = 5
    wechat_days: int = 3
    high_below: int = 60
    low_above: int = 75
    dormant_days: int = 90
    decline_days: int = 30
    lost_days: int = 90
    phase_by_last_visit: bool = False
    early_from: int = 120
    deep_from: int = 180
    complete_from: int = 365
    index_threshold: int = 60
    index_idle_from: int = 90
    index_idle_factor: float = 0.3
    index_idle_cap: int = 30
    index_app_points: int = 15
    index_app_opens: int = 1
    index_cancel_factor: float = 0.2
    index_cancel_cap: int = 20
    index_survey_factor: float = 2.5
    index_survey_cap: int = 25
    index_enquiry_points: int = 10
    maturity_visits: int = 6

    def check(self) -> None:
        for name, value in vars(self).items():
            require(0 <= value <= 10_000, name, "must be from 0 to 10,000")
        require(self.orange_days <= self.yellow_days, "orange_days", "yellow comes before orange")
        require(self.red_days >= 1, "red_days", "red begins after the due day")
        require(self.red_days <= self.lost_days, "lost_days", "a car is red before it is lost")
        require(self.decline_days <= self.lost_days, "decline_days", "decline comes before loss")
        require(self.high_below <= self.low_above, "low_above", "high ends below low")
        require(
            self.lost_days < self.early_from < self.deep_from < self.complete_from,
            "early_from",
            "the phases follow each other",
        )
        # The rollup keeps the readings of 730 days and messages 3 days old: its windows are fixed.
        require(self.window_days == 730, "window_days", "is fixed at 730")
        require(self.wechat_days == 3, "wechat_days", "is fixed at 3")
        require(self.maturity_visits >= 2, "maturity_visits", "growth begins at 2")
        require(self.lean_days >= 1, "lean_days", "must be 1 or more")


@dataclass(frozen=True)
class SegmentPolicy(PolicyValues):
    """SEG-1…3. Weights are relative; percents are whole; amounts are yuan a year."""

    kind: ClassVar[str] = "segment"
    recency_weight: int = 1
    frequency_weight: int = 1
    money_weight: int = 1
    diamond_percent: int = 5
    gold_percent: int = 20
    silver_percent: int = 50
    frequency_percentile: int = 76
    ticket_percentile: int = 81
    high_amount: int = 5000
    mid_amount: int = 2000

    def check(self) -> None:
        weights = (self.recency_weight, self.frequency_weight, self.money_weight)
        require(min(weights) >= 0 and sum(weights) > 0, "recency_weight", "weights are positive")
        require(
            0 <= self.diamond_percent <= self.gold_percent <= self.silver_percent <= 100,
            "gold_percent",
            "the tiers follow each other up to 100",
        )
        for name in ("frequency_percentile", "ticket_percentile"):
            require(0 <= getattr(self, name) <= 100, name, "must be from 0 to 100")
        require(0 <= self.mid_amount <= self.high_amount, "mid_amount", "medium lies below high")


@dataclass(frozen=True)
class ScorecardPolicy(PolicyValues):
    """KPI-1: what the parts of an advisor's score weigh, in percent.

    Pages and reports read it when they are asked; no night pins it, for it decides no row.
    """

    kind: ClassVar[str] = "scorecard"
    retention: int = 50
    revenue: int = 30
    satisfaction: int = 20

    def check(self) -> None:
        weights = (self.retention, self.revenue, self.satisfaction)
        require(min(weights) >= 0, "retention", "weights are not negative")
        require(self.retention > 0, "retention", "retention is always a part")
        require(sum(weights) == 100, "satisfaction", "the weights sum to 100")
