"""A customer whose card is worked already: what was done, by whom, and what comes next."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.models import Outcome
from alerts.selectors import resting
from common.dates import local_date
from customers.models import Customer
from dashboards import presentation
from dashboards.selectors.calls.done import Done, told_of
from dashboards.selectors.days import Day
from stores.access import Reader
from stores.rights import Right


@dataclass(frozen=True)
class Worked:
    """Inputs of templates/dashboards/today/worked.html."""

    customer: Customer
    done: Done
    # What waits for a later day, a sentence each.
    resting: list[str]
    # Somebody else was first: shown instead of the reader's own outcome.
    is_taken: bool = False
    # The reader still has tasks of this customer.
    is_open: bool = False


def worked_of(
    customer_id: int, reader: Reader, days: dict[int, Day], now: datetime
) -> Worked | None:
    """The day's latest outcome of a customer in reach, None without one; four queries."""
    outcome = latest_outcome(customer_id)
    if outcome is None or outcome.customer.store_id not in days:
        return None
    day = days[outcome.customer.store_id]
    if outcome.on_date != local_date(now, day.store.timezone):
        return None
    return told(outcome, reader, days, now)


def told(
    outcome: Any,
    reader: Reader,
    days: dict[int, Day],
    now: datetime,
    *,
    is_taken: bool = False,
    is_open: bool = False,
) -> Worked:
    """An outcome as a page of its own; two queries."""
    day = days[outcome.customer.store_id]
    is_own = outcome.staff_id == reader.staff.pk
    done = told_of(
        outcome,
        days,
        now,
        who="" if is_own else outcome.staff.name,
        may_undo=is_own or reader.has(Right.TEAM),
    )
    waiting = resting(outcome.customer_id, day.as_of)
    steps = presentation.steps(waiting, day.store.timezone, day.as_of)
    return Worked(outcome.customer, done, steps, is_taken, is_open)


def latest_outcome(customer_id: int) -> Any:
    """The latest standing outcome of a customer; one query."""
    found = Outcome.objects.filter(customer_id=customer_id, undone_at__isnull=True)
    related = ("customer__store", "staff", "vehicle", "appointment__vehicle")
    return found.select_related(*related).order_by("-pk").first()
