"""Why a vehicle has its score and its tasks, in sentences with the facts (RISK-1, TASK-2).

Points come from the stored state, facts from the rollup; nothing is computed a second time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, ngettext

from common.formats import clock, day, plain
from lifecycle.models import VehicleRollup, VehicleState


@dataclass(frozen=True)
class RiskItem:
    """One deduction: points are positive, evidence is a sentence in the reader's language."""

    factor: str
    points: int
    evidence: str


def risk_items(rollup: VehicleRollup, state: VehicleState, as_of: date) -> list[RiskItem]:
    """The deductions of RISK-1; 100 minus their sum, never below 0, is the score."""
    found = [
        RiskItem("satisfaction", state.satisfaction_points, _survey(rollup, as_of)),
        RiskItem("complaint", state.complaint_points, _complaints(rollup, as_of)),
        RiskItem("overdue", state.overdue_points, _overdue(state, as_of)),
        RiskItem("call_not_connected", state.call_points, _calls(rollup, as_of)),
        RiskItem("wechat_unanswered", state.wechat_points, _wechats(rollup, as_of)),
    ]
    return [item for item in found if item.points > 0]


def task_reasons(
    kind: str,
    rollup: VehicleRollup,
    state: VehicleState,
    as_of: date,
    task: Any = None,
    zone: str = "Asia/Shanghai",
) -> list[str]:
    """Why a task of this kind stands open, most telling first.

    `task` (a Task, or whatever has some of its fields) says what neither rollup nor state knows: a
    promised time, a note; `starts_at` beside them is the appointment's. `zone`: on whose clock.
    """
    if kind in _OF_TASK:
        return list(_OF_TASK[kind](rollup, task, as_of, ZoneInfo(zone)))
    return list(_REASONS.get(kind, _of_due)(rollup, state, as_of))


def days_overdue(state: VehicleState, as_of: date) -> int:
    """Completed days since the due date, 0 when not overdue or without a due date."""
    return max(0, (as_of - state.due_on).days) if state.due_on else 0


def due_sentence(state: VehicleState, as_of: date) -> str:
    """When maintenance is due, or how long overdue, and what decided the date."""
    if state.due_on is None:
        return gettext("No due date is known.")
    days = (state.due_on - as_of).days
    facts = {"day": day(state.due_on, as_of), "days": abs(days)}
    by_distance = state.due_basis == "mileage"
    if days == 0 and by_distance:
        return gettext("Due today (by mileage)")
    if days == 0:
        return gettext("Due today (by time)")
    return _due_ahead(facts, by_distance) if days > 0 else _due_behind(facts, by_distance)


def _due_ahead(facts: dict[str, object], by_distance: bool) -> str:
    days = int(str(facts["days"]))
    if by_distance:
        text = ngettext(
            "Due on %(day)s (by mileage), in %(days)d day",
            "Due on %(day)s (by mileage), in %(days)d days",
            days,
        )
    else:
        text = ngettext(
            "Due on %(day)s (by time), in %(days)d day",
            "Due on %(day)s (by time), in %(days)d days",
            days,
        )
    return text % facts


def _due_behind(facts: dict[str, object], by_distance: bool) -> str:
    days = int(str(facts["days"]))
    if by_distance:
        text = ngettext(
            "Was due on %(day)s (by mileage), %(days)d day overdue",
            "Was due on %(day)s (by mileage), %(days)d days overdue",
            days,
        )
    else:
        text = ngettext(
            "Was due on %(day)s (by time), %(days)d day overdue",
            "Was due on %(day)s (by time), %(days)d days overdue",
            days,
        )
    return text % facts


def _overdue(state: VehicleState, as_of: date) -> str:
    weeks = days_overdue(state, as_of) // 7
    text = ngettext(
        "Was due on %(day)s, %(weeks)d full week overdue",
        "Was due on %(day)s, %(weeks)d full weeks overdue",
        weeks,
    )
    return text % {"day": day(state.due_on, as_of), "weeks": weeks}


def _survey(rollup: VehicleRollup, as_of: date) -> str:
    if rollup.satisfaction is None:
        return ""
    facts = {"score": plain(rollup.satisfaction), "day": day(rollup.survey_on, as_of)}
    return gettext("Last survey: %(score)s of 100, answered on %(day)s") % facts


def _complaints(rollup: VehicleRollup, as_of: date) -> str:
    text = ngettext(
        "Complaint since the last visit, on %(day)s",
        "%(count)d complaints since the last visit, the latest on %(day)s",
        rollup.complaints,
    )
    return text % {"count": rollup.complaints, "day": day(rollup.complaint_on, as_of)}


def _calls(rollup: VehicleRollup, as_of: date) -> str:
    text = ngettext(
        "%(count)d call not connected, on %(day)s",
        "%(count)d calls not connected, the latest on %(day)s",
        rollup.calls_missed,
    )
    return text % {"count": rollup.calls_missed, "day": day(rollup.call_missed_on, as_of)}


def _wechats(rollup: VehicleRollup, as_of: date) -> str:
    text = ngettext(
        "%(count)d WeChat message without an answer for 3 days, of %(day)s",
        "%(count)d WeChat messages without an answer for 3 days, the latest of %(day)s",
        rollup.wechats_unanswered,
    )
    facts = {"count": rollup.wechats_unanswered, "day": day(rollup.wechat_unanswered_on, as_of)}
    return text % facts


Reasons = Iterator[str]


