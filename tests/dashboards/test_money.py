"""Spending beside revenue: what is entered, what is counted, the page, the report (DOMAIN §8)."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client

from customers.models import Vehicle
from lifecycle.boards import BOARDS
from lifecycle.models import Spending
from lifecycle.reports import REPORTS
from lifecycle.rules.cells import Cell, total
from lifecycle.rules.followed import followed
from lifecycle.rules.periods import Period, period
from lifecycle.rules.spending import Entered, as_json, shares, sides
from lifecycle.selectors import cells
from lifecycle.selectors.spending import entered, entered_beside
from lifecycle.services.boards import cells_now, refresh_boards
from lifecycle.services.reports import report
from lifecycle.services.scope import Scope
from lifecycle.services.spending import Given, set_spending
from pipeline.boards import BOARDS as ALL_BOARDS
from pipeline.policies import KINDS
from stores.choices import AuditAction
from stores.models import AuditEntry, Staff, Store
from stores.scope import all_stores
from stores.services.policies import pin, resolve
from tests.factories import (
    TODAY,
    AppointmentFactory,
    BoardDayFactory,
    ContactFactory,
    CustomerFactory,
    OwnershipFactory,
    SpendingFactory,
    VehicleFactory,
    VisitFactory,
    at,
)

MAY = date(2026, 5, 1)
READS = REPORTS["money"].boards

# --- rules


def of_month(month: str, purpose: str, spent: int, revenue: int, came: int, both: bool = True):
    return Entered(month, purpose, both, 1, Decimal(spent), Decimal(revenue), came)


def board(**amounts: tuple[int, int]) -> dict[str, list[Cell]]:
    """A store's year: {purpose: (revenue, customers)} in May and in the year."""
    revenue, arrivals = [], []
    for purpose, (amount, came) in amounts.items():
        revenue.append(Cell("2026-05", purpose, "other", came, 0, Decimal(amount)))
        arrivals += [Cell(name, purpose, "", came, came) for name in ("2026-05", "12m")]
    return {"revenue": revenue, "arrivals": arrivals}


YEAR = period("12m", TODAY)
A_MONTH = Period("month", "2026-05", "2026-05")


def test_what_is_not_entered_is_not_nothing() -> None:
    found = sides(board(new=(9_000, 30)), [], YEAR, 1)
    assert (found["new"].spent, found["new"].per_yuan, found["new"].cost) == (None, None, None)
    free = sides(board(new=(9_000, 30)), [of_month("2026-05", "new", 0, 9_000, 30)], A_MONTH, 1)
    assert (free["new"].spent, free["new"].per_yuan, free["new"].cost) == (0, None, 0)


def test_a_ratio_takes_the_months_that_are_entered_and_no_others() -> None:
    cells_ = board(new=(9_000, 30), returning=(50_000, 200))
    known = [
        of_month("2026-05", "new", 3_000, 9_000, 30),
        of_month("2026-05", "returning", 1_000, 50_000, 200),
    ]
    found = sides(cells_, known, YEAR, 1)
    assert found["new"].per_yuan == 3
    assert found["new"].cost == 100
    assert (found["new"].entered, found["new"].wanted) == (1, 12)
    # Who returns comes in several months: without the other eleven nobody knows how many.
    assert found["returning"].per_yuan == 50
    assert found["returning"].cost is None
    assert sides(cells_, known, A_MONTH, 1)["returning"].cost == 5


@pytest.mark.parametrize(("came", "is_told"), [(19, False), (20, True)])
def test_below_twenty_customers_there_is_no_ratio(came: int, is_told: bool) -> None:
    known = [of_month("2026-05", "new", 3_000, 9_000, came)]
    side = sides(board(new=(9_000, came)), known, A_MONTH, 1)["new"]
    assert (side.per_yuan is not None, side.cost is not None) == (is_told, is_told)
    assert as_json(side)["customers"] == came


