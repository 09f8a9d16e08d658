"""Many small worlds put together as one: renamed, in stores they share."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import Phase, given, settings

from tests.oracle.facts import Staff, Store, World
from tests.oracle.histories import History, histories


def crowded(worlds: Sequence[History]) -> History:
    """One world of all: the stores of one number and zone become one store.

    So its percentiles, medians and lists run over the customers of many worlds.
    """
    parts = [_renamed(number, history.world) for number, history in enumerate(worlds)]
    lists = ("customers", "vehicles", "visits", "surveys", "complaints", "contacts",
             "appointments", "engagement")  # fmt: skip
    world = World(
        stores=_once(part.stores for part in parts),
        staff=_once(part.staff for part in parts),
        **{name: tuple(row for part in parts for row in getattr(part, name)) for name in lists},
        received_on=parts[0].received_on,
    )
    return History(world, worlds[0].as_of)


def gathered(count: int, on: date) -> list[History]:
    """The same `count` random worlds on every run, all of one day."""
    found: list[History] = []

    @settings(max_examples=count, derandomize=True, database=None, phases=[Phase.generate])
    @given(history=histories(as_of=on, latest=on, received_on=on))
    def collect(history: History) -> None:
        found.append(history)

    collect()
    return found


def _once(parts: Iterable[Sequence[Any]]) -> tuple[Any, ...]:
    """Stores or staff of all parts; of one code the first."""
    by_code: dict[str, Any] = {}
    for part in parts:
        for row in part:
            by_code.setdefault(row.code, row)
    return tuple(by_code.values())


def _renamed(number: int, world: World) -> World:
    """Its own numbers of customers, cars and rows; stores named by their place and zone."""
    stores = {store.code: f"{store.code}-{store.timezone}" for store in world.stores}
    staff = {p.code: f"{stores[p.stores[0]]}-{p.code[2:]}" for p in world.staff}
    return replace(
        world,
        stores=tuple(Store(stores[s.code], s.timezone, s.opens, s.closes) for s in world.stores),
        staff=tuple(
            Staff(staff[p.code], p.role, tuple(stores[code] for code in p.stores), p.active)
            for p in world.staff
        ),
        **{
            name: tuple(_renamed_row(row, number, stores, staff) for row in getattr(world, name))
            for name in ("customers", "vehicles", "visits", "surveys", "complaints", "contacts",
                         "appointments", "engagement")
        },
    )  # fmt: skip


def _renamed_row(row: Any, number: int, stores: dict[str, str], staff: dict[str, str]) -> Any:
    changed: dict[str, Any] = {}
    if hasattr(row, "store"):
        changed["store"] = stores[row.store]
    if getattr(row, "advisor", None):
        changed["advisor"] = staff[row.advisor]
    for name in ("external_id", "work_order_no", "customer"):
        if hasattr(row, name):
            changed[name] = f"{getattr(row, name)}-{number}"
    if getattr(row, "vin", None):
        changed["vin"] = f"{row.vin[:6]}{number:06d}{row.vin[12:]}"
    if hasattr(row, "ownerships"):
        changed["ownerships"] = tuple(
            replace(owned, customer=f"{owned.customer}-{number}") for owned in row.ownerships
        )
    return replace(row, **changed)
