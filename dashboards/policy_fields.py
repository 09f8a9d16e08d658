"""What each setting is called, its unit and bounds, and what is said when values do not fit.

The figures themselves and the rules between them stand in the policies (lifecycle, alerts).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alerts.policies import TaskPolicy
from lifecycle.policies import PlanPolicy, ScorecardPolicy, SegmentPolicy, WarningPolicy
from stores.policies import PolicyValues

KINDS: dict[str, type[PolicyValues]] = {
    policy.kind: policy
    for policy in (PlanPolicy, WarningPolicy, SegmentPolicy, TaskPolicy, ScorecardPolicy)
}


class Form(StrEnum):
    """How a value is entered: a fraction is entered as a percentage, a boolean as a choice."""

    WHOLE = "whole"
    DECIMAL = "decimal"
    PERCENT = "percent"
    CHOICE = "choice"


@dataclass(frozen=True)
class Setting:
    """One setting; `low` and `high` are inclusive, in the unit people see."""

    name: str
    label: str | Promise
    unit: str | Promise = ""
    low: int = 0
    high: int = 10_000
    form: Form = Form.WHOLE
    choices: tuple[tuple[str, str | Promise], ...] = ()

    def shown(self, value: Any) -> str:
        """A stored value as it stands in the input."""
        if self.form is Form.CHOICE:
            return "1" if value else "0"
        number = Decimal(str(value)) * (100 if self.form is Form.PERCENT else 1)
        text = f"{number:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def stored(self, entered: Any) -> Any:
        """A cleaned input as it is kept."""
        if self.form is Form.CHOICE:
            return entered == "1"
        if self.form is Form.PERCENT:
            return float(Decimal(entered) / 100)
        return float(entered) if self.form is Form.DECIMAL else int(entered)

    def text(self, value: Any) -> str:
        """A stored value for reading, without its unit."""
        if self.form is Form.CHOICE:
            return str(dict(self.choices)[self.shown(value)])
        whole, point, rest = self.shown(value).partition(".")
        return f"{int(whole):,}{point}{rest}"


@dataclass(frozen=True)
class Section:
    """A card of settings that belong together."""

    title: str | Promise
    settings: tuple[Setting, ...]
    hint: str | Promise = ""


DAYS, POINTS, VISITS = _("days"), _("points"), _("visits")
PERCENT, YUAN, CARDS = _("%"), _("yuan a year"), _("cards a day")
TRIES, YEARS, YUAN_ONCE = _("tries"), _("years"), _("yuan")
OF_100 = _("of 100")
# xgettext:no-python-format
SHARE = _("% of customers")


def _percent(name: str, label: str | Promise) -> Setting:
    return Setting(name, label, PERCENT, high=100, form=Form.PERCENT)


WARNING = (
    Section(
        _("Due dates"),
        (
            Setting("yellow_days", _("Yellow: before the due date"), DAYS),
            Setting("orange_days", _("Orange: before the due date"), DAYS),
            Setting("red_days", _("Red: overdue for at least"), DAYS, low=1),
            Setting("booked_after_due_days", _("Booking counts until, after due"), DAYS),
            Setting("booked_ahead_days", _("Booking counts until, from today"), DAYS),
            Setting("lean_days", _("Weight of the plan's daily distance"), DAYS, low=1),
        ),
        _("Red begins after the due day; between due and red a car stays orange."),
    ),
    Section(
        _("Health score: points taken off 100"),
        (
            Setting("low_survey", _("Satisfaction counts as low below"), OF_100, high=100),
            Setting("survey_points", _("Last satisfaction low"), POINTS),
            Setting("complaint_points", _("Complaint since the last visit"), POINTS),
            Setting("week_points", _("Overdue, for each full week"), POINTS),
            Setting("week_points_cap", _("Overdue, at most"), POINTS),
            Setting("call_points", _("Call not connected, each"), POINTS),
            Setting("wechat_points", _("WeChat unanswered for 3 days, each"), POINTS),
        ),
    ),
    Section(
        _("Risk levels"),
        (
            Setting("high_below", _("High risk: health score below"), POINTS, high=100),
            Setting("low_above", _("Low risk: health score above"), POINTS, high=100),
            Setting("dormant_days", _("Dormant: no visit for"), DAYS),
        ),
        _("High risk is called the same day; what lies between high and low is watched."),
    ),
    Section(
        _("Decline and loss"),
        (
            Setting("maturity_visits", _("Mature customer: from"), VISITS, low=2),
            Setting("decline_days", _("In decline: overdue for"), DAYS),
            Setting("lost_days", _("Lost: overdue for"), DAYS),
            Setting("early_from", _("Early loss: from day"), DAYS),
            Setting("deep_from", _("Deep loss: from day"), DAYS),
            Setting("complete_from", _("Complete loss: from day"), DAYS),
            Setting(
                "phase_by_last_visit",
                _("Days of a phase are"),
                form=Form.CHOICE,
                choices=(("0", _("90 + days overdue")), ("1", _("days since the last visit"))),
            ),
        ),
    ),
    Section(
        _("Pre-churn index"),
        (
            Setting("index_threshold", _("Enters pre-churn: index from"), POINTS, high=100),
            Setting("index_idle_from", _("Without a visit: counted from day"), DAYS),
            Setting(
                "index_idle_factor",
                _("Without a visit: each further day"),
                POINTS,
                high=100,
                form=Form.DECIMAL,
            ),
            Setting("index_idle_cap", _("Without a visit: at most"), POINTS, high=100),
            Setting("index_app_opens", _("App inactive: opened at most"), _("times a month")),
            Setting("index_app_points", _("App inactive"), POINTS, high=100),
            Setting(
                "index_cancel_factor",
                _("Appointments cancelled: each percent"),
                POINTS,
                high=100,
                form=Form.DECIMAL,
            ),
            Setting("index_cancel_cap", _("Appointments cancelled: at most"), POINTS, high=100),
            Setting(
                "index_survey_factor",
                _("Satisfaction: each point below 10"),
                POINTS,
                high=100,
                form=Form.DECIMAL,
            ),
            Setting("index_survey_cap", _("Satisfaction: at most"), POINTS, high=100),
            Setting("index_enquiry_points", _("No enquiry in three months"), POINTS, high=100),
        ),
        _("Screened every Monday. Here high is bad, unlike the health score."),
    ),
)

SEGMENT = (
    Section(
        _("Tiers: diamond, gold, silver, regular"),
        (
            Setting("recency_weight", _("Weight of the last visit"), _("parts"), high=100),
            Setting("frequency_weight", _("Weight of the number of visits"), _("parts"), high=100),
            Setting("money_weight", _("Weight of the amount spent"), _("parts"), high=100),
            Setting("diamond_percent", _("Diamond: the best"), PERCENT, high=100),
            Setting("gold_percent", _("Gold: up to"), PERCENT, high=100),
            Setting("silver_percent", _("Silver: up to"), PERCENT, high=100),
        ),
        _("Customers of a store are ranked over the last two years."),
    ),
    Section(
        _("Quadrants: VIP, loyal, potential, regular"),
        (
            Setting("frequency_percentile", _("Comes often: above"), SHARE, high=100),
            Setting("ticket_percentile", _("Spends much: above"), SHARE, high=100),
        ),
    ),
    Section(
        _("Value by yearly spend"),
        (
            Setting("high_amount", _("High value: above"), YUAN, high=10_000_000),
            Setting("mid_amount", _("Medium value: from"), YUAN, high=10_000_000),
        ),
    ),
)

TASK = (
    Section(
        _("Chance that a call brings a visit"),
        (
            _percent("yellow_probability", _("Yellow")),
            _percent("orange_probability", _("Orange")),
            _percent("overdue_probability", _("Overdue")),
            _percent("late_probability", _("Long overdue")),
            Setting("late_from_days", _("Long overdue: from"), DAYS),
            _percent("attempt_factor", _("After a failed attempt, what remains of it")),
        ),
        _("The list is ordered by chance × profit."),
    ),
    Section(
        _("Profit and opening"),
        (
            Setting("margin_percent", _("Margin where none is known"), PERCENT, high=100),
            Setting("overdue_task_days", _("On a list at the latest: overdue for"), DAYS),
        ),
    ),
    Section(
        _("Cards a person can work in a day"),
        (
            Setting("advisor_capacity", _("Service advisor"), CARDS, low=1, high=500),
            Setting("specialist_capacity", _("Win-back specialist"), CARDS, low=1, high=500),
            Setting("manager_capacity", _("Store manager"), CARDS, low=1, high=500),
        ),
    ),
    Section(
        _("When nobody answers"),
        (
            Setting("retry_days", _("Next try after"), DAYS, low=1, high=30),
            Setting("retry_times", _("Tries after the first call"), TRIES, high=10),
        ),
        _("After the last one the customer is written to instead."),
    ),
    Section(
        _("From the first to the second service"),
        (
            Setting("lane_call_days", _("Call after the first service: within"), DAYS, low=1),
            Setting("lane_care_days", _("Personal message: after"), DAYS, low=1),
            Setting("lane_booking_days", _("Booking call: before it is due"), DAYS),
            Setting("lane_confirm_days", _("Last word: before it is due"), DAYS),
        ),
    ),
    Section(
        _("What a customer is worth and what may be given"),
        (
            Setting("expected_years", _("Years a customer stays"), YEARS, low=1, high=20),
            Setting("acquisition_amount", _("Cost of winning a customer"), YUAN_ONCE),
            Setting("offer_share_percent", _("Share that may be given"), PERCENT, high=100),
        ),
        _("Limit of an offer = customer value × share ÷ years."),
    ),
)

SCORECARD = (
    Section(
        _("What an advisor's score is made of"),
        (
            Setting("retention", _("Customers due who came"), PERCENT, low=1, high=100),
            Setting("revenue", _("Revenue against the target"), PERCENT, high=100),
            Setting("satisfaction", _("Satisfaction"), PERCENT, high=100),
        ),
        _("They sum to 100. A part without data or target is left out; the others weigh more."),
    ),
)

SECTIONS: dict[str, tuple[Section, ...]] = {
    WarningPolicy.kind: WARNING,
    SegmentPolicy.kind: SEGMENT,
    TaskPolicy.kind: TASK,
    ScorecardPolicy.kind: SCORECARD,
}

# What `check` of the policies finds between fields, in the reader's words, by kind and field.
MESSAGES: dict[tuple[str, str], str | Promise] = {
    ("warning", "orange_days"): _("Yellow comes before orange: enter no more days than yellow's."),
    ("warning", "red_days"): _("Red begins after the due day: enter 1 or more."),
    ("warning", "lost_days"): _("A car is red before it is lost: enter no fewer days than red's."),
    ("warning", "decline_days"): _("Decline comes before loss: enter no more days than lost's."),
    ("warning", "low_above"): _("High risk ends below low risk: enter no less than high's limit."),
    ("warning", "early_from"): _(
        "The phases follow each other: lost, then early, deep and complete, each later."
    ),
    ("segment", "recency_weight"): _("At least one of the three weights must be above 0."),
    ("segment", "gold_percent"): _(
        "The tiers follow each other: diamond, gold, silver, each no smaller than the one before."
    ),
    ("segment", "mid_amount"): _("Medium value begins below high value."),
    ("task", "lane_care_days"): _("The message comes after the call: enter more days."),
    ("task", "lane_booking_days"): _("The booking call comes before the last word: enter more."),
    ("scorecard", "satisfaction"): _("The three parts sum to 100."),
    ("plan", "default"): _("The plan for every other car cannot be removed."),
    ("plan", "first_days"): _("The first service needs days or months."),
}


def settings_of(kind: str) -> Iterable[Setting]:
    """The settings of a kind that has a form of single fields, in their order."""
    return (setting for section in SECTIONS[kind] for setting in section.settings)


def message(kind: str, field: str) -> str:
    """What is told at a field when the values do not fit together."""
    return str(MESSAGES.get((kind, field)) or gettext("This does not fit with the other values."))
