"""Vehicles, their owners, their work orders and which readings are accepted."""

from datetime import date
from pathlib import Path

import pytest

from customers.models import Correction, Customer, Finding, Ownership, Survey, Vehicle, Visit
from exchange.models import ImportFile
from stores.models import Staff, Store
from stores.scope import all_stores
from tests.exchange.loading import (
    CUSTOMERS,
    VEHICLES,
    VIN,
    VIN2,
    VISITS,
    WRONG_DIGIT,
    Loader,
    counts,
)
from tests.factories import TODAY

pytestmark = pytest.mark.django_db
TOMORROW = date(2026, 6, 16)
CAR = f"{VIN},C1,NORTH,Volta,One,ICE,2024-01-10"


@pytest.fixture
def loader(tmp_path: Path, north: Store, south: Store) -> Loader:
    loader = Loader(tmp_path)
    loader.customer("C2,NORTH,李四,13812345679")
    loader.vehicle()
    return loader


def _car(vin: str = VIN) -> Vehicle:
    with all_stores():
        return Vehicle.objects.select_related("customer").get(vin=vin)


def _visits() -> dict[str, Visit]:
    with all_stores():
        rows = Visit.objects.select_related("customer")
        return {row.work_order_no: row for row in rows}


def _owners() -> list[tuple[str, str, str]]:
    """Customer, first and last day of each ownership, oldest first."""
    with all_stores():
        rows = Ownership.objects.select_related("customer").order_by("pk")
        found = [(row.customer.external_id, str(row.since_on), str(row.until_on)) for row in rows]
    return sorted(found, key=lambda row: "" if row[1] == "None" else row[1])


def _open_findings() -> list[tuple[str, int]]:
    with all_stores():
        rows = Finding.objects.filter(resolved_at=None).order_by("kind", "row_id")
        return [(row.kind, row.row_id) for row in rows]


def test_vin_is_folded_to_capitals_and_unique_in_the_group(loader: Loader) -> None:
    record = loader("vehicles", VEHICLES, CAR.replace(VIN, VIN.lower()))
    assert counts(record) == (0, 0, 1, 0)


def test_same_vin_in_another_group_is_another_car(loader: Loader, elsewhere: Store) -> None:
    loader.customer(store="ELSE")
    assert loader("vehicles", VEHICLES, CAR.replace("NORTH", "ELSE")).created == 1


def test_wrong_check_digit_is_accepted_with_a_warning(loader: Loader) -> None:
    record = loader("vehicles", VEHICLES, CAR.replace(VIN, WRONG_DIGIT))
    assert (record.created, record.warnings) == (1, {"check_digit": 1})
    assert _open_findings() == [("check_digit", _car(WRONG_DIGIT).pk)]


STATUS = VEHICLES + ",status,status_on"


def _status(loader: Loader, words: str, on: date = TODAY, car: str = CAR) -> Vehicle:
    loader("vehicles", STATUS, f"{car},{words}", on=on)
    return _car(car[:17])


def test_status_counts_from_its_date_else_from_its_receipt(loader: Loader) -> None:
    assert _status(loader, "sold,").status_on == TODAY
    assert _status(loader, "sold,", TOMORROW).status_on == TODAY
    assert _status(loader, "sold,2026-05-01", TOMORROW).status_on == date(2026, 5, 1)
    assert _status(loader, ",", TOMORROW).status == "sold"
    assert _status(loader, "active,").status_on is None
    assert _status(loader, "报废,", TOMORROW).status_on == TOMORROW
    assert _status(loader, "\\N,").status == "active"
    assert _status(loader, "moved,", car=CAR.replace(VIN, VIN2)).status_on == TODAY


OWNER = VEHICLES + ",owner_since"


def test_first_owner_has_the_car_from_the_beginning_or_from_owner_since(loader: Loader) -> None:
    assert _owners() == [("C1", "None", "None")]
    loader("vehicles", OWNER, f"{CAR},2024-02-01")
    assert _owners() == [("C1", "2024-02-01", "None")]
    assert counts(loader("vehicles", OWNER, f"{CAR},2024-02-01")) == (0, 0, 1, 0)


def test_vin_with_another_customer_starts_a_new_ownership(loader: Loader) -> None:
    loader.visits("W1,2026-06-01 09:00,3000", "W2,2026-06-15 09:00,4000")
    second = CAR.replace("C1", "C2")
    assert counts(loader("vehicles", VEHICLES, second)) == (0, 1, 0, 0)
    assert _owners() == [("C1", "None", "2026-06-14"), ("C2", "2026-06-15", "None")]
    assert _car().customer.external_id == "C2"
    visits = _visits()
    assert [visits[no].customer.external_id for no in ("W1", "W2")] == ["C1", "C2"]
    assert counts(loader("vehicles", VEHICLES, second, on=TOMORROW)) == (0, 0, 1, 0)