def _of_due(rollup: VehicleRollup, state: VehicleState, as_of: date) -> Reasons:
    yield due_sentence(state, as_of)
    if rollup.calls_missed:
        yield _calls(rollup, as_of)


def _of_risk(rollup: VehicleRollup, state: VehicleState, as_of: date) -> Reasons:
    yield gettext("Health score %(score)d: high churn risk") % {"score": state.score}
    for item in risk_items(rollup, state, as_of):
        yield item.evidence


def _of_survey(rollup: VehicleRollup, state: VehicleState, as_of: date) -> Reasons:
    yield _survey(rollup, as_of)


def _of_complaint(rollup: VehicleRollup, state: VehicleState, as_of: date) -> Reasons:
    if rollup.complaint_on is not None:
        yield _complaints(rollup, as_of)
    else:
        # Opened before the last visit: no deduction, but a duty until it is resolved.
        yield gettext("A complaint is not resolved yet")


def _of_overdue(rollup: VehicleRollup, state: VehicleState, as_of: date) -> Reasons:
    yield due_sentence(state, as_of)
    yield gettext("Nothing else is open for this car")


def _of_48_hours(rollup: VehicleRollup, state: VehicleState, as_of: date) -> Reasons:
    text = gettext("First service on %(day)s: call within 48 hours")
    yield text % {"day": day(rollup.base_on, as_of)}


def _of_care(rollup: VehicleRollup, state: VehicleState, as_of: date) -> Reasons:
    text = gettext("First service on %(day)s: a personal word a week later")
    yield text % {"day": day(rollup.base_on, as_of)}


def _of_second_booking(rollup: VehicleRollup, state: VehicleState, as_of: date) -> Reasons:
    yield due_sentence(state, as_of)
    text = gettext("First service on %(day)s: book the second one")
    yield text % {"day": day(rollup.base_on, as_of)}


def _of_last_word(rollup: VehicleRollup, state: VehicleState, as_of: date) -> Reasons:
    yield due_sentence(state, as_of)
    if rollup.confirmed_on is not None:
        text = gettext("The second service is agreed for %(day)s: make sure of it")
        yield text % {"day": day(rollup.confirmed_on, as_of)}
    else:
        yield gettext("Nothing is booked for the second service yet")


_REASONS: dict[str, Callable[[VehicleRollup, VehicleState, date], Reasons]] = {
    "due_call": _of_due,
    "risk_call": _of_risk,
    "critical": _of_survey,
    "complaint": _of_complaint,
    "overdue_30": _of_overdue,
    "second_visit_48h": _of_48_hours,
    "second_visit_7d": _of_care,
    "second_visit_14d": _of_second_booking,
    "second_visit_3d": _of_last_word,
}


def _of_appointment(rollup: VehicleRollup, task: Any, as_of: date, zone: ZoneInfo) -> Reasons:
    _, _, starts_on = getattr(task, "cycle_key", "").partition(":")
    on = date.fromisoformat(starts_on) if starts_on else rollup.confirmed_on
    starts_at = getattr(task, "starts_at", None)
    facts = {"day": day(on, as_of), "time": clock(starts_at, zone.key)}
    if on == as_of + timedelta(days=1) and starts_at:
        yield gettext("Appointment tomorrow at %(time)s: confirm") % facts
    elif on == as_of and starts_at:
        yield gettext("Appointment today at %(time)s: confirm") % facts
    else:
        yield gettext("Appointment on %(day)s: confirm") % facts


def _of_promise(rollup: VehicleRollup, task: Any, as_of: date, zone: ZoneInfo) -> Reasons:
    promised_at = getattr(task, "deadline_at", None)
    if promised_at is None:
        yield gettext("A call is promised")
        return
    on = promised_at.astimezone(zone).date()
    facts = {"day": day(on, as_of), "time": clock(promised_at, zone.key)}
    yield gettext("A call is promised for %(day)s, by %(time)s") % facts


def _of_retry(rollup: VehicleRollup, task: Any, as_of: date, zone: ZoneInfo) -> Reasons:
    tries = getattr(task, "attempts", 0) or rollup.calls_missed
    facts = {"count": tries, "number": tries + 1, "day": day(rollup.call_missed_on, as_of)}
    if getattr(task, "channel", "phone") != "phone":
        text = ngettext(
            "%(count)d call did not get through, the latest on %(day)s: write instead",
            "%(count)d calls did not get through, the latest on %(day)s: write instead",
            tries,
        )
        yield text % facts
    else:
        yield gettext("Attempt %(number)d: not reached on %(day)s") % facts


def _of_correction(rollup: VehicleRollup, task: Any, as_of: date, zone: ZoneInfo) -> Reasons:
    proposal = getattr(task, "proposal", "")
    if proposal == "sold":
        yield gettext("The car is said to be sold: check it and correct the record")
    elif proposal == "moved":
        yield gettext("The customer is said to have moved away: check it and correct the record")
    else:
        yield gettext("The phone number is wrong: find the right one")
    if note := getattr(task, "note", ""):
        yield note


def _of_reminder(rollup: VehicleRollup, task: Any, as_of: date, zone: ZoneInfo) -> Reasons:
    yield getattr(task, "note", "") or gettext("Own reminder")


_OF_TASK: dict[str, Callable[[VehicleRollup, Any, date, ZoneInfo], Reasons]] = {
    "booking_confirm": _of_appointment,
    "callback": _of_promise,
    "retry": _of_retry,
    "correct_data": _of_correction,
    "reminder": _of_reminder,
}
