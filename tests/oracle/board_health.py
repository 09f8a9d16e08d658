"""The members of the board of data health (DOMAIN §8): who has a problem, and what it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from zoneinfo import ZoneInfo

from .board_cars import first_since
from .board_people import Boards, Line
from .boards import fell_due
from .due import plan_of
from .exact import add_days, add_months
from .known import Known
from .person import Person

ASKED = ("phone", "sms", "wechat")


class Health:
    """A world's records on a day."""

    def __init__(self, boards: Boards) -> None:
        self.boards, self.as_of = boards, boards.as_of
        self.records = boards.past.records
        self.seen = [one for one in boards.snapshot.vehicles if one.delivered_on is not None]
        self.in_use = [one for one in self.seen if not one.is_gone]
        self.people = [one for one in boards.people if not one.is_gone]
        self.of_people = {person.id: list(self._of_person(person)) for person in self.people}
        plates = Counter(self._plate(one) for one in self.in_use)
        self.of_cars = {
            known.vehicle.vin: [
                *(["stale_odometer"] if self._is_stale(known) else []),
                *(
                    ["duplicate_car"]
                    if self._plate(known)[1] and plates[self._plate(known)] > 1
                    else []
                ),
            ]
            for known in self.in_use
        }

    def lines(self) -> Iterator[Line]:
        for person in self.people:
            expected = sum((self._expected(one) for one in self._cars(person)), Decimal(0))
            own = (person.car, person.id, person.customer.advisor, expected)
            for item in self.of_people[person.id]:
                hit = item == "dead_phone" and self._is_in_work(person)
                yield Line("health", "", item, "", hit, *own)
        for known in self.in_use:
            for item in self.of_cars[known.vehicle.vin]:
                yield Line("health", "", item, "", False, *self._own(known), self._expected(known))
            yield from self._came(known)
        yield from self._feeds()

    def _own(self, known: Known) -> tuple[str, str | None, str | None]:
        """A problem is put right by the advisor of today."""
        owner = known.owner
        who, advisor = (owner.external_id, owner.advisor) if owner else (None, None)
        return known.vehicle.vin, who, advisor

    def _cars(self, person: Person) -> list[Known]:
        return [one for one in self.in_use if one.owner == person.customer]

    def _expected(self, known: Known) -> Decimal:
        return Decimal(12) / Decimal(plan_of(known).regular.months or 1)

    # --- problems

    def _of_person(self, person: Person) -> Iterator[str]:
        number = self.records.phones[person.id]
        same = [
            one
            for one in self.people
            if one.customer.store == person.customer.store and self.records.phones[one.id] == number
        ]
        if number and len(same) > 1:
            yield "duplicate_phone"
        if not self._cars(person):
            return
        if not number or person.id in self.records.dead:
            yield "dead_phone"
        staff = self.boards.snapshot.world.staff_by_code
        if person.customer.advisor is None or not staff[person.customer.advisor].active:
            yield "no_owner"
        if not self._was_asked(person):
            yield "no_consent"

    def _of_car(self, known: Known) -> Iterator[str]:
        if self._is_stale(known):
            yield "stale_odometer"
        store, number = self._plate(known)
        if number and self.plates[store, number] > 1:
            yield "duplicate_car"

    def _was_asked(self, person: Person) -> bool:
        """An answer, yes or no, for a channel by which one calls or writes."""
        store = self.boards.snapshot.world.store_by_code[person.customer.store]
        return any(
            one.at.astimezone(ZoneInfo(store.timezone)).date() <= self.as_of
            for one in self.records.consents
            if one.customer == person.id and one.channel in ASKED
        )

    def _is_in_work(self, person: Person) -> bool:
        return any(
            one.opened_on <= self.as_of and (one.closed_on is None or one.closed_on > self.as_of)
            for one in self.records.corrections
            if one.customer == person.id and one.proposal == "phone"
        )

    def _is_stale(self, known: Known) -> bool:
        """Seen since its last reading, a year and more ago; or never read in its first year."""
        assert known.delivered_on is not None
        accepted = known.readings[1:]
        if not accepted:
            return add_months(known.delivered_on, 12) <= self.as_of
        read_on = accepted[-1].on
        return read_on < add_months(self.as_of, -12) and known.visits[-1].on > read_on

    def _plate(self, known: Known) -> tuple[str, str]:
        return known.vehicle.store, self.records.plates[known.vehicle.vin]

    # --- what it costs

    def _came(self, known: Known) -> Iterator[Line]:
        """Of the last 12 full months: every car, and once more for each of its problems."""
        month = self.as_of.replace(day=1)
        who = self._own(known)[1]
        problems = {*self.of_cars[known.vehicle.vin], *self.of_people.get(who or "", [])}
        for due, _ in fell_due(known):
            until, came = add_days(due, 90), first_since(known, due)
            if add_months(month, -12) <= until < month:
                hit = came is not None and came <= until
                for part in ("", *problems):
                    yield Line("health", "", "came", part, hit, *self._own(known))

    def _feeds(self) -> Iterator[Line]:
        """A store's car with the newest visit, sold or not; of one day the oldest row."""
        for store in self.boards.snapshot.world.stores:
            cars = [one for one in self.seen if one.vehicle.store == store.code and one.visits]
            if cars:
                newest = max(cars, key=lambda one: one.visits[-1].on)
                vin, who, _ = self._own(newest)
                silent = Decimal((self.as_of - newest.visits[-1].on).days)
                yield Line("health", "", "feed", "", False, vin, who, None, silent)
