"""The morning brief as its pages show it."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F

from dashboards.selectors.brief.facts import Facts
from dashboards.selectors.brief.matters import Matter, brief, matter
from dashboards.selectors.brief.words import sentence, whose
from dashboards.selectors.team_tasks import items_of
from dashboards.selectors.warned import page_of_people
from lifecycle.models import VehicleState

PAGE_SIZE = 50


@dataclass(frozen=True)
class Line:
    """One exception of the page."""

    matter: Matter
    text: str
    whose: str


@dataclass(frozen=True)
class Behind:
    """The people of one exception; `page` holds lines of tasks, else of cars."""

    page: Any
    is_of_tasks: bool


def lines(facts: Facts) -> list[Line]:
    """At most eight queries."""
    return [Line(one, sentence(one, facts.as_of), whose(one)) for one in brief(facts)]


def behind(name: str, facts: Facts, number: str | None) -> Behind:
    """Exactly those whom the sentence counts."""
    one = matter(facts, name)
    if one is None or one.task_ids:
        page: Any = Paginator(one.task_ids if one else [], PAGE_SIZE).get_page(number)
        page.object_list = items_of(page.object_list, facts.day)
        return Behind(page, is_of_tasks=True)
    cars = VehicleState.objects.filter(vehicle_id__in=one.vehicle_ids)
    cars = cars.select_related("vehicle", "customer__advisor", "customer__state")
    dearest = F("customer__state__yearly_amount").desc(nulls_last=True)
    ordered = cars.order_by(dearest, "vehicle_id")
    return Behind(page_of_people("due", ordered, facts.day, number), is_of_tasks=False)
