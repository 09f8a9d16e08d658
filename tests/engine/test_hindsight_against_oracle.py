"""Judged warnings against the oracle, car by car, on random histories; and nobody looks ahead."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st

from common.sql import rows
from lifecycle.rules.hindsight import last_day
from lifecycle.services.hindsight import _params, judged_sql
from lifecycle.services.scope import Scope
from pipeline.policies import KINDS
from stores.scope import all_stores
from stores.services.policies import resolve
from tests.engine.world_rows import Laid, lay
from tests.oracle.exact import add_days
from tests.oracle.facts import World
from tests.oracle.hindsight import Judged, judged
from tests.oracle.histories import History, histories

DAYS_BACK = st.sampled_from((0, 1, 30, 31, 60, 89, 90, 91, 120, 200, 365))


def found_rows(laid: Laid, then: date) -> list[Judged]:
    scope = Scope(then, resolve(list(laid.stores.values()), KINDS))
    vins = {car.pk: vin for vin, car in laid.vehicles.items()}
    people = {person.pk: name for name, person in laid.customers.items()}

    def made(row: dict[str, Any]) -> Judged:
        assert row.pop("month_end_on") == then
        row.pop("store_id")
        return Judged(
            vin=vins[row.pop("vehicle_id")],
            customer=people[row.pop("customer_id")],
            level=row.pop("risk_level"),
            **row,
        )

    return sorted(made(row) for row in rows(judged_sql(scope), _params(scope)))


def product(world: World, then: date) -> list[Judged]:
    with transaction.atomic(), all_stores():
        found = found_rows(lay(world, last_day(then)), then)
        transaction.set_rollback(True)
    return found


def has_late_void(world: World, then: date) -> bool:
    """A work order void since then: which readings it set aside is known as of today only."""
    return any(v.status == "void" and v.void_on and v.void_on > then for v in world.visits)


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=200)
@given(history=histories(), back=DAYS_BACK)
def test_flags_and_outcomes_agree_with_the_oracle(history: History, back: int) -> None:
    then = add_days(history.as_of, -back)
    assume(not has_late_void(history.world, then))
    found, wanted = product(history.world, then), sorted(judged(history.world, then))
    if found != wanted:
        note(f"then {then}: {history.world}")
    assert found == wanted


def flags(found: list[Judged]) -> list[Judged]:
    """Without what the days after it showed."""
    return [replace(one, has_come=False, is_lost=False) for one in found]


def known_by(world: World, then: date) -> World:
    """The world without the facts of later days."""
    visits = tuple(one for one in world.visits if world.visit_on(one) <= then)
    orders = {(one.store, one.work_order_no) for one in visits}
    return replace(
        world,
        visits=visits,
        surveys=tuple(
            one
            for one in world.surveys
            if (one.store, one.work_order_no) in orders and world.survey_on(one) <= then
        ),
        complaints=tuple(
            one for one in world.complaints if world.vehicle_date(one.opened_at, one.vin) <= then
        ),
        contacts=tuple(one for one in world.contacts if world.contact_on(one) <= then),
        appointments=(),
        engagement=tuple(one for one in world.engagement if one.month <= then),
    )


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=100)
@given(history=histories(), back=DAYS_BACK)
def test_facts_of_later_days_change_outcomes_and_never_a_flag(history: History, back: int) -> None:
    then = add_days(history.as_of, -back)
    assume(not has_late_void(history.world, then))
    whole, then_only = product(history.world, then), product(known_by(history.world, then), then)
    if flags(whole) != flags(then_only):
        note(f"then {then}: {history.world}")
    assert flags(whole) == flags(then_only)
    assert not any(one.has_come for one in then_only)
