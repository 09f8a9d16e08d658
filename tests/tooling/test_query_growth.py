"""T44: pages ask as often for fifty rows as for one, and a night's part as often for ten stores."""

import datetime
from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path

from customers.models import Customer
from pipeline.models import JobChunk
from pipeline.services import chunks, days
from stores import access
from stores.choices import AuditAction, Role
from stores.models import Staff, Store
from stores.scope import all_stores
from stores.services import audit
from tests import factories
from tests.access.door import address_of
from tests.access.matrix import PUBLIC, ROWS
from tests.dashboards.lists import TODAY, car, computed_day, customer, days_ago, task
from tests.figures import say

pytestmark = [pytest.mark.django_db, pytest.mark.proof]
NOW = factories.at(TODAY, 10, 42)
FEW, MANY = 1, 50
MOST = 12
# Pages that need more, and why.
OVER = {
    "card": (19, "the list and the card beside it in one answer; each alone is within the budget"),
    "jobs": (
        16,
        "runs, processes, the findings of health and mails that did not leave are counted apart",
    ),
    "lists_health": (14, "what is wrong is looked for anew, beside the findings of health"),
    "settings_kind": (
        15,
        "what a form is based on is read again: nobody overwrites blindly",
    ),
}
BOOKKEEPING = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "PREPARE")


class World:
    """One store's morning, to which rows of every kind are added."""

    def __init__(self, store: Store, ben: Staff, ada: Staff, dora: Staff) -> None:
        self.store, self.ben, self.ada, self.dora = store, ben, ada, dora
        self.day = computed_day(store)
        self.one = customer(store, "The first", advisor=ben)
        self.first_car = car(self.one, state={"level": "red", "due_on": days_ago(23)})
        task(self.first_car, ben)
        self.run = factories.JobRunFactory(attempt=7001)
        self.file = factories.ImportFileFactory(group=store.group, rejected=1)
        self.reminder = factories.TaskFactory(
            vehicle=self.first_car, kind="reminder", owner=ben, assigned_to=ben, store=store
        )
        self.size = 0
        self.made: dict[str, dict[str, object]] = {}

    def grow(self, rows: int) -> None:
        """Up to so many rows of each kind."""
        for number in range(self.size, rows):
            self._customer(number)
            self._of_the_first(number)
            self._behind_the_pages(number)
        self.size = rows

    def _customer(self, number: int) -> None:
        one = customer(
            self.store, f"Customer {number}", advisor=self.ben, phone=f"1391111{number:04}"
        )
        due = {"level": "red", "due_on": days_ago(23), "risk_level": "high", "score": 40}
        vehicle, second = car(one, state=due), car(one, state=due)
        factories.WarningFactory(vehicle=vehicle, level="red")
        task(vehicle, self.ben, value=400 - number)
        task(second, self.ada, kind="risk_call", priority_group=0, deadline_at=NOW)
        factories.ComplaintFactory(vehicle=vehicle)
        done = customer(self.store, f"Done {number}", advisor=self.ben)
        factories.OutcomeFactory(customer=done, staff=self.ben, vehicle=None)
        factories.FindingFactory(store=self.store, table="customers_vehicle", row_id=vehicle.pk)

    def _of_the_first(self, number: int) -> None:
        on = days_ago(30 + number)
        visit = factories.VisitFactory(vehicle=self.first_car, arrived_on=on)
        factories.SurveyFactory(visit=visit)
        factories.ContactFactory(customer=self.one, vehicle=self.first_car, staff=self.ben)
        ahead = TODAY + datetime.timedelta(days=1 + number)
        factories.AppointmentFactory(vehicle=self.first_car, starts_on=ahead)
        another = car(self.one, state={"level": "red", "due_on": days_ago(23)})
        task(another, self.ben)

    def _behind_the_pages(self, number: int) -> None:
        person = factories.StaffFactory(group=self.store.group, role=Role.ADVISOR, at=[self.store])
        factories.AbsenceFactory(staff=person)
        audit.record(actor=person, action=AuditAction.LOGIN, store=self.store, thing="staff",
                     thing_id=person.pk)  # fmt: skip
        factories.ImportFileFactory(group=self.store.group)
        factories.ImportRejectionFactory(file=self.file)
        factories.PolicyFactory(group=self.store.group, store=self.store, author=person)
        run = factories.JobRunFactory(attempt=8001 + number)
        for of in (run, self.run):
            factories.JobChunkFactory(run=of, number=number, store_ids=[self.store.pk])

    def about(self, name: str) -> dict[str, object]:
        """The object that a page is about: one that grows, or as the matrix makes it."""
        first = {"pk": self.one.pk}
        known = {
            "person": {"pk": self.ben.pk},
            "card": {"customer_id": self.one.pk},
            "card_slots": {"customer_id": self.one.pk, "?on": "2026-06-17"},
            "reminder_change": {"pk": self.reminder.pk},
            "job": {"pk": self.run.pk},
            "import_file": {"pk": self.file.pk},
            "import_rejected": {"pk": self.file.pk},
            "customer": first,
            "car_new": first,
            "customer_correct": first,
            "contact_log": first,
            "complaint_add": first,
            "reminder_add": first,
        }
        make = ROWS[name].about
        if name not in known and make is not None and name not in self.made:
            self.made[name] = dict(make(self.store, self.reader(name)))
        return known.get(name) or self.made.get(name, {})

    def reader(self, name: str) -> Staff:
        """Who sees most of it."""
        roles = ROWS[name].roles or frozenset(Role)
        people = (self.ben, self.ada, self.dora)
        return next(person for person in people if person.role in roles)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def asked(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        if answer.streaming:
            answer.getvalue()
    statements = [query["sql"] for query in captured]
    return [sql for sql in statements if not sql.startswith(BOOKKEEPING)]


PAGES = sorted(
    name
    for name, row in ROWS.items()
    if row.answers.get("get") == 200 and row.roles is not PUBLIC and name != "two_factor"
)


def counted(world: World, names: list[str]) -> dict[str, list[int]]:
    """{page: statements with few rows, with many}."""
    clients = {}
    for person in (world.ben, world.ada, world.dora):
        clients[person.pk] = Client()
        clients[person.pk].force_login(person)
    found: dict[str, list[int]] = {name: [] for name in names}
    for rows in (FEW, MANY):
        world.grow(rows)
        for name in names:
            address = address_of(name, ROWS[name], world.about(name))
            client = clients[world.reader(name).pk]
            if rows == FEW:
                asked(client, address)  # what a process asks once in its life
            found[name].append(len(asked(client, address)))
    return found


def test_pages_ask_as_often_for_fifty_rows_as_for_one(north, ben, ada, dora, settings):
    settings.TWO_FACTOR_REQUIRED = False
    found = counted(World(north, ben, ada, dora), PAGES)
    # A long list shows less of each line at first: fewer is well.
    grown = {name: counts for name, counts in found.items() if counts[1] > counts[0]}
    most = {name: OVER.get(name, (MOST, ""))[0] for name in found}
    over = {name: counts for name, counts in found.items() if max(counts) > most[name]}
    assert not grown
    assert not over
    facts = {
        "pages": len(found),
        "grown": len(grown),
        "budget": MOST,
        "highest": max(max(counts) for name, counts in found.items() if name not in OVER),
        "over": {name: most for name, (most, _) in OVER.items()},
    }
    say("T44", what=f"pages with {FEW} and {MANY} rows", **facts)


@access.signed_in
def one_by_one(request):
    with all_stores():
        ids = Customer.objects.values_list("pk", flat=True)[:20]
        names = [Customer.objects.get(pk=pk).name for pk in ids]
    return HttpResponse(" ".join(names))


urlpatterns = [path("one-by-one/", one_by_one, name="customers")]


def test_control_page_that_reads_row_by_row_grows(north, ben, ada, dora, settings):
    settings.ROOT_URLCONF = __name__
    settings.ZEAL_RAISE = False
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "zeal" not in one]
    found = counted(World(north, ben, ada, dora), ["customers"])["customers"]
    assert found[1] > found[0]
    say(
        "T44",
        control=True,
        what="a planted page that reads row by row",
        few=found[0],
        many=found[1],
    )


