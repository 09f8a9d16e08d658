"""Everything the product believes about a vehicle and its owner, in the words of EXCHANGE.md §2."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.db.models import Q

from alerts.models import Task
from alerts.selectors.appointments import appointment_starts, with_appointments
from alerts.services.refresh import NO_TASKS, wanted_sql
from common.sql import rows
from customers.models import Vehicle
from lifecycle.models import VehicleRollup, VehicleState
from lifecycle.reasons import risk_items, task_reasons
from lifecycle.services.compute import explain_rows, replay_sql
from lifecycle.services.scope import Scope
from pipeline.policies import KINDS
from pipeline.selectors.days import pinned_sets
from stores.models import Staff, Store
from stores.services.policies import resolve

TAGS = {
    "dormant": "is_dormant",
    "due_unresponsive": "is_due_unresponsive",
    "critical": "is_critical",
}
# A replayed state knows no yesterday: what is high counts as high since then, without a duty.
# On one line, for the statement also names it in a comment.
_REPLAYED = (
    "(SELECT x.*, CASE WHEN x.risk_level = 'high' THEN %(as_of)s::date END AS high_on,"
    " false AS is_duty FROM state x)"
)


def explain(
    stores: Iterable[Store], as_of: date, vehicle_ids: Sequence[int] | None = None
) -> Iterator[dict[str, Any]]:
    """One object a vehicle, a store at a time; writes nothing.

    Under the policies pinned for the store's day `as_of`, else those in force now. `vehicle_ids`
    None: every vehicle of the stores. A vehicle delivered later is left out.
    """
    for store in stores:
        pinned = pinned_sets([store], as_of)
        sets = list(pinned.values()) or resolve([store], KINDS)
        scope = Scope(as_of, sets, vehicle_ids)
        found = explain_rows(scope)
        if not found:
            continue
        ids = [row["vehicle_id"] for row in found]
        tasks = _kept_tasks(ids, as_of) if pinned else _wanted_tasks(scope)
        for row in found:
            yield _explanation(row, as_of, tasks[row["vehicle_id"]], store.timezone)


def _explanation(
    row: dict[str, Any], as_of: date, tasks: list[dict[str, Any]], zone: str
) -> dict[str, Any]:
    rollup, state = _as_models(row)
    return {
        "vin": row["vin"],
        "as_of": as_of.isoformat(),
        "due": {
            "on": _iso(row["due_on"]),
            "basis": row["due_basis"] or None,
            "level": row["level"],
            "booked": row["is_booked"],
            "daily_km": _number(row["daily_km"]),
            "projected_km": None if row["projected_km"] is None else int(row["projected_km"]),
            "plan": row["plan"],
        },
        "risk": {
            "score": row["score"],
            "level": row["risk_level"],
            "items": [
                {"factor": item.factor, "points": item.points, "evidence": item.evidence}
                for item in risk_items(rollup, state, as_of)
            ],
            "tags": [name for name, column in TAGS.items() if row[column]],
            "pre_churn_score": _number(row["pre_churn_index"]),
            "unknown": row["unknown_inputs"],
        },
        "lost": {
            "is_lost": row["is_lost"],
            "days_overdue": row["days_overdue"],
            "phase": row["phase"] or None,
            "inactive_days": row["inactive_days"],
        },
        "stage": row["stage"],
        "segments": {
            "rfm": row["rfm"],
            "quadrant": row["quadrant"],
            "value_tier": row["value_tier"],
            "yearly_spend": _number(row["yearly_amount"]),
        },
        "tasks": [
            {
                "kind": task["kind"],
                "owner": task["owner"],
                "opened_on": _iso(task["opened_on"]),
                "due_on": _iso(task["due_on"]),
                "reasons": task_reasons(
                    task["kind"], rollup, state, as_of, SimpleNamespace(**task), zone
                ),
                "priority": priority(task),
            }
            for task in tasks
        ],
        # Cases and decisions come with the win-back issue.
        "winback": None,
    }


def priority(task: dict[str, Any]) -> dict[str, Any]:
    """TASK-2's figures: group, probability, profit and their product in yuan."""
    return {
        "group": task["priority_group"],
        "probability": _number(task["probability"]),
        "profit": _number(round(task["profit_amount"], 2)),
        "value": _number(round(task["value_amount"], 2)),
    }


def _as_models(row: dict[str, Any]) -> tuple[VehicleRollup, VehicleState]:
    """The row as unsaved models: reasons are told from models, kept or not."""
    return (
        VehicleRollup(**{name: row[name] for name in _names(VehicleRollup) if name in row}),
        VehicleState(**{name: row[name] for name in _names(VehicleState) if name in row}),
    )


def _names(model: type[VehicleRollup] | type[VehicleState]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _kept_tasks(vehicle_ids: Sequence[int], as_of: date) -> dict[int, list[dict[str, Any]]]:
    """Tasks that were open at the end of a day that was run."""
    standing = Q(closed_on=None) | Q(closed_on__gt=as_of)
    found = with_appointments(
        Task.objects.filter(standing, vehicle_id__in=vehicle_ids, opened_on__lte=as_of)
        .select_related("owner")
        .order_by("priority_group", "kind")
    )
    tasks: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for task in found:
        facts = {name: getattr(task, name) for name in _TASK_FACTS}
        tasks[task.vehicle_id].append({**facts, "owner": task.owner.code if task.owner else None})
    return tasks


_TASK_FACTS = ("kind", "cycle_key", "opened_on", "due_on", "deadline_at", "priority_group",
               "probability", "profit_amount", "value_amount", "attempts", "channel", "note",
               "proposal", "starts_at")  # fmt: skip


def _wanted_tasks(scope: Scope) -> dict[int, list[dict[str, Any]]]:
    """Tasks that a first run on that date would open."""
    wanted = rows(
        replay_sql(
            scope,
            f"SELECT * FROM ({wanted_sql(scope, _REPLAYED, 'rollup', NO_TASKS)}) w "
            "ORDER BY priority_group, kind, turn",
        ),
        scope.params(),
    )
    owners = dict(
        Staff.objects.filter(pk__in={row["owner_id"] for row in wanted}).values_list("pk", "code")
    )
    starts = appointment_starts(wanted)
    kinds: defaultdict[int, set[str]] = defaultdict(set)
    for row in wanted:
        kinds[row["vehicle_id"]].add(row["kind"])
    tasks: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in wanted:
        known = tasks[row["vehicle_id"]]
        if any(task["kind"] == row["kind"] for task in known):
            continue
        # Asked for only where nothing else is: every other kind of the car sorts before or after.
        if row["kind"] == "overdue_30" and kinds[row["vehicle_id"]] != {"overdue_30"}:
            continue
        facts = {"opened_on": scope.as_of, "starts_at": starts.get(row["cycle_key"])}
        known.append({**row, **facts, "owner": owners.get(row["owner_id"])})
    return tasks


def vehicles_by_vin(vins: Sequence[str], stores: Sequence[Store]) -> dict[str, list[int]]:
    """{VIN: ids}; a VIN is unique in a group, so another group may have it too."""
    found: dict[str, list[int]] = {vin: [] for vin in vins}
    for pk, vin in Vehicle.objects.filter(vin__in=vins, store__in=stores).values_list("pk", "vin"):
        found[vin].append(pk)
    return found


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
