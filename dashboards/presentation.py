"""Words, shapes and colours of levels: the one table from a choice to its chip."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, ngettext

from alerts.choices import Proposal, Result, TaskKind
from common.formats import day as day_text
from common.formats import short_weekday
from customers.choices import Channel
from lifecycle.choices import Level, Phase, Quadrant, Rfm, RiskLevel, Stage, ValueTier

# A tone is a colour with its shape: red diamond, orange triangle, yellow disc, green square; blue
# and plain have no shape and stand for facts that are no warning.
TONES: dict[type, dict[str, str]] = {
    Level: {"red": "red", "orange": "orange", "yellow": "yellow", "none": ""},
    RiskLevel: {"high": "red", "medium": "orange", "low": "green"},
    Phase: {"pre_churn": "yellow", "early": "orange", "deep": "red", "complete": "red"},
    Stage: {
        "awareness": "",
        "first_experience": "blue",
        "growth": "green",
        "maturity": "green",
        "decline": "orange",
        "lost": "red",
    },
    Rfm: {"diamond": "blue", "gold": "blue", "silver": "", "regular": ""},
    Quadrant: {"vip": "blue", "loyal": "blue", "potential": "", "regular": ""},
    ValueTier: {"high": "blue", "mid": "", "low": ""},
    TaskKind: {
        "complaint": "red",
        "critical": "red",
        "overdue_30": "orange",
        "second_visit_48h": "green",
        "second_visit_7d": "green",
        "second_visit_14d": "green",
        "second_visit_3d": "green",
        "booking_confirm": "blue",
        "callback": "blue",
        "reminder": "blue",
    },
}
# Begin a line or stand alone in a cell, so written as a title.
TITLES: dict[tuple[type, str], Promise | str] = {
    (Level, "red"): gettext_lazy("Red"),
    (Level, "orange"): gettext_lazy("Orange"),
    (Level, "yellow"): gettext_lazy("Yellow"),
    (Level, "none"): gettext_lazy("Not due"),
    (RiskLevel, "high"): gettext_lazy("High risk"),
    (RiskLevel, "medium"): gettext_lazy("Medium risk"),
    (RiskLevel, "low"): gettext_lazy("Low risk"),
    (Phase, "pre_churn"): gettext_lazy("Pre-churn"),
    (Phase, "early"): gettext_lazy("Early loss"),
    (Phase, "deep"): gettext_lazy("Deep loss"),
    (Phase, "complete"): gettext_lazy("Complete loss"),
    (Stage, "awareness"): gettext_lazy("Awareness"),
    (Stage, "first_experience"): gettext_lazy("First experience"),
    (Stage, "growth"): gettext_lazy("Growth"),
    (Stage, "maturity"): gettext_lazy("Maturity"),
    (Stage, "decline"): gettext_lazy("Decline"),
    (Stage, "lost"): gettext_lazy("Lost"),
    (Rfm, "diamond"): gettext_lazy("Diamond"),
    (Rfm, "gold"): gettext_lazy("Gold"),
    (Rfm, "silver"): gettext_lazy("Silver"),
    (Rfm, "regular"): gettext_lazy("Regular tier"),
    (Quadrant, "vip"): gettext_lazy("VIP: often, high ticket"),
    (Quadrant, "loyal"): gettext_lazy("Loyal: often, low ticket"),
    (Quadrant, "potential"): gettext_lazy("Potential: seldom, high ticket"),
    (Quadrant, "regular"): gettext_lazy("Regular: seldom, low ticket"),
    (ValueTier, "high"): gettext_lazy("High value"),
    (ValueTier, "mid"): gettext_lazy("Medium value"),
    (ValueTier, "low"): gettext_lazy("Low value"),
}


@dataclass(frozen=True)
class Chip:
    """A word with a tone (`""` is plain)."""

    label: str
    tone: str = ""


def title(kind: Any, value: str) -> str:
    """A choice as a heading or alone in a cell."""
    return str(TITLES.get((kind, value)) or kind(value).label)


def chip(kind: Any, value: str) -> Chip:
    """The chip of a choice's value."""
    return Chip(title(kind, value), TONES[kind].get(value, ""))


def due_chip(state: Any, as_of: date) -> Chip | None:
    """DUE-5 with its days; None when nothing is near."""
    if state.due_on is None or state.level == Level.NONE:
        return None
    days = (state.due_on - as_of).days
    if days == 0:
        text = gettext("Due today")
    elif days > 0:
        text = ngettext("Due in %(days)d day", "Due in %(days)d days", days) % {"days": days}
    else:
        text = ngettext("%(days)d day overdue", "%(days)d days overdue", -days) % {"days": -days}
    return Chip(text, TONES[Level][state.level])


def risk_chip(state: Any) -> Chip | None:
    """RISK-2 with the health score; None when the risk is low."""
    if state.risk_level == RiskLevel.LOW:
        return None
    texts = {
        "high": gettext("High risk %(score)d"),
        "medium": gettext("Medium risk %(score)d"),
    }
    text = texts[state.risk_level] % {"score": state.score}
    return Chip(text, TONES[RiskLevel][state.risk_level])