def test_visit_belongs_to_the_owner_of_its_day_whenever_it_comes(loader: Loader) -> None:
    loader("vehicles", OWNER, CAR.replace("C1", "C2") + ",2026-03-01")
    loader.visits("W1,2026-02-28 09:00,3000", "W2,2026-03-01 09:00,4000")
    visits = _visits()
    assert [visits[no].customer.external_id for no in ("W1", "W2")] == ["C1", "C2"]


def test_owner_since_an_earlier_day_replaces_those_in_between(loader: Loader) -> None:
    loader("vehicles", OWNER, CAR.replace("C1", "C2") + ",2026-03-01")
    loader("vehicles", OWNER, CAR + ",2026-02-01")
    assert _owners() == [("C1", "2026-02-01", "None"), ("C1", "None", "2026-01-31")] or (
        _owners() == [("C1", "None", "2026-01-31"), ("C1", "2026-02-01", "None")]
    )


def test_car_sold_back_and_forth_on_one_day_has_one_owner(loader: Loader) -> None:
    loader("vehicles", VEHICLES, CAR.replace("C1", "C2"))
    loader("vehicles", VEHICLES, CAR)
    assert _owners() == [("C1", "None", "2026-06-14"), ("C1", "2026-06-15", "None")]


def test_car_of_a_merged_customer_is_the_survivors(loader: Loader) -> None:
    with all_stores():
        one, two = Customer.objects.order_by("external_id")
        Customer.objects.filter(pk=two.pk).update(merged_into=one, merged_on=TODAY)
    assert counts(loader("vehicles", VEHICLES, CAR.replace("C1", "C2"))) == (0, 0, 1, 0)


def test_visit_at_another_store_counts_for_the_car(loader: Loader, south: Store) -> None:
    row = f"W1,SOUTH,{VIN},2026-06-01 23:30,3000,repair,10"
    assert loader("visits", VISITS, row).created == 1
    visit = _visits()["W1"]
    assert (visit.store, visit.vehicle, visit.arrived_on) == (south, _car(), date(2026, 6, 1))


def test_local_date_is_that_of_the_visits_store(loader: Loader, south: Store) -> None:
    loader("visits", VISITS, f"W1,SOUTH,{VIN},2026-06-01T18:00:00Z,3000,repair,10")
    assert _visits()["W1"].arrived_on == date(2026, 6, 2)


VOID = VISITS + ",status"


def _order(status: str, number: str = "W1") -> str:
    return f"{number},NORTH,{VIN},2026-06-01 09:00,3000,repair,10,{status}"


def test_void_counts_from_the_day_it_was_received(loader: Loader) -> None:
    loader("visits", VOID, _order("void", "W9"))
    assert _visits()["W9"].void_on == date.min
    loader("visits", VOID, _order(""))
    assert (_visits()["W1"].status, _visits()["W1"].void_on) == ("closed", None)
    loader("visits", VOID, _order("void"), on=TOMORROW)
    assert _visits()["W1"].void_on == TOMORROW
    assert counts(loader("visits", VOID, _order("void"))) == (0, 0, 1, 0)
    loader("visits", VOID, _order("closed"))
    assert (_visits()["W1"].void_on, _visits()["W1"].is_reading_ok) == (None, True)


def _ok() -> list[str]:
    return sorted(number for number, visit in _visits().items() if visit.is_reading_ok)


@pytest.mark.parametrize(
    ("rows", "accepted"),
    [
        (["W1,2026-01-01 09:00,3000", "W2,2026-01-02 09:00,4500"], ["W1", "W2"]),
        (["W1,2026-01-01 09:00,3000", "W2,2026-01-02 09:00,4501"], ["W1"]),
        (["W1,2026-01-01 09:00,3000", "W2,2026-01-01 10:00,4500"], ["W1", "W2"]),
        (["W1,2026-01-01 09:00,3000", "W2,2026-02-01 09:00,2999"], ["W1"]),
        (["W1,2026-01-01 09:00,3000", "W2,2026-02-01 09:00,3000"], ["W1", "W2"]),
        (
            ["W1,2026-01-01 09:00,3000", "W2,2026-02-01 09:00,2000", "W3,2026-02-02 09:00,2500"],
            ["W1"],
        ),
        (["W1,2024-01-10 09:00,900000"], ["W1"]),
    ],
    ids=["at limit", "above", "same day", "lower", "equal", "against accepted", "delivery"],
)
def test_reading_is_set_aside_when_it_falls_or_leaps(
    loader: Loader, rows: list[str], accepted: list[str]
) -> None:
    record = loader.visits(*rows)
    assert _ok() == accepted
    assert record.warnings == (
        {"odometer": len(rows) - len(accepted)} if len(rows) > len(accepted) else {}
    )


