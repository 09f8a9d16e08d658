"""What can be recorded of an opened card: the outcomes that fit it, each with its key."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.http import urlencode
from django.utils.translation import gettext

from alerts.choices import Reason, Result, TaskKind
from customers.choices import Channel
from dashboards import presentation
from dashboards.selectors.calls import words
from dashboards.selectors.calls.rows import car_text

_DESK = {TaskKind.REMINDER, TaskKind.CORRECT_DATA}
# Calls that ask for nothing but a word.
_TALKS = {
    TaskKind.BOOKING_CONFIRM,
    TaskKind.SECOND_VISIT_48H,
    TaskKind.SECOND_VISIT_7D,
    TaskKind.SECOND_VISIT_3D,
}
_SETTLED_BY_MANAGER = {TaskKind.COMPLAINT, TaskKind.CRITICAL}


@dataclass(frozen=True)
class Pick:
    """One tap inside an act: `value` holds the form's fields, as in an address."""

    label: str
    value: str
    key: str = ""


@dataclass(frozen=True)
class Act:
    """A button of the bar; with `panel` it opens choices, else it saves at once."""

    result: str
    label: str
    key: str
    value: str
    panel: str = ""
    picks: list[Pick] = field(default_factory=list)
    is_main: bool = False


@dataclass(frozen=True)
class Bar:
    """Inputs of templates/dashboards/today/bar.html."""

    customer_id: int
    key: uuid.UUID
    # The latest outcome the page knows (alerts.services.outcomes), 0 for none.
    seen: int
    task_ids: list[int]
    channel: str
    acts: list[Act]
    today: date
    # TASK-6: the day proposed for the next maintenance in the 48-hour call.
    agreed_on: date | None = None

    @property
    def rows(self) -> list[list[Act]]:
        """What happens most, and what ends something."""
        ends = [act for act in self.acts if act.result in words.ENDS]
        return [[act for act in self.acts if act.result not in words.ENDS], ends]


def bar_of(
    tasks: Sequence[Any],
    cars: Sequence[Any],
    *,
    customer: Any,
    can_call: bool,
    seen: int,
    zone: str,
    now: datetime,
) -> Bar:
    """The bar of a customer's tasks and cars; asks nothing of the database."""
    results = _results(tasks, can_call)
    local = now.astimezone(ZoneInfo(zone))
    agreed_on = _agreed_on(tasks)
    acts = [
        _act(result, cars, tasks, local, agreed_on, is_main=not place)
        for place, result in enumerate(results)
    ]
    return Bar(
        customer_id=customer.pk,
        key=uuid.uuid4(),
        seen=seen,
        task_ids=[task.pk for task in tasks],
        channel=Channel.PHONE if can_call else Channel.WECHAT,
        acts=acts,
        today=local.date(),
        agreed_on=agreed_on,
    )


def _results(tasks: Sequence[Any], can_call: bool) -> list[Result]:
    """What first: settling, finishing, writing, as the card asks; then the phone's results."""
    kinds = {task.kind for task in tasks}
    first: list[Result] = []
    if kinds & _SETTLED_BY_MANAGER:
        first.append(Result.SETTLED)
    if kinds & _DESK:
        first.append(Result.DONE)
    if any(task.channel != Channel.PHONE for task in tasks):
        first.append(Result.MESSAGED)
    if can_call and tasks and tasks[0].kind in _TALKS:
        first.append(Result.CONNECTED)
    found = [*first, *(words.BY_PHONE if can_call else words.IN_WRITING)]
    return list(dict.fromkeys(found))


def _act(
    result: Result,
    cars: Sequence[Any],
    tasks: Sequence[Any],
    local: datetime,
    agreed_on: date | None,
    *,
    is_main: bool,
) -> Act:
    panel = words.PANELS.get(result, "")
    if result == Result.CONNECTED and agreed_on:
        panel = "agreed"
    return Act(
        result=result,
        label=_label(result, {task.kind for task in tasks}),
        key=words.KEYS[result],
        value=_value(result=result),
        panel=panel,
        picks=_picks(result, cars, local),
        is_main=is_main,
    )


def _label(result: Result, kinds: Collection[str]) -> str:
    """Short enough for a button; on a confirmation what these two mean there."""
    if TaskKind.BOOKING_CONFIRM in kinds and result == Result.CONNECTED:
        return gettext("Confirmed")
    if TaskKind.BOOKING_CONFIRM in kinds and result == Result.BOOKED:
        return gettext("Moved")
    return str(words.SHORT.get(result) or presentation.result_title(result))


def _picks(result: Result, cars: Sequence[Any], local: datetime) -> list[Pick]:
    if result == Result.CALLBACK:
        return _numbered(_moments(local))
    if result == Result.VEHICLE_GONE:
        return _numbered(_gone(cars))
    reasons = words.REASONS.get(result, ())
    return _numbered(
        [(str(reason.label), _value(result=result, reason=reason)) for reason in reasons]
    )


def _moments(local: datetime) -> list[tuple[str, str]]:
    """In two hours, this evening, tomorrow: those that still lie ahead."""
    soon = local + timedelta(hours=2)
    soon += timedelta(minutes=-soon.minute % 5)
    evening = datetime.combine(local.date(), words.EVENING, local.tzinfo)
    found = []
    if soon.date() == local.date():
        found.append((gettext("In 2 hours, %(time)s") % {"time": f"{soon:%H:%M}"}, soon))
    if local + timedelta(hours=1) < evening:
        found.append((gettext("This evening, 18:00"), evening))
    morning = datetime.combine(local.date() + timedelta(days=1), time(10), local.tzinfo)
    found.append((gettext("Tomorrow, 10:00"), morning))
    return [
        (
            label,
            _value(
                result=Result.CALLBACK,
                callback_on=f"{when:%Y-%m-%d}",
                callback_time=f"{when:%H:%M}",
            ),
        )
        for label, when in found
    ]


def _gone(cars: Sequence[Any]) -> list[tuple[str, str]]:
    """Sold or moved, for each car."""
    texts = {
        Reason.SOLD: gettext("%(car)s: sold"),
        Reason.MOVED: gettext("%(car)s: moved away with it"),
    }
    return [
        (
            text % {"car": car_text(car)},
            _value(result=Result.VEHICLE_GONE, reason=reason, vehicle=car.pk),
        )
        for car in cars
        for reason, text in texts.items()
    ]


def _numbered(choices: Sequence[tuple[str, str]]) -> list[Pick]:
    """The first nine have a digit as their key."""
    return [
        Pick(label, value, str(number) if number < 10 else "")
        for number, (label, value) in enumerate(choices, 1)
    ]


def _value(**fields: Any) -> str:
    return urlencode(fields)


def _agreed_on(tasks: Sequence[Any]) -> date | None:
    """The due date of the car whose first service was just done."""
    for task in tasks:
        if task.kind == TaskKind.SECOND_VISIT_48H:
            state = getattr(task.vehicle, "state", None)
            return state.due_on if state else None
    return None
