"""Random stores laid into the database with their day computed and their boards counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction

from common.sql import execute
from lifecycle.services.boards import refresh_boards
from lifecycle.services.scope import Scope
from pipeline.boards import BOARDS
from pipeline.policies import KINDS
from pipeline.services.compute import compute_day
from stores.models import Staff
from stores.scope import all_stores
from stores.services.policies import pin
from tests.engine.past_rows import lay_past
from tests.engine.world_rows import Laid, lay
from tests.factories import StaffFactory
from tests.oracle.dealers import dealers
from tests.oracle.pasts import Told


@dataclass
class Trade:
    """What was told, its rows, the scope of the night and the group manager."""

    told: Told
    laid: Laid
    scope: Scope
    manager: Staff

    def scope_of(self, store: str) -> Scope:
        pk = self.laid.stores[store].pk
        return Scope(self.told.as_of, [one for one in self.scope.sets if one.store_id == pk])


@contextmanager
def trading(stores: int, people: int, seed: int) -> Iterator[Trade]:
    """Within one transaction, which is rolled back at the end."""
    with transaction.atomic(), all_stores():
        told = dealers(stores, people, seed)
        laid = lay(told.world, told.as_of)
        rows = list(laid.stores.values())
        scope = Scope(told.as_of, pin(rows, KINDS))
        # Rows of a transaction have no statistics: without them plans are quadratic.
        execute("ANALYZE", {})
        compute_day(scope)
        lay_past(laid, told.past)
        execute("ANALYZE", {})
        refresh_boards(scope, BOARDS)
        manager = StaffFactory(
            group=rows[0].group, code="BOSS", username="boss", role="group_manager", at=rows
        )
        yield Trade(told, laid, scope, manager)
        transaction.set_rollback(True)
