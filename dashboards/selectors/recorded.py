"""The people behind a number of the team's day: what was recorded, and who does not fit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.utils.translation import gettext_lazy

from alerts.choices import Result
from alerts.selectors.attention import first_tasks, listed
from alerts.selectors.progress import CONNECTED, recorded, team_progress
from common.dates import local_date
from common.formats import clock
from customers.choices import Direction
from dashboards.selectors.calls.done import result_words
from dashboards.selectors.calls.rows import car_text
from dashboards.selectors.days import Day
from dashboards.selectors.team import item_of
from stores.models import Staff

PAGE_SIZE = 50
WHATS = {
    "done": gettext_lazy("Done today"),
    "connected": gettext_lazy("Connected today"),
    "booked": gettext_lazy("Booked today"),
    "over": gettext_lazy("Did not fit today"),
}


@dataclass(frozen=True)
class Said:
    """One recorded outcome as a line."""

    outcome: Any
    at: str
    told: str
    car: str


def page_behind(what: str, who: int | None, day: Day, now: datetime, number: str | None) -> Any:
    """One page of the list; `object_list` holds Said, or dashboards.selectors.team.Item of `over`.

    `who`: one person's, None for everybody's.
    """
    if what == "over":
        page: Any = Paginator(_over(who, day, now), PAGE_SIZE).get_page(number)
        tasks = first_tasks(page.object_list, day.as_of) if page.object_list else []
        page.object_list = [item_of(task, day) for task in tasks]
        return page
    page = Paginator(_outcomes(what, who, day, now), PAGE_SIZE).get_page(number)
    page.object_list = [_said(outcome, day) for outcome in page.object_list]
    return page


def _outcomes(what: str, who: int | None, day: Day, now: datetime) -> Any:
    """The very outcomes alerts.selectors.progress counts, the newest first."""
    found = recorded(local_date(now, day.store.timezone)).filter(store=day.store)
    found = found.filter(staff_id=who) if who else found
    if what == "done":
        latest = found.filter(is_back=False).order_by("staff_id", "customer_id", "-at", "-pk")
        found = found.filter(pk__in=latest.distinct("staff_id", "customer_id").values("pk"))
    elif what == "connected":
        found = found.filter(result__in=CONNECTED, direction=Direction.OUT)
    else:
        found = found.filter(result=Result.BOOKED)
    related = ("customer", "vehicle", "staff", "appointment__vehicle")
    return found.select_related(*related).order_by("-at", "-pk")


def _over(who: int | None, day: Day, now: datetime) -> list[tuple[int | None, int]]:
    """(owner, customer) beyond each person's places of today, in the order of each list."""
    done = team_progress([day.store.pk], local_date(now, day.store.timezone))
    has = listed(day.store.pk, day.as_of)
    staff = Staff.objects.filter(pk__in=[pk for pk in has if pk and who in (None, pk)])
    return [
        (one.pk, customer_id)
        for one in staff.order_by("name", "pk")
        for customer_id in has[one.pk].over(
            day.capacity(one.role) - (done[one.pk].done if one.pk in done else 0)
        )
    ]


def _said(outcome: Any, day: Day) -> Said:
    vehicle = outcome.vehicle or (outcome.appointment.vehicle if outcome.appointment else None)
    return Said(
        outcome=outcome,
        at=clock(outcome.at, day.store.timezone),
        told=result_words(outcome, day.store.timezone),
        car=car_text(vehicle) if vehicle else "",
    )
