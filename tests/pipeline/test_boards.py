"""Counting the boards after the day: due by their own date, once each, whatever fails."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from lifecycle.models import BoardCell, BoardDay
from lifecycle.selectors import cells, models_of
from lifecycle.services.group import drop_group, has_group
from pipeline.boards import BOARDS
from pipeline.models import StoreDay
from pipeline.services import boards
from pipeline.services.boards import count_boards
from stores.models import Store
from stores.scope import all_stores
from tests.factories import TODAY, JobChunkFactory, StoreDayFactory, StoreFactory, VehicleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(db: None) -> Store:
    """A store whose day is done."""
    made: Store = StoreFactory()
    with all_stores():
        VehicleFactory(store=made, customer__store=made)
        StoreDayFactory(store=made, on=TODAY)
    return made


def dates(store: Store) -> set[Any]:
    with all_stores():
        return set(BoardDay.objects.filter(store=store).values_list("as_of", flat=True))


def test_a_store_whose_day_is_newer_is_counted_once(store: Store) -> None:
    assert count_boards() == 1
    assert dates(store) == {TODAY}
    with all_stores():
        assert BoardDay.objects.filter(store=store).count() == len(BOARDS)
        assert BoardCell.objects.filter(store=store).exists()
    assert count_boards() == 0


def test_the_next_day_makes_it_due_again(store: Store) -> None:
    count_boards()
    with all_stores():
        StoreDay.objects.filter(store=store).update(on=TODAY + timedelta(days=1))
    assert count_boards() == 1
    assert dates(store) == {TODAY + timedelta(days=1)}


def test_a_board_that_was_forgotten_makes_it_due_again(store: Store) -> None:
    count_boards()
    with all_stores():
        BoardDay.objects.filter(store=store, board="moves").delete()
    assert count_boards() == 1


def test_a_store_that_fails_does_not_keep_the_others(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "STORES_A_CHUNK", 1)
    with all_stores():
        other = StoreFactory()
        StoreDayFactory(store=other, on=TODAY)
    refresh = boards.refresh_boards

    def fails_for_the_first(scope: Any, of: Any) -> int:
        if store.pk in scope.store_ids:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        return refresh(scope, of)

    monkeypatch.setattr(boards, "refresh_boards", fails_for_the_first)
    assert count_boards() == 1
    assert (dates(store), dates(other)) == (set(), {TODAY})
    monkeypatch.setattr(boards, "refresh_boards", refresh)
    assert count_boards() == 1


def test_nothing_new_is_begun_when_the_time_is_up(store: Store) -> None:
    assert count_boards(seconds=-1) == 0
    assert dates(store) == set()


def two_stores() -> list[Store]:
    stores = [StoreFactory(), StoreFactory()]
    with all_stores():
        for cars, store in enumerate(stores, start=1):
            for _ in range(cars):
                VehicleFactory(store=store, customer__store=store, delivered_on=TODAY)
            StoreDayFactory(store=store, on=TODAY)
    return stores


def in_use(stores: list[Store], **split: Any) -> int:
    with all_stores():
        found = cells([store.pk for store in stores], ["cars"], **split)["cars"]
    return sum(cell.n for cell in found)


def test_all_stores_together_are_read_from_one_sum(db: None) -> None:
    stores = two_stores()
    count_boards()
    with all_stores():
        BoardCell.objects.filter(store__in=stores, board="cars").update(n=100)
    assert in_use(stores) == 3, "of the sum, for the cells of the stores say otherwise"
    assert in_use(stores[:1]) == in_use(stores[1:]) == 100
    assert in_use(stores, split="advisor") > 3, "advisors are a store's"


def test_the_sum_is_left_alone_while_a_store_is_counted_anew(store: Store) -> None:
    stores = [store, *two_stores()]
    count_boards()
    with all_stores():
        StoreDay.objects.filter(store=store).update(on=TODAY + timedelta(days=1))
        VehicleFactory(store=store, customer__store=store, delivered_on=TODAY)
    assert in_use(stores) == 4
    assert count_boards(seconds=60) == 1
    assert in_use(stores) == 5
    with all_stores():
        StoreDay.objects.filter(store=store).update(on=TODAY + timedelta(days=2))
        drop_group()
    assert in_use(stores) == 5, "store by store, until all are counted"
    assert not has_group()


def test_models_to_choose_from_are_those_of_the_stores_asked_for(db: None) -> None:
    one, other = two_stores()
    with all_stores():
        VehicleFactory(store=one, customer__store=one, model="Unlike", delivered_on=TODAY)
    count_boards()
    with all_stores():
        assert any("Unlike" in name for name in models_of([one.pk, other.pk]))
        assert any("Unlike" in name for name in models_of([one.pk]))
        assert not any("Unlike" in name for name in models_of([other.pk]))


def test_two_at_once_count_each_store_once(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One from either end; what the other has counted meanwhile is passed over."""
    two_stores()
    monkeypatch.setattr(boards, "STORES_A_CHUNK", 1)
    plain, times = boards.refresh_boards, []

    def counting(scope: Any, which: Any) -> int:
        times.append(scope.store_ids)
        if len(times) == 1:
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(other_end).result() == 1
        return plain(scope, which)

    def other_end() -> int:
        try:
            return count_boards(backwards=True)
        finally:
            connections.close_all()

    monkeypatch.setattr(boards, "refresh_boards", counting)
    assert count_boards() == 1
    assert len(times) == 2
    assert times[0] != times[1]
    assert has_group()


def test_a_day_that_waits_for_a_worker_goes_first(store: Store) -> None:
    chunk = JobChunkFactory(run__kind="day", run__state="open", state="waiting")
    assert count_boards() == 0
    chunk.state = "claimed"
    chunk.save()
    assert count_boards() == 1
