"""What changes by itself every day and is therefore computed when a page asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from common.sql import rows
from lifecycle.services.compute import state_sql
from lifecycle.services.scope import Scope
from stores.models import PolicySet
from stores.services.policies import ResolvedSet


@dataclass(frozen=True)
class Daily:
    """Days overdue and without a visit, pre-churn index (RISK-4), odometer of today (DUE-4)."""

    days_overdue: int
    inactive_days: int | None
    pre_churn_index: Decimal
    projected_km: Decimal | None
    unknown_inputs: list[str]


def daily(policy_set: PolicySet, vehicle_ids: Iterable[int], as_of: date) -> dict[int, Daily]:
    """{vehicle id: Daily} by the engine's own statement over the kept rollups; one query."""
    resolved = ResolvedSet(
        policy_set.store_id, policy_set.pk, policy_set.versions, policy_set.values
    )
    scope = Scope(as_of, [resolved], list(vehicle_ids))
    names = Daily.__dataclass_fields__
    found = rows(state_sql(scope), scope.params(), keep_plan=scope.is_few)
    return {row["vehicle_id"]: Daily(**{name: row[name] for name in names}) for row in found}
