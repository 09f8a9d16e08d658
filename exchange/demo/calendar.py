"""Days of the demo world: months, holidays, the days and hours people drive to a workshop."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from random import Random

SPRING_FESTIVALS = {
    2016: (2, 8), 2017: (1, 28), 2018: (2, 16), 2019: (2, 5), 2020: (1, 25), 2021: (2, 12),
    2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6),
    2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23), 2032: (2, 11),
}  # fmt: skip
_WEEKDAY_PULL = (0.9, 0.85, 0.9, 0.95, 1.1, 1.75, 1.45)
_HOURS = (8, 9, 10, 11, 12, 13, 14, 15, 16)
_WEEKDAY_HOURS = (16, 26, 18, 9, 4, 11, 12, 8, 3)
_WEEKEND_HOURS = (10, 24, 26, 14, 5, 9, 11, 8, 3)
_SUMMER_HOURS = (26, 30, 16, 6, 2, 5, 7, 9, 6)
OPENS, CLOSES = time(8, 30), time(17, 30)


@lru_cache(maxsize=64)
def spring_festival(year: int) -> date:
    """First day of the lunar year; 5 February where the table ends (the demo need not be exact)."""
    month, day = SPRING_FESTIVALS.get(year, (2, 5))
    return date(year, month, day)


def add_months(day: date, months: int) -> date:
    """`day` plus calendar months, clamped to the month's end (DUE-4)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def month_text(day: date) -> str:
    """The month as `YYYY-MM`."""
    return f"{day.year:04d}-{day.month:02d}"


@lru_cache(maxsize=8192)
def pull(day: date) -> float:
    """How strongly a day draws cars to the workshop: 0 when closed, more before long journeys."""
    festival = (day - spring_festival(day.year)).days
    if -1 <= festival <= 3:
        return 0.0
    weight = _WEEKDAY_PULL[day.weekday()]
    if -18 <= festival <= -2 or (day.month == 9 and day.day >= 20):
        weight *= 1.35
    if 4 <= festival <= 9 or (day.month == 10 and day.day <= 7):
        weight *= 0.5
    return weight


def workshop_day(rng: Random, wanted: date, saturday_person: bool) -> date:
    """The day within a week of `wanted` on which this person really comes."""
    days = [wanted + timedelta(days=shift) for shift in range(-2, 5)]
    weights = [
        pull(day) * (2.0 if saturday_person == (day.weekday() >= 5) else 1.0) for day in days
    ]
    if not any(weights):
        return wanted + timedelta(days=6)
    return rng.choices(days, weights)[0]


def arrival_time(rng: Random, day: date) -> datetime:
    """A moment within opening hours: early in summer, later on weekends."""
    hours = _WEEKEND_HOURS if day.weekday() >= 5 else _WEEKDAY_HOURS
    if 6 <= day.month <= 8 and rng.random() < 0.5:
        hours = _SUMMER_HOURS
    hour = rng.choices(_HOURS, hours)[0]
    minute = rng.randrange(31, 60) if hour == 8 else rng.randrange(60)
    return datetime.combine(day, time(hour, minute, rng.randrange(60)))


def slot_time(rng: Random, day: date) -> datetime:
    """A bookable slot: every half hour from 8:30 to 16:30."""
    return datetime.combine(day, OPENS) + timedelta(minutes=30 * rng.randrange(17))


def between(rng: Random, day: date, first_hour: int, last_hour: int) -> datetime:
    """A moment of `day` from `first_hour` to before `last_hour`."""
    seconds = rng.randrange(first_hour * 3600, last_hour * 3600)
    return datetime.combine(day, time()) + timedelta(seconds=seconds)
