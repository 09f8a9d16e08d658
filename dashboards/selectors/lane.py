"""The second-visit lane as its page shows it: steps in words, counts, filters."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext

from alerts.choices import Result
from alerts.policies import TaskPolicy
from alerts.selectors.lane import LaneOf, LaneRow, Step, StepCount, lane_rows, summary
from common import formats
from common.dates import local_date
from common.formats import day as day_text
from dashboards.selectors.calls.rows import car_text
from dashboards.selectors.days import Day
from pipeline.models import StoreDay
from stores.access import Reader
from stores.choices import Role

PAGE_SIZE = 50
FILTERS: dict[str, Promise] = {
    "": gettext_lazy("All"),
    "missed": gettext_lazy("With a missed step"),
    "week": gettext_lazy("This week"),
}


@dataclass(frozen=True)
class StepWords:
    """A step in the reader's words; `mark` chooses its symbol: done, open, missed, ahead, none."""

    mark: str
    title: str
    word: str
    more: str


@dataclass(frozen=True)
class LineRow:
    """One car of the lane."""

    row: LaneRow
    car: str
    survey: str
    # Empty when nothing was agreed, or the car is booked.
    agreed: str
    steps: list[StepWords]


@dataclass(frozen=True)
class Lane:
    """Inputs of templates/dashboards/lane/lane.html."""

    day: Day
    titles: list[str]
    counts: list[tuple[str, StepCount]]
    filters: list[tuple[str, Promise, int]]
    only: str
    page: Any
    is_own: bool


def lane_page(reader: Reader, day: Day, only: str, number: str | None) -> Lane:
    """An advisor's own first-time customers, everybody else's whole store; four queries."""
    policy = day.task_policy
    own = reader.staff.pk if reader.role == Role.ADVISOR else None
    lane = LaneOf(day.store.pk, day.as_of, _since(day), policy, reader.staff.pk, own)
    found = summary(lane, only)
    titles = _titles(policy)
    page: Any = Paginator(found.vehicle_ids, PAGE_SIZE).get_page(number)
    page.object_list = [_line(row, titles, day) for row in lane_rows(lane, page.object_list)]
    return Lane(
        day=day,
        titles=titles,
        counts=list(zip(titles, found.steps, strict=True)),
        filters=[(key, label, found.totals[key]) for key, label in FILTERS.items()],
        only=only,
        page=page,
        is_own=own is not None,
    )


def _since(day: Day) -> date:
    first = StoreDay.objects.filter(store=day.store).order_by("on").values_list("on", flat=True)
    return first.first() or day.as_of


def _titles(policy: TaskPolicy) -> list[str]:
    """The steps by their time, as everybody calls them: `48 h`, `+7 days`, `−14 days`."""
    return [
        gettext("%(hours)d h") % {"hours": 24 * policy.lane_call_days},
        _days(
            ngettext("+%(days)d day", "+%(days)d days", policy.lane_care_days),
            policy.lane_care_days,
        ),
        _before(policy.lane_booking_days),
        _before(policy.lane_confirm_days),
    ]


def _days(text: str, days: int) -> str:
    return text % {"days": days}


def _before(days: int) -> str:
    return _days(ngettext("−%(days)d day", "−%(days)d days", days), days)


def _line(row: LaneRow, titles: list[str], day: Day) -> LineRow:
    return LineRow(
        row=row,
        car=car_text(row),
        survey=_survey(row),
        agreed=_agreed(row, day),
        steps=[_words(step, title, day) for step, title in zip(row.steps, titles, strict=True)],
    )


def _survey(row: LaneRow) -> str:
    if row.satisfaction is None:
        return gettext("no survey")
    return gettext("survey %(score)s") % {"score": formats.number(row.satisfaction)}


def _agreed(row: LaneRow, day: Day) -> str:
    if row.agreed_on is None or row.is_booked:
        return ""
    return gettext("agreed: %(day)s") % {"day": day_text(row.agreed_on, day.as_of)}


# Why nobody calls: a word, and what follows from it.
_NEEDLESS = {
    "booked": (gettext_lazy("Booked"), gettext_lazy("no call needed")),
    "visited": (gettext_lazy("Came in"), gettext_lazy("no call needed")),
    "refused": (gettext_lazy("No call"), gettext_lazy("as the customer asked")),
    "before": (gettext_lazy("Not known"), gettext_lazy("before the first list")),
}


def _words(step: Step, title: str, day: Day) -> StepWords:
    if step.state in _NEEDLESS:
        why = _NEEDLESS[step.state]
        return StepWords("none", title, str(why[0]), str(why[1]))
    if step.state == "done":
        return StepWords("done", title, gettext("Done"), _done(step, day))
    on = {"day": day_text(step.on, day.as_of), "name": step.owner}
    if step.state == "missed":
        more = gettext("%(day)s, still with %(name)s") if step.owner else "%(day)s"
        return StepWords("missed", title, gettext("Missed"), more % on)
    if step.state == "open":
        return StepWords("open", title, pgettext("step", "Open"), _open(step, day))
    return StepWords("ahead", title, gettext("Not yet"), on["day"] if step.on else "")


def _done(step: Step, day: Day) -> str:
    if not step.result or step.at is None:
        return ""
    facts = {
        "result": str(Result(step.result).label),
        "name": step.who,
        "day": day_text(local_date(step.at, day.store.timezone), day.as_of),
    }
    return gettext("%(result)s, %(name)s, %(day)s") % facts


def _open(step: Step, day: Day) -> str:
    facts = {"name": step.owner or gettext("nobody")}
    if step.rests_until and step.rests_until > day.as_of:
        facts["day"] = day_text(step.rests_until, day.as_of)
        return gettext("%(name)s, again on %(day)s") % facts
    return gettext("with %(name)s") % facts
