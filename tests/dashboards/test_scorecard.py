"""KPI-1: what is counted at night, the page, what an advisor may see; targets; stores."""

from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from lifecycle.boards import BOARDS
from lifecycle.models import AdvisorSpell, RevenueTarget
from lifecycle.policies import ScorecardPolicy
from lifecycle.reports import REPORTS
from lifecycle.selectors import cells_by
from lifecycle.services.boards import refresh_boards
from lifecycle.services.reports import report
from lifecycle.services.scope import Scope
from lifecycle.services.targets import copy_last_month, set_targets
from pipeline.policies import KINDS
from stores.choices import AuditAction
from stores.models import AuditEntry, Staff, Store
from stores.scope import all_stores
from stores.services.policies import pin, publish
from tests.factories import (
    TODAY,
    BoardCellFactory,
    BoardDayFactory,
    ContactFactory,
    CustomerFactory,
    CustomerStateFactory,
    OwnershipFactory,
    RevenueTargetFactory,
    StaffFactory,
    StageTransitionFactory,
    StoreFactory,
    VehicleFactory,
    at,
)

# --- counted at night


def count(store: Store) -> None:
    names = ("scorecard", "calls", "gaming")
    refresh_boards(Scope(TODAY, pin([store], KINDS)), {name: BOARDS[name] for name in names})


def customer(store: Store, advisor: Staff | None, **fields: object):
    one = CustomerFactory(store=store, advisor=advisor, **fields)
    car = VehicleFactory(customer=one, delivered_on=date(2024, 1, 10))
    OwnershipFactory(vehicle=car, customer=one)
    CustomerStateFactory(customer=one)
    return one


def miss(store: Store, by: Staff, minutes: list[int], hour: int = 10) -> None:
    for minute in minutes:
        ContactFactory(
            customer=customer(store, by),
            vehicle=None,
            staff=by,
            channel="phone",
            outcome="no_answer",
            happened_at=at(date(2026, 5, 4), hour, minute),
            happened_on=date(2026, 5, 4),
        )


def flagged(store: Store, item: str) -> dict[int, tuple[int, int]]:
    """{advisor: (hits, n)}."""
    split = cells_by([store.pk], ["gaming"], "advisor")
    return {
        pk: (one.hits, one.n)
        for pk, of in split.items()
        for one in of["gaming"]
        if one.item == item
    }


def test_five_calls_not_connected_within_five_minutes_are_flagged(north: Store, ben: Staff) -> None:
    with all_stores():
        miss(north, ben, [0, 1, 2, 3, 5, 20, 30])
        miss(north, ben, [0, 2, 4, 6, 8, 10], hour=14)
        count(north)
        assert flagged(north, "bulk") == {ben.pk: (5, 13)}


def test_a_customer_who_changed_hands_just_before_the_loss_is_flagged(
    north: Store, ben: Staff
) -> None:
    lost_on = date(2026, 5, 20)
    other = StaffFactory(group=north.group, at=[north])
    with all_stores():
        for moved_on in (None, date(2026, 4, 1), date(2026, 5, 1)):
            one = customer(north, ben if moved_on is None else other)
            AdvisorSpell.objects.create(store=north, customer=one, advisor=ben)
            if moved_on:
                AdvisorSpell.objects.create(
                    store=north, customer=one, advisor=other, since_on=moved_on
                )
            StageTransitionFactory(
                customer=one, changed_on=lost_on, from_stage="decline", to_stage="lost"
            )
        count(north)
        # Handed over 49 days before is the other's loss; 19 days before is asked about.
        assert flagged(north, "moved") == {ben.pk: (1, 2), other.pk: (0, 1)}


# --- pages


@pytest.fixture
def counted(north: Store, ben: Staff) -> Store:
    BoardDayFactory(store=north, board="scorecard")
    rows = (("came", 40, 30, 0), ("csat", 20, 20, 1800), ("owned", 50, 5, 0))
    for item, n, hits, amount in rows:
        BoardCellFactory(
            store=north, board="scorecard", split="advisor", advisor=ben,
            period="12m", item=item, n=n, hits=hits, amount=amount,
        )  # fmt: skip
    return north


def test_the_page_shows_a_row_an_advisor_by_name(
    counted: Store, ada: Staff, ben: Staff, client: Client
) -> None:
    StaffFactory(group=counted.group, name="Abel", role="advisor", at=[counted])
    client.force_login(ada)
    text = client.get("/boards/scorecard/").content.decode()
    assert text.index("Abel") < text.index("Ben")
    assert "75.0%" in text
    assert "not enough data: 0 of 20" in text
    by_score = client.get("/boards/scorecard/?order=score").content.decode()
    assert by_score.index("Ben") < by_score.index("Abel")


def test_a_stores_own_weights_make_its_scores(counted: Store, ada: Staff, client: Client) -> None:
    values = {"retention": 100, "revenue": 0, "satisfaction": 0}
    publish(kind=ScorecardPolicy, group=counted.group, store=counted, values=values, author=None)
    client.force_login(ada)
    (row,) = client.get("/boards/scorecard/").context["board"].rows
    assert (row.score.text, row.parts[2].weight) == ("75", "0%")


