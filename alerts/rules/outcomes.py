"""What the result of a contact does to the tasks of a card (TASK-4); no clock, no database."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from alerts.choices import NOT_CONNECTED, Result, TaskKind


class Fate(StrEnum):
    """What becomes of one task."""

    DONE = "done"
    BOOKED = "booked"
    # Open, but off the list until a later day.
    REST = "rest"
    # Open and on the list; what was recorded is noted on it.
    STAY = "stay"
    # Not touched: the contact was not about it.
    LEFT = "left"


_K, _R = TaskKind, Result
_Table = Mapping[TaskKind, Fate]
_LANE = (_K.SECOND_VISIT_48H, _K.SECOND_VISIT_7D, _K.SECOND_VISIT_14D, _K.SECOND_VISIT_3D)
_DUE = (_K.DUE_CALL, _K.OVERDUE_30)
_MANAGERS = (_K.CRITICAL, _K.COMPLAINT)
# Kinds that one call fulfils: an attempt, a promise, a step.
_ONCE = (_K.RISK_CALL, _K.CALLBACK, _K.RETRY)
# What a call asks for, as against a complaint, a correction or a reminder.
CALLS = frozenset({*_DUE, *_ONCE, *_LANE, _K.BOOKING_CONFIRM})
# After these the next try is planned when nobody answered (TASK-4).
CHAIN = frozenset({*_DUE, *_ONCE, *_LANE})
# The customer was spoken to: calls in a row that were not connected count from 0 again.
SPOKEN_TO = frozenset({_R.BOOKED, _R.CALLBACK, _R.REFUSED, _R.ELSEWHERE, _R.CONNECTED})
ENDS = frozenset({_R.REFUSED, _R.ELSEWHERE})
# What the customer said holds for the calls that rest, too, though the card does not show them.
SETTLING = ENDS | {_R.BOOKED, _R.CALLBACK, _R.DO_NOT_CALL, _R.VEHICLE_GONE}


def _table(*parts: tuple[tuple[TaskKind, ...], Fate]) -> _Table:
    return {kind: fate for kinds, fate in parts for kind in kinds}


_MISSED = _table(
    ((*_DUE, _K.SECOND_VISIT_14D), Fate.REST),
    ((*_ONCE, _K.SECOND_VISIT_48H, _K.SECOND_VISIT_7D, _K.SECOND_VISIT_3D), Fate.DONE),
    ((*_MANAGERS, _K.BOOKING_CONFIRM, _K.REMINDER, _K.CORRECT_DATA), Fate.STAY),
)
_ENDED = _table(
    ((*_DUE, *_ONCE, *_LANE, _K.BOOKING_CONFIRM), Fate.DONE),
    (_MANAGERS, Fate.STAY),
)
_CONNECTED = _table(
    ((*_ONCE, *_LANE, _K.BOOKING_CONFIRM), Fate.DONE),
    (_DUE, Fate.REST),
    (_MANAGERS, Fate.STAY),
)
_TABLES: dict[str, _Table] = {
    **dict.fromkeys(NOT_CONNECTED, _MISSED),
    _R.BOOKED: _table(
        ((*_DUE, _K.RETRY, _K.SECOND_VISIT_14D), Fate.BOOKED),
        (
            (
                _K.RISK_CALL,
                _K.CALLBACK,
                _K.BOOKING_CONFIRM,
                _K.SECOND_VISIT_48H,
                _K.SECOND_VISIT_7D,
                _K.SECOND_VISIT_3D,
            ),
            Fate.DONE,
        ),
        (_MANAGERS, Fate.STAY),
    ),
    _R.CALLBACK: _table(
        (_ONCE, Fate.DONE),
        ((*_DUE, *_LANE, *_MANAGERS, _K.BOOKING_CONFIRM), Fate.REST),
    ),
    _R.REFUSED: _ENDED,
    _R.ELSEWHERE: _ENDED,
    _R.CONNECTED: _CONNECTED,
    _R.MESSAGED: _table(
        (_DUE, Fate.REST), (_MANAGERS, Fate.STAY), ((_K.SECOND_VISIT_7D,), Fate.DONE)
    ),
    _R.SETTLED: _table(((*_MANAGERS, _K.RISK_CALL), Fate.DONE)),
    _R.DONE: _table(((_K.REMINDER, _K.CORRECT_DATA), Fate.DONE)),
    _R.WRONG_NUMBER: _table(
        (_ONCE, Fate.DONE),
        ((*_DUE, *_LANE), Fate.REST),
        ((*_MANAGERS, _K.BOOKING_CONFIRM), Fate.STAY),
    ),
    _R.VEHICLE_GONE: _ENDED,
    _R.DO_NOT_CALL: _ENDED,
}
# Of another car of the card than the one that was spoken about.
_OTHER_CAR: dict[str, _Table] = {
    **dict.fromkeys((_R.BOOKED, *ENDS), {**_CONNECTED, _K.BOOKING_CONFIRM: Fate.LEFT}),
    # The call itself was an attempt (RISK-2).
    _R.VEHICLE_GONE: {_K.RISK_CALL: Fate.DONE},
}


def fate(
    result: str,
    kind: str,
    channel: str,
    *,
    is_other_car: bool = False,
    is_chain_written: bool = False,
) -> Fate:
    """What `result` does to an open task of the card (TASK-4).

    `is_other_car`: the outcome names a car, and this task is another's. `is_chain_written`: the
    card holds a try in writing, the last of its chain.
    """
    table = _TABLES[result]
    if is_other_car:
        table = _OTHER_CAR.get(result, table)
    is_written = channel != "phone"
    if is_written and result == Result.MESSAGED and kind in CALLS:
        return Fate.DONE
    if is_written and kind in _LANE and result in (_R.CALLBACK, _R.WRONG_NUMBER):
        return Fate.LEFT
    if is_written and result == Result.DO_NOT_CALL and kind in CALLS:
        return Fate.LEFT
    if is_chain_written and result == Result.MESSAGED and kind in _DUE:
        return Fate.DONE
    return table.get(TaskKind(kind), Fate.LEFT)


def attempts_after(result: str, attempts: int, what: Fate) -> int:
    """Calls in a row that were not connected, after this one."""
    if result in NOT_CONNECTED:
        return attempts + 1
    if result in SPOKEN_TO and what in (Fate.REST, Fate.STAY):
        return 0
    return attempts


def next_channel(attempts: int, retry_times: int) -> str:
    """How the try after `attempts` failed ones is made: by phone, at last in writing."""
    return "wechat" if attempts > retry_times else "phone"


class Ranked(Protocol):
    """A task as far as TASK-2 looks at it."""

    @property
    def priority_group(self) -> int: ...
    @property
    def deadline_at(self) -> datetime | None: ...
    @property
    def value_amount(self) -> Decimal: ...
    @property
    def opened_on(self) -> object: ...
    @property
    def vehicle_id(self) -> int: ...
    @property
    def kind(self) -> str: ...


_KINDS = {kind: rank for rank, kind in enumerate(TaskKind.values)}


def rank(task: Ranked) -> tuple[object, ...]:
    """The sort key of TASK-2, as alerts.selectors.in_list_order has it in SQL."""
    is_duty = task.priority_group == 0
    deadline = task.deadline_at.timestamp() if is_duty and task.deadline_at else float("inf")
    value = Decimal(0) if is_duty else -task.value_amount
    return (
        task.priority_group,
        deadline,
        value,
        task.opened_on,
        task.vehicle_id,
        _KINDS[task.kind],
    )