def test_shares_take_only_months_in_which_both_are_entered() -> None:
    known = [
        of_month("2026-05", "new", 6_000, 10_000, 20),
        of_month("2026-05", "returning", 2_000, 30_000, 60),
        of_month("2026-04", "new", 9_000, 10_000, 20, both=False),
    ]
    found = shares(known, YEAR)
    assert found is not None
    assert (found.spending, found.revenue, found.customers) == (0.75, 0.25, 0.25)
    assert shares(known[2:], YEAR) is None
    assert shares([], YEAR) is None


# --- counted at night


def count(store: Store) -> None:
    refresh_boards(Scope(TODAY, pin([store], KINDS)), {name: BOARDS[name] for name in READS})


def visited(store: Store, *days: date, amount: int = 500, **fields: object) -> Vehicle:
    car: Vehicle = VehicleFactory(
        customer=CustomerFactory(store=store), delivered_on=date(2025, 1, 10), **fields
    )
    OwnershipFactory(vehicle=car, customer=car.customer)
    for day in days:
        VisitFactory(
            vehicle=car, arrived_on=day, arrived_at=at(day), amount=amount, odometer_km=500
        )
    return car


def n_of(store: Store, board_: str, item: str, period_: str) -> tuple[int, int, Decimal]:
    found = [c for c in cells([store.pk], [board_])[board_] if c.period == period_]
    one = total(found, item=item)
    return one.n, one.hits, one.amount


def test_a_customer_is_new_once_and_counted_once_a_stretch(north: Store) -> None:
    with all_stores():
        visited(north, date(2026, 2, 3), date(2026, 4, 7), date(2026, 4, 21))
        visited(north, date(2024, 2, 1), date(2026, 4, 9))
        count(north)
        assert n_of(north, "arrivals", "new", "2026-02") == (1, 1, 500)
        assert n_of(north, "arrivals", "returning", "2026-04") == (2, 2, 1500)
        assert n_of(north, "arrivals", "new", "12m") == (1, 1, 500)
        assert n_of(north, "arrivals", "returning", "12m") == (2, 2, 1500)
        assert n_of(north, "arrivals", "returning", "12m-1") == (0, 0, 0)


def test_months_of_arrivals_have_the_amounts_of_the_revenue_board(north: Store) -> None:
    with all_stores():
        for n in range(6):
            visited(north, *(TODAY - timedelta(days=40 * k + n) for k in range(n + 1)))
        count(north)
        found = cells([north.pk], ("arrivals", "revenue"))
    sums = [
        {
            (cell.period, cell.item): total(
                [c for c in pile if c.period == cell.period], item=cell.item
            ).amount
            for cell in pile
            if "-" in cell.period and not cell.period.endswith("-1")
        }
        for pile in (found["arrivals"], found["revenue"])
    ]
    assert sums[0] == sums[1] != {}


DUE = date(2025, 2, 9)  # thirty days after the delivery


def due_car(store: Store, *visits: date, spoken: int | None = None, booked: int | None = None):
    """A car that fell due; contacted and booked so many days after due."""
    car = visited(store, *visits)
    if spoken is not None:
        day = DUE + timedelta(days=spoken)
        ContactFactory(customer=car.customer, vehicle=car, happened_at=at(day), happened_on=day)
    if booked is not None:
        day = DUE + timedelta(days=booked)
        AppointmentFactory(vehicle=car, created_at=at(day), created_on=day, starts_on=day)
    return car


@pytest.mark.parametrize(
    ("spoken", "came", "is_followed"),
    [(-30, None, True), (-31, None, False), (30, None, True), (31, None, False),
     (5, 5, True), (6, 5, False)],
    ids=["30 before", "31 before", "30 after", "31 after", "the day it came", "after it came"],
)  # fmt: skip
def test_following_up_is_from_30_days_before_to_30_after_and_before_the_visit(
    spoken: int, came: int | None, is_followed: bool, north: Store
) -> None:
    visits = [] if came is None else [DUE + timedelta(days=came)]
    with all_stores():
        due_car(north, *visits, spoken=spoken)
        scope = Scope(date(2025, 6, 1), resolve([north], KINDS))
        found = report_cells(scope)
    first = [cell for cell in found if cell.period == "2025-05"]
    assert followed(first).steps["followed"].hits == is_followed


