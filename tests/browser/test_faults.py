"""No serious fault of access in any state of the advisor's day, in either language and width."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine

from alerts.models import Outcome, Task
from customers.models import Customer
from stores.scope import all_stores
from tests import factories
from tests.browser.conftest import Window
from tests.browser.faults import fits, no_serious_fault
from tests.browser.hands import IDLE, PANEL
from tests.browser.world import NAMES, customer_of, night_of, serviced_car
from tests.dashboards.lists import days_ago
from tests.factories import TODAY, at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]

# In this order on the list; who is `first` was serviced yesterday for the first time.
AROUND = (
    "/team/", "/team/people/", "/lane/", "/scripts/", "/scripts/due_call/", "/customers/new/",
    "/customers/{}/", "/customers/{}/contact/", "/customers/{}/reminder/",
    "/customers/{}/complaint/", "/customers/{}/correct/", "/customers/{}/car/", "/today/print/",
)  # fmt: skip
KEYS = ("first", "due", "two", "asked", "managed", "last")


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(at(TODAY, 1)) as traveller:
        yield traveller


@pytest.fixture
def people(clock, north, ada, ben) -> dict[str, Customer]:
    """Two cars; one who asked not to be called; one whose complaint is with the manager."""
    people = {key: customer_of(ben, north, name) for key, name in zip(KEYS, NAMES, strict=False)}
    serviced_car(people["first"], ago=1, visits=1)
    for place, key in enumerate(list(people)[1:]):
        serviced_car(people[key], ago=215 if key == "due" else 174, amount=2000 - 200 * place)
    serviced_car(people["two"], ago=172, amount=100, model="Polo")
    factories.ConsentEventFactory(customer=people["asked"], channel="phone", is_granted=False)
    complaint = serviced_car(people["managed"], ago=100)
    factories.ComplaintFactory(vehicle=complaint, opened_on=days_ago(2), text="The brakes squeal")
    factories.ContactFactory(customer=people["due"], outcome="no_answer", happened_on=days_ago(9))
    night_of(TODAY, north)
    clock.move_to(at(TODAY, 9))
    return people


@pytest.fixture(params=[("desk", "zh-hans"), ("phone", "en")], ids=["desk", "phone"])
def opened(request, people, ada, ben, with_password, new_window) -> Callable[..., Window]:
    """Opens a window of Ben or Ada, at both widths and in both languages."""
    size, language = request.param
    for staff in (ada, ben):
        with_password(staff, language)

    def sign_in(username: str) -> Window:
        window = new_window(size, language)
        window.sign_in(username)
        window.page.wait_for_selector(f"{IDLE} #main")
        return window

    return sign_in


def flawless(window: Window) -> None:
    no_serious_fault(window.page)
    fits(window.page)


def card(window: Window, one: Customer) -> None:
    window.go(f"/today/{one.pk}/")
    window.page.wait_for_selector(f"{IDLE} #pane [data-customer='{one.pk}']")


def test_the_list_and_its_cards(opened, people):
    window = opened("ben")
    flawless(window)
    for key in ("two", "asked", "managed"):
        card(window, people[key])
        flawless(window)


def test_the_open_choices_of_a_card(opened, people):
    window = opened("ben")
    page = window.page
    for key, person in (("9", "first"), ("2", "due"), *((key, "two") for key in "24578")):
        card(window, people[person])
        page.click(f"#outcome [data-key='{key}']")
        page.wait_for_selector(PANEL)
        flawless(window)
    page.keyboard.press("Escape")
    page.click("#outcome [data-key='1']")
    page.wait_for_selector(PANEL)
    flawless(window)
    page.click("#slots [data-choice='0']")
    page.wait_for_selector("#slots-on")
    flawless(window)


def test_what_is_refused_lost_or_done_by_somebody_else(opened, people, ada):
    window = opened("ben")
    page = window.page
    card(window, people["due"])
    page.click("#outcome [data-key='2']")
    page.click("details.t-act[open] .t-fields button")
    page.wait_for_selector("#fault-callback_on")
    flawless(window)
    page.route("**/outcome/", lambda route: route.abort())
    page.click("#outcome [data-key='3']")
    page.wait_for_selector("[data-fault=offline]")
    flawless(window)
    page.unroute_all()
    factories.OutcomeFactory(customer=people["due"], staff=ada, result="connected")
    page.click("#outcome [data-key='3']")
    page.wait_for_selector(f"{IDLE} .t-worked")
    flawless(window)
    window.forgive("htmx:", "ERR_", "409", "422")


def test_the_card_asked_for_last_stays_whichever_comes_last(opened, people):
    window = opened("ben")
    page, held = window.page, []
    page.route(f"**/today/{people['due'].pk}/", lambda route: held.append(route))
    window.go("/today/")
    for key in ("due", "two"):
        page.click(f"#row-{people[key].pk} .h-row")
    page.wait_for_selector(f"#pane [data-customer='{people['two'].pk}']")
    for route in held:
        route.continue_()
    page.wait_for_selector("body:not(:has(.htmx-request))")
    assert page.is_visible(f"#pane [data-customer='{people['two'].pk}']")
    assert page.url.endswith(f"/today/{people['two'].pk}/")


def test_a_card_that_left_the_list_since_it_was_read(opened, people, ada):
    window = opened("ben")
    page = window.page
    window.go("/today/")
    with all_stores():
        Task.objects.filter(customer=people["two"]).update(owner=ada)
    page.click(f"#row-{people['two'].pk} .h-row")
    page.wait_for_selector("text=/not on your list any more|已不在您的名单上/")
    flawless(window)
    page.click("#pane .btn-primary")
    page.wait_for_selector(f"#row-{people['two'].pk}", state="detached")
    window.forgive("htmx:", "404")


def test_the_keys_and_what_is_done(opened, people):
    window = opened("ben")
    page = window.page
    if page.locator("[data-opens-keys]").is_visible():
        page.keyboard.press("?")
        page.wait_for_selector("#keys[open]")
        flawless(window)
        page.keyboard.press("Escape")
    for key in ("first", "due", "two", "last"):
        card(window, people[key])
        page.click("#outcome [data-key='3']")
        page.wait_for_selector(f"{IDLE} .t-undo")
    flawless(window)
    card(window, people["due"])
    flawless(window)
    card(window, people["asked"])
    page.click("#outcome [data-key=w]")
    page.wait_for_selector(f"{IDLE} .t-all-done")
    flawless(window)


def test_a_complaint_and_a_list_of_nobody(opened, people, ada):
    window = opened("ada")
    page = window.page
    card(window, people["managed"])
    flawless(window)
    page.fill("#outcome-note", "Put right and apologised")
    page.click("#outcome [data-key=s]")
    page.wait_for_selector(f"{IDLE} .t-all-done")
    flawless(window)
    with all_stores():
        Outcome.objects.update(on_date=days_ago(1))
    window.go("/today/")
    flawless(window)


def test_the_pages_around_the_list(opened, people):
    window = opened("ada")
    for path in AROUND:
        window.go(path.format(people["due"].pk))
        flawless(window)
