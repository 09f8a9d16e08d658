"""The boards' members against the oracle, one by one, on random histories (DOMAIN §3)."""

from collections import Counter

import pytest
from django.db import transaction
from hypothesis import given, note, settings

from common.sql import rows
from lifecycle.boards import BOARDS
from lifecycle.services.boards import from_source, member_sql
from lifecycle.services.scope import Scope
from pipeline.policies import KINDS
from stores.scope import all_stores
from stores.services.policies import resolve
from tests.engine.world_rows import Laid, lay
from tests.oracle.boards import Member, members
from tests.oracle.histories import History, crowds, histories
from tests.oracle.known import Snapshot
from tests.oracle.settings import DEFAULTS

OF_CARS = ("retention", "cohorts", "silence", "survival", "kept", "due_answered")
OF_CUSTOMERS = ("funnel", "cohorts_visit", "revenue")


def counted(laid: Laid, history: History) -> Counter[Member]:
    """The product's members; retention's node after the warranty has tests of its own."""
    scope = Scope(history.as_of, resolve(list(laid.stores.values()), KINDS))
    found: Counter[Member] = Counter()
    vins = {car.pk: vin for vin, car in laid.vehicles.items()}
    people = {person.pk: name for name, person in laid.customers.items()}
    for name in (*OF_CARS, *OF_CUSTOMERS):
        select = f"SELECT * FROM ({member_sql(BOARDS[name])}) AS m"
        for row in rows(from_source(scope, BOARDS[name], select), scope.params()):
            car = vins[row["vehicle_id"]] if name in OF_CARS else None
            if row["item"] == "out_of_warranty":
                continue
            who = people.get(row["customer_id"])
            marks = (row["period"], row["item"], row["part"], row["is_hit"])
            found[name, *marks, car, None if name in OF_CARS else who] += 1
    return found


def expected(history: History) -> Counter[Member]:
    found: Counter[Member] = Counter()
    for board, *marks, car, who in members(Snapshot(history.world, history.as_of, DEFAULTS)):
        found[board, *marks, car, None if board in OF_CARS else who] += 1
    return found


def check(history: History) -> None:
    with transaction.atomic(), all_stores():
        laid = lay(history.world, history.as_of)
        found = counted(laid, history)
        transaction.set_rollback(True)
    wanted = expected(history)
    if found != wanted:
        note(f"as of {history.as_of}: {history.world}")
    assert found - wanted == Counter(), "counted but should not be"
    assert wanted - found == Counter(), "not counted but should be"


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=200)
@given(history=histories())
def test_members_agree_with_the_oracle_on_random_histories(history: History) -> None:
    check(history)


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=40)
@given(history=crowds())
def test_members_agree_with_the_oracle_on_crowds(history: History) -> None:
    check(history)
