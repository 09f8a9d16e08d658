"""Counting the boards after the day: due by their own date, once each, whatever fails."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from lifecycle.models import BoardCell, BoardDay
from pipeline.boards import BOARDS
from pipeline.models import StoreDay
from pipeline.services import boards
from pipeline.services.boards import count_boards
from stores.models import Store
from stores.scope import all_stores
from tests.factories import TODAY, StoreDayFactory, StoreFactory, VehicleFactory

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
