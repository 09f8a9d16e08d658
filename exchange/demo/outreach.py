"""What the store does when a service comes near: messages, calls, and the bookings they bring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from exchange.demo import params as p
from exchange.demo import texts
from exchange.demo.behaviour import COMES, LEAVES, PERSUADABLE, Intent
from exchange.demo.calendar import arrival_time, between, slot_time, workshop_day
from exchange.demo.people import serving_advisor
from exchange.demo.records import Appointment, Car, Contact, Customer, History
from exchange.demo.world import SPECIALISTS


@dataclass(frozen=True, slots=True)
class Step:
    """A planned contact: days against the due date, channel, how often it is really done."""

    offset: int
    channel: str
    share: float
    text: str = "due"
    by_specialist: bool = False


# What a decent store does without a system: patchy before the date, thinner after it.
FIRST = (Step(-5, "wechat", 0.85, "first"), Step(4, "phone", 0.6), Step(21, "phone", 0.5))
SECOND = (Step(-14, "phone", 0.4),)
REGULAR = (
    Step(-7, "wechat", 0.7), Step(-3, "sms", 0.65), Step(6, "phone", 0.5), Step(24, "phone", 0.42),
    Step(52, "wechat", 0.3, "late"), Step(70, "phone", 0.2),
)  # fmt: skip
LATE = (Step(104, "phone", 0.35, by_specialist=True), Step(170, "phone", 0.25, by_specialist=True))


@dataclass(slots=True)
class Talk:
    """One vehicle's conversation about one service; `wanted` moves as people agree on a day."""

    rng: Random
    history: History
    customer: Customer
    car: Car
    intent: Intent
    until: date
    booked: bool = False
    closed: bool = False
    arrives_at: datetime | None = None

    def say(
        self, at: datetime, channel: str, outcome: str, staff: str, note: str, way: str = "out"
    ) -> None:
        """Record a contact."""
        self.history.contacts.append(
            Contact(self.customer, self.car.vin, at, channel, way, outcome, staff, note)
        )

    def text(self, key: str, day: date) -> str:
        """A message with this car's facts."""
        part = "上旬" if day.day <= 10 else "中旬" if day.day <= 20 else "下旬"
        return texts.WECHAT_OUT[key].format(
            advisor="", model=self.car.model.name, month=self.intent.due.month, part=part,
            day=self.rng.choice(texts.WEEKDAYS), point=self.rng.choice(texts.POINTS),
        )  # fmt: skip


def pursue(
    rng: Random, history: History, customer: Customer, car: Car, intent: Intent, until: date
) -> datetime | None:
    """Carry out the contacts of one service cycle; the moment the customer will come, if any."""
    talk = Talk(rng, history, customer, car, intent, until)
    last = car.visits[-1].arrived_at.date() if car.visits else car.delivered_on
    steps = FIRST if car.services == 0 else SECOND * (car.services == 1) + REGULAR
    if intent.kind != COMES:
        steps = steps + LATE
    for step in steps:
        day = intent.due + timedelta(days=step.offset)
        if day > until or (intent.wanted and day >= intent.wanted) or talk.booked:
            break
        if day > last + timedelta(days=3) and rng.random() < step.share:
            _contact(talk, step, day)
    return _appear(talk, intent.wanted) if intent.wanted else None


def _contact(talk: Talk, step: Step, day: date) -> None:
    if step.channel == "phone":
        if not talk.closed or step.by_specialist:
            _call(talk, step, day)
    elif step.channel == "wechat":
        _message(talk, step, day)
    else:
        outcome = "delivered" if talk.rng.random() < 0.97 else "failed"
        talk.say(between(talk.rng, day, 9, 11), "sms", outcome, "", texts.SMS_DUE)


def _message(talk: Talk, step: Step, day: date) -> None:
    """A WeChat message; an answer is an incoming message within three days."""
    rng, intent = talk.rng, talk.intent
    at = between(rng, day, 9, 19)
    willing = intent.kind == COMES
    share = (p.WECHAT_REPLY if willing else 0.16) * (0.5 + talk.customer.traits.chatty)
    reply_at = at + timedelta(minutes=rng.choice((6, 25, 70, 190, 600, 1500)) + rng.randrange(20))
    answered = rng.random() < share and reply_at.date() <= talk.until
    staff = serving_advisor(talk.customer, day, talk.history.end)
    fresh = (talk.until - day).days < 3
    outcome = "delivered" if answered or fresh else "no_reply"
    talk.say(at, "wechat", outcome, staff, talk.text(step.text, intent.due))
    if not answered:
        return
    pool = texts.WECHAT_IN_COMES if willing else texts.WECHAT_IN_LEAVES
    said = rng.choice(pool).format(day=texts.WEEKDAYS[(day.weekday() + 3) % 7])
    talk.say(reply_at, "wechat", "replied", staff, said, "in")
    if willing and intent.wanted:
        early = (intent.wanted - intent.due).days
        if early > 0:
            intent.wanted = intent.due + timedelta(days=round(early * p.REMINDED_DELAY))
        intent.wanted = max(intent.wanted, reply_at.date() + timedelta(days=1))
        if rng.random() < 0.4:
            _book(talk, reply_at + timedelta(minutes=9), "wechat")


def _missed(rng: Random, shy: float) -> str | None:
    """The outcome of a call that reached nobody, or None when somebody answered."""
    if rng.random() < p.CONNECT_SHARE * shy:
        return None
    return rng.choices(("no_answer", "busy", "off", "wrong_number"), (70, 20, 9, 1))[0]


