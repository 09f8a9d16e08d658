"""A whole morning of twenty customers in a real browser, and what comes back on later days."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import translation
from django.utils.translation import gettext

from alerts.models import Outcome, Task
from customers.models import Appointment, Contact, Customer
from customers.selectors import refused_channels
from dashboards import presentation
from stores.scope import all_stores
from tests.browser import clicks
from tests.browser.conftest import Window
from tests.browser.hands import Hands, Keyboard, Screen, Touch
from tests.browser.world import night_of, twenty
from tests.factories import TODAY, at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]

BOOKED_ON = TODAY + timedelta(days=4)
WAYS = {"keyboard": ("desk", Keyboard), "touch": ("phone", Touch)}


@dataclass(frozen=True)
class Plan:
    """What is done on a customer's card; `how` names what goes wrong on the way."""

    result: str
    steps: tuple[str, ...]
    how: str = "plainly"
    # The card stays on the list: data is to be put right first.
    stays: bool = False


# In the order of the list. No two in a row begin with the key the other ends with: a key struck
# twice is not meant for the next card.
PLANS = {
    "agreed": Plan("connected", ("9", "ok")),
    "no answer": Plan("no_answer", ("3",)),
    "busy": Plan("busy", ("b",)),
    "off": Plan("off", ("o",)),
    "booked": Plan("booked", ("1", "1")),
    "callback": Plan("callback", ("2", "3")),
    "another day": Plan("booked", ("1", "0", f"date:{BOOKED_ON}", "2")),
    "refused": Plan("refused", ("4", "1")),
    "elsewhere": Plan("elsewhere", ("5", "2")),
    "two cars": Plan("booked", ("1", "2"), how="with_the_other_car"),
    "connected": Plan("connected", ("9",)),
    "wrong number": Plan("wrong_number", ("6",), stays=True),
    "gone": Plan("vehicle_gone", ("7", "1"), stays=True),
    "do not call": Plan("do_not_call", ("8", "8")),
    "written": Plan("messaged", ("w",)),
    "undone": Plan("refused", ("4", "7"), how="after_an_undo"),
    "taken": Plan("refused", ("4", "1"), how="too_late"),
    "doubled": Plan("no_answer", ("3",), how="twice"),
    "lost": Plan("callback", ("2", "3"), how="without_an_answer"),
    "reminded": Plan("done", ("f",)),
}
NOT_REACHED = ("no answer", "busy", "off", "doubled")


