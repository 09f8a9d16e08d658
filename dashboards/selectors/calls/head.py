"""The progress of a person's day, as the head of the page shows it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from alerts.selectors import open_tasks
from alerts.selectors.progress import Progress, finish_at, progress
from common.dates import local_date
from common.formats import clock, percent
from dashboards.selectors.days import Day
from stores.access import Reader


@dataclass(frozen=True)
class Head:
    """Inputs of templates/dashboards/today/head.html."""

    progress: Progress
    # Cards of today that still ask for a call.
    left: int
    # Empty when it cannot be said.
    finish: str

    @property
    def total(self) -> int:
        return self.progress.done + self.left

    @property
    def rate(self) -> str:
        """Share of the calls that were connected; a dash before the first one."""
        rate = self.progress.connected_rate
        return "–" if rate is None else percent(rate)


@dataclass(frozen=True)
class Left:
    """What one person has on the list: `cards` of the menu, `calls` that fit the day."""

    cards: int
    calls: int


def head_of(reader: Reader, day: Day, now: datetime, left: int) -> Head:
    """The progress with `left` calls to go; one query."""
    return _head(_progress(reader, day, now), day, now, left)


def head_and_left(reader: Reader, day: Day, now: datetime) -> tuple[Head, Left]:
    """The progress without reading the list; two queries."""
    found = _progress(reader, day, now)
    left = _left(reader, day, found.done)
    return _head(found, day, now, left.calls), left


def _progress(reader: Reader, day: Day, now: datetime) -> Progress:
    return progress(reader.staff.pk, local_date(now, day.store.timezone))


def _head(found: Progress, day: Day, now: datetime, left: int) -> Head:
    ends = finish_at(found, left, now)
    return Head(found, left, clock(ends, day.store.timezone) if ends else "")


def _left(reader: Reader, day: Day, done: int) -> Left:
    mine = open_tasks(day.as_of).filter(owner=reader.staff)
    asks = Q(is_with_manager=False)
    found = mine.aggregate(
        cards=Count("customer", distinct=True),
        calls=Count("customer", distinct=True, filter=asks),
        duties=Count("customer", distinct=True, filter=asks & Q(priority_group=0)),
    )
    places = max(0, day.capacity(reader.role) - done, found["duties"])
    return Left(found["cards"], min(found["calls"], places))
