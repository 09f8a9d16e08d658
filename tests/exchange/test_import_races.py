"""Two loads at once, and a load that is cut off: the result is that of one load."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from django.db import connection

from customers.models import Customer, Ownership, Vehicle, Visit
from exchange.importing import kinds, load_file
from exchange.models import ImportFile
from stores.scope import all_stores
from tests.exchange.loading import CUSTOMERS, NOW, VEHICLES, VIN, VISITS, Loader, counts
from tests.factories import GroupFactory, StoreFactory

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 400


@pytest.fixture
def loader(tmp_path: Path, settings: pytest.FixtureRequest) -> Loader:
    settings.IMPORT_CHUNK_ROWS = 50  # type: ignore[attr-defined]
    StoreFactory(group=GroupFactory(), code="NORTH")
    return Loader(tmp_path)


def _vin(number: int) -> str:
    return f"LSVAU2A34N2{number:06}"


def _files(loader: Loader) -> list[tuple[str, Path]]:
    people = [f"C{n},NORTH,人{n},138{n:08}" for n in range(ROWS)]
    cars = [f"{_vin(n)},C{n},NORTH,Volta,One,ICE,2024-01-10" for n in range(ROWS)]
    orders = [
        f"W{n},NORTH,{_vin(n % 50)},2025-{n // 50 + 1:02}-01 09:00,{n * 10},repair,1"
        for n in range(ROWS)
    ]
    return [
        (kind, loader.path(f"{kind}.csv", "\n".join([header, *rows, ""])))
        for kind, header, rows in (
            ("customers", CUSTOMERS, people),
            ("vehicles", VEHICLES, cars),
            ("visits", VISITS, orders),
        )
    ]


def _apart(work: Callable[[], ImportFile]) -> ImportFile:
    """In a thread: with a connection of its own, which ends with it."""
    try:
        return work()
    finally:
        connection.close()


def test_two_loads_of_one_file_make_no_duplicates(loader: Loader) -> None:
    for kind, path in _files(loader):
        with ThreadPoolExecutor(2) as pool:
            twins = [
                pool.submit(_apart, lambda k=kind, p=path: load_file(p, k, now=NOW))
                for _n in range(2)
            ]
        records = [twin.result() for twin in twins]
        assert sum(record.created for record in records) == ROWS
        assert sum(record.unchanged for record in records) == ROWS
    with all_stores():
        assert [model.objects.count() for model in (Customer, Vehicle, Ownership, Visit)] == [
            ROWS
        ] * 4
        assert all(one.phone == f"138{one.external_id[1:]:0>8}" for one in Customer.objects.all())


def _crossing(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Loads a late visit while an earlier one is written; is the late reading set aside?"""
    loader.customer()
    loader.vehicle()
    written, done = Event(), Event()

    def hold(_ids: list[int]) -> None:
        if not written.is_set():
            written.set()
            # The other load is over at once, or it waits for this one.
            done.wait(0.5)

    monkeypatch.setattr("exchange.importing.chunk.settle", hold)

    def second() -> ImportFile:
        written.wait(10)
        record = loader.visits("W2,2026-02-01 09:00,5000")
        done.set()
        return record

    with ThreadPoolExecutor(2) as pool:
        late = pool.submit(_apart, second)
        early = pool.submit(_apart, lambda: loader.visits("W1,2026-01-01 09:00,9000"))
        assert (early.result().created, late.result().created) == (1, 1)
    with all_stores():
        return not Visit.objects.get(work_order_no="W2").is_reading_ok


def test_loads_about_one_car_take_turns(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _crossing(loader, monkeypatch)


def test_control_without_the_lock_a_reading_slips_through(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    unguarded = replace(kinds.KINDS["visits"], before=lambda _chunk: None)
    monkeypatch.setitem(kinds.KINDS, "visits", unguarded)
    assert not _crossing(loader, monkeypatch)


class PowerCut(BaseException):
    """The worker is gone."""


def test_load_that_was_cut_off_is_finished_by_loading_again(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = _files(loader)
    for kind, path in files[:2]:
        load_file(path, kind, now=NOW)
    chunks = 0

    def fail(_ids: list[int]) -> None:
        nonlocal chunks
        chunks += 1
        if chunks == 4:
            raise PowerCut

    with monkeypatch.context() as cut:
        cut.setattr("exchange.importing.chunk.settle", fail)
        with pytest.raises(PowerCut):
            load_file(files[2][1], "visits", now=NOW)
    with all_stores():
        assert Visit.objects.count() == 150
    record = ImportFile.objects.latest("pk")
    assert record.state == "failed"
    again = load_file(files[2][1], "visits", now=NOW, record=record)
    assert counts(again) == (ROWS - 150, 0, 150, 0)
    assert (again.pk, again.state, again.error) == (record.pk, "done", "")


def test_progress_is_seen_while_the_load_goes_on(loader: Loader) -> None:
    kind, path = _files(loader)[0]
    seen: list[tuple[int, int, str]] = []
    load_file(path, kind, now=NOW, progress=lambda r: seen.append((r.rows, r.handled, r.state)))
    assert seen[0] == (ROWS, 0, "running")
    assert [handled for _rows, handled, _state in seen if handled] == [
        *range(50, ROWS + 1, 50), ROWS, ROWS
    ]  # fmt: skip
    assert seen[-1][2] == "done"


def test_vin_of_two_rows_in_flight_has_one_owner(loader: Loader) -> None:
    loader.customer("C2,NORTH,李四,13812345679")
    rows = [f"{VIN},C{n},NORTH,Volta,One,ICE,2024-01-10" for n in (1, 2)]
    with ThreadPoolExecutor(2) as pool:
        twins = [pool.submit(_apart, lambda r=row: loader("vehicles", VEHICLES, r)) for row in rows]
        for twin in twins:
            twin.result()
    with all_stores():
        assert Ownership.objects.filter(until_on=None).count() == 1
