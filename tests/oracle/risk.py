"""RISK-1 to RISK-4: the health score, its items, the tags and the pre-churn index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .due import days_overdue, due_of
from .exact import add_days, full_month, half_up, within_last
from .facts import Contact
from .known import Known

NOT_CONNECTED = ("no_answer", "busy", "off")
ANSWERED_CALL = ("connected", "booked", "refused")


@dataclass(frozen=True)
class Item:
    """One deduction."""

    factor: str
    points: int


@dataclass(frozen=True)
class PreChurn:
    """RISK-4, as shown, and the inputs that had no data."""

    score: Decimal
    unknown: tuple[str, ...]


def items(known: Known) -> list[Item]:
    """RISK-1: the deductions that are not 0, in the order of the table."""
    settings = known.settings.risk
    overdue = settings.points_a_week * (days_overdue(known) // 7)
    found = [
        Item("satisfaction", settings.satisfaction_points * has_low_survey(known)),
        Item("complaint", settings.complaint_points * _has_complaint(known)),
        Item("overdue", min(overdue, settings.most_overdue_points)),
        Item("call_not_connected", settings.call_points * calls_not_connected(known)),
        Item("wechat_unanswered", settings.wechat_points * _wechat_unanswered(known)),
    ]
    return [item for item in found if item.points]


def score(known: Known) -> int:
    """RISK-1: 100 minus the deductions, never below 0."""
    return max(0, 100 - sum(item.points for item in items(known)))


def level(known: Known) -> str:
    """RISK-2: high below 60, medium 60-75, low above 75."""
    if score(known) < known.settings.risk.high_below:
        return "high"
    return "low" if score(known) > known.settings.risk.low_above else "medium"


def has_low_survey(known: Known) -> bool:
    """RISK-1, RISK-3: the last answered survey is below 80."""
    return known.satisfaction is not None and known.satisfaction < known.settings.risk.low_survey


def _has_complaint(known: Known) -> bool:
    """A complaint since, and including, the day of the last visit."""
    since = known.last_visit_on or date.min
    return any(known.day(complaint.opened_at) >= since for complaint in known.complaints)


def _outgoing_after_last_visit(known: Known, channel: str) -> list[Contact]:
    """Not those on the day of the visit or before it."""
    after = known.last_visit_on or date.min
    return [
        contact
        for contact in known.contacts
        if contact.channel == channel
        and contact.direction == "out"
        and known.world.contact_on(contact) > after
    ]


def calls_not_connected(known: Known) -> int:
    calls = _outgoing_after_last_visit(known, "phone")
    return sum(call.outcome in NOT_CONNECTED for call in calls)


def _wechat_unanswered(known: Known) -> int:
    """Messages at least 3 days old, not replied and not followed by an incoming one."""
    age = known.settings.risk.wechat_age_days
    unanswered = 0
    for message in _outgoing_after_last_visit(known, "wechat"):
        is_old = (known.as_of - known.world.contact_on(message)).days >= age
        answered = known.is_replied(message) or _is_followed(known, message)
        unanswered += is_old and not answered
    return unanswered


def _is_followed(known: Known, message: Contact) -> bool:
    """By the same customer's WeChat about this car, by the third date after.

    One that names no car is about the cars its customer owns (RISK-1), so not about one sold.
    """
    world = known.world
    last_day = add_days(world.contact_on(message), known.settings.risk.wechat_age_days)
    return any(
        answer.channel == "wechat"
        and answer.direction == "in"
        and answer.customer == message.customer
        and answer.at > message.at
        and world.contact_on(answer) <= last_day
        for answer in known.contacts
    )


def tags(known: Known) -> list[str]:
    """RISK-3, sorted."""
    found = []
    if has_low_survey(known):
        found.append("critical")
    if known.inactive_days is not None and known.inactive_days >= known.settings.risk.dormant_days:
        found.append("dormant")
    if _is_due_unresponsive(known):
        found.append("due_unresponsive")
    return found


def _is_due_unresponsive(known: Known) -> bool:
    """RISK-3: past due, contacted from 30 days before it on, and nothing came back."""
    due = due_of(known)
    if due is None or known.as_of <= due.on:
        return False
    from_on = add_days(due.on, -known.settings.risk.unresponsive_from_days)
    attempts = [
        contact
        for contact in known.contacts
        if contact.direction == "out"
        and contact.channel != "visit"
        and known.world.contact_on(contact) >= from_on
    ]
    if not attempts:
        return False
    first_at = min(contact.at for contact in attempts)
    return not (
        any(_is_response(known, row) for row in known.contacts if row.at >= first_at)
        or any(order.visit.arrived_at >= first_at for order in known.orders)
        or any(row.made_at >= first_at for row in known.appointments)
        or _has_confirmed_ahead(known)
    )


def _is_response(known: Known, contact: Contact) -> bool:
    answered = contact.channel == "phone" and contact.outcome in ANSWERED_CALL
    return answered or known.is_replied(contact) or contact.direction == "in"


def _has_confirmed_ahead(known: Known) -> bool:
    return any(
        row.status == "confirmed" and row.starts_on >= known.as_of for row in known.appointments
    )


def pre_churn(known: Known) -> PreChurn:
    """RISK-4: five capped terms, to one decimal; a missing input counts 0."""
    terms = {
        "app": _app_term(known),
        "cancellations": _cancellation_term(known),
        "satisfaction": _satisfaction_term(known),
        "enquiries": _enquiry_term(known),
    }
    total = _days_term(known) + sum((term or Fraction(0) for term in terms.values()), Fraction(0))
    unknown = tuple(name for name, term in terms.items() if term is None)
    return PreChurn(half_up(total, 1), unknown)


def _days_term(known: Known) -> Fraction:
    settings = known.settings.pre_churn
    days = max(0, (known.inactive_days or 0) - settings.free_days)
    return min(days * settings.per_day, Fraction(settings.most_for_days))


def _app_term(known: Known) -> Fraction | None:
    """15 when the app was opened 0 or 1 times in the last full month."""
    opens = _engagement(known, 1, "app_opens")
    if opens is None:
        return None
    settings = known.settings.pre_churn
    return Fraction(settings.inactive_app if opens <= settings.inactive_app_opens else 0)


def _enquiry_term(known: Known) -> Fraction | None:
    """10 when the figures there are for the last three full months add up to 0."""
    settings = known.settings.pre_churn
    months = range(1, settings.enquiry_months + 1)
    figures = [_engagement(known, back, "enquiries") for back in months]
    present = [figure for figure in figures if figure is not None]
    if not present:
        return None
    return Fraction(settings.no_enquiries if sum(present) == 0 else 0)


def _engagement(known: Known, back: int, figure: str) -> int | None:
    """The owner's figure of the `back`-th last full month."""
    if known.owner is None:
        return None
    key = (known.owner.external_id, full_month(known.as_of, back))
    row = known.world.engagement_by_month.get(key)
    return None if row is None else getattr(row, figure)


def _cancellation_term(known: Known) -> Fraction | None:
    """Percent of the appointments starting in the last 365 days that were cancelled x 0.2."""
    settings = known.settings.pre_churn
    recent = [
        row
        for row in known.appointments
        if within_last(settings.window_days, row.starts_on, known.as_of)
    ]
    if not recent:
        return None
    cancelled = sum(row.status == "cancelled" for row in recent)
    term = Fraction(100 * cancelled, len(recent)) * settings.per_cancelled_percent
    return min(term, Fraction(settings.most_for_cancellations))


def _satisfaction_term(known: Known) -> Fraction | None:
    """(10 - last survey on 10) x 2.5."""
    settings = known.settings.pre_churn
    if known.satisfaction is None:
        return None
    term = (10 - known.satisfaction / 10) * settings.per_survey_point
    return min(term, Fraction(settings.most_for_survey))
