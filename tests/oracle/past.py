"""What the boards know beside a world's facts: who had whom when, stages, referrals, reasons.

Kept apart from `World`, which holds what the day needs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from .records import Records


@dataclass(frozen=True)
class Move:
    """LIFE-2: a customer's stage changed on a day, at most once a day."""

    customer: str
    on: date
    left: str
    to: str
    is_reconstructed: bool = False


@dataclass(frozen=True)
class Spell:
    """From which day a customer had which advisor; None: from the beginning."""

    customer: str
    advisor: str | None
    since: date | None


@dataclass(frozen=True)
class Said:
    """TASK-7: why a customer does not come, said on a day."""

    customer: str
    vin: str | None
    on: date
    reason: str
    is_undone: bool = False


@dataclass(frozen=True)
class Past:
    """`staff_of` a contact, `nps` of a work order's survey, `warranties` (months, km) by VIN."""

    moves: Sequence[Move] = ()
    spells: Sequence[Spell] = ()
    said: Sequence[Said] = ()
    referred_by: Mapping[str, str] = field(default_factory=dict)
    staff_of: Mapping[str, str] = field(default_factory=dict)
    nps: Mapping[str, int] = field(default_factory=dict)
    warranties: Mapping[str, tuple[int | None, int | None]] = field(default_factory=dict)
    records: Records = Records()

    @cached_property
    def moves_of(self) -> dict[str, list[Move]]:
        found: dict[str, list[Move]] = defaultdict(list)
        for move in sorted(self.moves, key=lambda one: one.on):
            found[move.customer].append(move)
        return found

    @cached_property
    def spells_of(self) -> dict[str, list[Spell]]:
        found: dict[str, list[Spell]] = defaultdict(list)
        for spell in sorted(self.spells, key=lambda one: one.since or date.min):
            found[spell.customer].append(spell)
        return found
