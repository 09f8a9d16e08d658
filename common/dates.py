"""Calendar arithmetic without a clock."""

import calendar
from datetime import date, datetime
from zoneinfo import ZoneInfo


def add_months(day: date, months: int) -> date:
    """`day` plus calendar months, clamped to the month's end (31 January + 1 = 28/29 February)."""
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def local_date(moment: datetime, zone: str) -> date:
    """The date of an aware `moment` on the calendar of `zone` (IANA name)."""
    return moment.astimezone(ZoneInfo(zone)).date()


def month_end(day: date) -> date:
    """The last day of the month of `day`."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
