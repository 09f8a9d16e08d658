"""Calendar and rounding: the few places where a date is clamped or a figure is rounded."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction


def add_days(on: date, days: int) -> date:
    return on + timedelta(days=days)


def add_months(on: date, months: int) -> date:
    """DUE-4: calendar months, clamped to the month's end (31 August + 6 = 28 February)."""
    year, month0 = divmod(on.year * 12 + on.month - 1 + months, 12)
    return date(year, month0 + 1, min(on.day, monthrange(year, month0 + 1)[1]))


def full_month(as_of: date, back: int) -> date:
    """The first day of the `back`-th last full month; 1 is the month before `as_of`'s."""
    return add_months(as_of.replace(day=1), -back)


def within_last(days: int, on: date, as_of: date) -> bool:
    """The last N days: as_of - N < date <= as_of."""
    return add_days(as_of, -days) < on <= as_of


def half_up(value: Fraction, places: int) -> Decimal:
    """Rounded half up (away from zero), for what is shown only."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(-whole if value < 0 else whole).scaleb(-places)