def test_each_step_of_the_due_is_part_of_the_one_before(north: Store) -> None:
    with all_stores():
        due_car(north, spoken=-10, booked=-9)  # booked and did not come
        due_car(north, DUE + timedelta(days=3), spoken=-10)
        due_car(north, DUE + timedelta(days=60), spoken=-10)  # came, but too late to answer
        due_car(north, DUE + timedelta(days=3))
        due_car(north, booked=5)
        due_car(north)
        found = report_cells(Scope(date(2025, 6, 1), resolve([north], KINDS)))
    result = followed([cell for cell in found if cell.period == "2025-05"])
    assert result.due == 6
    assert {name: rate.hits for name, rate in result.steps.items()} == {
        "followed": 3,
        "answered": 2,
        "came": 1,
    }
    assert (result.called.hits, result.called.n) == (2, 3)
    assert (result.alone.hits, result.alone.n) == (2, 3)


def report_cells(scope: Scope) -> list[Cell]:
    return [
        Cell(row["period"], row["item"], row["part"], row["n"], row["hits"], row["amount"])
        for row in cells_now(scope, BOARDS["due_followed"])
    ]


# --- page and report


@pytest.fixture
def year(north: Store, ada: Staff) -> Store:
    """Twenty-five new and thirty returning customers in May, the month's spending known."""
    with all_stores():
        for n in range(25):
            visited(north, date(2026, 5, 1 + n), amount=400)
        for n in range(30):
            visited(north, date(2025, 3, 1 + n), date(2026, 5, 1 + n), amount=700)
        SpendingFactory(store=north, month_on=MAY, purpose="new", amount=5_000, set_by=ada)
        SpendingFactory(store=north, month_on=MAY, purpose="returning", amount=2_100, set_by=ada)
        refresh_boards(Scope(TODAY, pin([north], KINDS)), ALL_BOARDS)
    return north


def test_the_page_sets_spending_beside_revenue(year: Store, ada: Staff, client: Client) -> None:
    client.force_login(ada)
    page = client.get("/boards/money/")
    new, returning = page.context["board"].sides
    assert (new.spent.text, new.revenue.text, new.came.text) == ("¥5,000", "¥10,000", "25")
    assert (new.per_yuan.text, new.cost.text) == ("¥2.0", "¥200.00")
    assert new.spent.hint == "1 of 12 months entered"
    assert (returning.per_yuan.text, returning.cost.text) == ("¥10.0", "–")
    assert returning.cost.hint == "not all months are entered"
    may = page.context["board"].months[0]
    assert (may.month, may.returning.cost.text) == ("2026-05", "¥70.00")
    assert (
        "70% of the spending goes to new customers, who bring 32% of the revenue"
        in page.content.decode()
    )


def test_every_number_of_the_page_opens_as_many_people(
    year: Store, ada: Staff, client: Client
) -> None:
    client.force_login(ada)
    shown = client.get("/boards/money/").context["board"]
    for row in (*shown.sides, shown.months[0].new, shown.months[0].returning):
        people = client.get(row.came.url).context
        assert str(people["members"].count) == row.came.text == str(people["counted"])
    for column in shown.due.columns:
        people = client.get(column.bar.url).context
        assert column.bar.told.startswith(f"{people['members'].count} car")


def test_report_and_page_say_the_same(year: Store) -> None:
    with all_stores():
        scope = Scope(TODAY, resolve([year], KINDS))
        told = report(REPORTS["money"], BOARDS, [scope])
        found = cells([year.pk], READS)
        by_store = {year.pk: found}
        nightly = entered([year.pk], "2024-01", "2026-05")
        assert entered_beside(by_store, [year.pk]) == nightly
    now, before = period("12m", TODAY), period("12m", TODAY, before=True)
    expected = sides(found, nightly, now, 1), sides(found, nightly, before, 1)
    assert told["purposes"] == [as_json(expected[0][n], expected[1][n]) for n in expected[0]]
    assert told["share_of_new"]["spending"] == pytest.approx(50 / 71)
    assert told["due"]["due"] == followed(now.of(found["due_followed"])).due


