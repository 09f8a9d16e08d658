"""After a visit: surveys, complaints and their handling, the call and message of the next days."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from exchange.demo import params as p
from exchange.demo import texts
from exchange.demo.calendar import between
from exchange.demo.cars import ELECTRIC
from exchange.demo.people import serving_advisor
from exchange.demo.records import Car, Complaint, Contact, Customer, History, Survey, Visit
from exchange.demo.world import PERSON, STORE


def after_visit(rng: Random, history: History, customer: Customer, car: Car, visit: Visit) -> None:
    """Everything that follows a closed work order, as far as it has happened by the end."""
    _survey(rng, history, customer, visit)
    _complaint(rng, history, car, visit)
    if visit.kind == "maintenance":
        _care(rng, history, customer, car, visit)


def cause(visit: Visit) -> str:
    """What spoilt the visit most."""
    if visit.fault:
        return visit.fault
    if visit.actual > 1.25 * visit.promised:
        return "waiting"
    return "price" if visit.dear else "service"


def _on_scale(points: float, scale: int) -> int:
    step = 100 // scale
    return max(1, min(scale, int(points / step + 0.5)))


def _survey(rng: Random, history: History, customer: Customer, visit: Visit) -> None:
    felt = visit.experience
    share = p.SURVEY_SHARE * (1.15 if felt < 70 or felt > 95 else 0.95)
    answered = between(
        rng, visit.closed_at.date() + timedelta(days=rng.choice((1, 1, 1, 2, 4))), 9, 22
    )
    if rng.random() > share or answered.date() > history.end:
        return
    scale = STORE[visit.store].scale
    nps = (
        None if rng.random() < 0.15 else max(0, min(10, round((felt - 38) / 6 + rng.gauss(0, 0.7))))
    )
    comment = ""
    if rng.random() < (0.75 if felt < 75 else 0.35):
        good = texts.PRAISE if felt >= 88 else texts.MEDIUM
        pool = good if felt >= 76 else texts.BAD[cause(visit)]
        person = PERSON.get(visit.advisor)
        comment = rng.choice(pool).format(advisor=f"顾问{person.name}" if person else "顾问")
    score = _on_scale(felt + rng.gauss(0, 1.5), scale)
    history.surveys.append(Survey(visit, answered, score, scale, nps, comment))


def _complaint(rng: Random, history: History, car: Car, visit: Visit) -> None:
    """A complaint; settled quickly it mends trust, left lying it costs more than the fault."""
    if visit.experience >= p.COMPLAINT_BELOW or rng.random() > p.COMPLAINT_SHARE:
        return
    later = rng.choice((0, 1, 1, 2))
    opened = between(rng, visit.closed_at.date() + timedelta(days=later), 9 if later else 19, 21)
    if opened.date() > history.end:
        return
    kind = cause(visit)
    text = rng.choice(texts.COMPLAINTS[kind]).format(promised=visit.promised, actual=visit.actual)
    days = rng.choice((1, 1, 2, 3, 5, 8, 15, 21))
    resolved: datetime | None = between(rng, opened.date() + timedelta(days=days), 9, 17)
    car.trust += p.COMPLAINT_SETTLED if days <= 3 else -p.COMPLAINT_IGNORED
    age = (history.end - opened.date()).days
    if (resolved and resolved.date() > history.end) or (
        age < p.OPEN_COMPLAINT_DAYS and rng.random() < 0.75
    ):
        resolved = None
    answer = texts.RESOLUTIONS[kind] if resolved else ""
    history.complaints.append(Complaint(visit, opened, kind, text, resolved, answer))


def _care(rng: Random, history: History, customer: Customer, car: Car, visit: Visit) -> None:
    """The 48-hour call after the first services, a personal message after some of the others."""
    day = visit.closed_at.date()
    staff = serving_advisor(customer, day, history.end)
    if car.services == 1 and rng.random() < 0.6:
        at = between(rng, day + timedelta(days=rng.choice((1, 2, 2))), 10, 18)
        reached = rng.random() < 0.75
        note = rng.choice(texts.CALL_48H) if reached else ""
        outcome = "connected" if reached else "no_answer"
        if at.date() <= history.end:
            history.contacts.append(
                Contact(customer, car.vin, at, "phone", "out", outcome, staff, note)
            )
    elif rng.random() < 0.3:
        at = between(rng, day + timedelta(days=3), 10, 19)
        text = texts.WECHAT_OUT["after"].format(point=rng.choice(texts.POINTS))
        message(rng, history, customer, car, at, staff, text)


def message(
    rng: Random, history: History, customer: Customer, car: Car, at: datetime, staff: str, text: str
) -> None:
    """A caring WeChat message and, often, its answer."""
    if at.date() > history.end:
        return
    reply = at + timedelta(minutes=rng.randrange(4, 900))
    answered = reply.date() <= history.end and rng.random() < 0.35 + 0.5 * customer.traits.chatty
    fresh = (history.end - at.date()).days < 3
    outcome = "delivered" if answered or fresh else "no_reply"
    history.contacts.append(Contact(customer, car.vin, at, "wechat", "out", outcome, staff, text))
    if answered:
        said = rng.choice(texts.WECHAT_IN_CARE)
        history.contacts.append(
            Contact(customer, car.vin, reply, "wechat", "in", "replied", staff, said)
        )


def _first_words(car: Car) -> tuple[str, ...]:
    if car.model.powertrain in ELECTRIC:
        return texts.CALL_NEW_OWNER + texts.CALL_NEW_ELECTRIC
    return texts.CALL_NEW_OWNER


def welcome(rng: Random, history: History, customer: Customer, car: Car) -> None:
    """The first days with a new car: the advisor's message and the call on the third day."""
    staff = serving_advisor(customer, car.delivered_on, history.end)
    person = PERSON[staff].name
    if rng.random() < 0.7:
        at = between(rng, car.delivered_on + timedelta(days=1), 10, 18)
        text = texts.WECHAT_OUT["welcome"].format(advisor=person, model=car.model.name)
        message(rng, history, customer, car, at, staff, text)
    at = between(rng, car.delivered_on + timedelta(days=3), 10, 18)
    if rng.random() < 0.6 and at.date() <= history.end:
        reached = rng.random() < 0.8
        note = rng.choice(_first_words(car)) if reached else ""
        outcome = "connected" if reached else "no_answer"
        history.contacts.append(
            Contact(customer, car.vin, at, "phone", "out", outcome, staff, note)
        )
