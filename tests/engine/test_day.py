"""A store's day: what is kept equals what is computed afresh; tasks equal the oracle's."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import given, note, settings

from alerts.models import Task, Warning
from common.sql import rows
from customers.models import Appointment, Complaint, Contact, DirtyVehicle, Visit
from lifecycle.models import CustomerState, StageTransition, VehicleRollup, VehicleState
from lifecycle.services.compute import customer_rollup_sql, replay_sql, rollup_sql
from lifecycle.services.scope import Scope
from pipeline.choices import JobState
from pipeline.models import JobChunk, JobRun, StoreDay
from pipeline.policies import KINDS
from pipeline.services import chunks, days, settle
from stores.scope import all_stores
from stores.services.policies import resolve
from tests.engine.world_rows import Laid, lay
from tests.oracle.engine import first_run_tasks
from tests.oracle.histories import History, crowds, histories


def run_day(laid: Laid, on: date) -> None:
    """The day of all stores, through runs and chunks as in the night."""
    run = days.start_day(stores=laid.stores.values(), on=on)
    for chunk_id in run.chunks.values_list("id", flat=True):
        chunks.run_next("test", chunk_id)
    run.refresh_from_db()
    assert run.state == JobState.DONE, [chunk.error for chunk in run.chunks.all()]


def kept_and_fresh(laid: Laid, on: date) -> list[tuple[str, list[Any], list[Any]]]:
    """(table, kept rows, rows computed from all history), each without dates of computing."""
    scope = Scope(on, resolve(laid.stores.values(), KINDS))
    pairs = []
    for table, key, source in (
        ("lifecycle_vehiclerollup", "vehicle_id", rollup_sql(scope)),
        ("lifecycle_customerrollup", "customer_id", customer_rollup_sql(scope)),
    ):
        kept = rows(f"SELECT * FROM {table} ORDER BY {key}", {})
        names = [name for name in kept[0] if name not in {"computed_on", "ages_on"}]
        fresh = rows(f"SELECT * FROM ({source}) f ORDER BY {key}", scope.params())
        pairs.append((table, *([[row[n] for n in names] for row in s] for s in (kept, fresh))))
    states = "SELECT {} FROM {} ORDER BY vehicle_id"
    names = [f.column for f in VehicleState._meta.concrete_fields]
    names = [n for n in names if n not in {"high_on", "is_duty", "policy_set_id"}]
    kept = rows(states.format(", ".join(names), "lifecycle_vehiclestate"), {})
    fresh = rows(replay_sql(scope, states.format(", ".join(names), "state")), scope.params())
    pairs.append(("state", [[*r.values()] for r in kept], [[*r.values()] for r in fresh]))
    people = "SELECT customer_id, stage, value_tier, yearly_amount, {} FROM {} ORDER BY customer_id"
    kept = rows(people.format("rfm, quadrant", "lifecycle_customerstate"), {})
    joined = "customer_state c LEFT JOIN segments g USING (customer_id) WHERE NOT c.is_gone"
    segments = "coalesce(rfm, '') AS rfm, coalesce(quadrant, '') AS quadrant"
    fresh = rows(replay_sql(scope, people.format(segments, joined)), scope.params())
    pairs.append(("customer", [[*r.values()] for r in kept], [[*r.values()] for r in fresh]))
    return pairs


def assert_kept_is_fresh(laid: Laid, on: date) -> None:
    for table, kept, fresh in kept_and_fresh(laid, on):
        assert kept == fresh, table


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=150)
@given(history=histories())
def test_tables_kept_from_day_to_day_equal_a_full_recomputation(history: History) -> None:
    """Windows age out and in: nothing but the calendar changes between the runs."""
    with transaction.atomic(), all_stores():
        laid = lay(history.world, history.as_of)
        note(f"as of {history.as_of}: {history.world}")
        for after in (0, 1, 3, 7, 31, 366):
            day = history.as_of + timedelta(days=after)
            run_day(laid, day)
            assert_kept_is_fresh(laid, day)
        transaction.set_rollback(True)


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=150)
@given(history=histories())
def test_settled_vehicles_equal_a_full_recomputation(history: History) -> None:
    """Half of the facts arrive after the day's run, and are settled one car after the other."""
    with transaction.atomic(), all_stores():
        laid = lay(history.world, history.as_of)
        note(f"as of {history.as_of}: {history.world}")
        late = list(Visit.objects.order_by("-id")[:2])
        late_contacts = list(Contact.objects.order_by("-id")[:2])
        Visit.objects.filter(pk__in=[v.pk for v in late], survey=None).delete()
        Contact.objects.filter(pk__in=[c.pk for c in late_contacts]).delete()
        run_day(laid, history.as_of)
        Visit.objects.bulk_create([v for v in late if not Visit.objects.filter(pk=v.pk).exists()])
        Contact.objects.bulk_create(late_contacts)
        for car in laid.vehicles.values():
            settle.settle([car.pk])
        assert_kept_is_fresh(laid, history.as_of)
        transaction.set_rollback(True)


