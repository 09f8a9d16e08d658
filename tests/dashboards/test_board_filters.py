"""What a board's filters offer: never less than what the page is parted by."""

import pytest

from dashboards.selectors.boards import asked
from pipeline.boards import ALL_BOARDS
from stores.models import Staff, Store
from tests.factories import BoardCellFactory, BoardDayFactory, StaffFactory


@pytest.fixture
def chosen(client, ada: Staff, north: Store):
    """The options of one filter that are marked as chosen."""
    client.force_login(ada)
    BoardCellFactory(store=north, board="cars", split="model", model="BYD Qin", n=3)

    def ask(query: str, split: str) -> list[tuple[str, str]]:
        answer = client.get(f"/boards/lifecycle/?{query}")
        assert answer.status_code == 200
        return answer.context["choices"][split]

    return ask


def test_models_come_from_the_cells(chosen) -> None:
    assert chosen("", "model") == [("BYD Qin", "BYD Qin")]


@pytest.mark.parametrize(
    ("query", "split", "value"),
    [("model=Unheard", "model", "Unheard"), ("powertrain=steam", "powertrain", "steam")],
)
def test_a_value_that_is_not_offered_is_shown_as_what_it_is(chosen, query, split, value) -> None:
    assert chosen(query, split)[-1] == (value, value)


def test_an_advisor_of_another_store_has_no_name_here(chosen, cleo: Staff) -> None:
    offered = chosen(f"advisor={cleo.pk}", "advisor")
    assert offered[-1] == (str(cleo.pk), str(cleo.pk))
    assert cleo.name not in dict(offered).values()


def test_whoever_cars_were_counted_under_is_offered(chosen, north: Store) -> None:
    former = StaffFactory(role="manager", name="Formerly Here")
    assert "Formerly Here" not in dict(chosen("", "advisor")).values()
    BoardCellFactory(store=north, board="cars", split="advisor", advisor=former, n=1)
    assert dict(chosen("", "advisor"))[str(former.pk)] == "Formerly Here"


@pytest.mark.parametrize("most", [1, 2], ids=["more stores", "more advisors"])
def test_over_several_stores_too_many_advisors_leave_the_one_asked_for(
    client, dora: Staff, ben: Staff, cleo: Staff, north: Store, monkeypatch, most: int
) -> None:
    StaffFactory(group=north.group, at=[north])
    monkeypatch.setattr(asked, "MOST_ADVISORS", most)
    client.force_login(dora)

    def offered(query: str) -> list[tuple[str, str]]:
        answer = client.get(f"/boards/lifecycle/?{query}")
        assert answer.status_code == 200
        return answer.context["choices"]["advisor"]

    assert offered("") == []
    assert offered(f"advisor={ben.pk}") == [(str(ben.pk), ben.name)]


@pytest.mark.parametrize(
    ("board", "splits"),
    [
        ("retention", ["advisor", "model", "powertrain"]),
        ("cohorts", ["advisor", "model", "powertrain", "band"]),
        ("moves", ["advisor"]),
    ],
)
def test_people_are_parted_as_their_board_and_stay_those_of_the_figure(
    client, ada: Staff, north: Store, board: str, splits: list[str]
) -> None:
    BoardDayFactory(store=north, board=board)
    client.force_login(ada)
    answer = client.get(f"/boards/people/?board={board}&item=2025-03&hit=0&period=6m")
    assert list(answer.context["choices"]) == splits
    form = answer.content.decode().split('<form class="h-filters"')[1].split("</form>")[0]
    kept = {"board": board, "item": "2025-03", "hit": "0", "period": "6m"}
    for name, value in kept.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in form


@pytest.mark.parametrize("query", ["advisor={ben}", "model=X", "powertrain=X", "band=X"])
def test_any_list_of_people_answers_whatever_it_is_parted_by(
    client, ada: Staff, ben: Staff, north: Store, query: str
) -> None:
    BoardDayFactory(store=north)
    client.force_login(ada)
    for board in ALL_BOARDS:
        answer = client.get(f"/boards/people/?board={board}&{query.format(ben=ben.pk)}")
        # Cars are counted for the filters: no page shows their figure.
        assert answer.status_code == (404 if board == "cars" else 200), board


def test_an_advisors_own_people_offer_nobody_elses(client, ben: Staff, north: Store) -> None:
    BoardDayFactory(store=north, board="scorecard")
    client.force_login(ben)
    answer = client.get(f"/boards/scorecard/people/?board=scorecard&advisor={ben.pk}")
    assert answer.status_code == 200
    assert "choices" not in answer.context
    assert '<form class="h-filters"' not in answer.content.decode()


def test_a_card_that_a_filter_does_not_part_says_so(client, ada: Staff, north: Store) -> None:
    BoardDayFactory(store=north, board="cohorts")
    ada.language = "en"
    ada.save()
    client.force_login(ada)

    def unparted(query: str) -> int:
        return client.get(f"/boards/cohorts/?{query}").content.decode().count("not counted by this")

    # First visits, the funnel, satisfaction and silence; deliveries and the second step are.
    assert unparted("band=low") == 4
    assert unparted("") == 0
