"""What the person on the phone can say to this customer, and what may be given (TASK-3)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, gettext

from alerts import wording
from alerts.choices import TaskKind
from alerts.policies import TaskPolicy
from alerts.rules.limits import Limit, limit_of
from alerts.rules.templates import Part, fill, plain
from alerts.selectors.scripts import Wording, own_scripts, wordings
from common.formats import number, yuan
from customers.models import Appointment, Complaint, Customer, Vehicle, Visit
from dashboards.selectors.days import Day
from dashboards.selectors.saying_facts import Known, facts_of, visits_first
from lifecycle.choices import Level
from lifecycle.services.daily import Daily
from stores.access import Reader

# A card with one of these begins with putting it right, whatever else there is to call about.
PUT_RIGHT = (TaskKind.COMPLAINT, TaskKind.CRITICAL)
# Something may be given on these calls; on the others nobody is asked to decide anything.
OFFERING = frozenset(
    {
        TaskKind.DUE_CALL,
        TaskKind.RISK_CALL,
        TaskKind.OVERDUE_30,
        TaskKind.SECOND_VISIT_14D,
        TaskKind.CALLBACK,
        TaskKind.RETRY,
    }
)
_LAST = (TaskKind.REMINDER, TaskKind.CORRECT_DATA)


@dataclass(frozen=True)
class Refusal:
    """A typical refusal and an honest answer to it."""

    said: str
    parts: list[Part]


@dataclass(frozen=True)
class Giving:
    """The offer allowed and its limit (WB-5), in sentences; empty where there is nothing to say."""

    offer: str = ""
    limit: str = ""
    reckoning: str = ""
    is_put_right_first: bool = False


@dataclass(frozen=True)
class Saying:
    """Inputs of templates/dashboards/today/saying.html; without parts the note is all there is."""

    kind: str
    parts: list[Part]
    is_written: bool
    giving: Giving
    refusals: list[Refusal]

    @property
    def plain(self) -> str:
        """The words alone, to copy."""
        return plain(self.parts)


def saying_of(
    customer: Customer,
    tasks: Sequence[Any],
    *,
    state: Any,
    rollup: Any,
    visit: Visit | None,
    slots: Sequence[datetime],
    reader: Reader,
    store_day: Day,
    language: str = "",
    visits: Sequence[Visit] = (),
    daily: Daily | None = None,
    complaint: Complaint | None = None,
    appointment: Appointment | None = None,
    refused: Collection[str] = (),
    vehicle: Vehicle | None = None,
) -> Saying | None:
    """The script of a card, filled; None while a colleague settles what went wrong.

    `tasks` in the list's order; `vehicle` is a lost customer's, who has no task. One query: the
    store's own words. A confirmation and a complaint cost one more unless their rows are given.
    """
    lead = leading(tasks)
    if lead is not None and getattr(lead, "is_with_manager", False):
        return None
    about = vehicle or lead.vehicle
    if lead is not None and lead.vehicle_id != tasks[0].vehicle_id:
        # What went wrong was with another car than the one that ranks the card.
        state, rollup = getattr(about, "state", None), getattr(about, "rollup", None)
        daily = None
    kind = lead.kind if lead is not None else TaskKind.RISK_CALL
    known = Known(
        customer=customer,
        vehicle=about,
        store=store_day.store,
        as_of=store_day.as_of,
        speaker=reader.staff,
        task=lead,
        state=state,
        rollup=rollup,
        daily=daily,
        visits=visits_first(visit, visits),
        slots=slots,
        complaint=complaint or _complaint(lead),
        appointment=appointment or _appointment(lead),
    )
    is_written = "phone" in refused or getattr(lead, "channel", "") == wording.WRITTEN
    return say(known, kind, language=language, is_written=is_written, policy=store_day.task_policy)


def leading(tasks: Sequence[Any]) -> Any:
    """The task a call begins with: what went wrong, else the first that asks for a call."""
    wrong = [task for task in tasks if task.kind in PUT_RIGHT]
    calls = [task for task in tasks if task.kind not in _LAST]
    return next(iter([*wrong, *calls, *tasks]), None)


def say(
    known: Known, kind: str, *, language: str, is_written: bool, policy: TaskPolicy
) -> Saying | None:
    """The words for a case, filled; None for a kind that has none."""
    language = wording.language_of(language or get_language() or "")
    facts = facts_of(known, language)
    scripts = own_scripts(known.store.group_id, known.store, language=language, kind=kind)
    level = wording.WRITTEN if is_written else level_of(kind, known)
    tier = getattr(getattr(known.customer, "state", None), "value_tier", "")
    for words in wordings(scripts, kind, level, tier, language):
        parts = fill(words.text, facts)
        # Words that would leave a hole with this customer's facts give way to the next.
        if parts:
            giving = giving_of(words, known, kind, policy)
            return Saying(kind, parts, is_written, giving, refusals_of(kind, language, facts))
    return None


def level_of(kind: str, known: Known) -> str:
    """The case within a kind: the due level, or what a correction asks to put right."""
    if kind == TaskKind.CORRECT_DATA:
        return str(getattr(known.task, "proposal", ""))
    if kind != TaskKind.DUE_CALL:
        return ""
    # A call that is still open while nothing is due any more is in no hurry either.
    level = known.state.level if known.state else Level.NONE
    return str(Level.YELLOW if level == Level.NONE else level)


def refusals_of(kind: str, language: str, facts: dict[str, str]) -> list[Refusal]:
    """The usual refusals with their answers, for calls that ask somebody to come."""
    if kind not in OFFERING:
        return []
    found = ((answer.said, fill(answer.text, facts)) for answer in wording.answers(language))
    return [Refusal(said, parts) for said, parts in found if parts]


def giving_of(words: Wording, known: Known, kind: str, policy: TaskPolicy) -> Giving:
    """What may be given on this call; nothing as the answer to bad service (PLAYBOOK)."""
    if kind in PUT_RIGHT or _is_hurt(known):
        return Giving(is_put_right_first=kind in OFFERING or kind in PUT_RIGHT)
    yearly = getattr(getattr(known.customer, "state", None), "yearly_amount", None)
    if kind not in OFFERING or yearly is None:
        return Giving()
    limit = limit_of(yearly, policy)
    cost = words.offer_cost_amount
    is_allowed = words.offer and cost <= limit.amount
    facts = {"offer": words.offer, "cost": yuan(cost)}
    offer = gettext("You may offer: %(offer)s (cost %(cost)s).") % facts if is_allowed else ""
    return Giving(offer, limit_text(limit), reckoning_text(limit))


def _is_hurt(known: Known) -> bool:
    """Whether a complaint or a low survey stands against the last visit (RISK-1)."""
    state = known.state
    return bool(state and (state.complaint_points or state.satisfaction_points))


def limit_text(limit: Limit) -> str:
    """`Limit ¥420 = customer value ¥7,000 × 30% ÷ 5 years; …`."""
    if not limit.amount:
        return gettext("Limit ¥0: whatever is given, the manager decides.")
    text = gettext(
        "Limit %(limit)s = customer value %(value)s × %(share)s%% ÷ %(years)d years; "
        "above it the manager decides."
    )
    return text % {
        "limit": yuan(limit.amount),
        "value": yuan(limit.value_amount),
        "share": number(limit.share_percent),
        "years": limit.years,
    }


def reckoning_text(limit: Limit) -> str:
    """`Customer value ¥7,000 = ¥3,000 a year × 50% × 5 years − ¥500 to win the customer.`"""
    text = gettext(
        "Customer value %(value)s = %(yearly)s a year × %(margin)s%% × %(years)d years − "
        "%(acquisition)s to win the customer, never below 0."
    )
    return text % {
        "value": yuan(limit.value_amount),
        "yearly": yuan(limit.yearly_amount),
        "margin": number(limit.margin_percent),
        "years": limit.years,
        "acquisition": yuan(limit.acquisition_amount),
    }


def _complaint(task: Any) -> Complaint | None:
    """The complaint a task is about."""
    if task is None or task.kind != TaskKind.COMPLAINT:
        return None
    found: Complaint | None = Complaint.objects.filter(pk=task.about_id).first()
    return found


def _appointment(task: Any) -> Appointment | None:
    """The appointment a confirmation is about."""
    if task is None or task.kind != TaskKind.BOOKING_CONFIRM:
        return None
    found: Appointment | None = Appointment.objects.filter(pk=task.about_id).first()
    return found
