"""Whether a store's list is right, in words: what is wrong with it and what to do."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import formats
from dashboards.presentation import Chip
from pipeline.selectors.lists import StoreList
from pipeline.services.days import business_date

# DESIGN §4: a list is in order two hours before the store opens.
READY_BEFORE = timedelta(hours=2)
# A store may be closed on a long weekend, but not for a week and a half.
VISIT_LATE_DAYS, VISIT_TOO_LATE_DAYS = 3, 10
WORST_FIRST = ("red", "orange", "green")


@dataclass(frozen=True)
class Remark:
    """Something that is not as it should be: `tone` red or orange, what to do and where."""

    tone: str
    text: str
    advice: str
    url: str = ""


@dataclass(frozen=True)
class Part:
    """A number of a sum; `is_wrong` when it should be none."""

    count: int
    label: str
    is_wrong: bool = False


@dataclass(frozen=True)
class Sum:
    """So many of something, and what became of them: the parts add up to the whole."""

    whole: Part
    parts: list[Part]
    url: str = ""

    @property
    def adds_up(self) -> bool:
        return self.whole.count == sum(part.count for part in self.parts)


@dataclass(frozen=True)
class Line:
    """A store's line of the page."""

    found: StoreList
    remarks: list[Remark]
    sums: list[Sum]

    @property
    def url(self) -> str:
        return _at("store", self.found)

    @property
    def tone(self) -> str:
        tones = {remark.tone for remark in self.remarks}
        return next((tone for tone in WORST_FIRST if tone in tones), "green")

    @property
    def chip(self) -> Chip:
        labels = {"red": _("not right"), "orange": _("look at it"), "green": _("right")}
        return Chip(labels[self.tone], self.tone)


def lines(found: list[StoreList], now: datetime, *, has_team: bool) -> list[Line]:
    """The worst first, else in the stores' order; `has_team`: the reader may give work away."""
    made = [Line(one, _remarks(one, now, has_team=has_team), _sums(one)) for one in found]
    return sorted(made, key=lambda line: WORST_FIRST.index(line.tone))


def _sums(found: StoreList) -> list[Sum]:
    """From the data to the lists, in three steps."""
    missing = found.cars - found.computed
    fates = [
        Part(found.called, _("somebody is to call for")),
        Part(found.booked, _("booked")),
        Part(found.lost, _("lost")),
        Part(found.refused, _("whose owner wants no call or is not known")),
        Part(found.answered, _("called for already")),
    ]
    early = found.warned - sum(part.count for part in fates)
    cars = [
        Part(found.computed, _("computed")),
        Part(missing, _("not computed"), is_wrong=missing != 0),
    ]
    tasks = [
        Part(found.on_lists, _("on somebody's list today")),
        Part(found.for_later, _("for a later day")),
        Part(found.of_left, _("of people who left"), is_wrong=found.of_left != 0),
        Part(found.without_owner, _("nobody's"), is_wrong=found.without_owner != 0),
    ]
    return [
        Sum(Part(found.cars, _("cars")), cars),
        Sum(
            Part(found.warned, _("cars with a warning")),
            [*fates, Part(early, _("with no reason to call yet"))],
            _at("store_warnings", found),
        ),
        Sum(Part(found.open_tasks, _("open tasks")), tasks),
    ]


def _at(page: str, found: StoreList) -> str:
    return f"{reverse(page)}?store={quote(found.store.code)}"


def _remarks(found: StoreList, now: datetime, *, has_team: bool) -> list[Remark]:
    candidates = [
        _about_cars(found),
        _about_day(found, now),
        *_about_figures(found),
        *_about_tasks(found, _at("team", found) if has_team else ""),
        _about_visits(found, now),
        _about_settling(found),
    ]
    remarks = [remark for remark in candidates if remark]
    return sorted(remarks, key=lambda remark: WORST_FIRST.index(remark.tone))


def _about_cars(found: StoreList) -> Remark | None:
    if found.cars:
        return None
    text = _("The store has no cars yet.")
    return Remark("orange", text, _("Import its customers and cars."))


