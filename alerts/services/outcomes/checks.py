"""Whether an entry fits its result; each refusal says in plain words what is missing."""

from collections.abc import Callable
from datetime import timedelta

from django.utils.translation import gettext as _

from alerts.choices import NOT_CONNECTED, Reason, Result, TaskKind
from alerts.services.outcomes.entry import Desk, Entry
from common.dates import local_date
from common.exceptions import DomainError
from customers.choices import Channel, Direction

LONGEST_CALLBACK_DAYS = 60
_FURTHEST_AGREED = timedelta(days=3 * 366)
_LONGEST_NOTE = 2000
# What nobody can say who was called upon: there was no try to count.
_OUTGOING_ONLY = NOT_CONNECTED | {Result.WRONG_NUMBER, Result.MESSAGED, Result.DONE}


def reason_of(entry: Entry) -> str:
    """The reason as it is kept: already elsewhere means a competitor, unless said otherwise."""
    if entry.result == Result.ELSEWHERE:
        return entry.reason or str(Reason.COMPETITOR)
    return entry.reason


def check(desk: Desk) -> None:
    """Raises DomainError('bad_outcome', text, field=…) unless the entry is complete."""
    entry = desk.entry
    _words(entry)
    if entry.direction == Direction.IN and entry.result in _OUTGOING_ONLY:
        raise _bad("result", _("Somebody who calls has been spoken to. Choose another result."))
    agreed_on = entry.agreed_on
    if agreed_on and not desk.on <= agreed_on <= desk.on + _FURTHEST_AGREED:
        raise _bad("agreed_on", _("The next service lies ahead, within three years."))
    if check_result := _CHECKS.get(entry.result):
        check_result(desk)


def _words(entry: Entry) -> None:
    known = {
        "result": entry.result in Result.values,
        "channel": entry.channel in Channel.values,
        "direction": entry.direction in Direction.values,
        "reason": not entry.reason or entry.reason in Reason.values,
    }
    for field, is_known in known.items():
        if not is_known:
            raise _bad(field, _("This is not one of the choices."))
    if len(entry.note) > _LONGEST_NOTE:
        raise _bad("note", _("The note is too long."))


def _reason(desk: Desk) -> None:
    if not reason_of(desk.entry):
        raise _bad("reason", _("Choose why the customer is not coming."))


def _callback(desk: Desk) -> None:
    at = desk.entry.callback_at
    if at is None:
        raise _bad("callback_at", _("Choose the day of the promised call."))
    if at <= desk.now:
        raise _bad("callback_at", _("This time is over. Choose a later one."))
    day = local_date(at, desk.store.timezone)
    if (day - desk.on).days > LONGEST_CALLBACK_DAYS:
        text = _("Choose a day within the next %(days)s days.") % {"days": LONGEST_CALLBACK_DAYS}
        raise _bad("callback_at", text)
    if desk.first_car is None:
        # A task is about a car: the promise would be lost.
        raise _bad("result", _("This customer has no car here. Add the car first."))


def _booked(desk: Desk) -> None:
    if desk.entry.slot is None:
        raise _bad("slot", _("Choose a time."))
    if desk.booked_car is None:
        raise _bad("vehicle_id", _("Choose the car."))


def _gone(desk: Desk) -> None:
    if desk.entry.reason not in (Reason.SOLD, Reason.MOVED):
        raise _bad("reason", _("Choose whether the car was sold or the customer moved away."))
    if desk.named_car is None:
        raise _bad("vehicle_id", _("Choose the car."))


def _settled(desk: Desk) -> None:
    if not desk.entry.note.strip():
        raise _bad("note", _("Write down how it was settled."))
    _holds(desk, (TaskKind.COMPLAINT, TaskKind.CRITICAL), _("There is no complaint to settle."))


def _done(desk: Desk) -> None:
    own = (TaskKind.REMINDER, TaskKind.CORRECT_DATA)
    _holds(desk, own, _("There is no reminder or correction to deal with."))


def _holds(desk: Desk, kinds: tuple[TaskKind, ...], text: str) -> None:
    if not any(task.kind in kinds for task in desk.shown):
        raise _bad("result", text)


def _bad(field: str, text: str) -> DomainError:
    return DomainError("bad_outcome", text, field=field)


_CHECKS: dict[str, Callable[[Desk], None]] = {
    Result.REFUSED: _reason,
    Result.ELSEWHERE: _reason,
    Result.CALLBACK: _callback,
    Result.BOOKED: _booked,
    Result.VEHICLE_GONE: _gone,
    Result.SETTLED: _settled,
    Result.DONE: _done,
}
