"""Which rows a statement computes: whole stores, or the cars and people of some vehicles."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from stores.services.policies import ResolvedSet

# Up to so many vehicles a statement's planning costs more than its running.
FEW = 50


@dataclass(frozen=True)
class Scope:
    """One call's stores, date and policies; `vehicle_ids` None means all vehicles of the stores.

    `first_day_ids`: stores whose day this is their first, where nothing *becomes* high (RISK-2).
    """

    as_of: date
    sets: Sequence[ResolvedSet]
    vehicle_ids: Sequence[int] | None = None
    customer_ids: Sequence[int] | None = None
    first_day_ids: frozenset[int] = field(default_factory=frozenset)

    @property
    def store_ids(self) -> list[int]:
        return [one.store_id for one in self.sets]

    @property
    def is_few(self) -> bool:
        """Whether only a few rows are computed, so that plans are worth keeping."""
        ids = self.vehicle_ids if self.vehicle_ids is not None else self.customer_ids
        return ids is not None and len(ids) <= FEW

    def params(self, **more: Any) -> dict[str, Any]:
        """The named parameters every statement of the engine understands."""
        policies = [
            {
                "store_id": one.store_id,
                "policy_set_id": one.policy_set_id,
                "is_first": one.store_id in self.first_day_ids,
                **one.values,
            }
            for one in self.sets
        ]
        return {
            "as_of": self.as_of,
            "month": self.as_of.replace(day=1),
            "policies": json.dumps(policies),
            "stores": self.store_ids,
            "vehicles": list(self.vehicle_ids or ()),
            "customers": list(self.customer_ids or ()),
            **more,
        }

    def cars(self, alias: str, column: str) -> str:
        """The condition that restricts `alias` (a table with store_id) to this scope's vehicles."""
        if self.vehicle_ids is None:
            return f"{alias}.store_id = ANY(%(stores)s)"
        return f"{alias}.{column} {_among('vehicles', self.vehicle_ids)}"

    def people(self, alias: str, column: str) -> str:
        """The same for customers."""
        if self.customer_ids is None:
            return f"{alias}.store_id = ANY(%(stores)s)"
        return f"{alias}.{column} {_among('customers', self.customer_ids)}"

    def narrowed(
        self, *, vehicle_ids: Iterable[int] | None, customer_ids: Iterable[int] | None = None
    ) -> "Scope":
        """The same stores, date and policies for these vehicles and customers only."""
        return Scope(
            self.as_of,
            self.sets,
            None if vehicle_ids is None else sorted(set(vehicle_ids)),
            None if customer_ids is None else sorted(set(customer_ids)),
            self.first_day_ids,
        )


def _among(name: str, ids: Sequence[int]) -> str:
    """Few ids are looked up at once; many are a list to join with, by hash or by index."""
    if len(ids) <= FEW:
        return f"= ANY(%({name})s::bigint[])"
    return f"IN (SELECT unnest(%({name})s::bigint[]))"
