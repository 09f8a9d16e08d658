"""What may be said of a customer: the facts of alerts.rules.facts, in words, where they are known.

No query: the caller hands over the rows its page has read anyway.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from alerts.choices import TaskKind
from alerts.wording import Phrases, phrases
from common.formats import plate
from customers.choices import VisitKind
from customers.models import Appointment, Complaint, Customer, Vehicle, Visit
from customers.rules import habit
from lifecycle.choices import Basis
from lifecycle.services.daily import Daily
from stores.models import Staff, Store

# WB-6: a visit that took so much longer than promised was a wait.
LONG_WAIT = 1.5
_MEAN_OF = 3
_QUOTE = 60
_LISTED = re.compile(r"\s*[;；、,，]\s*")
_SENTENCE = re.compile(r"(?<=[。！？!?])|(?<=\.)\s")


@dataclass(frozen=True)
class Known:
    """What the page has read of a customer; `visits` are the latest ones, newest first."""

    customer: Customer
    vehicle: Vehicle
    store: Store
    as_of: date
    speaker: Staff
    task: Any = None
    state: Any = None
    rollup: Any = None
    daily: Daily | None = None
    visits: Sequence[Visit] = ()
    slots: Sequence[datetime] = ()
    complaint: Complaint | None = None
    appointment: Appointment | None = None

    @property
    def own_visits(self) -> list[Visit]:
        """Those of the car that the call is about."""
        return [visit for visit in self.visits if visit.vehicle_id == self.vehicle.pk]

    @property
    def visit(self) -> Visit | None:
        """The car's last one; of a low survey the one that was judged."""
        own = self.own_visits
        if self.task is not None and self.task.kind == TaskKind.CRITICAL:
            own = [visit for visit in own if str(_survey_id(visit)) == self.task.cycle_key]
        return own[0] if own else None

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.store.timezone))


def facts_of(known: Known, language: str) -> dict[str, str]:
    """{fact: words} of what is known, in the language in which the customer is spoken to."""
    say = phrases(language)
    found: dict[str, str] = {}
    for gather in (_who, _due, _last_visit, _habits, _remembered, _of_the_task):
        found.update(gather(known, say))
    return {name: words for name, words in found.items() if words}


def _survey_id(visit: Visit) -> int | None:
    survey = getattr(visit, "survey", None)
    return survey.pk if survey else None


Facts = Iterator[tuple[str, str]]


def _who(known: Known, say: Phrases) -> Facts:
    customer = known.customer
    yield "name", say.address(customer.name, customer.gender, customer.name_pinyin)
    yield "advisor", known.speaker.name
    yield "store", known.store.name
    yield "car", known.vehicle.model or known.vehicle.brand
    yield "plate", plate(known.vehicle.plate)
    advisor = customer.advisor
    if advisor and advisor.pk != known.speaker.pk and advisor.is_active:
        yield "colleague", advisor.name


def _due(known: Known, say: Phrases) -> Facts:
    state, rollup = known.state, known.rollup
    if state is None or state.due_on is None:
        return
    yield "due_month", say.month_part(state.due_on)
    yield "due_day", say.day(state.due_on, known.as_of)
    weeks = (known.as_of - state.due_on).days // 7
    if weeks > 0:
        yield "overdue_weeks", say.weeks(weeks)
    # The plan's default distance is not this customer's.
    if rollup and rollup.window_km > 0:
        if state.due_basis == Basis.MILEAGE:
            yield "daily_km", say.km(state.daily_km)
        if known.daily and known.daily.projected_km:
            yield "km_now", say.km(int(known.daily.projected_km) // 100 * 100)


def _last_visit(known: Known, say: Phrases) -> Facts:
    visit = known.visit
    if visit is None:
        return
    yield "last_visit", say.day(visit.arrived_on, known.as_of)
    yield "last_done", say.listing(_items(visit.items)[:2])
    yield "advice", quote("".join(_items(visit.recommendations, ";；")[:1]))
    promised, actual = visit.promised_minutes, visit.actual_minutes
    if promised and actual and actual >= promised * LONG_WAIT:
        yield "last_wait", say.wait(_rounded(actual, 5), promised)
    survey = getattr(visit, "survey", None)
    if survey:
        yield "last_words", quote(survey.comment)


def _habits(known: Known, say: Phrases) -> Facts:
    usual = habit([known.local(visit.arrived_at) for visit in known.visits])
    slots = [known.local(moment) for moment in known.slots]
    # Nobody is told a usual time and offered another in one breath.
    if usual and (not slots or slots[0].weekday() == usual.weekday):
        yield "habit", say.habit(usual.weekday, usual.hour)
    took = [
        visit.actual_minutes
        for visit in known.own_visits
        if visit.kind == VisitKind.MAINTENANCE and visit.actual_minutes
    ][:_MEAN_OF]
    if took:
        # Upwards: what is promised can be kept.
        yield "minutes", say.duration(ceil(sum(took) / len(took) / 15) * 15)
    for name, moment in zip(("slot", "slot2"), slots, strict=False):
        yield name, say.moment(moment, known.as_of)


def _remembered(known: Known, say: Phrases) -> Facts:
    yield "likes", say.listing(_items(known.customer.interests))
    yield "dislikes", say.listing(_items(known.customer.dislikes))
    yield "usage", quote(known.customer.notes)


def _of_the_task(known: Known, say: Phrases) -> Facts:
    if known.complaint:
        yield "complaint", say.complaint(quote(known.complaint.category))
    if known.appointment:
        yield "appointment", say.moment(known.local(known.appointment.starts_at), known.as_of)
    task = known.task
    if task is None:
        return
    if task.kind == TaskKind.CALLBACK and task.deadline_at:
        at = known.local(task.deadline_at)
        # Promised for a day without an hour: the duty ends at closing time.
        is_day = at.time() == known.store.closes_at
        yield (
            "promised_at",
            say.day(at.date(), known.as_of) if is_day else say.moment(at, known.as_of),
        )
    missed = max(task.attempts, known.rollup.calls_missed if known.rollup else 0)
    if missed:
        yield "attempts", say.times(missed)


def quote(text: str) -> str:
    """The first sentences that fit into one breath, without the sign that ends them."""
    said = ""
    for sentence in _SENTENCE.split(" ".join(text.split())):
        if said and len(said) + len(sentence) > _QUOTE:
            break
        said += sentence
    said = said.strip(" 。.;；，,")
    return said if len(said) <= _QUOTE else said[: _QUOTE - 1].rstrip() + "…"


def _items(text: str, signs: str = "") -> list[str]:
    pattern = re.compile(rf"\s*[{signs}]\s*") if signs else _LISTED
    return [item for item in (part.strip(" 。.") for part in pattern.split(text)) if item]


def _rounded(minutes: int, step: int) -> int:
    return int(round(minutes / step) * step)


def visits_first(visit: Visit | None, visits: Iterable[Visit]) -> tuple[Visit, ...]:
    """The latest visits; the one with the survey when a page has read no other."""
    return tuple(visits) or ((visit,) if visit else ())
