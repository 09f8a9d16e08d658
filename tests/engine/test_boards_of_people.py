"""The boards of people, money, calls, records and weeks against the oracle, on random pasts."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given, note, settings

from common.sql import rows
from lifecycle.services.boards import from_source, member_sql
from lifecycle.services.scope import Scope
from pipeline.boards import BOARDS
from pipeline.policies import KINDS
from stores.models import Store
from stores.scope import all_stores
from stores.services.policies import resolve
from tests.engine.past_rows import lay_past
from tests.engine.world_rows import Laid, lay
from tests.factories import TODAY, OwnershipFactory, VehicleFactory
from tests.oracle import board_calls, board_cars
from tests.oracle.board_health import Health
from tests.oracle.board_people import Boards, Line
from tests.oracle.board_week import Weeks
from tests.oracle.known import Snapshot
from tests.oracle.pasts import Told, told
from tests.oracle.settings import DEFAULTS

OF_PEOPLE = (
    *("scorecard", "span", "standing", "moves", "answers", "returned", "referrals"),
    *("satisfaction", "calls", "gaming", "reasons", "retention"),
)
OF_DAYS = ("cars", "due_followed", "arrivals", "health", "week")


def counted(laid: Laid, history: Told, names: tuple[str, ...]) -> Counter[Line]:
    scope = Scope(history.as_of, resolve(list(laid.stores.values()), KINDS))
    cars = {car.pk: vin for vin, car in laid.vehicles.items()}
    people = {person.pk: name for name, person in laid.customers.items()}
    staff = {person.pk: code for code, person in laid.staff.items()}
    found: Counter[Line] = Counter()
    for name in names:
        select = f"SELECT * FROM ({member_sql(BOARDS[name])}) AS m"
        for row in rows(from_source(scope, BOARDS[name], select), scope.params()):
            if name == "retention" and row["item"] != "out_of_warranty":
                continue
            marks = (row["period"], row["item"], row["part"], row["is_hit"])
            whose = (
                cars.get(row["vehicle_id"]),
                people.get(row["customer_id"]),
                staff.get(row["advisor_id"]),
            )
            found[Line(name, *marks, *whose, Decimal(row["amount"]))] += 1
    return found


def of_people(boards: Boards) -> Iterable[Line]:
    return [*boards.lines(), *board_calls.lines(boards)]


def of_days(boards: Boards) -> Iterable[Line]:
    return [*board_cars.lines(boards), *Health(boards).lines(), *Weeks(boards).lines()]


def check(
    history: Told, names: tuple[str, ...], expected: Callable[[Boards], Iterable[Line]]
) -> None:
    with transaction.atomic(), all_stores():
        laid = lay(history.world, history.as_of)
        lay_past(laid, history.past)
        found = counted(laid, history, names)
        transaction.set_rollback(True)
    snapshot = Snapshot(history.world, history.as_of, DEFAULTS)
    wanted = Counter(expected(Boards(snapshot, history.past)))
    if found != wanted:
        note(f"as of {history.as_of}: {history.past} {history.world}")
    assert found - wanted == Counter(), "counted but should not be"
    assert wanted - found == Counter(), "not counted but should be"


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=60)
@given(history=told())
def test_members_agree_with_the_oracle(history: Told) -> None:
    check(history, OF_PEOPLE, of_people)


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=15)
@given(history=told())
def test_cars_records_and_weeks_agree_with_the_oracle(history: Told) -> None:
    check(history, OF_DAYS, of_days)


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "lines"), [(-800, 6), (1, 0)], ids=["delivered", "ordered"])
def test_who_waits_for_a_new_car_is_no_customer_yet(north: Store, days: int, lines: int) -> None:
    """Bought long ago, delivered tomorrow: in none of the six stretches of the scorecard."""
    with all_stores():
        car = VehicleFactory(customer__store=north, delivered_on=TODAY + timedelta(days=days))
        OwnershipFactory(vehicle=car, since_on=TODAY - timedelta(days=900))
        board = BOARDS["scorecard"]
        scope = Scope(TODAY, resolve([north], KINDS))
        select = f"SELECT * FROM ({member_sql(board)}) AS m WHERE item = 'owned'"
        assert len(rows(from_source(scope, board, select), scope.params())) == lines
