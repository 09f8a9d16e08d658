"""The people behind a number of the team's day: what was recorded, and what asks for somebody."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.utils.translation import gettext_lazy

from alerts.choices import Result
from alerts.selectors.attention import listed, pressing
from alerts.selectors.progress import CONNECTED, recorded
from common.dates import local_date
from common.formats import clock
from customers.choices import Direction
from dashboards.selectors.board import places_left
from dashboards.selectors.calls.done import car_of, result_words
from dashboards.selectors.days import Day
from dashboards.selectors.team_tasks import items_of
from stores.models import Staff

PAGE_SIZE = 50
WHATS = {
    "done": gettext_lazy("Done today"),
    "connected": gettext_lazy("Connected today"),
    "booked": gettext_lazy("Booked today"),
    "over": gettext_lazy("Did not fit today"),
    "escalated": gettext_lazy("Escalated"),
    "running": gettext_lazy("Running out"),
    "managers": gettext_lazy("Complaints and low surveys"),
    "nobodys": gettext_lazy("Nobody's"),
}
# Lists of tasks; the others are of outcomes.
OF_TASKS = {"over", "escalated", "running", "managers", "nobodys"}


@dataclass(frozen=True)
class Said:
    """One recorded outcome as a line."""

    outcome: Any
    at: str
    told: str
    car: str


def page_behind(what: str, who: int | None, day: Day, now: datetime, number: str | None) -> Any:
    """One page of the list; `object_list` holds Said, of tasks Item (…selectors.team_tasks).

    `who`: one person's, None for everybody's.
    """
    if what in OF_TASKS:
        page: Any = Paginator(_tasks(what, who, day, now), PAGE_SIZE).get_page(number)
        page.object_list = items_of(page.object_list, day)
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


def _tasks(what: str, who: int | None, day: Day, now: datetime) -> list[int]:
    if what == "over":
        return _over(who, day, now)
    if what == "nobodys":
        return listed(day.store.pk, day.as_of).of(None).cards
    found: dict[str, list[int]] = vars(pressing(day.store.pk, day.as_of, now, who))
    return found[what]


def _over(who: int | None, day: Day, now: datetime) -> list[int]:
    """The tasks beyond each person's places of today, in the order of each list."""
    has = listed(day.store.pk, day.as_of)
    staff = Staff.objects.filter(pk__in=[pk for pk in has.by_owner if pk and who in (None, pk)])
    people = list(staff.order_by("name", "pk"))
    left = places_left(people, day, now)
    return [pk for one in people for pk in has.of(one.pk).over(left[one.pk])]


def _said(outcome: Any, day: Day) -> Said:
    return Said(
        outcome=outcome,
        at=clock(outcome.at, day.store.timezone),
        told=result_words(outcome, day.store.timezone),
        car=car_of(outcome),
    )
