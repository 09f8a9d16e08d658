"""The progress of a day: what a person or a team has recorded, and when the list will be done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from alerts.choices import NOT_CONNECTED, Result
from alerts.models import Outcome, Task
from common.sql import rows, statement
from stores.scope import ScopedQuerySet, scope_ids

# The customer was spoken to.
CONNECTED = frozenset(
    {
        Result.BOOKED,
        Result.CALLBACK,
        Result.REFUSED,
        Result.ELSEWHERE,
        Result.DO_NOT_CALL,
        Result.VEHICLE_GONE,
        Result.CONNECTED,
        Result.SETTLED,
    }
)
# Somebody tried to speak to the customer; what was written or done at the desk is no attempt.
ATTEMPTS = CONNECTED | NOT_CONNECTED | {Result.WRONG_NUMBER}
PACE_FROM = 3
_OF_A_LINE = (
    "store_id",
    "staff_id",
    "at",
    "final_at",
    "undone_at",
    "result",
    "reason",
    "callback_at",
    "note",
    "customer__name",
    "customer__store_id",
    "vehicle__model",
    "vehicle__plate",
    "appointment__starts_at",
    "appointment__vehicle__model",
    "appointment__vehicle__plate",
)
# Further away a time of day says nothing.
LONGEST_WAIT = timedelta(hours=12)


@dataclass(frozen=True)
class Progress:
    """A person's day so far: customers done with, attempts and what came of them.

    `attempts` and `connected` count outgoing contacts only; `booked` incoming ones too.
    """

    done: int = 0
    connected: int = 0
    attempts: int = 0
    booked: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None

    @property
    def connected_rate(self) -> float | None:
        """Share of the attempts that were connected, 0 to 1; None without an attempt."""
        return self.connected / self.attempts if self.attempts else None


def progress(staff_id: int, on: date) -> Progress:
    """One person's day, in every store of the scope; `on` is the local date. One query."""
    found = _by_person("o.staff_id = %(staff)s", on, staff=staff_id)
    return found.get(staff_id, Progress())


def team_progress(store_ids: Iterable[int], on: date) -> dict[int, Progress]:
    """{staff id: progress} of whoever recorded something in these stores that day; one query."""
    return _by_person("o.store_id = ANY(%(of)s)", on, of=list(store_ids))


def finish_at(progress: Progress, left: int, now: datetime) -> datetime | None:
    """When `left` more customers will be done at the pace from the first outcome to the last one.

    None when it cannot be said: fewer than three done, none left, or half a day away.
    """
    if left < 1 or progress.done < PACE_FROM or not (progress.first_at and progress.last_at):
        return None
    pace = (progress.last_at - progress.first_at) / (progress.done - 1)
    wait = pace * left
    return now + wait if timedelta(0) < wait <= LONGEST_WAIT else None


def done_today(staff_id: int, on: date) -> list[Any]:
    """The latest outcome of each customer a person is done with, newest first; one query.

    Each with as much of its customer, car and appointment as a line shows.
    """
    latest = recorded(on).filter(staff_id=staff_id, is_back=False)
    latest = latest.order_by("customer_id", "-at", "-pk").distinct("customer_id")
    found = latest.select_related("customer", "vehicle", "appointment__vehicle").only(*_OF_A_LINE)
    return sorted(found, key=lambda outcome: (outcome.at, outcome.pk), reverse=True)


def recorded(on: date) -> ScopedQuerySet[Any]:
    """Outcomes of a day that stand; `is_back`: the customer is on the person's list (again)."""
    open_again = Task.objects.filter(
        customer=OuterRef("customer"),
        owner=OuterRef("staff"),
        closed_on__isnull=True,
        due_on__lte=on,
    )
    standing: ScopedQuerySet[Any] = Outcome.objects.filter(on_date=on, undone_at__isnull=True)
    return standing.annotate(is_back=Exists(open_again))


def _by_person(who: str, on: date, **params: Any) -> dict[int, Progress]:
    # After each outcome: Django takes longer to put it together than the database to answer.
    sql = statement("alerts", "progress").format(who=who)
    known = {"on": on, "connected": list(CONNECTED), "attempts": list(ATTEMPTS)}
    found = rows(sql, {**known, "stores": scope_ids(), **params})
    return {row.pop("staff_id"): Progress(**row) for row in found}
