"""The weekly report: what a week counts, what moved beyond chance, the page, the kept brief."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from alerts.rules import week as rules
from alerts.rules.week import best_and_worst, changes, figures, notable, week_of
from customers.models import Vehicle
from dashboards.selectors.boards.week import exceptions, kept, week_board
from dashboards.selectors.brief.matters import Matter
from lifecycle.rules.cells import Cell
from lifecycle.selectors import cells
from lifecycle.services.boards import refresh_boards
from lifecycle.services.reports import report
from lifecycle.services.scope import Scope
from pipeline.boards import BOARDS, REPORTS
from pipeline.policies import KINDS
from stores.models import Staff, Store
from stores.scope import all_stores
from stores.services.policies import pin, resolve
from tests.factories import (
    TODAY,
    AppointmentFactory,
    BoardCellFactory,
    BoardDayFactory,
    ComplaintFactory,
    ContactFactory,
    CustomerFactory,
    OwnershipFactory,
    StageTransitionFactory,
    SurveyFactory,
    VehicleFactory,
    VisitFactory,
    WarningFactory,
    WeeklyReportFactory,
    at,
)

pytestmark = pytest.mark.django_db
# TODAY is a Monday: the last full week ended yesterday.
WEEK, MONDAY, SUNDAY = "2026-W24", date(2026, 6, 8), date(2026, 6, 14)

# --- rules


def test_a_week_begins_on_monday_also_across_the_year() -> None:
    assert (week_of(MONDAY), week_of(SUNDAY), week_of(TODAY)) == (WEEK, WEEK, "2026-W25")
    assert week_of(date(2027, 1, 3)) == "2026-W53"
    assert rules.monday_of("2026-W53") == date(2026, 12, 28)
    assert rules.before("2027-W01") == "2026-W53"


@pytest.mark.parametrize(
    ("day", "last"), [(SUNDAY, "2026-W23"), (TODAY, WEEK), (TODAY + timedelta(days=6), WEEK)]
)
def test_the_last_full_week_is_over_before_the_day(day: date, last: str) -> None:
    assert rules.last_full(day) == last == rules.weeks(day)[0]


@pytest.mark.parametrize("text", ["", "2026", "2026-W99", "2026-W00", "x-Wyy"])
def test_what_is_no_week_is_told_apart(text: str) -> None:
    with pytest.raises(ValueError, match="week"):
        rules.monday_of(text)


def of(week: str, item: str, n: int, hits: int = 0, amount: int = 0) -> Cell:
    return Cell(week, item, "", n, hits, Decimal(amount))


def named(found, name):
    return next(one for one in found if one.name == name)


def test_a_share_of_fewer_than_20_is_not_made() -> None:
    found = figures([of(WEEK, "called", 19, 19), of(WEEK, "due", 20, 10)], WEEK)
    assert named(found, "connected").value is None
    assert named(found, "called").value == 19
    assert named(found, "due").value == 0.5


def test_what_only_nights_know_is_unknown_without_them() -> None:
    assert named(figures([], WEEK), "red").value is None
    assert named(figures([of(WEEK, "known", 1, 1)], WEEK), "red").value == 0


def test_best_and_worst_are_beyond_chance_and_in_the_right_direction() -> None:
    before = "2026-W23"
    found = [of(w, "known", 1) for w in (WEEK, before)]
    found += [of(before, "visited", 100), of(WEEK, "visited", 150)]
    found += [of(before, "lost", 10), of(WEEK, "lost", 40)]
    found += [of(before, "booked", 20), of(WEEK, "booked", 22)]
    best, worst = best_and_worst(changes(found, WEEK))
    assert (best.name, worst.name) == ("visited", "lost")
    assert best_and_worst(changes(found[:2] + found[-2:], WEEK)) == (None, None)


def test_only_whoever_stands_out_with_enough_calls_is_named() -> None:
    store = [of(WEEK, "called", 300), of(WEEK, "booked", 60)]
    people = {
        1: [of(WEEK, "called", 100), of(WEEK, "booked", 45)],
        2: [of(WEEK, "called", 100), of(WEEK, "booked", 3)],
        3: [of(WEEK, "called", 19), of(WEEK, "booked", 19)],
        4: [of(WEEK, "called", 100), of(WEEK, "booked", 22)],
        None: [of(WEEK, "called", 100), of(WEEK, "booked", 90)],
    }
    assert [(one.staff_id, one.is_better) for one in notable(people, store, WEEK)] == [
        (1, True),
        (2, False),
    ]


# --- counted at night


def car(store: Store, advisor: Staff | None = None) -> Vehicle:
    made: Vehicle = VehicleFactory(
        customer=CustomerFactory(store=store, advisor=advisor), delivered_on=date(2025, 1, 10)
    )
    OwnershipFactory(vehicle=made, customer=made.customer)
    return made


def visit(one: Vehicle, day: date, **fields: object):
    return VisitFactory(
        vehicle=one, arrived_on=day, arrived_at=at(day), odometer_km=500, amount=300, **fields
    )


def call(one: Vehicle, day: date, outcome: str, **fields: object):
    return ContactFactory(
        customer=one.customer,
        vehicle=one,
        happened_at=at(day),
        happened_on=day,
        outcome=outcome,
        channel="phone",
        **fields,
    )


def counted(store: Store, on: date = TODAY) -> dict[tuple[str, str], tuple[int, int]]:
    """{(week, item): (n, hits)}."""
    refresh_boards(Scope(on, pin([store], KINDS)), {"week": BOARDS["week"]})
    found = cells([store.pk], ["week"])["week"]
    return {(cell.period, cell.item): (cell.n, cell.hits) for cell in found}


def test_calls_bookings_and_arrivals_are_of_their_week(north: Store, ben: Staff) -> None:
    with all_stores():
        one, other = car(north), car(north)
        call(one, MONDAY, "booked", staff=ben)
        call(other, SUNDAY, "no_answer", staff=ben)
        call(other, TODAY, "connected")
        call(other, MONDAY - timedelta(days=1), "booked")
        call(one, MONDAY, "connected", direction="in")
        visit(one, SUNDAY)
        visit(other, SUNDAY - timedelta(days=1))
        visit(other, TODAY)
        found = counted(north)
    assert found[WEEK, "called"] == (2, 1)
    assert found[WEEK, "booked"] == (1, 1)
    assert found["2026-W23", "booked"] == (1, 1)
    assert found[WEEK, "arrived"] == (2, 2)
    assert found["2026-W25", "called"] == (1, 1)


def test_somebody_who_booked_for_two_cars_arrives_once_a_day(north: Store) -> None:
    with all_stores():
        one = car(north)
        second = VehicleFactory(customer=one.customer)
        OwnershipFactory(vehicle=second, customer=one.customer)
        call(one, MONDAY, "booked")
        call(second, MONDAY, "booked")
        visit(one, SUNDAY)
        visit(second, SUNDAY)
        found = counted(north)
    assert found[WEEK, "arrived"] == (1, 1)
    assert found[WEEK, "visited"] == (2, 2)


def test_a_visit_more_than_30_days_after_the_booking_is_no_arrival(north: Store) -> None:
    with all_stores():
        one, late = car(north), car(north)
        call(one, SUNDAY - timedelta(days=30), "booked")
        call(late, SUNDAY - timedelta(days=31), "booked")
        visit(one, SUNDAY)
        visit(late, SUNDAY)
        assert counted(north)[WEEK, "arrived"] == (1, 1)


def test_due_counts_in_the_week_in_which_its_30_days_run_out(north: Store) -> None:
    due = date(2025, 2, 9)
    week = week_of(due + timedelta(days=30))
    with all_stores():
        answered, booked, neither = car(north), car(north), car(north)
        visit(answered, due + timedelta(days=5))
        AppointmentFactory(vehicle=booked, created_on=due, created_at=at(due), starts_on=due)
        found = counted(north, due + timedelta(days=35))
    assert neither.pk
    assert found[week, "due"] == (3, 2)


def test_warnings_and_stages_of_the_first_night_are_no_news(north: Store) -> None:
    first = date(2026, 5, 20)
    with all_stores():
        for day in (first, MONDAY, SUNDAY):
            one = car(north)
            WarningFactory(vehicle=one, store=north, kind="due", level="red", opened_on=day)
            for stages in (("decline", "lost"), ("lost", "growth")):
                StageTransitionFactory(
                    customer=car(north).customer,
                    changed_on=day,
                    from_stage=stages[0],
                    to_stage=stages[1],
                )
        found = counted(north)
    assert {item: found[WEEK, item][0] for item in ("red", "lost", "back")} == {
        "red": 2,
        "lost": 2,
        "back": 2,
    }
    assert (week_of(first), "red") not in found
    assert (week_of(first), "known") not in found
    assert found["2026-W22", "known"] == (1, 1)


def test_a_complaint_is_open_at_the_end_of_each_week_until_it_is_settled(north: Store) -> None:
    with all_stores():
        one = car(north)
        ComplaintFactory(
            vehicle=one,
            opened_on=date(2026, 5, 27),
            opened_at=at(date(2026, 5, 27)),
            resolved_on=MONDAY,
            resolved_at=at(MONDAY),
        )
        found = counted(north)
    assert found["2026-W22", "open"] == (1, 1)
    assert found["2026-W23", "open"] == (1, 0)
    assert (WEEK, "open") not in found
    assert found["2026-W22", "complained"] == (1, 1)


def test_answers_count_in_the_week_they_came_in(north: Store) -> None:
    with all_stores():
        seen = visit(car(north), MONDAY - timedelta(days=9))
        SurveyFactory(visit=seen, answered_on=MONDAY, answered_at=at(MONDAY), satisfaction=80)
        assert counted(north)[WEEK, "csat"] == (1, 1)


def test_only_fourteen_weeks_are_kept(north: Store) -> None:
    with all_stores():
        one = car(north)
        for weeks in (13, 14):
            visit(one, TODAY - timedelta(days=7 * weeks))
        found = counted(north)
    assert [key for key in found if key[1] == "visited"] == [
        (week_of(TODAY - timedelta(days=91)), "visited")
    ]


# --- page and report


@pytest.fixture
def two_weeks(north: Store, ben: Staff) -> Store:
    with all_stores():
        for n in range(24):
            one = car(north, ben)
            call(one, MONDAY + timedelta(days=n % 7), "booked" if n % 3 else "off", staff=ben)
            visit(one, MONDAY - timedelta(days=1 + n % 7))
        refresh_boards(Scope(TODAY, pin([north], KINDS)), BOARDS)
    return north


def test_the_page_shows_the_last_full_week_and_every_number_opens_its_people(
    two_weeks: Store, ada: Staff, client: Client
) -> None:
    client.force_login(ada)
    board = client.get("/boards/weekly/").context["board"]
    assert (board.week, board.as_of) == (WEEK, TODAY)
    rows = {row.name: row for row in board.rows}
    assert (rows["called"].now.text, rows["booked"].now.text) == ("24", "16")
    assert (rows["visited"].now.text, rows["visited"].before) == ("0", "24")
    assert rows["visited"].is_better is False
    assert rows["connected"].now.text == "67%"
    assert rows["red"].now.hint == "not known of this week"
    assert board.worst == "Came for service: 0, 24 the week before"
    for name in ("called", "booked"):
        people = client.get(rows[name].now.url).context
        assert str(people["members"].count) == rows[name].now.text == str(people["counted"])
    connected = client.get(rows["connected"].now.url).context
    assert connected["members"].count == 16


def test_the_counted_page_asks_little_however_much_happened(
    two_weeks: Store, ada: Staff, client: Client, django_assert_max_num_queries: Any
) -> None:
    WeeklyReportFactory(store=two_weeks, matters=kept([Matter("over", 2, 7, "", "Ben", 7)]))
    client.force_login(ada)
    with django_assert_max_num_queries(10):
        assert client.get("/boards/weekly/").context["board"].exceptions


def test_another_week_is_in_the_address_and_nonsense_is_the_last_one(
    two_weeks: Store, ada: Staff, client: Client
) -> None:
    client.force_login(ada)
    before = client.get("/boards/weekly/?week=2026-W23").context["board"]
    assert (before.week, before.rows[4].now.text) == ("2026-W23", "24")
    for nonsense in ("2026-W99", "x", "1999-W01"):
        assert client.get(f"/boards/weekly/?week={nonsense}").context["board"].week == WEEK


def test_report_and_page_say_the_same(two_weeks: Store) -> None:
    with all_stores():
        told = report(REPORTS["week"], BOARDS, [Scope(TODAY, resolve([two_weeks], KINDS))])
        found = changes(cells([two_weeks.pk], ["week"])["week"], WEEK)
    assert told["week"] == WEEK
    assert told["stores"] == [{"store": "NORTH", "figures": rules.as_json(found)}]


def test_before_the_first_night_the_page_says_so(north: Store, ada: Staff, client: Client) -> None:
    client.force_login(ada)
    assert "Nothing counted yet" in client.get("/boards/weekly/").content.decode()


def test_the_exceptions_are_those_of_monday_in_the_readers_language(
    north: Store, ada: Staff, client: Client
) -> None:
    found = [
        Matter("escalated", 1, 3, "/x/", "Ben", 2, task_ids=[1, 2, 3]),
        Matter("managers", 1, 2, "/x/", "Ada", 2, facts={"day": date(2026, 6, 3)}),
    ]
    rows = kept(found)
    assert "task_ids" not in rows[0]
    WeeklyReportFactory(store=north, monday_on=MONDAY, as_of=TODAY, matters=rows)
    BoardDayFactory(store=north, board="week")
    client.force_login(ada)
    page = client.get("/boards/weekly/").content.decode()
    assert "3 same-day calls were not made by closing time." in page
    assert "the oldest of 3 Jun." in page
    assert "Ben, who has 2 of 3" in page
    # Nothing out of order is another thing than nothing kept.
    quiet = client.get("/boards/weekly/?week=2026-W23").content.decode()
    assert "Kept on the Monday after the week" in quiet


def test_the_kept_brief_is_read_as_it_was_written(north: Store) -> None:
    made = WeeklyReportFactory(store=north, matters=kept([Matter("over", 2, 7, "", "Ben", 7)]))
    (one,) = exceptions(made)
    assert (one.text, one.whose) == ("7 customers do not fit into today's calls.", "Ben")


def test_whom_to_praise_is_named_without_those_who_left(north: Store, ben: Staff) -> None:
    BoardDayFactory(store=north, board="week")
    for split, advisor, called, booked in (("", None, 300, 60), ("advisor", ben, 100, 45)):
        for item, n in (("called", called), ("booked", booked)):
            BoardCellFactory(
                store=north, board="week", split=split, advisor=advisor, period=WEEK, item=item,
                n=n, hits=n,
            )  # fmt: skip
    with all_stores(), time_machine.travel(at(TODAY, 9)):
        assert week_board(north, TODAY).praise == ["Ben: 45% of 100 calls booked (store 20%)"]
        Staff.objects.filter(pk=ben.pk).update(is_active=False)
        assert week_board(north, TODAY).praise == []