def deduction_chips(state: Any, kinds: Collection[str] = ()) -> list[Chip]:
    """The deductions beside the overdue weeks, which the due chip already tells."""
    complaint = 0 if TaskKind.COMPLAINT in kinds else state.complaint_points
    survey = 0 if TaskKind.CRITICAL in kinds else state.satisfaction_points
    points = (
        (complaint, gettext("Complaint −%(points)d")),
        (survey, gettext("Low survey −%(points)d")),
        (state.call_points, gettext("Not reached −%(points)d")),
        (state.wechat_points, gettext("No WeChat answer −%(points)d")),
    )
    return [Chip(text % {"points": n}) for n, text in points if n]


def lost_chips(state: Any, as_of: date) -> list[Chip]:
    """How far a lost car is away."""
    if state is None or not state.phase:
        return []
    found = due_chip(state, as_of)
    return [chip(Phase, state.phase), *([found] if found else [])]


def state_chips(state: Any, as_of: date) -> list[Chip]:
    """Where a car stands, at a glance; nothing of one that has not been computed yet."""
    if not state:  # templates say '' for what is not there
        return []
    found = [chip(Phase, state.phase)] if state.is_lost and state.phase else []
    found += [one for one in (due_chip(state, as_of), risk_chip(state)) if one]
    if state.is_booked:
        found.append(Chip(gettext("Booked"), "green"))
    return found


def why_chips(state: Any, as_of: date, kinds: Collection[str] = ()) -> list[Chip]:
    """Why a car stands on a list; what a task of these kinds already says is not said twice."""
    if state is None:
        return []
    return state_chips(state, as_of) + deduction_chips(state, kinds)


def tag_chips(state: Any) -> list[Chip]:
    """RISK-3."""
    tags = (
        (state.is_dormant, gettext("Dormant: long without a visit")),
        (state.is_due_unresponsive, gettext("Due and not answering")),
        (state.is_critical, gettext("Critical: low survey")),
    )
    return [Chip(text) for holds, text in tags if holds]


def task_chip(task: Any) -> Chip | None:
    """What a task asks for, unless the state's chips tell it by themselves."""
    if task.kind in {TaskKind.DUE_CALL, TaskKind.RISK_CALL}:
        return None
    if task.kind == TaskKind.RETRY and task.channel != Channel.PHONE:
        return Chip(gettext("Write on WeChat"), "blue")
    if task.kind == TaskKind.RETRY:
        return Chip(gettext("Try %(number)d") % {"number": task.attempts + 1})
    if task.kind == TaskKind.CORRECT_DATA and task.proposal:
        return Chip(str(Proposal(task.proposal).label))
    return Chip(task_title(task.kind), TONES[TaskKind].get(task.kind, ""))


# What a task asks for; the other kinds by their own labels.
_KIND_TITLES = {
    "due_call": gettext_lazy("Maintenance call"),
    "risk_call": gettext_lazy("Risk call"),
    "critical": gettext_lazy("Settle the low survey"),
    "complaint": gettext_lazy("Settle the complaint"),
    "overdue_30": gettext_lazy("Overdue and nobody called"),
    "second_visit_48h": gettext_lazy("48-hour call"),
    "second_visit_7d": gettext_lazy("One-week care"),
    "second_visit_14d": gettext_lazy("Book the second service"),
    "second_visit_3d": gettext_lazy("Before the second service"),
}


def task_title(kind: str) -> str:
    """What a task asks for."""
    return str(_KIND_TITLES.get(kind) or TaskKind(kind).label)


def result_title(result: str) -> str:
    """What came of a contact, alone or at the beginning of a line."""
    return str(Result(result).label)


def moment(when: datetime, zone: str) -> str:
    """`Tue 16 Jun 10:00` on the clock of `zone`: an appointment, a promised call."""
    local = when.astimezone(ZoneInfo(zone))
    return gettext("%(weekday)s %(day)s %(time)s") % {
        "weekday": short_weekday(local),
        "day": day_text(local.date(), local.date()),
        "time": f"{local:%H:%M}",
    }


def day_title(on: date) -> str:
    """`Tue 16 Jun`."""
    facts = {"weekday": short_weekday(on), "day": day_text(on, on)}
    return gettext("%(weekday)s %(day)s") % facts


def step(task: Any, zone: str, as_of: date) -> str:
    """A task that waits for its day, as a sentence."""
    facts = {"day": day_text(task.due_on, as_of), "title": task_title(task.kind)}
    if task.kind == TaskKind.CALLBACK and task.deadline_at:
        return gettext("Promised call %(when)s") % {"when": moment(task.deadline_at, zone)}
    if task.kind == TaskKind.RETRY and task.channel != Channel.PHONE:
        return gettext("Written to on WeChat from %(day)s on") % facts
    if task.kind == TaskKind.RETRY:
        return gettext("Next try on %(day)s") % facts
    if task.due_on <= as_of:
        return gettext("On the list: %(title)s") % facts
    return gettext("%(title)s: back on %(day)s") % facts


def steps(tasks: Iterable[Any], zone: str, as_of: date) -> list[str]:
    """What waits, each sentence once however many cars it is about."""
    return list(dict.fromkeys(step(task, zone, as_of) for task in tasks))


def hand_over(name: str, last_visit_on: date | None, as_of: date) -> str:
    """TASK-5: whose customer it is when the owner of a task stands in."""
    facts = {"name": name, "day": day_text(last_visit_on, as_of)}
    if last_visit_on is None:
        return gettext("For %(name)s, no service yet") % facts
    return gettext("For %(name)s, last service %(day)s") % facts
