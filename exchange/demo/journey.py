"""One vehicle's life, lived forward: services, other visits, staying away, coming back."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from exchange.demo import params as p
from exchange.demo.aftermath import after_visit, welcome
from exchange.demo.behaviour import decide, departure, experience, minutes_taken
from exchange.demo.calendar import CLOSES, arrival_time, month_text, workshop_day
from exchange.demo.outreach import pursue
from exchange.demo.people import serving_advisor
from exchange.demo.records import Car, Customer, History, Visit
from exchange.demo.workshop import Work, other_work, service_work
from exchange.demo.world import ACTIVE_ADVISORS, STORES


class Life:
    """The life of one car with its owner, up to the last day known."""

    def __init__(self, rng: Random, history: History, customer: Customer, car: Car) -> None:
        self.rng, self.history, self.customer, self.car = rng, history, customer, car
        if car.gone_on is None:
            car.gone_on, car.gone_how = departure(rng, car, history.end)
            if car.gone_on and rng.random() < p.GONE_KNOWN:
                car.status, car.status_on = car.gone_how, car.gone_on
        gone = car.gone_on or history.end + timedelta(days=1)
        self.limit = min(history.end, gone - timedelta(days=1))
        self.contact_limit = self.limit if car.status_on else history.end

    def live(self) -> None:
        """From the delivery to the end: one service cycle after another."""
        welcome(self.rng, self.history, self.customer, self.car)
        since = self.car.delivered_on
        while True:
            intent = decide(self.rng, self.customer, self.car)
            due = intent.due
            moment = pursue(
                self.rng, self.history, self.customer, self.car, intent, self.contact_limit
            )
            loyal_until = self.limit
            if moment is None:
                loyal_until = min(self.limit, due)
                moment = self._own_return(due)
            if moment is None or moment.date() > self.limit:
                self._other_visits(since, loyal_until, 1.0)
                self._other_visits(loyal_until, self.limit, p.LOST_FACTOR)
                return
            loyal_until = min(loyal_until, moment.date())
            self._other_visits(since, loyal_until, 1.0)
            self._other_visits(loyal_until, moment.date(), p.LOST_FACTOR)
            self._service(moment)
            since = moment.date()

    def _own_return(self, due: date) -> datetime | None:
        """Some of the lost come back by themselves, long after."""
        if self.rng.random() > p.RETURN_SHARE:
            return None
        days = 95 + round(self.rng.expovariate(1 / p.RETURN_DAYS))
        day = workshop_day(self.rng, due + timedelta(days=days), True)
        return arrival_time(self.rng, day)

    def _drive_to(self, day: date) -> int:
        """Move the odometer on to `day`: everybody drives more in some months than in others."""
        car = self.car
        days = (day - (car.odometer_on or car.delivered_on)).days
        car.odometer += days * self.customer.traits.km_per_day * self.rng.uniform(0.86, 1.14)
        car.odometer_on = day
        return round(car.odometer) + 1

    def _service(self, moment: datetime) -> None:
        car = self.car
        km = self._drive_to(moment.date())
        work = service_work(self.rng, car, km, moment.date())
        visit = self._visit(moment, "maintenance", km, work)
        car.services += 1
        car.base_on, car.base_km = moment.date(), km
        car.last = visit
        after_visit(self.rng, self.history, self.customer, car, visit)

    def _other_visits(self, since: date, until: date, factor: float) -> None:
        """Repairs, bodywork, recalls and inspections strictly between two days, in order."""
        car, rng = self.car, self.rng
        span = (until - since).days - 6
        if span <= 0:
            return
        age = (since - car.delivered_on).days / 365
        rates = {
            "repair": p.REPAIR_RATE + p.REPAIR_AGE_RATE * age, "bodywork": p.BODYWORK_RATE,
            "recall": p.RECALL_RATE, "inspection": p.INSPECTION_RATE if age > 1.5 else 0.0,
        }  # fmt: skip
        total = sum(rates.values()) * factor / 365
        day = since + timedelta(days=3)
        while True:
            day += timedelta(days=1 + int(rng.expovariate(total)))
            if (until - day).days < 3:
                return
            kind = rng.choices(list(rates), list(rates.values()))[0]
            moment = arrival_time(rng, workshop_day(rng, day, False))
            if moment.date() >= until:
                return
            work = other_work(rng, car, kind)
            visit = self._visit(moment, kind, self._drive_to(moment.date()), work)
            car.last = visit if visit.experience < 80 else car.last
            after_visit(rng, self.history, self.customer, car, visit)
            day = moment.date() + timedelta(days=6)

    def _visit(self, moment: datetime, kind: str, km: int, work: Work) -> Visit:
        """Open and, unless the car is still in the workshop, close the work order."""
        rng, car = self.rng, self.car
        store, advisor = self._received_by(moment.date())
        fault = ""
        if kind != "inspection" and rng.random() < p.FAULT_SHARE:
            fault = rng.choices(("quality", "service", "price"), (5, 3, 2))[0]
        taken = minutes_taken(rng, store, advisor, work.promised)
        felt = experience(
            rng, self.customer.traits, advisor, store, taken / work.promised, work.dear, bool(fault)
        )
        closed = moment + timedelta(minutes=taken)
        latest = datetime.combine(closed.date(), time(CLOSES.hour + 1, 20))
        closed = min(closed, latest) if closed.date() == moment.date() else latest
        status = "open" if closed.date() > self.history.end else "closed"
        visit = Visit(
            store, car.vin, moment, closed, kind, km, round(work.amount, 2), round(work.margin, 2),
            advisor, work.promised, taken, work.items, work.recommendations, felt, fault, work.dear,
            status,
        )  # fmt: skip
        car.visits.append(visit)
        car.readings.append((moment.date(), km))
        return visit

    def _received_by(self, day: date) -> tuple[str, str]:
        """Store and advisor of a visit: mostly the own ones."""
        rng, store = self.rng, self.car.store
        if rng.random() < p.CROSS_STORE_SHARE:
            store = rng.choice([other.code for other in STORES if other.code != store])
            return store, rng.choice(ACTIVE_ADVISORS[store]).code
        if rng.random() < p.OTHER_ADVISOR_SHARE:
            return store, rng.choice(ACTIVE_ADVISORS[store]).code
        return store, serving_advisor(self.customer, day, self.history.end)


def app_months(rng: Random, history: History, customer: Customer) -> None:
    """Monthly app opens and enquiries of the last full months, for those who use the app."""
    habit = customer.traits.app_habit
    if not habit:
        return
    visits = [visit.arrived_at.date() for car in customer.cars for visit in car.visits]
    month = history.end.replace(day=1)
    for _ in range(p.HISTORY_MONTHS):
        month = (month - timedelta(days=1)).replace(day=1)
        if month < customer.since.replace(day=1):
            return
        near = any(-45 <= (day - month).days <= 200 for day in visits) or month < customer.since
        opens = _count(rng, habit * (1.0 if near else 0.25))
        enquiries = _count(rng, 0.45 if near else 0.06)
        first, second = (
            "" if rng.random() < p.EMPTY_CELL_SHARE else str(value) for value in (opens, enquiries)
        )
        history.engagement.append((customer, month_text(month), first, second))


def _count(rng: Random, mean: float) -> int:
    """A small random count with this mean."""
    total, count = rng.expovariate(1), 0
    while total < mean:
        count += 1
        total += rng.expovariate(1)
    return count
