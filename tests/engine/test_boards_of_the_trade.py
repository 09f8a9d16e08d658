"""Stores made to measure: the industry's curve and funnel come out, young cars move nothing."""

from datetime import date, timedelta

import pytest

from customers.models import Customer, Ownership, Vehicle, Visit
from lifecycle.boards import BOARDS
from lifecycle.reports import REPORTS
from lifecycle.rules.cells import Cell
from lifecycle.selectors import cells
from lifecycle.services.boards import cells_now, refresh_boards
from lifecycle.services.reports import report
from lifecycle.services.scope import Scope
from pipeline.policies import KINDS
from stores.models import Store
from stores.scope import all_stores
from stores.services.policies import pin, resolve
from tests.factories import CustomerFactory, StoreFactory, VehicleFactory, at

AS_OF = date(2026, 6, 15)
DELIVERED = date(2020, 1, 10)
# In time for each node: 30 days and 90, then 6 months and 90 days.
SERVICES = (date(2020, 2, 20), date(2020, 8, 25), date(2021, 3, 1), date(2021, 9, 5))
WARRANTY_MONTHS = 36
AFTER_WARRANTY = date(2023, 6, 1)
CURVE = (94, 63, 42, 31, 18)
FUNNEL = (100, 82, 64, 51, 39, 33)


@pytest.fixture
def store(db: None) -> Store:
    return StoreFactory(code="MADE")


def cars(store: Store, count: int, delivered_on: date) -> list[Vehicle]:
    """Cars with an owner each, made in three statements."""
    people = Customer.objects.bulk_create(
        CustomerFactory.build(store=store, advisor=None, external_id=f"{delivered_on}-{n}")
        for n in range(count)
    )
    made = Vehicle.objects.bulk_create(
        VehicleFactory.build(
            store=store,
            group=store.group,
            customer=person,
            vin=f"LHUTZA{delivered_on:%y%m%d}{n:05}",
            powertrain="ICE",
            delivered_on=delivered_on,
            warranty_months=WARRANTY_MONTHS,
            warranty_km=None,
        )
        for n, person in enumerate(people)
    )
    Ownership.objects.bulk_create(Ownership(vehicle=car, customer=car.customer) for car in made)
    return made


def serve(car: Vehicle, on: date, kind: str = "maintenance") -> Visit:
    return Visit(
        store=car.store,
        vehicle=car,
        customer=car.customer,
        work_order_no=f"{car.vin}-{on}-{kind}",
        arrived_at=at(on),
        arrived_on=on,
        odometer_km=(on - DELIVERED).days * 20,
        kind=kind,
        amount=500,
        received_on=on,
    )


def made_of_the_curve(store: Store) -> None:
    """Of 100 cars 94 come to the first service, 63 to the second …; 18 after the warranty."""
    visits = []
    for place, car in enumerate(cars(store, 100, DELIVERED)):
        visits += [
            serve(car, on) for on, share in zip(SERVICES, CURVE, strict=False) if place < share
        ]
        if place < CURVE[-1]:
            visits.append(serve(car, AFTER_WARRANTY, "repair"))
    Visit.objects.bulk_create(visits)


def retention(store: Store) -> dict[str, dict[str, float]]:
    scope = Scope(AS_OF, resolve([store], KINDS))
    found = report(REPORTS["retention"], BOARDS, [scope])
    return {row["node"]: row for row in found["nodes"]}


def test_the_industrys_curve_comes_out_exactly(store: Store) -> None:
    with all_stores():
        made_of_the_curve(store)
        nodes = retention(store)
    assert [round(100 * row["retention"], 10) for row in nodes.values()] == list(CURVE)
    lost = [round(100 * row["points_lost"], 10) for row in nodes.values()]
    assert lost == [6, 31, 21, 11, 13]
    cumulative = [round(100 * row["cumulative_loss"], 10) for row in nodes.values()]
    assert cumulative == [6, 37, 58, 69, 82]


def test_a_thousand_young_cars_do_not_move_it(store: Store) -> None:
    with all_stores():
        made_of_the_curve(store)
        before = retention(store)
        # Delivered too late for their first service to have run out; half of them came already.
        young = cars(store, 1000, AS_OF - timedelta(days=100))
        Visit.objects.bulk_create(serve(car, AS_OF - timedelta(days=80)) for car in young[::2])
        assert retention(store) == before


def test_the_industrys_funnel_comes_out_exactly(store: Store) -> None:
    with all_stores():
        visits = []
        for place, car in enumerate(cars(store, 100, DELIVERED)):
            for n, share in enumerate(FUNNEL):
                if place < share:
                    visits.append(serve(car, SERVICES[0] + timedelta(days=150 * n)))
        Visit.objects.bulk_create(visits)
        found = report(REPORTS["funnel"], BOARDS, [Scope(AS_OF, resolve([store], KINDS))])
    assert [round(100 * row["share"], 10) for row in found["visits"]] == list(FUNNEL)
    assert found["visits"][0]["customers"] == 100


def test_a_report_says_what_the_nights_cells_say(store: Store) -> None:
    """Page and report fold the same figures: of every board, cell by cell."""
    with all_stores():
        made_of_the_curve(store)
        scope = Scope(AS_OF, pin([store], KINDS))
        only = {
            name: board for name, board in BOARDS.items() if "customer_state" not in board.reads
        }
        refresh_boards(scope, only)
        kept = cells([store.pk], only)
        for name, board in only.items():
            fresh = [
                Cell(*(row[key] for key in ("period", "item", "part", "n", "hits", "amount")))
                for row in cells_now(scope, board)
            ]
            assert kept[name] == fresh, name


def test_the_same_night_again_writes_nothing(store: Store) -> None:
    with all_stores():
        made_of_the_curve(store)
        scope = Scope(AS_OF, pin([store], KINDS))
        assert refresh_boards(scope, BOARDS) > 0
        assert refresh_boards(scope, BOARDS) == 0