def _call(talk: Talk, step: Step, day: date) -> None:
    """A call, tried again three days later when nobody answered, at most three times."""
    rng, intent = talk.rng, talk.intent
    shy = (0.62 if intent.kind == LEAVES else 1.0) * (0.75 + 0.4 * talk.customer.traits.chatty)
    for attempt in range(3):
        on = day + timedelta(days=3 * attempt)
        if on > talk.until or (intent.wanted and on >= intent.wanted):
            return
        staff = serving_advisor(talk.customer, on, talk.history.end)
        if step.by_specialist:
            staff = rng.choice(SPECIALISTS[talk.customer.store]).code
        at = between(rng, on, 9, 18)
        missed = _missed(rng, shy)
        if missed is None:
            _conversation(talk, step, at, staff)
            return
        talk.say(at, "phone", missed, staff, "")
        if missed == "wrong_number" or rng.random() < 0.45:
            return


def _conversation(talk: Talk, step: Step, at: datetime, staff: str) -> None:
    """Somebody answered: booked, call back, only heard, or refused with a reason."""
    rng, intent = talk.rng, talk.intent
    persuaded = intent.kind == PERSUADABLE and not step.by_specialist
    won = step.by_specialist and not talk.car.gone_on and rng.random() < p.SPECIALIST_SUCCESS
    if persuaded or won:
        intent.wanted = at.date() + timedelta(days=rng.randrange(3, 10))
    if intent.wanted:
        near = (intent.wanted - at.date()).days <= 16
        if persuaded or won or (near and rng.random() < 0.6):
            note = rng.choice(texts.WINBACK_BOOKED if won else texts.CALL_BOOKED)
            day = texts.WEEKDAYS[intent.wanted.weekday()]
            talk.say(
                at, "phone", "booked", staff, note.format(day=day, hour=talk.customer.traits.hour)
            )
            _book(talk, at + timedelta(minutes=2), "phone")
        else:
            talk.say(at, "phone", "connected", staff, rng.choice(texts.CALL_CONNECTED))
        return
    roll = rng.random()
    if roll < 0.12:
        talk.say(at, "phone", "callback", staff, rng.choice(texts.CALLBACK))
    elif roll < 0.5:
        talk.say(at, "phone", "connected", staff, rng.choice(texts.CALL_LEAVES))
    else:
        talk.closed = True
        talk.say(at, "phone", "refused", staff, texts.REFUSALS[_reason(talk, at.date())])


def _reason(talk: Talk, day: date) -> str:
    """Why this customer stays away, from what really weighs with him."""
    traits, car = talk.customer.traits, talk.car
    if car.gone_on and car.gone_on <= day:
        return "moved" if car.gone_how == "moved" else "sold"
    weights = {
        "price": 1.2 * traits.price_mind, "convenience": traits.distance_km / 25, "other": 0.15,
        "competitor": 0.8 * traits.competitor, "forgot": 0.4 * traits.forgetful,
        "waiting": 0.1, "service": 0.06,
    }  # fmt: skip
    if car.last and car.last.experience < 82:
        slow = car.last.actual > 1.3 * car.last.promised
        weights["waiting" if slow else "service"] += 1.2
    return talk.rng.choices(list(weights), list(weights.values()))[0]


def _book(talk: Talk, at: datetime, source: str) -> None:
    """Agree on the wanted day: an appointment whose fate is decided at once."""
    rng, intent, car = talk.rng, talk.intent, talk.car
    if intent.wanted is None:
        return
    day = max(_habitual(talk, intent.wanted), at.date() + timedelta(days=1))
    intent.wanted = day
    talk.booked = True
    if car.gone_on and day >= car.gone_on:
        return
    starts = slot_time(rng, day)
    came = starts + timedelta(minutes=max(-14, round(rng.gauss(2, 9))))
    status, status_at = "completed", came
    roll = rng.random()
    if roll < p.CANCEL_SHARE:
        status, status_at = "cancelled", at + (starts - at) * rng.uniform(0.3, 0.95)
        intent.wanted = _habitual(talk, day + timedelta(days=rng.randrange(4, 14)))
    elif roll < p.CANCEL_SHARE + p.NO_SHOW_SHARE:
        status, status_at = "no_show", starts + timedelta(hours=1)
        intent.wanted = _habitual(talk, day + timedelta(days=rng.randrange(5, 24)))
    else:
        talk.arrives_at = came
    if status_at.date() > talk.history.end:
        unseen = source == "app" and (talk.history.end - at.date()).days <= 1
        status, status_at = "requested" if unseen else "confirmed", at
    talk.history.appointments.append(
        Appointment(car.store, car.vin, starts, status, status_at, source, at)
    )


def _habitual(talk: Talk, day: date) -> date:
    return workshop_day(talk.rng, day, talk.customer.traits.saturday_person)


def _appear(talk: Talk, wanted: date) -> datetime:
    """The moment of the visit; many who were not asked book by themselves before they come."""
    rng, intent = talk.rng, talk.intent
    if not talk.booked and rng.random() < p.APPOINTMENT_SHARE * 0.75:
        at = between(rng, wanted - timedelta(days=rng.randrange(1, 8)), 8, 21)
        last = talk.car.visits[-1].arrived_at.date() if talk.car.visits else talk.car.delivered_on
        if last < at.date() <= talk.history.end:
            _book(talk, at, "app" if talk.customer.traits.app_habit else "phone")
    elif not talk.booked:
        intent.wanted = _habitual(talk, wanted)
    return talk.arrives_at or arrival_time(rng, intent.wanted or wanted)
