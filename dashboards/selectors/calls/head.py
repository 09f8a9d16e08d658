"""The progress of a person's day, as the head of the page shows it."""

from dataclasses import dataclass
from datetime import date, datetime

from alerts.rules.capacity import fitting, places_of
from alerts.selectors import open_counts
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
    """What one person has on the list: `cards` of the menu, `calls` that fit the day.

    `is_listed`: whether the customer asked about is still on it.
    """

    cards: int
    calls: int
    is_listed: bool


def head_of(reader: Reader, day: Day, now: datetime, left: int) -> Head:
    """The progress with `left` calls to go; one query."""
    return head_from(progress_of(reader, day, now), day, now, left)


def progress_of(reader: Reader, day: Day, now: datetime) -> Progress:
    """What the reader has done on the store's date; one query."""
    return progress(reader.staff.pk, local_date(now, day.store.timezone))


def head_from(found: Progress, day: Day, now: datetime, left: int) -> Head:
    """The head of a progress with `left` calls to go."""
    ends = finish_at(found, left, now)
    return Head(found, left, clock(ends, day.store.timezone) if ends else "")


def left_of(reader: Reader, day: Day, done: int, *, on: date, customer_id: int) -> Left:
    """What is left on the list of the day `on`, without reading it; one query."""
    found = open_counts(reader.staff.pk, on, customer_id)
    left = places_of(day.capacity(reader.role), done)
    return Left(found.cards, fitting(found.calls, found.duties, left), found.is_listed)