def check_first_tasks(history: History) -> None:
    with transaction.atomic(), all_stores():
        laid = lay(history.world, history.as_of)
        note(f"as of {history.as_of}: {history.world}")
        run_day(laid, history.as_of)
        keys = cycle_keys(laid)
        found: dict[tuple[str, str], Any] = {}
        for task in Task.objects.filter(closed_on=None).select_related("vehicle", "owner", "store"):
            found[task.vehicle.vin, task.kind] = (
                keys[task.kind](task.cycle_key),
                task.due_on,
                deadline_day(task),
                task.priority_group,
                task.probability,
                task.profit_amount,
                task.owner.code if task.owner else None,
            )
        transaction.set_rollback(True)
    expected = {
        (task.vin, task.kind): task
        for store in history.world.stores
        for task in first_run_tasks(history.world, store.code, history.as_of)
    }
    assert set(found) == set(expected)
    for key, task in expected.items():
        cycle_key, due_on, deadline_on, group, probability, profit, owner = found[key]
        assert (cycle_key, due_on) == (str(task.cycle_key), task.due_on), key
        assert (group, deadline_on) == (task.group, task.deadline_on), key
        assert probability == rounded(task.probability), key
        assert abs(profit - rounded(task.profit)) <= Decimal("0.0001"), key
        assert task.owner in (None, owner), key


def cycle_keys(laid: Laid) -> defaultdict[str, Callable[[str], str]]:
    """{kind: what turns the kept key into the oracle's}."""
    surveys = {str(v.survey.pk): no for no, v in laid.visits.items() if hasattr(v, "survey")}
    complaints = {str(k.pk): k.external_id for k in Complaint.objects.all()}
    appointments = {f"{a.pk}:{a.starts_on}": a.external_id for a in Appointment.objects.all()}
    known = {"critical": surveys, "complaint": complaints, "booking_confirm": appointments}
    keys: defaultdict[str, Callable[[str], str]] = defaultdict(lambda: str)
    return keys | {kind: names.__getitem__ for kind, names in known.items()}


def deadline_day(task: Task) -> date | None:
    """The date of the deadline, which is the store's closing time."""
    if task.deadline_at is None:
        return None
    local = task.deadline_at.astimezone(ZoneInfo(task.store.timezone))
    assert local.time() == task.store.closes_at
    return local.date()


def rounded(value: Fraction) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.0001"), rounding="ROUND_HALF_UP")


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=200)
@given(history=histories())
def test_first_tasks_equal_the_oracles(history: History) -> None:
    check_first_tasks(history)


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=50)
@given(history=crowds())
def test_first_tasks_of_a_crowd_equal_the_oracles(history: History) -> None:
    check_first_tasks(history)


@pytest.mark.django_db
def test_the_same_night_again_writes_nothing(small_world: Laid, on: date) -> None:
    with all_stores():
        run_day(small_world, on)
        run_day(small_world, on)
        counts = JobChunk.objects.order_by("-id")[0].counts
    written = {k: v for k, v in counts.items() if k not in {"vehicles", "states_unchanged"}}
    assert not any(written.values()), written
    assert counts["vehicles"] == counts["states_unchanged"] > 0


@pytest.mark.django_db
def test_a_day_before_the_last_one_is_refused(small_world: Laid, on: date) -> None:
    run_day(small_world, on)
    with pytest.raises(days.DomainError, match="explain --as-of"):
        days.start_day(stores=small_world.stores.values(), on=on - timedelta(days=1))


@pytest.mark.django_db
def test_a_first_day_asks_once_for_its_history(small_world: Laid, on: date) -> None:
    run_day(small_world, on)
    run_day(small_world, on)
    history = JobRun.objects.filter(kind="history")
    assert history.count() == 1
    while chunks.run_next("test"):
        pass
    assert history.get().state == JobState.DONE


@pytest.mark.django_db
def test_a_store_never_computed_is_left_to_its_first_run(small_world: Laid) -> None:
    ids = [car.pk for car in small_world.vehicles.values()]
    DirtyVehicle.objects.bulk_create(DirtyVehicle(vehicle_id=pk) for pk in ids)
    assert settle.settle_left_over() == 0
    with all_stores():
        assert not VehicleState.objects.exists()
    assert not DirtyVehicle.objects.exists()


@pytest.mark.django_db
def test_a_visit_ends_the_calls_and_dates_the_change_of_stage(small_world: Laid, on: date) -> None:
    car = small_world.vehicles["LHUTZA00000000001"]
    with all_stores():
        run_day(small_world, on)
        before = CustomerState.objects.get(customer=car.customer_id).stage
        assert before == "lost"
        Visit.objects.create(
            store=car.store,
            vehicle=car,
            customer=car.customer,
            work_order_no="NEW",
            arrived_at=f"{on}T10:00+08:00",
            arrived_on=on,
            odometer_km=9000,
            kind="maintenance",
            amount=500,
            received_on=on,
        )
        settle.settle([car.pk])
        state = CustomerState.objects.get(customer=car.customer_id)
        moved = StageTransition.objects.get(customer=car.customer_id, changed_on=on)
        assert (state.stage, state.won_back_on) == ("growth", on)
        assert (moved.from_stage, moved.to_stage) == ("lost", "growth")
        assert not Task.objects.filter(vehicle=car, closed_on=None).exists()
        assert not Warning.objects.filter(vehicle=car, kind="lost", closed_on=None).exists()
        assert VehicleRollup.objects.get(vehicle=car).last_visit_on == on
        assert StoreDay.objects.filter(store=car.store, on=on, is_first=True).exists()
