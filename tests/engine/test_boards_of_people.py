"""The boards of people, money and calls against the oracle, member by member, on random pasts."""

from collections import Counter
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given, note, settings

from common.sql import rows
from lifecycle.services.boards import from_source, member_sql
from lifecycle.services.scope import Scope
from pipeline.boards import BOARDS
from pipeline.policies import KINDS
from stores.scope import all_stores
from stores.services.policies import resolve
from tests.engine.past_rows import lay_past
from tests.engine.world_rows import Laid, lay
from tests.oracle import board_calls
from tests.oracle.board_people import Boards, Line
from tests.oracle.known import Snapshot
from tests.oracle.pasts import Told, told
from tests.oracle.settings import DEFAULTS

NAMES = (
    *("scorecard", "span", "standing", "moves", "answers", "returned", "referrals"),
    *("satisfaction", "calls", "gaming", "reasons"),
)


def counted(laid: Laid, history: Told) -> Counter[Line]:
    scope = Scope(history.as_of, resolve(list(laid.stores.values()), KINDS))
    cars = {car.pk: vin for vin, car in laid.vehicles.items()}
    people = {person.pk: name for name, person in laid.customers.items()}
    staff = {person.pk: code for code, person in laid.staff.items()}
    found: Counter[Line] = Counter()
    for name in (*NAMES, "retention"):
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


def expected(history: Told) -> Counter[Line]:
    boards = Boards(Snapshot(history.world, history.as_of, DEFAULTS), history.past)
    return Counter([*boards.lines(), *board_calls.lines(boards)])


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=60)
@given(history=told())
def test_members_agree_with_the_oracle(history: Told) -> None:
    with transaction.atomic(), all_stores():
        laid = lay(history.world, history.as_of)
        lay_past(laid, history.past)
        found = counted(laid, history)
        transaction.set_rollback(True)
    wanted = expected(history)
    if found != wanted:
        note(f"as of {history.as_of}: {history.past} {history.world}")
    assert found - wanted == Counter(), "counted but should not be"
    assert wanted - found == Counter(), "not counted but should be"