@dataclass
class Morning:
    """Ben at his window, with Ada at hers; every step is looked at on the page."""

    hands: Hands
    ada: Window
    people: dict[str, Customer]
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)

    def work(self) -> None:
        """Card by card, as the page brings them, until the list is done."""
        plans = {one.pk: name for name, one in self.people.items()}
        self.hands.open_first()
        while (before := self.hands.screen()).opened:
            name = plans[before.opened]
            if name in self.counts:
                self.put_right(before)
                continue
            self.hands.counted()
            loads = len(self.hands.loads)
            getattr(self, PLANS[name].how)(before, PLANS[name])
            self.counts[name] = self.hands.counted(), len(self.hands.loads) - loads
        assert self.hands.page.is_visible(".t-all-done")

    def put_right(self, before: Screen) -> None:
        """The number or the car was looked up: the rest of what an outcome asked for."""
        self.hands.page.click("#outcome [data-key=f]")
        self.moved_on(before)

    def plainly(self, before: Screen, plan: Plan) -> None:
        self.do(before, plan)

    def do(self, before: Screen, plan: Plan) -> None:
        self.hands.act(*plan.steps)
        self.moved_on(before, stays=plan.stays)

    def moved_on(self, before: Screen, *, stays: bool = False) -> None:
        """The next card is there, the line among the done, every count right, no page loaded."""
        self.hands.next_card(before.opened)
        now = self.hands.screen()
        assert now.opened == following(before)
        assert (before.opened in now.open, before.opened in now.done) == (stays, not stays)
        assert now.told == now.shown
        assert (now.head, now.total) == (len(now.done), now.head + len(now.open))
        assert now.menu == len(now.open)
        assert now.address == (f"/today/{now.opened}/" if now.opened else "/today/")
        assert now.focus == "pane-name"
        assert self.hands.loads == []

    def with_the_other_car(self, before: Screen, plan: Plan) -> None:
        self.hands.page.select_option("#slots [name=vehicle]", index=1)
        self.do(before, plan)

    def after_an_undo(self, before: Screen, plan: Plan) -> None:
        """Taken back, the card is open again and its line among the others."""
        self.do(before, Plan("no_answer", ("3",)))
        self.hands.press("u")
        self.hands.card_of(before.opened)
        again = self.hands.screen()
        assert set(again.open) == set(before.open)
        assert (again.done, again.head, again.menu) == (before.done, before.head, before.menu)
        self.hands.note("Only after the holidays")
        self.do(again, plan)

    def too_late(self, before: Screen, plan: Plan) -> None:
        """Ada was asked by the same customer meanwhile: Ben is told who did what."""
        page = self.ada.page
        self.ada.go(f"/customers/{before.opened}/contact/")
        page.check("[name=result][value=refused]", force=True)
        page.select_option("[name=reason]", "waiting")
        page.click("#main form .h-save button")
        page.wait_for_selector(".h-just")
        self.hands.act(*plan.steps)
        self.hands.page.wait_for_selector(".t-worked")
        assert "Ada" in self.hands.page.inner_text(".t-told")
        self.hands.window.forgive("409")
        self.hands.press("j")
        self.hands.next_card(before.opened)

    def twice(self, before: Screen, plan: Plan) -> None:
        self.hands.twice(plan.steps[0])
        self.moved_on(before)

    def without_an_answer(self, before: Screen, plan: Plan) -> None:
        """Kept by the server or not: what was chosen is sent again, and is one outcome."""
        page = self.hands.page
        self.cut()
        self.hands.act(*plan.steps)
        page.wait_for_selector("[data-fault=offline]")
        assert replace(self.hands.screen(), focus=before.focus) == before
        self.mend()
        self.hands.choose(plan.steps[-1])
        self.moved_on(before)
        self.hands.window.forgive("ERR_", "htmx:afterRequest", "htmx:sendError")

    def cut(self) -> None:
        """A phone that lost the network; at a desk the answer is what gets lost."""
        page = self.hands.page
        if isinstance(self.hands, Touch):
            page.context.set_offline(True)
            return

        def lose(route: Any) -> None:
            route.fetch()
            route.abort()

        page.route("**/outcome/", lose)

    def mend(self) -> None:
        self.hands.page.context.set_offline(False)
        self.hands.page.unroute_all()


def following(screen: Screen) -> int:
    """Whose card comes after the opened one, as the list stands."""
    place = screen.open.index(screen.opened)
    return next(iter(screen.open[place + 1 :] + screen.open[:place]), 0)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(at(TODAY, 1)) as traveller:
        yield traveller


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("way", list(WAYS))
def test_a_morning_of_twenty_customers_and_the_days_after_it(
    way, language, clock, north, ada, ben, with_password, new_window
):
    size, hands_of = WAYS[way]
    with_password(ben, language)
    with_password(ada)
    people = twenty(north, ben, list(PLANS))
    clock.move_to(at(TODAY, 9))
    hands, window = hands_of(new_window(size, language)), new_window()
    window.sign_in("ada")
    hands.begin("ben")
    assert hands.page.get_attribute("html", "lang").lower() == language
    morning = Morning(hands, window, people)
    morning.work()
    with all_stores():
        assert_kept(people, ada, ben)
    assert clicks.counted(morning.counts) == clicks.told(way)
    with translation.override(language):
        the_days_after(morning, clock, north)