def test_without_spending_the_page_says_what_to_enter(
    north: Store, ada: Staff, client: Client
) -> None:
    BoardDayFactory(store=north, board="revenue")
    client.force_login(ada)
    page = unescape(client.get("/boards/money/").content.decode())
    assert "not entered is not 0" in page
    assert "/boards/money/spending/" in page
    assert "¥0.0" not in page


def test_a_store_that_entered_nothing_takes_no_part_in_a_groups_ratio(
    year: Store, south: Store, dora: Staff, client: Client
) -> None:
    with all_stores():
        for n in range(20):
            visited(south, date(2026, 5, 1 + n), amount=10_000)
        refresh_boards(Scope(TODAY, pin([south], KINDS)), ALL_BOARDS)
    client.force_login(dora)
    new = client.get("/boards/money/").context["board"].sides[0]
    assert (new.revenue.text, new.per_yuan.text) == ("¥210,000", "¥2.0")
    assert new.spent.hint == "1 of 24 months entered"


# --- entering


def enter(client: Client, store: Store, **amounts: str):
    data = {name.replace("_", "-"): value for name, value in amounts.items()}
    return client.post(f"/boards/money/spending/save/?store={store.code}&month=2026-05", data)


def test_a_manager_enters_amounts_and_takes_one_away(
    north: Store, ada: Staff, client: Client
) -> None:
    client.force_login(ada)
    enter(client, north, new_amount="5000", new_note="Fair", returning_amount="0")
    with all_stores():
        rows = {row.purpose: row for row in Spending.objects.all()}
    assert (rows["new"].amount, rows["new"].note, rows["new"].set_by) == (5000, "Fair", ada)
    assert rows["returning"].amount == 0
    page = client.get(f"/boards/money/spending/?store={north.code}&month=2026-05")
    assert 'value="5000"' in page.content.decode()
    assert 'value="0"' in page.content.decode()
    enter(client, north, new_amount="", new_note="", returning_amount="0")
    with all_stores():
        assert [row.purpose for row in Spending.objects.all()] == ["returning"]


def test_a_note_without_an_amount_is_asked_about(north: Store, ada: Staff, client: Client) -> None:
    client.force_login(ada)
    response = enter(client, north, new_amount="", new_note="Fair")
    assert response.status_code == 200
    assert "There is a note, but no amount." in response.content.decode()


@pytest.mark.parametrize("amount", ["-1", "100000000", "1.234", "x"])
def test_what_is_no_amount_is_refused(
    amount: str, north: Store, ada: Staff, client: Client
) -> None:
    client.force_login(ada)
    assert enter(client, north, new_amount=amount).status_code == 200
    with all_stores():
        assert not Spending.objects.exists()


def test_who_entered_what_is_kept_and_the_same_again_is_not(north: Store, ada: Staff) -> None:
    with all_stores():
        given = {"new": Given(Decimal(5000), "Fair")}
        assert set_spending(north, MAY, given, by=ada) == 1
        assert set_spending(north, MAY, given, by=ada) == 0
        assert set_spending(north, MAY, {"new": Given(None)}, by=ada) == 1
    entries = AuditEntry.objects.filter(action=AuditAction.SPENDING_SET).order_by("pk")
    assert [(one.actor, one.detail) for one in entries] == [
        (ada, {"month": "2026-05", "amounts": {"new": "5000"}}),
        (ada, {"month": "2026-05", "amounts": {"new": None}}),
    ]


def test_the_chart_tells_its_numbers_as_a_table_too(
    year: Store, ada: Staff, client: Client
) -> None:
    client.force_login(ada)
    page = client.get("/boards/money/").content.decode()
    table = page[page.index("h-chart-table") :]
    assert re.search(r"Spending · New customers</th><td>70%", table)
