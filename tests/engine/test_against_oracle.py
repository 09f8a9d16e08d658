"""The SQL against the oracle, row by row, on random histories (DOMAIN §1-§3, §6)."""

from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, note, settings

from lifecycle.services.compute import explain_rows
from lifecycle.services.scope import Scope
from pipeline.policies import KINDS
from stores.scope import all_stores
from stores.services.policies import resolve
from tests.engine.world_rows import Laid, lay
from tests.oracle.engine import explain_all
from tests.oracle.histories import History, crowds, histories

FACTORS = {
    "satisfaction": "satisfaction_points",
    "complaint": "complaint_points",
    "overdue": "overdue_points",
    "call_not_connected": "call_points",
    "wechat_unanswered": "wechat_points",
}
TAGS = {
    "critical": "is_critical",
    "dormant": "is_dormant",
    "due_unresponsive": "is_due_unresponsive",
}


def as_product(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the engine in the shape of the oracle's answer."""
    return {
        "due": {
            "on": row["due_on"],
            "basis": row["due_basis"] or None,
            "level": row["level"],
            "booked": row["is_booked"],
            "daily_km": row["daily_km"],
            "projected_km": row["projected_km"],
        },
        "risk": {
            "score": row["score"],
            "level": row["risk_level"],
            "items": {name: row[column] for name, column in FACTORS.items() if row[column]},
            "tags": [name for name, column in TAGS.items() if row[column]],
            "pre_churn_score": row["pre_churn_index"],
            "unknown": sorted(row["unknown_inputs"]),
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
            "yearly_spend": row["yearly_amount"],
        },
    }


def as_oracle(answer: dict[str, Any]) -> dict[str, Any]:
    """An oracle's answer without what the engine's rows do not carry."""
    due = {name: value for name, value in answer["due"].items() if name != "plan"}
    items = {item["factor"]: item["points"] for item in answer["risk"]["items"]}
    risk = {**answer["risk"], "items": items, "unknown": sorted(answer["risk"]["unknown"])}
    names = ("lost", "stage", "segments")
    return {"due": due, "risk": risk, **{name: answer[name] for name in names}}


def engine_rows(laid: Laid, as_of: date) -> dict[str, dict[str, Any]]:
    stores = list(laid.stores.values())
    return {row["vin"]: row for row in explain_rows(Scope(as_of, resolve(stores, KINDS)))}


def check(history: History) -> None:
    with transaction.atomic(), all_stores():
        laid = lay(history.world, history.as_of)
        found = engine_rows(laid, history.as_of)
        transaction.set_rollback(True)
    expected = explain_all(history.world, history.as_of)
    assert set(found) == set(expected)
    for vin, answer in expected.items():
        if as_product(found[vin]) != as_oracle(answer):
            note(f"as of {history.as_of}: {history.world}")
        assert as_product(found[vin]) == as_oracle(answer), vin


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=2000)
@given(history=histories())
def test_engine_agrees_with_the_oracle_on_random_histories(history: History) -> None:
    check(history)


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=200)
@given(history=crowds())
def test_engine_agrees_with_the_oracle_on_percentiles_and_ties(history: History) -> None:
    check(history)
