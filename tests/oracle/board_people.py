"""The members of the boards about people and money (DOMAIN §3, §8), one by one in plain Python.

A member here also has the car it is shown with, its advisor and its amount.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from . import due, lost, risk
from .boards import fell_due, month, services_of
from .due import plan_of
from .exact import add_days, add_months
from .facts import Survey
from .known import SCALE_FACTOR, Known, Snapshot
from .past import Past
from .person import Person, Stretch, stretches
from .segments import Segments, segments_of
from .stage import stage_of


class Line(NamedTuple):
    """A member: its marks, the car and customer it is shown with, whose figure, how much."""

    board: str
    period: str
    item: str
    part: str
    is_hit: bool
    car: str | None
    who: str | None
    advisor: str | None
    amount: Decimal = Decimal(0)


class Boards:
    """All members of a world and its past on a day."""

    def __init__(self, snapshot: Snapshot, past: Past) -> None:
        self.snapshot, self.past, self.as_of = snapshot, past, snapshot.as_of
        self.people = [Person(snapshot, past, one) for one in snapshot.world.customers]
        self.by_id = {person.id: person for person in self.people}
        self.stretches = stretches(self.as_of)
        # Months are kept for two years and one month.
        self.horizon = add_months(self.as_of.replace(day=1), -25)
        self.answers = list(self._answers())

    def lines(self) -> Iterator[Line]:
        for person in self.people:
            for stretch in self.stretches:
                yield from self._scorecard(person, stretch)
                yield from _span(person, stretch)
            yield from self._moves(person)
            yield from self._returned(person)
            yield from self._referrals(person)
        for person, on, survey, car in self.answers:
            if on >= self.horizon:
                yield from self._said(person, survey, "answers", month(on), car, None)
        yield from self._standing()
        for known in self.snapshot.vehicles:
            yield from self._of_car(known)

    # --- KPI-1

    def _scorecard(self, person: Person, stretch: Stretch) -> Iterator[Line]:
        advisor = person.advisor_on(stretch.begin)
        stage = person.stage_before(stretch.begin)
        is_owned = stage is not None and not person.is_gone
        facts = ("scorecard", stretch.name)
        if is_owned:
            part = "lost" if stage == "lost" else ""
            hit = stage != "lost" and person.is_lost_in(stretch)
            yield Line(*facts, "owned", part, hit, person.car, person.id, advisor)
        if first := self._first_due(person, stretch):
            _, car, came = first
            yield Line(*facts, "came", "", came, car, person.id, advisor)
        for visit, _ in person.visits:
            if stretch.has(visit.on):
                when = month(visit.on)
                own = (is_owned, person.car, person.id, advisor, visit.amount)
                yield Line(*facts, "revenue", when, *own)
        for answerer, on, survey, car in self.answers:
            if answerer is person and stretch.has(on):
                yield from self._said(person, survey, *facts, car, advisor)

    def _first_due(self, person: Person, stretch: Stretch) -> tuple[date, str, bool] | None:
        """The first time one of the customer's cars fell due, its 90 days over; hit: it came."""
        found = []
        for row, known in enumerate(self.snapshot.vehicles):
            if known.owner != person.customer or known.delivered_on is None:
                continue
            for on, _ in fell_due(known):
                if stretch.has(on) and add_days(on, 90) <= self.as_of:
                    came = [one.on for one in known.visits if one.on >= add_days(on, -30)]
                    has_come = bool(came) and came[0] <= add_days(on, 90)
                    found.append((on, row, known.vehicle.vin, has_come))
        if not found:
            return None
        on, _, car, has_come = min(found)
        return on, car, has_come

    # --- answers

    def _answers(self) -> Iterator[tuple[Person, date, Survey, str]]:
        """Answers belong to the customer of the day of their visit."""
        world = self.snapshot.world
        for survey in world.surveys:
            for known in self.snapshot.vehicles:
                for order in known.orders:
                    if (order.visit.store, order.visit.work_order_no) != (
                        survey.store,
                        survey.work_order_no,
                    ):
                        continue
                    owner = world.owner_on(known.vehicle, order.on)
                    on = world.survey_on(survey)
                    if owner is not None and on <= self.as_of:
                        yield self.by_id[owner.external_id], on, survey, known.vehicle.vin

    def _said(
        self,
        person: Person,
        survey: Survey,
        board: str,
        period: str,
        car: str,
        advisor: str | None,
    ) -> Iterator[Line]:
        score = satisfaction(survey)
        in_bands = board == "answers"
        owner = person.first_advisor if in_bands else advisor
        band = _band(score) if in_bands else ""
        yield Line(board, period, "csat", band, True, car, person.id, owner, score)
        nps = self.past.nps.get(survey.work_order_no)
        if nps is not None:
            part = "promoter" if nps >= 9 else "passive" if nps >= 7 else "detractor"
            yield Line(board, period, "nps", part, nps >= 9, car, person.id, owner)

    # --- customers

    def _moves(self, person: Person) -> Iterator[Line]:
        for on, left, to in person.moves:
            if on >= self.horizon:
                hit = (on, left, to) in person.reconstructed
                own = (hit, person.car, person.id, person.first_advisor)
                yield Line("moves", month(on), left, to, *own)

    def _returned(self, person: Person) -> Iterator[Line]:
        if not person.visits:
            return
        visit, known = person.visits[0]
        until = add_days(plan_of(known).regular.after(visit.on), 90)
        if until <= self.as_of:
            hit = len(person.days) > 1 and person.days[1] <= until
            own = (hit, person.car, person.id, person.first_advisor)
            yield Line("returned", month(until), "first", "", *own)

    def _referrals(self, person: Person) -> Iterator[Line]:
        if person.visits and not person.is_gone:
            hit = any(
                one.visits and self.past.referred_by.get(one.id) == person.id for one in self.people
            )
            own = (hit, person.car, person.id, person.first_advisor)
            yield Line("referrals", "", "visited", "", *own)

    def _standing(self) -> Iterator[Line]:
        segments: dict[str, Segments] = {}
        for store in self.snapshot.world.stores:
            segments |= segments_of(self.snapshot, store.code)
        for person in self.people:
            if person.is_gone:
                continue
            found = segments[person.id]
            amount = person.spent(add_days(self.as_of, -730))
            for item, part in (
                ("stage", stage_of(self.snapshot, person.customer)),
                ("value_tier", found.value_tier),
                ("rfm", found.rfm),
                ("quadrant", found.quadrant),
            ):
                if part is not None:
                    own = (True, person.car, person.id, person.customer.advisor, amount)
                    yield Line("standing", "", item, part, *own)

    # --- cars

    def _of_car(self, known: Known) -> Iterator[Line]:
        if known.delivered_on is None:
            return
        car, owner = known.vehicle.vin, known.owner
        who = owner.external_id if owner else None
        first = self.by_id[who].first_advisor if who else None
        for period, item, part, hit in self._after_warranty(known):
            yield Line("retention", period, item, part, hit, car, who, first)
        for period, item, part, hit in self._of_first_answer(known):
            yield Line("satisfaction", period, item, part, hit, car, who, first)
        if owner is None or known.is_gone:
            return
        is_lost = lost.is_lost(known)
        for item, value in (
            ("due", None if is_lost else due.level(known)),
            ("risk", None if is_lost else risk.level(known)),
            ("phase", lost.phase(known)),
        ):
            if value is not None:
                yield Line("standing", "", item, value, True, car, who, owner.advisor)

    def _after_warranty(self, known: Known) -> Iterator[tuple[str, str, str, bool]]:
        """LIFE-4's last node, alone: a visit on day 1 to 365 after the end of the warranty."""
        months, km = self.past.warranties.get(known.vehicle.vin, (None, None))
        assert known.delivered_on is not None
        ends = [] if months is None else [add_months(known.delivered_on, months)]
        if km is not None:
            ends += [one.on for one in known.readings if one.km >= km][:1]
        if not ends:
            return
        end, until = min(ends), add_days(min(ends), 365)
        if until <= self.as_of:
            hit = any(end < visit.on <= until for visit in known.visits)
            yield month(until), "out_of_warranty", "", hit

    def _of_first_answer(self, known: Known) -> Iterator[tuple[str, str, str, bool]]:
        """LIFE-7: the last answer to the day of the first service, and whether a second came."""
        services = services_of(known)
        if not services:
            return
        orders = {
            (one.visit.store, one.visit.work_order_no)
            for one in known.orders
            if one.on == services[0]
        }
        world = self.snapshot.world
        answers = [
            survey
            for survey in world.surveys
            if (survey.store, survey.work_order_no) in orders
            and world.survey_on(survey) <= self.as_of
        ]
        until = add_days(plan_of(known).regular.after(services[0]), 90)
        if answers and until <= self.as_of:
            score = satisfaction(max(reversed(answers), key=lambda one: one.answered_at))
            hit = len(services) > 1 and services[1] <= until
            yield month(until), _band(score), f"{score.normalize():f}", hit


def _span(person: Person, stretch: Stretch) -> Iterator[Line]:
    """The loss by stage of those there; the money by the stage before the earlier stretch."""
    own = (person.car, person.id, person.first_advisor)
    stage = person.stage_before(stretch.begin)
    if stage not in (None, "lost") and not person.is_gone:
        yield Line("span", stretch.name, stage or "", "lost", person.is_lost_in(stretch), *own)
    now = [visit.amount for visit, _ in person.visits if stretch.has(visit.on)]
    before = [visit.amount for visit, _ in person.visits if stretch.had(visit.on)]
    if now or before:
        at = "gone" if person.is_gone else person.stage_before(stretch.before) or "new"
        for part, amounts in (("now", now), ("before", before)):
            whole = sum(amounts, Decimal(0))
            yield Line("span", stretch.name, at, part, bool(amounts), *own, whole)


def satisfaction(survey: Survey) -> Decimal:
    return survey.score * SCALE_FACTOR[survey.scale]


def _band(score: Decimal) -> str:
    return "high" if Fraction(score) >= 90 else "mid" if score >= 70 else "low"