def test_an_advisor_sees_her_own_card_only(counted: Store, ben: Staff, client: Client) -> None:
    other = StaffFactory(group=counted.group, name="Zoe", role="advisor", at=[counted])
    client.force_login(ben)
    text = client.get("/boards/scorecard/").content.decode()
    assert "Ben" in text
    assert "Zoe" not in text
    assert f"advisor={other.pk}" not in text
    people = "/boards/scorecard/people/?board=scorecard"
    assert client.get(f"{people}&advisor={ben.pk}").status_code == 200
    for query in (f"&advisor={other.pk}", "", "&model=x"):
        assert client.get(f"{people}{query}").status_code == 404
    assert (
        client.get(f"/boards/scorecard/people/?board=retention&advisor={ben.pk}").status_code == 404
    )
    assert client.get(f"/boards/people/?board=scorecard&advisor={ben.pk}").status_code == 403
    assert client.get("/boards/stores/").status_code == 403


def test_the_people_behind_a_figure_are_as_many(north: Store, ben: Staff, client: Client) -> None:
    with all_stores():
        miss(north, ben, [0, 1, 2, 3, 4, 40])
        count(north)
    client.force_login(ben)
    card_page = client.get("/boards/scorecard/")
    row = card_page.context["board"].rows[0]
    shown = dict(row.calls)[list(dict(row.calls))[0]]
    assert shown.text == "6"
    for figure, expected in (
        (shown, 6),
        (row.flags[0], 5),
        (row.customers, int(row.customers.text)),
    ):
        answer = client.get(figure.url)
        assert answer.context["members"].count == answer.context["counted"] == expected
        query = parse_qs(urlsplit(figure.url).query)
        assert query["advisor"] == [str(ben.pk)]


def test_a_report_says_what_the_page_says(
    north: Store, ada: Staff, ben: Staff, client: Client
) -> None:
    with all_stores():
        miss(north, ben, [0, 1, 2, 3, 4])
        RevenueTargetFactory(store=north, staff=ben, amount=9000)
        sets = pin([north], KINDS)
        count(north)
        said = report(REPORTS["scorecard"], BOARDS, [Scope(TODAY, sets)])
    (row,) = said["advisors"]
    assert (row["advisor"], row["calls"], row["bulk_no_answer"]) == ("BEN", 5, 5)
    assert (row["target"], row["target_months"], row["customers"]) == (9000, 1, 5)
    client.force_login(ada)
    (shown,) = client.get("/boards/scorecard/").context["board"].rows
    assert shown.customers.text == str(row["customers"])


# --- targets


def test_targets_are_set_changed_and_taken_off(north: Store, ada: Staff, ben: Staff) -> None:
    may = date(2026, 5, 1)
    with all_stores():
        assert set_targets(north, may, {ben.pk: Decimal(12000)}, by=ada) == 1
        assert set_targets(north, may, {ben.pk: Decimal(12000)}, by=ada) == 0
        assert set_targets(north, may, {ben.pk: None}, by=ada) == 1
        assert not RevenueTarget.objects.exists()
    entries = AuditEntry.objects.filter(action=AuditAction.TARGET_SET).order_by("pk")
    assert [one.detail["amounts"] for one in entries] == [
        {str(ben.pk): "12000"},
        {str(ben.pk): None},
    ]


def test_copying_fills_only_what_is_empty(north: Store, ada: Staff, ben: Staff) -> None:
    other = StaffFactory(group=north.group, at=[north])
    with all_stores():
        RevenueTargetFactory(store=north, staff=ben, month_on=date(2026, 5, 1), amount=100)
        RevenueTargetFactory(store=north, staff=other, month_on=date(2026, 5, 1), amount=200)
        RevenueTargetFactory(store=north, staff=ben, month_on=date(2026, 6, 1), amount=150)
        assert copy_last_month(north, date(2026, 6, 1), by=ada) == 1
        june = RevenueTarget.objects.filter(month_on=date(2026, 6, 1))
        assert dict(june.values_list("staff_id", "amount")) == {ben.pk: 150, other.pk: 200}


def test_a_manager_enters_targets_on_the_page(
    north: Store, ada: Staff, ben: Staff, cleo: Staff, client: Client
) -> None:
    client.force_login(ada)
    page = client.get("/boards/targets/?month=2026-06").content.decode()
    assert f"staff-{ben.pk}" in page
    assert f"staff-{cleo.pk}" not in page
    given = {f"staff-{ben.pk}": "20000", f"staff-{cleo.pk}": "1"}
    assert client.post("/boards/targets/save/?month=2026-06", given).status_code == 302
    with all_stores():
        (target,) = RevenueTarget.objects.all()
    assert (target.staff, target.month_on, target.amount) == (ben, date(2026, 6, 1), 20000)
    refused = client.post("/boards/targets/save/?month=2026-06", {f"staff-{ben.pk}": "-1"})
    assert refused.status_code == 200
    assert refused.context["form"].errors


# --- the group


def test_the_group_board_stands_by_name_and_marks_what_chance_does_not_explain(
    group, dora: Staff, client: Client
) -> None:
    made = {}
    for name, hits, n in (("Zeta", 300, 400), ("Alpha", 160, 400), ("Mid", 24, 40)):
        store = made[name] = StoreFactory(group=group, name=name)
        BoardDayFactory(store=store, board="due_answered")
        BoardCellFactory(store=store, board="due_answered", item="answered", n=n, hits=hits)
    client.force_login(dora)
    board = client.get("/boards/stores/").context["board"]
    rows = {row.store.name: row for row in board.rows}
    assert [name for name in rows if name in made] == ["Alpha", "Mid", "Zeta"]
    tones = {name: rows[name].cells[4].chip and rows[name].cells[4].chip.tone for name in made}
    assert tones == {"Zeta": "green", "Alpha": "red", "Mid": None}
    assert rows["Mid"].cells[0].text == "–"
    assert board.group.cells[4].text == "57.6%"
