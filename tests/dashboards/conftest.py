"""What several tests of the pages start from."""

import pytest

from stores.models import Staff, Store
from stores.scope import all_stores
from tests.dashboards.mailed import address
from tests.factories import (
    TODAY,
    BoardCellFactory,
    BoardDayFactory,
    CustomerFactory,
    StoreDayFactory,
)


@pytest.fixture
def north_counted(north: Store, ada: Staff) -> Store:
    address(ada, "ada@example.com")
    ada.language = "en"
    ada.save(update_fields=["language"])
    BoardDayFactory(store=north, board="week", as_of=TODAY)
    BoardCellFactory(store=north, board="week", period="2026-W24", item="visited", n=41, hits=30)
    with all_stores():
        StoreDayFactory(store=north, on=TODAY)
        CustomerFactory(store=north, name="Somebody Private", phone="13812345678")
    return north
