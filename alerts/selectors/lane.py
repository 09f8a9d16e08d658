"""The second-visit lane (TASK-6): every car with its first service, and how far its steps are."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from alerts.policies import TaskPolicy
from common.sql import rows, statement

# Whoever has not come back for so long is no first-time customer any more.
REACH_DAYS = 400


@dataclass(frozen=True)
class LaneOf:
    """Whose lane: one store's, as of a day; `advisor_id` narrows it to one person's customers.

    `since_on`: the store's first computed day; steps whose time was over before are not missed.
    `reader_id`: for whom a row may have a card on the list.
    """

    store_id: int
    as_of: date
    since_on: date
    policy: TaskPolicy
    reader_id: int
    advisor_id: int | None = None


@dataclass(frozen=True)
class Step:
    """One of the four calls.

    `state`: ahead, open, done or missed; else why none is needed: booked, visited (came in),
    refused (asked not to be called), before (its time was over before the store's first day). A
    missed one that is still open has its owner.
    """

    kind: str
    state: str
    on: date | None
    is_open: bool
    owner: str
    rests_until: date | None
    result: str
    who: str
    at: datetime | None


@dataclass(frozen=True)
class LaneRow:
    """One car on its way to the second service."""

    vehicle_id: int
    customer_id: int
    name: str
    model: str
    plate: str
    advisor: str
    base_on: date
    due_on: date | None
    is_booked: bool
    agreed_on: date | None
    satisfaction: Decimal | None
    is_on_list: bool
    steps: list[Step]


@dataclass(frozen=True)
class StepCount:
    """How many cars stand where with one step; `due` are open and in time."""

    kind: str
    due: int = 0
    done: int = 0
    missed: int = 0


@dataclass(frozen=True)
class Summary:
    """The figures at the top, how many rows each filter shows, and the cars of the chosen one.

    What needs doing first: open steps by the end of their time, then those whose step comes next.
    """

    steps: list[StepCount]
    totals: Mapping[str, int]
    vehicle_ids: list[int]


KINDS = ("second_visit_48h", "second_visit_7d", "second_visit_14d", "second_visit_3d")
# What a filter of the page keeps.
FILTERS = {"": "true", "missed": "is_missed", "week": "is_this_week"}

_SUMMARY = """
SELECT kind,
       count(*) FILTER (WHERE state = 'open') AS due,
       count(*) FILTER (WHERE state = 'done') AS done,
       count(*) FILTER (WHERE state = 'missed') AS missed,
       (SELECT count(*) FROM gathered) AS "all",
       (SELECT count(*) FROM gathered WHERE is_missed) AS any_missed,
       (SELECT count(*) FROM gathered WHERE is_this_week) AS this_week,
       (SELECT array_agg(vehicle_id ORDER BY turn, turns_on, base_on, vehicle_id)
        FROM lane WHERE {kept}) AS vehicle_ids
FROM step
GROUP BY kind"""
_PAGE = """
SELECT l.vehicle_id, l.customer_id, l.name, l.model, l.plate, coalesce(a.name, '') AS advisor,
       l.base_on, l.due_on, l.is_booked, l.agreed_on, told.steps, sv.satisfaction,
       EXISTS (SELECT FROM alerts_task t
               WHERE t.customer_id = l.customer_id AND t.owner_id = %(reader)s
                   AND t.closed_on IS NULL AND t.due_on <= %(as_of)s) AS is_on_list
FROM lane l
JOIN (
    SELECT vehicle_id, jsonb_agg(jsonb_build_object(
               'kind', kind, 'state', state, 'on', on_date, 'is_open', is_open, 'owner', owner,
               'rests_until', rests_until_on, 'result', result, 'who', who, 'at', at)
               ORDER BY nth) AS steps
    FROM step
    GROUP BY 1
) AS told USING (vehicle_id)
LEFT JOIN stores_staff a ON a.id = l.advisor_id
LEFT JOIN LATERAL (
    SELECT s.satisfaction
    FROM customers_visit w
    JOIN customers_survey s ON s.visit_id = w.id
    WHERE w.vehicle_id = l.vehicle_id AND w.arrived_on = l.base_on
    ORDER BY s.answered_at DESC
    LIMIT 1
) AS sv ON true
ORDER BY l.turn, l.turns_on, l.base_on, l.vehicle_id"""
_CHOSEN = "s.vehicle_id = ANY(%(vehicles)s::bigint[])"
# S608: text of our own; what comes from outside is a parameter.
_THEIR = f"e.customer_id IN (SELECT customer_id FROM lifecycle_vehiclestate s WHERE {_CHOSEN})"  # noqa: S608
_OWN = """(c.advisor_id = %(advisor)s OR EXISTS (
    SELECT FROM alerts_task o
    WHERE o.vehicle_id = s.vehicle_id AND o.owner_id = %(advisor)s AND o.closed_on IS NULL))"""


def summary(lane: LaneOf, only: str = "") -> Summary:
    """Due, done and missed a step, and the cars of the filter `only` in order; one query."""
    sql = _sql(lane, _SUMMARY.format(kept=FILTERS[only]))
    found = {row.pop("kind"): row for row in rows(sql, _params(lane))}
    if not found:
        return Summary([StepCount(kind) for kind in KINDS], dict.fromkeys(FILTERS, 0), [])
    first = found[KINDS[0]]
    totals = {"": first["all"], "missed": first["any_missed"], "week": first["this_week"]}
    steps = [
        StepCount(kind, found[kind]["due"], found[kind]["done"], found[kind]["missed"])
        for kind in KINDS
    ]
    return Summary(steps, totals, first["vehicle_ids"] or [])


def lane_rows(lane: LaneOf, vehicle_ids: Sequence[int]) -> list[LaneRow]:
    """These cars of the lane, in its order; one query that reads no others."""
    if not vehicle_ids:
        return []
    sql = _sql(lane, _PAGE, chosen=_CHOSEN, people=_THEIR)
    return [_row(facts) for facts in rows(sql, _params(lane) | {"vehicles": list(vehicle_ids)})]


def _row(facts: dict[str, Any]) -> LaneRow:
    steps = [_step(step) for step in json.loads(facts.pop("steps"))]
    return LaneRow(**facts, steps=steps)


def _step(facts: Mapping[str, Any]) -> Step:
    """As JSON has it: dates and moments are text."""
    return Step(
        kind=facts["kind"],
        state=facts["state"],
        on=_date(facts["on"]),
        is_open=facts["is_open"],
        owner=facts["owner"] or "",
        rests_until=_date(facts["rests_until"]),
        result=facts["result"] or "",
        who=facts["who"] or "",
        at=datetime.fromisoformat(facts["at"]) if facts["at"] else None,
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _sql(
    lane: LaneOf, choose: str, *, chosen: str = "true", people: str = "e.store_id = %(store)s"
) -> str:
    return statement("alerts", "lane").format(
        refused=statement("alerts", "refused").format(people=people),
        declined=statement("alerts", "declined").format(
            tasks="alerts_task", vehicle="s.vehicle_id", cycle_key="r.base_on::text"
        ),
        mine="true" if lane.advisor_id is None else _OWN,
        chosen=chosen,
        choose=choose,
    )


def _params(lane: LaneOf) -> dict[str, Any]:
    policy = lane.policy
    return {
        "store": lane.store_id,
        "as_of": lane.as_of,
        "since": lane.since_on,
        "monday": lane.as_of - timedelta(days=lane.as_of.weekday()),
        "reach": REACH_DAYS,
        "call": policy.lane_call_days,
        "care": policy.lane_care_days,
        "booking": policy.lane_booking_days,
        "confirm": policy.lane_confirm_days,
        "advisor": lane.advisor_id,
        "reader": lane.reader_id,
    }