def test_late_visit_changes_which_readings_are_accepted(loader: Loader) -> None:
    loader.visits("W2,2026-02-01 09:00,5000")
    record = loader.visits("W1,2026-01-01 09:00,9000")
    assert (_ok(), record.warned) == (["W1"], 0)
    assert _open_findings() == [("odometer", _visits()["W2"].pk)]
    record = loader.visits("W1,2026-01-01 09:00,4000")
    assert (_ok(), _open_findings()) == (["W1", "W2"], [])


def test_reading_of_a_visit_that_turns_void_no_longer_stands_in_the_way(loader: Loader) -> None:
    loader.visits("W1,2026-05-01 09:00,9000", "W2,2026-06-01 10:00,3500")
    assert _ok() == ["W1"]
    row = f"W1,NORTH,{VIN},2026-05-01 09:00,9000,maintenance,500,void"
    loader("visits", VOID, row)
    assert (_ok(), _open_findings()) == (["W2"], [])


def test_visit_before_delivery_is_kept_but_not_counted_until_the_delivery_moves(
    loader: Loader,
) -> None:
    record = loader.visits("W1,2024-01-09 09:00,10", "W2,2024-01-10 09:00,5")
    assert record.warnings == {"before_delivery": 1}
    assert [_visits()[no].is_counted for no in ("W1", "W2")] == [False, True]
    assert _ok() == ["W2"]
    loader.vehicle("2024-01-09")
    assert _visits()["W1"].is_counted
    assert _ok() == ["W1"]
    assert [kind for kind, _row in _open_findings()] == ["odometer"]
    loader.vehicle("2024-02-01")
    assert [visit.is_counted for visit in _visits().values()] == [False, False]


def test_work_order_that_moves_to_another_car_takes_its_survey_along(loader: Loader) -> None:
    loader("vehicles", VEHICLES, CAR.replace(VIN, VIN2).replace("C1", "C2"))
    loader.visits("W1,2026-01-01 09:00,3000", "W2,2026-02-01 09:00,2000")
    loader("surveys", "store,work_order_no,answered_at,score,scale", "NORTH,W1,2026-01-02,9,10")
    row = f"W1,NORTH,{VIN2},2026-01-01 09:00,3000,maintenance,500"
    assert counts(loader("visits", VISITS, row)) == (0, 1, 0, 0)
    visit = _visits()["W1"]
    with all_stores():
        assert Survey.objects.get().vehicle_id == visit.vehicle_id == _car(VIN2).pk
    assert visit.customer.external_id == "C2"
    assert _ok() == ["W1", "W2"]


def test_every_column_of_a_visit_arrives_and_the_same_file_changes_nothing(
    loader: Loader, ben: Staff
) -> None:
    header = (
        VISITS + ",closed_at,gross_margin,advisor,promised_minutes,actual_minutes,items,"
        "recommendations"
    )
    row = _order("").rstrip(",") + ",2026-06-01 11:00,-3.5,BEN,60,75,oil;filter,pads"
    assert counts(loader("visits", header, row)) == (1, 0, 0, 0)
    visit = _visits()["W1"]
    assert (str(visit.amount), str(visit.gross_margin)) == ("10.00", "-3.50")
    assert (visit.advisor, visit.actual_minutes, visit.items) == (ben, 75, "oil;filter")
    assert counts(loader("visits", header, row, on=TOMORROW)) == (0, 0, 1, 0)
    assert visit.received_on == _visits()["W1"].received_on == TODAY


def test_readings_do_not_depend_on_how_the_file_is_cut(
    loader: Loader, settings: pytest.FixtureRequest
) -> None:
    rows = [
        f"W{n},2026-01-{n:02} 09:00,{km}"
        for n, km in enumerate([100, 5000, 1500, 1400, 2000, 90_000, 3000], 1)
    ]
    found = []
    for size in (1, 3, 100):
        settings.IMPORT_CHUNK_ROWS = size  # type: ignore[attr-defined]
        with all_stores():
            Visit.objects.all().delete()
        record: ImportFile = loader.visits(*rows)
        found.append((_ok(), record.created, record.warned))
    assert found == [(["W1", "W3", "W5", "W7"], 7, 3)] * 3


def test_customers_of_another_store_are_not_found(loader: Loader) -> None:
    loader("customers", CUSTOMERS, "C7,SOUTH,A,13812345678")
    assert loader("vehicles", VEHICLES, CAR.replace("C1", "C7")).rejected == 1


def test_owner_corrected_by_hand_stays_until_the_source_names_another(
    loader: Loader, ben: Staff
) -> None:
    loader("vehicles", VEHICLES, CAR.replace("C1", "C2"))
    car = _car()
    with all_stores():
        Correction.objects.create(
            store=car.store,
            table="customers_vehicle",
            row_id=car.pk,
            column="customer",
            replaced="C1",
            corrected_by=ben,
        )
    assert counts(loader("vehicles", VEHICLES, CAR)) == (0, 0, 1, 0)
    assert (_car().customer.external_id, len(_owners())) == ("C2", 2)