def night_of(stores: list[Store], on: datetime.date) -> int:
    """How many statements the stores' part of a night took, without claiming and closing."""
    part = JobChunk.objects.get(run=days.start_day(stores=stores, on=on))
    with CaptureQueriesContext(connection) as captured:
        assert chunks.run_next("night", part.pk)
    part.refresh_from_db()
    assert part.state == "done", part.error
    return len([query for query in captured if not query["sql"].startswith(BOOKKEEPING)])


def test_part_of_a_night_asks_as_often_for_ten_stores_as_for_one(group):
    """A store's first night also asks for its history, once: the second one is every other."""
    counts = []
    for count in (1, 10):
        stores = [_store_with_cars(group) for _ in range(count)]
        nights = [night_of(stores, TODAY + datetime.timedelta(days=n)) for n in range(2)]
        counts.append(nights[-1])
    assert counts[0] == counts[1]
    say("T44", what="statements of a night's part", one_store=counts[0], ten_stores=counts[1])


def _store_with_cars(group) -> Store:
    store = factories.StoreFactory(group=group)
    advisor = factories.StaffFactory(group=group, role=Role.ADVISOR, at=[store])
    for _ in range(3):
        owner = factories.CustomerFactory(store=store, advisor=advisor)
        vehicle = factories.VehicleFactory(customer=owner)
        factories.OwnershipFactory(vehicle=vehicle)
        factories.VisitFactory(vehicle=vehicle)
        factories.DirtyVehicleFactory(vehicle=vehicle)
    return store
