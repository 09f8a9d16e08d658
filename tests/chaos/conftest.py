"""The rig of the proofs: servers once a test process, a fresh database each test."""

from collections.abc import Iterator

import pytest

from tests.chaos.rig import Rig, Yard
from tests.figures import size

STORES = 20
CARS = size(100, 2_500)


@pytest.fixture(scope="session")
def yard() -> Iterator[Yard]:
    yard = Yard()
    try:
        yield yard
    finally:
        yard.close()


@pytest.fixture
def rig(yard: Yard, request: pytest.FixtureRequest) -> Iterator[Rig]:
    """20 stores, 100 cars in each (long: 2,500), nothing computed yet; other sizes: `yard.rig`.

    A module that brings rows of its own says CARS = 100.
    """
    with yard.rig(STORES, getattr(request.module, "CARS", CARS)) as rig:
        yield rig