def _about_day(found: StoreList, now: datetime) -> Remark | None:
    today = business_date(found.store, now)
    if (found.on and found.on >= today) or not found.cars:
        return None
    if _is_early(found, now):
        text = _("Today's list is not made yet.")
        return Remark("orange", text, _("It will be there two hours before the store opens."))
    if found.on is None:
        text = _("No list has ever been made.")
    else:
        text = _("The list is still that of %(day)s.") % {"day": formats.day(found.on, today)}
    if found.is_running:
        return Remark("red", text, _("It is being made now."), reverse("jobs"))
    return Remark("red", text, _("See why, and run it again."), reverse("jobs"))


def _is_early(found: StoreList, now: datetime) -> bool:
    """Whether the store opens in more than two hours."""
    local = now.astimezone(ZoneInfo(found.store.timezone))
    opens = datetime.combine(local.date(), found.store.opens_at, local.tzinfo)
    return local < opens - READY_BEFORE


def _about_figures(found: StoreList) -> list[Remark]:
    again = _("Run the day again; if it stays, tell support.")
    remarks = []
    if found.adds_up is False:
        text = _("The night's figures do not add up: some cars were left out.")
        remarks.append(Remark("red", text, again, reverse("jobs")))
    if found.cars != found.computed:
        missing = abs(found.cars - found.computed)
        text = ngettext(
            "%(n)s car has not been computed, so nobody is told about it.",
            "%(n)s cars have not been computed, so nobody is told about them.",
            missing,
        )
        text = text % {"n": formats.number(missing)}
        remarks.append(Remark("red", text, again, reverse("jobs")))
    if found.differing:
        text = ngettext(
            "%(n)s warning is not what its car's state says.",
            "%(n)s warnings are not what their cars' states say.",
            found.differing,
        )
        text = text % {"n": formats.number(found.differing)}
        remarks.append(Remark("red", text, again, reverse("jobs")))
    if found.of_gone:
        text = ngettext(
            "%(n)s call is about a car that is gone.",
            "%(n)s calls are about cars that are gone.",
            found.of_gone,
        )
        text = text % {"n": formats.number(found.of_gone)}
        remarks.append(Remark("red", text, again, reverse("jobs")))
    if found.forgotten:
        text = ngettext(
            "%(n)s car is a month overdue and on nobody's list.",
            "%(n)s cars are a month overdue and on nobody's list.",
            found.forgotten,
        )
        text = text % {"n": formats.number(found.forgotten)}
        remarks.append(Remark("red", text, again, reverse("jobs")))
    return remarks


def _about_tasks(found: StoreList, url: str) -> list[Remark]:
    remarks = []
    if found.without_owner:
        text = ngettext(
            "%(n)s call belongs to nobody.",
            "%(n)s calls belong to nobody.",
            found.without_owner,
        )
        text = text % {"n": formats.number(found.without_owner)}
        advice = _("The store needs an advisor or a manager who is there.")
        remarks.append(Remark("orange", text, advice, url))
    if found.of_left:
        text = ngettext(
            "%(n)s task is on the list of somebody who has left.",
            "%(n)s tasks are on the lists of people who have left.",
            found.of_left,
        )
        text = text % {"n": formats.number(found.of_left)}
        remarks.append(Remark("red", text, _("Give each of them to one person."), url))
    if found.doubled:
        text = ngettext(
            "%(n)s customer is on two people's lists.",
            "%(n)s customers are on two people's lists.",
            found.doubled,
        )
        text = text % {"n": formats.number(found.doubled)}
        advice = _("Give each of them to one person.")
        remarks.append(Remark("orange", text, advice, url))
    return remarks


def _about_visits(found: StoreList, now: datetime) -> Remark | None:
    if not found.cars or not found.visit_on:
        return None
    today = business_date(found.store, now)
    days = (today - found.visit_on).days
    if days <= VISIT_LATE_DAYS:
        return None
    tone = "red" if days > VISIT_TOO_LATE_DAYS else "orange"
    text = _("The newest visit is of %(day)s.") % {"day": formats.day(found.visit_on, today)}
    return Remark(tone, text, _("Does the workshop's file still arrive?"))


def _about_settling(found: StoreList) -> Remark | None:
    if not found.unsettled:
        return None
    text = ngettext(
        "%(n)s changed car waits for its new state.",
        "%(n)s changed cars wait for their new state.",
        found.unsettled,
    )
    text = text % {"n": formats.number(found.unsettled)}
    return Remark("orange", text, _("See whether the sweeper comes by."), reverse("jobs"))
