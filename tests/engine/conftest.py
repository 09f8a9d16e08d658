"""A small fixed world of the engine's tests."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from stores.scope import all_stores
from tests.engine.world_rows import Laid, lay
from tests.oracle import facts


@pytest.fixture
def on() -> date:
    return date(2026, 3, 31)


@pytest.fixture
def small_world(db: None, on: date) -> Laid:
    """One store; car 1 is lost since long, car 2 is overdue, car 3 is new."""
    cars = [
        facts.Vehicle(
            f"LHUTZA{row:011d}", "VW", "Lavida", "ICE", "S1", delivered_on,
            (facts.Ownership(f"C{row}"),),
        )
        for row, delivered_on in enumerate(
            (date(2024, 1, 5), date(2025, 6, 1), date(2026, 3, 20)), start=1
        )
    ]  # fmt: skip
    world = facts.World(
        stores=(facts.Store("S1"),),
        staff=(
            facts.Staff("S1M1", "manager", ("S1",)),
            facts.Staff("S1A1", "advisor", ("S1",)),
            facts.Staff("S1A2", "advisor", ("S1",)),
        ),
        customers=tuple(facts.Customer(f"C{row}", "S1", "S1A1") for row in (1, 2, 3)),
        vehicles=tuple(cars),
        visits=(
            facts.Visit(
                "W1", cars[0].vin, "S1", datetime(2024, 2, 1, 2, tzinfo=UTC), 2900,
                amount=Decimal(400),
            ),
            facts.Visit(
                "W2", cars[1].vin, "S1", datetime(2025, 8, 20, 2, tzinfo=UTC), 3100,
                amount=Decimal(600),
            ),
        ),
    )  # fmt: skip
    with all_stores():
        return lay(world, on)
