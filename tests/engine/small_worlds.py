"""Worlds of a car or two for tables of boundaries, and what the engine says of them."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle.policies import WarningPolicy
from stores.scope import all_stores
from stores.services.policies import publish
from tests.engine.test_against_oracle import as_product, engine_rows
from tests.engine.world_rows import lay
from tests.oracle import facts

AS_OF = date(2026, 3, 31)
SHANGHAI = ZoneInfo("Asia/Shanghai")
CAR, OTHER = "LHUTZA00000000001", "LHUTZA00000000002"


def named(*rows: tuple[Any, ...]) -> list[Any]:
    """Rows of a table; the first cell of each is its id."""
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


def days(count: int, on: date = AS_OF) -> date:
    """The date `count` days after `on`."""
    return on + timedelta(days=count)


def at(on: date, hour: int = 10, minute: int = 0) -> datetime:
    """A time on the clocks of Shanghai."""
    return datetime.combine(on, time(hour, minute), tzinfo=SHANGHAI)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def car(delivered_on: date | None, vin: str = CAR, **more: Any) -> facts.Vehicle:
    """A combustion car of customer C1: first check 30 days or 3,000 km after the delivery."""
    owned = (facts.Ownership(more.pop("customer", "C1")),)
    given = {"powertrain": "ICE", "store": "S1"} | more
    return facts.Vehicle(vin, "VW", "Lavida", delivered_on=delivered_on, ownerships=owned, **given)


def overdue_car(count: int, vin: str = CAR, **more: Any) -> facts.Vehicle:
    """Never visited, so many days overdue on AS_OF; negative: due in so many days."""
    return car(days(-30 - count), vin, **more)


def order(number: int, on: date | datetime, km: int, kind: str = "repair", **more: Any) -> Any:
    """A work order of the car at ten o'clock, or at the time given."""
    arrived_at = on if isinstance(on, datetime) else at(on)
    given = {"vin": CAR, "store": "S1", "amount": Decimal(100)} | more
    return facts.Visit(f"W{number}", arrived_at=arrived_at, odometer_km=km, kind=kind, **given)


def contact(number: int, on: date | datetime, channel: str = "phone",
            outcome: str = "no_answer", **more: Any) -> facts.Contact:  # fmt: skip
    happened_at = on if isinstance(on, datetime) else at(on)
    given = {"vin": CAR, "direction": "out"} | more
    return facts.Contact(f"T{number}", "C1", at=happened_at, channel=channel, outcome=outcome,
                         **given)  # fmt: skip


def complaint(on: date) -> facts.Complaint:
    return facts.Complaint("K1", CAR, at(on))


def survey(number: int, score: str, on: date = AS_OF) -> facts.Survey:
    return facts.Survey(f"W{number}", "S1", CAR, at(on, 11), Decimal(score))


def booking(on: date, status: str = "confirmed", **more: Any) -> facts.Appointment:
    known = ((status, more.pop("known_on", days(-60))),)
    return facts.Appointment("P1", CAR, at(on), statuses=known, **more)


def world(*rows: Any, timezone: str = "Asia/Shanghai", received_on: date = AS_OF) -> facts.World:
    """One store and the customers that the rows name."""
    by_type = {
        facts.Vehicle: "vehicles",
        facts.Visit: "visits",
        facts.Survey: "surveys",
        facts.Complaint: "complaints",
        facts.Contact: "contacts",
        facts.Appointment: "appointments",
        facts.Engagement: "engagement",
    }
    lists: dict[str, tuple[Any, ...]] = {}
    for row in rows:
        name = by_type[type(row)]
        lists[name] = (*lists.get(name, ()), row)
    names = {owned.customer for row in lists["vehicles"] for owned in row.ownerships}
    return facts.World(
        stores=(facts.Store("S1", timezone),),
        customers=tuple(facts.Customer(name, "S1") for name in sorted(names)),
        received_on=received_on,
        **lists,
    )


def told(*rows: Any, as_of: date = AS_OF, policy: dict[str, Any] | None = None,
         **more: Any) -> dict[str, dict[str, Any]]:  # fmt: skip
    """{VIN: what the engine says}; `policy`: warning settings that differ from the default."""
    with all_stores():
        laid = lay(world(*rows, **more), as_of)
        if policy:
            group = laid.stores["S1"].group
            publish(kind=WarningPolicy, group=group, store=None, values=policy, author=None)
        return {vin: as_product(row) for vin, row in engine_rows(laid, as_of).items()}


def told_of_car(*rows: Any, **more: Any) -> dict[str, Any]:
    return told(*rows, **more)[CAR]
