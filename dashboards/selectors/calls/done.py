"""What came of a contact, in words: for the list's done lines, the toast, a card worked already."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from alerts.choices import Reason, Result
from alerts.selectors.progress import done_today
from common.dates import local_date
from common.formats import clock
from customers.models import Customer
from dashboards import presentation
from dashboards.selectors.calls.rows import car_text
from dashboards.selectors.days import Day


@dataclass(frozen=True)
class Done:
    """An outcome told; inputs of done_row.html, toast.html and worked.html."""

    outcome: Any
    customer: Customer
    at: str
    # Empty when the reader did it.
    who: str
    car: str
    # What came of it, without the name: `Booked for Tue 16 Jun 10:00`.
    told: str
    note: str
    # The seconds in which it can be taken back; 0: not any more, or not by this reader.
    undo_seconds: int


def done_of(staff_id: int, days: dict[int, Day], now: datetime) -> list[Done]:
    """The customers a person is done with today, newest first; two queries."""
    zones = {day.store.timezone for day in days.values()}
    on = max(local_date(now, zone) for zone in zones)
    return [told_of(outcome, days, now) for outcome in done_today(staff_id, on)]


def told_of(
    outcome: Any, days: dict[int, Day], now: datetime, *, who: str = "", may_undo: bool = True
) -> Done:
    """`outcome` with customer, car and appointment."""
    day = days[outcome.customer.store_id]
    zone = day.store.timezone
    left = int((outcome.final_at - now).total_seconds())
    return Done(
        outcome=outcome,
        customer=outcome.customer,
        at=clock(outcome.at, zone),
        who=who,
        car=car_of(outcome),
        told=result_words(outcome, zone),
        note=outcome.note,
        undo_seconds=max(0, left) if may_undo and outcome.undone_at is None else 0,
    )


def car_of(outcome: Any) -> str:
    """The car the outcome is about, empty when it is about several."""
    vehicle = outcome.vehicle or (outcome.appointment.vehicle if outcome.appointment else None)
    return car_text(vehicle) if vehicle else ""


def result_words(outcome: Any, zone: str) -> str:
    """`Booked for Tue 16 Jun 10:00`, `Not coming: price`, `No answer`."""
    if outcome.result == Result.BOOKED and outcome.appointment:
        when = presentation.moment(outcome.appointment.starts_at, zone)
        return gettext("Booked for %(when)s") % {"when": when}
    if outcome.result == Result.CALLBACK and outcome.callback_at:
        when = presentation.moment(outcome.callback_at, zone)
        return gettext("Call back %(when)s") % {"when": when}
    facts = {"result": presentation.result_title(outcome.result)}
    if outcome.reason:
        facts["reason"] = str(Reason(outcome.reason).label).lower()
        return gettext("%(result)s: %(reason)s") % facts
    return facts["result"]