def assert_kept(people: dict[str, Customer], ada: Any, ben: Any) -> None:
    """One outcome a customer, its follow-up, its appointment."""
    for name, one in people.items():
        plan = PLANS[name]
        expected = [plan.result, "done"] if plan.stays else [plan.result]
        kept = Outcome.objects.filter(customer=one, undone_at__isnull=True).order_by("pk")
        assert [outcome.result for outcome in kept] == expected, name
        assert {outcome.staff for outcome in kept} == {ada if name == "taken" else ben}, name
        contacts = 0 if name == "reminded" else 1
        assert Contact.objects.filter(customer=one).count() == contacts, name
    assert_followed(people)


def assert_followed(people: dict[str, Customer]) -> None:
    booked = Appointment.objects.filter(status="confirmed").order_by("vehicle__customer__pk")
    assert {one.vehicle.customer for one in booked} == {
        people[name] for name in ("booked", "another day", "two cars")
    }
    assert booked.get(vehicle__customer=people["another day"]).starts_on == BOOKED_ON
    assert booked.get(vehicle__customer=people["two cars"]).vehicle.model == "Polo"
    for kind, names, days in (("retry", NOT_REACHED, 3), ("callback", ("callback", "lost"), 1)):
        tasks = Task.objects.filter(kind=kind, closed_on__isnull=True).select_related("customer")
        assert {task.customer for task in tasks} == {people[name] for name in names}
        assert {task.due_on for task in tasks} == {TODAY + timedelta(days=days)}
    corrected = Task.objects.filter(kind="correct_data", closed_as="done")
    assert {task.customer for task in corrected} == {people["wrong number"], people["gone"]}
    assert Customer.objects.get(is_phone_dead=True) == people["wrong number"]
    assert refused_channels(people["do not call"]) == {"phone"}
    agreed = Outcome.objects.get(customer=people["agreed"])
    assert agreed.agreed_on == people["agreed"].vehicles.get().state.due_on


def the_days_after(morning: Morning, clock: Any, store: Any) -> None:
    people, hands = morning.people, morning.hands
    tomorrow, third = TODAY + timedelta(days=1), TODAY + timedelta(days=3)
    rows = listed(hands, clock, store, tomorrow)
    promised = {people["callback"].pk, people["lost"].pk}
    assert promised <= set(rows)
    assert not {people[name].pk for name in NOT_REACHED} & set(rows)
    rows = listed(hands, clock, store, third)
    for name in NOT_REACHED:
        assert gettext("Try %(number)d") % {"number": 2} in rows[people[name].pk]
    assert presentation.task_title("booking_confirm") in rows[people["another day"].pk]
    assert promised <= set(rows)
    again(morning, third)
    ended = ("refused", "elsewhere", "gone", "do not call", "undone", "taken", "reminded")
    assert not {people[name].pk for name in ended} & set(rows)


def again(morning: Morning, on: date) -> None:
    """Not reached once more: the next try after three more days. Confirmed: nothing is left."""
    people, hands = morning.people, morning.hands
    for name, key in (("no answer", "3"), ("another day", "9")):
        hands.window.go(f"/today/{people[name].pk}/")
        hands.card_of(people[name].pk)
        hands.act(key)
        hands.next_card(people[name].pk)
    with all_stores():
        retry = Task.objects.get(customer=people["no answer"], kind="retry", closed_on=None)
        confirmed = Task.objects.get(customer=people["another day"], kind="booking_confirm")
        appointment = Appointment.objects.get(vehicle__customer=people["another day"])
    assert (retry.attempts, retry.due_on) == (2, on + timedelta(days=3))
    assert (confirmed.closed_as, appointment.status) == ("done", "confirmed")


def listed(hands: Hands, clock: Any, store: Any, on: date) -> dict[int, str]:
    """{customer: the line} of Ben's list on the morning of `on`."""
    clock.move_to(at(on, 1))
    night_of(on, store)
    clock.move_to(at(on, 9))
    hands.window.sign_in("ben")
    hands.page.wait_for_selector(".t-queue")
    lines = hands.page.locator("#rows-duties .t-row, #rows-value .t-row").all()
    return {int(line.get_attribute("id").split("-")[1]): line.inner_text() for line in lines}
