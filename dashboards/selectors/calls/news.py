"""What others changed on a person's list since it was last looked at, for the strip above it."""

from dataclasses import dataclass
from datetime import datetime

from alerts.choices import Result
from alerts.selectors.changes import Change, changes, seen_at
from common.formats import clock
from customers.models import Customer
from dashboards import presentation
from dashboards.selectors.calls.queue import list_day
from dashboards.selectors.days import Day
from stores.access import Reader


@dataclass(frozen=True)
class NewsLine:
    """A customer and why the list changed."""

    customer: Customer
    why: str


@dataclass(frozen=True)
class News:
    """Inputs of templates/dashboards/today/news.html."""

    since: str
    made_at: datetime
    new: list[NewsLine]
    gone: list[NewsLine]
    given: list[NewsLine]


def news_of(reader: Reader, days: dict[int, Day], now: datetime) -> News | None:
    """None when nothing changed; three queries."""
    day = next(iter(days.values()), None)
    if day is None or day.computed_at is None:
        return None
    since = seen_at(reader.staff, day.computed_at)
    found = changes(reader.staff, since, list_day(days))
    if not found:
        return None
    return News(
        since=clock(since, day.store.timezone),
        made_at=now,
        new=[_line(change) for change in found.new],
        gone=[_gone(change) for change in found.gone],
        given=[_line(change) for change in found.given],
    )


def _line(change: Change) -> NewsLine:
    return NewsLine(change.customer, presentation.task_title(change.latest.kind))


def _gone(change: Change) -> NewsLine:
    """By whose outcome, else by itself: visited, booked, resolved."""
    task = change.latest
    if task.by_name:
        why = f"{task.by_name}: {presentation.result_title(Result(task.by_result))}"
    else:
        why = task.get_closed_as_display()
    return NewsLine(change.customer, why)
