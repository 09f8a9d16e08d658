"""LIFE-1's overdue days, WB-1's phase and DUE-6's exceptions to both."""

from __future__ import annotations

from .due import due_of
from .known import Known
from .risk import pre_churn


def lapsed_days(known: Known) -> int | None:
    """LIFE-1: days from the later of the due date and the last visit; may be negative."""
    due = due_of(known)
    if due is None or known.last_visit_on is None:
        return None
    return (known.as_of - max(due.on, known.last_visit_on)).days


def is_lost(known: Known) -> bool:
    """LIFE-1: 90 days or more; never a DUE-6 vehicle."""
    lapsed = lapsed_days(known)
    return not known.is_gone and lapsed is not None and lapsed >= known.settings.lost.lost_days


def phase(known: Known) -> str | None:
    """WB-1: by the phase day; below its start only a pre-churn index of 60 makes a phase."""
    if known.is_gone:
        return None
    settings = known.settings.lost
    day = _phase_day(known)
    if day is None or day < settings.phase_starts_day:
        enters = pre_churn(known).score >= known.settings.pre_churn.threshold
        return "pre_churn" if enters else None
    if day < settings.early_day:
        return "pre_churn"
    if day < settings.deep_day:
        return "early"
    return "deep" if day < settings.complete_day else "complete"


def _phase_day(known: Known) -> int | None:
    """90 + days overdue (at least 1), or the days since the last visit, as the setting says."""
    settings = known.settings.lost
    if settings.phase_basis == "last_visit":
        return known.inactive_days
    lapsed = lapsed_days(known)
    return None if lapsed is None or lapsed < 1 else settings.phase_starts_day + lapsed
