"""What must hold of the oracle on any history."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings

from tests.oracle import DEFAULTS, customer_stage, explain, explain_all, first_run_tasks, segments
from tests.oracle.facts import Vehicle, World
from tests.oracle.histories import History, crowds, histories
from tests.oracle.known import Snapshot
from tests.oracle.settings import VARIANTS

SLOW_TO_DRAW = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def everything(world: World, as_of: date) -> list[object]:
    """All answers of one day."""
    stores = [store.code for store in world.stores]
    return [
        explain_all(world, as_of),
        [customer_stage(world, row.external_id, as_of) for row in world.customers],
        [segments(world, store, as_of) for store in stores],
        [first_run_tasks(world, store, as_of) for store in stores],
    ]


def without_the_future(world: World, as_of: date) -> World:
    """Only what had happened by the end of that day."""
    vehicles = tuple(
        replace(row, ownerships=_owned_by(row, as_of))
        for row in world.vehicles
        if row.delivered_on is None or row.delivered_on <= as_of
    )
    vins = {row.vin for row in vehicles}
    visits = tuple(
        replace(row, status="closed") if row.void_on and row.void_on > as_of else row
        for row in world.visits
        if row.vin in vins and world.visit_on(row) <= as_of
    )
    return replace(
        world,
        vehicles=vehicles,
        visits=visits,
        surveys=tuple(row for row in world.surveys if world.survey_on(row) <= as_of),
        complaints=tuple(
            row
            for row in world.complaints
            if row.vin in vins and world.vehicle_date(row.opened_at, row.vin) <= as_of
        ),
        contacts=tuple(row for row in world.contacts if world.contact_on(row) <= as_of),
        appointments=tuple(
            replace(row, statuses=tuple(s for s in row.statuses if s[1] <= as_of))
            for row in world.appointments
            if row.vin in vins
            and (row.created_at is None or world.vehicle_date(row.created_at, row.vin) <= as_of)
        ),
        engagement=tuple(row for row in world.engagement if row.month <= as_of),
    )


def _owned_by(vehicle: Vehicle, as_of: date) -> tuple[object, ...]:
    return tuple(row for row in vehicle.ownerships if row.since is None or row.since <= as_of)


@SLOW_TO_DRAW
@given(histories())
def test_nothing_later_than_as_of_changes_an_answer(history: History) -> None:
    past = without_the_future(history.world, history.as_of)
    assert everything(past, history.as_of) == everything(history.world, history.as_of)


@pytest.mark.parametrize("name", VARIANTS)
def test_every_policy_can_be_computed(name: str) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(histories())
    def check(history: History) -> None:
        for row in explain_all(history.world, history.as_of, VARIANTS[name]).values():
            assert 0 <= row["risk"]["score"] <= 100

    check()


@SLOW_TO_DRAW
@given(histories())
def test_one_vehicle_and_all_of_them_agree(history: History) -> None:
    together = explain_all(history.world, history.as_of)
    for vehicle in history.world.vehicles:
        alone = explain(history.world, vehicle.vin, history.as_of)
        assert alone == together.get(vehicle.vin)


@SLOW_TO_DRAW
@given(histories())
def test_a_base_date_never_lies_after_the_due_date(history: History) -> None:
    snapshot = Snapshot(history.world, history.as_of, DEFAULTS)
    for row in explain_all(history.world, history.as_of).values():
        known = snapshot.vehicle(row["vin"])
        if row["due"]["on"] is not None:
            assert known.delivered_on is not None
            assert row["due"]["on"] >= known.delivered_on
        readings = [reading.km for reading in known.readings]
        assert readings == sorted(readings)


@SLOW_TO_DRAW
@given(crowds())
def test_segments_share_out_the_customers_with_a_visit(history: History) -> None:
    found = segments(history.world, "S1", history.as_of).values()
    tiers = [row.rfm for row in found if row.rfm is not None]
    for name, percent in (("diamond", 5), ("gold", 20), ("silver", 50)):
        upto = ["diamond", "gold", "silver"].index(name) + 1
        inside = sum(tiers.count(tier) for tier in ("diamond", "gold", "silver")[:upto])
        assert inside == -(-len(tiers) * percent // 100)
    assert [row.quadrant is None for row in found] == [row.rfm is None for row in found]


@pytest.mark.parametrize("latest", [date(2026, 11, 21), date(2026, 3, 31)])
def test_no_fact_lies_after_the_latest_day(latest: date) -> None:
    @settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(histories(latest=latest))
    def check(history: History) -> None:
        world = history.world
        assert all(world.visit_on(row) <= latest for row in world.visits)
        assert all(world.contact_on(row) <= latest for row in world.contacts)
        assert all(world.survey_on(row) <= latest for row in world.surveys)

    check()
