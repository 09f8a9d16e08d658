"""Reads of states: a store's counts by level and value, and the cars behind each count."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q

from common.along import along
from common.sql import rows, statement
from lifecycle.choices import Level, Phase, RiskLevel, Stage
from lifecycle.models import CustomerState, StageTransition, VehicleState
from stores.scope import ScopedQuerySet, scope_ids

DUE_LEVELS = (Level.RED, Level.ORANGE, Level.YELLOW)
KINDS: dict[str, tuple[str, ...]] = {
    "due": tuple(level.value for level in DUE_LEVELS),
    "risk": (RiskLevel.HIGH.value, RiskLevel.MEDIUM.value, RiskLevel.LOW.value),
    "lost": tuple(Phase.values),
    "stage": tuple(Stage.values),
}


@dataclass(frozen=True)
class Board:
    """Counts by (kind, level, value tier); due, risk and lost count cars, stage customers."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def of(self, kind: str, level: str, tier: str = "") -> int:
        """How many at a level; without `tier` of every value."""
        if tier:
            return self.counts[kind, level, tier]
        return sum(n for key, n in self.counts.items() if key[:2] == (kind, level))

    def total(self, kind: str, tier: str = "") -> int:
        return sum(self.of(kind, level, tier) for level in KINDS[kind])


def warned(kind: str, level: str = "") -> Q:
    """Which states a warning of this kind and level means; the one definition for count and list.

    Lost cars have left the lists of due and risk (RISK-2). `lost` are the phases of WB-1, which
    begin with the first day overdue: a car of an early phase is still counted as due.
    """
    levels = [level] if level else list(KINDS[kind])
    if kind == "due":
        return Q(level__in=levels, is_lost=False)
    if kind == "risk":
        return Q(risk_level__in=levels, is_lost=False)
    return Q(phase__in=levels)


def living_cars(store_id: int) -> ScopedQuerySet[VehicleState]:
    """States of cars that can raise a warning (DUE-6)."""
    found: ScopedQuerySet[VehicleState] = VehicleState.objects.filter(
        store_id=store_id, is_gone=False, customer__isnull=False
    )
    return found


def living_customers(store_id: int) -> ScopedQuerySet[CustomerState]:
    """States of customers that are neither erased nor merged."""
    found: ScopedQuerySet[CustomerState] = CustomerState.objects.filter(
        store_id=store_id, customer__erased_on__isnull=True, customer__merged_into__isnull=True
    )
    return found


def board(store_id: int) -> Board:
    """A store's counts, of `living_cars` and `living_customers`; one query over states only."""
    counts: Counter[tuple[str, str, str]] = Counter()
    params = {"store": store_id, "stores": scope_ids()}
    for row in rows(statement("lifecycle", "board"), params):
        kinds = [("stage", row["stage"])] if row["stage"] else _kinds_of(row)
        for kind, level in kinds:
            counts[kind, level, row["tier"]] += row["n"]
    return Board(counts)


def _kinds_of(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    phase = [("lost", row["phase"])]
    return phase if row["is_lost"] else [*phase, ("due", row["level"]), ("risk", row["risk_level"])]


@dataclass(frozen=True)
class Move:
    """A dated change of stage (LIFE-2), as lifecycle.models.StageTransition."""

    changed_on: date
    from_stage: str
    to_stage: str
    is_reconstructed: bool


def stage_moves() -> ArraySubquery:
    """For a query of customers, to be read by `moves_of`: the newest first."""
    rows = StageTransition.objects.filter(customer=OuterRef("pk")).order_by("-changed_on", "-id")
    return along(rows, "changed_on", "from_stage", "to_stage", "is_reconstructed")


def moves_of(rows: Iterable[Mapping[str, Any]]) -> list[Move]:
    """The changes that came along with a customer."""
    return [Move(**{**row, "changed_on": date.fromisoformat(row["changed_on"])}) for row in rows]
