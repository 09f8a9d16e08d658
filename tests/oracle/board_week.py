"""The members of a store's weeks, Monday to Sunday, of the last 14 (DOMAIN §8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from .board_calls import CONNECTED
from .board_cars import is_answered, own
from .board_people import Boards, Line, satisfaction
from .boards import fell_due
from .exact import add_days
from .known import Known
from .person import Person

Owner = tuple[str | None, str | None]


class Weeks:
    """The last 14 weeks up to a day, each named by its year and number."""

    def __init__(self, boards: Boards) -> None:
        self.boards, self.as_of = boards, boards.as_of
        self.world = boards.snapshot.world
        monday = add_days(self.as_of, -self.as_of.weekday())
        self.mondays = [add_days(monday, -7 * n) for n in range(13, -1, -1)]
        # The first night opens what had been open for long.
        self.started: dict[str, date] = {}
        for one in boards.past.records.warned:
            store = self.world.vehicle_by_vin[one.vin].store
            self.started[store] = min(one.on, self.started.get(store, one.on))

    def lines(self) -> Iterator[Line]:
        for person in self.boards.people:
            yield from self._calls(person)
            yield from self._moves(person)
        for known in self.boards.snapshot.vehicles:
            if known.delivered_on is not None:
                yield from self._visits(known)
                yield from self._due(known)
                yield from self._warned(known)
                yield from self._complaints(known)
                yield from self._answers(known)
        for started in self.started.values():
            for monday in self.mondays:
                if monday > started:
                    yield Line("week", _week(monday), "known", "", True, None, None, None)

    def _has(self, on: date) -> bool:
        return self.mondays[0] <= on <= self.as_of

    def _calls(self, person: Person) -> Iterator[Line]:
        """Calls belong to whoever made them; the day she came after booking to her advisor."""
        arrived = set()
        for call in self.world.contacts:
            on = self.world.contact_on(call)
            is_call = call.channel == "phone" and call.direction == "out" and on <= self.as_of
            if call.customer != person.id or not is_call:
                continue
            by = (
                call.vin or person.car,
                person.id,
                self.boards.past.staff_of.get(call.external_id),
            )
            if self._has(on):
                hit = call.outcome in CONNECTED
                yield Line("week", _week(on), "called", "", hit, *by)
            if self._has(on) and call.outcome == "booked":
                yield Line("week", _week(on), "booked", "", True, *by)
            if call.outcome == "booked":
                arrived |= {day for day in person.days if on <= day <= add_days(on, 30)}
        for day in filter(self._has, arrived):
            hers = (person.car, person.id, person.first_advisor)
            yield Line("week", _week(day), "arrived", "", True, *hers)

    def _moves(self, person: Person) -> Iterator[Line]:
        """Who was lost leaves out the erased and the merged."""
        started = self.started.get(person.customer.store)
        if started is None or person.is_gone:
            return
        for move in self.boards.past.moves_of[person.id]:
            is_news = self._has(move.on) and move.on > started and not move.is_reconstructed
            if is_news and "lost" in (move.left, move.to):
                item = "lost" if move.to == "lost" else "back"
                hers = (person.car, person.id, person.first_advisor)
                yield Line("week", _week(move.on), item, "", True, *hers)

    def _of_day(self, known: Known, on: date) -> Owner:
        """Whose car it was on the day, and whose customer that was from the beginning."""
        owner = self.world.owner_on(known.vehicle, on)
        if owner is None:
            return None, None
        return owner.external_id, self.boards.by_id[owner.external_id].first_advisor

    def _visits(self, known: Known) -> Iterator[Line]:
        for visit in known.visits:
            if self._has(visit.on):
                marks = (_week(visit.on), "visited", "", visit.is_maintenance, known.vehicle.vin)
                yield Line("week", *marks, *self._of_day(known, visit.on), visit.amount)

    def _due(self, known: Known) -> Iterator[Line]:
        for due, _ in fell_due(known):
            until = add_days(due, 30)
            if self._has(until):
                hit = is_answered(known, due)
                yield Line("week", _week(until), "due", "", hit, *own(self.boards, known))

    def _warned(self, known: Known) -> Iterator[Line]:
        for one in self.boards.past.records.warned:
            if one.vin != known.vehicle.vin or one.level not in ("red", "orange"):
                continue
            if self._has(one.on) and one.on > self.started[known.vehicle.store]:
                yield Line("week", _week(one.on), one.level, "", True, *own(self.boards, known))

    def _complaints(self, known: Known) -> Iterator[Line]:
        for one in known.complaints:
            opened = known.day(one.opened_at)
            settled = None if one.resolved_at is None else known.day(one.resolved_at)
            if self._has(opened):
                yield Line("week", _week(opened), "complained", "", True, *own(self.boards, known))
            for monday in self.mondays:
                end = min(add_days(monday, 6), self.as_of)
                if opened <= end and (settled is None or settled > end):
                    hit = opened >= monday
                    yield Line("week", _week(end), "open", "", hit, *own(self.boards, known))

    def _answers(self, known: Known) -> Iterator[Line]:
        """An answer stays with the customer of its visit."""
        for order in known.orders:
            for survey in self.world.surveys:
                number = (survey.store, survey.work_order_no)
                on = self.world.survey_on(survey)
                if number == (order.visit.store, order.visit.work_order_no) and self._has(on):
                    whose = (known.vehicle.vin, *self._of_day(known, order.on))
                    score = satisfaction(survey)
                    yield Line("week", _week(on), "csat", "", True, *whose, score)


def _week(on: date) -> str:
    year, number, _ = on.isocalendar()
    return f"{year}-W{number:02}"
