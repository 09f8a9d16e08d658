"""The opened card on its screen: all that a call needs in sight, the outcomes at the thumb."""

from typing import Any

import pytest
import time_machine

from alerts.models import Outcome
from customers.models import Customer
from stores.models import AuditEntry
from stores.scope import all_stores
from tests import factories
from tests.browser.hands import IDLE
from tests.browser.world import customer_of, night_of, serviced_car
from tests.dashboards.lists import days_ago
from tests.factories import TODAY, at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEEDED = {
    "name": "#pane-name",
    "phone": ".h-tel",
    "why": ".t-why-box",
    "what to say": "#saying-text",
    "last visit": ".t-col section:has(> .h-facts)",
    "free times": "#slots",
}
REMEMBERED = {
    "interests": "Golf, camping with the children",
    "dislikes": "Waiting on Saturdays; being called before ten",
    "notes": "Prefers Mr Li's work. Asked last time about winter tyres.",
}
DONE = "Oil, oil filter, air filter, brake fluid, wheel alignment"
RECOMMENDED = "Front brake pads at the next service"
COMMENT = "Friendly, but I waited forty-five minutes"
SAID = "Was on the road; would rather be written to in the evening"
KINDS = ["typical", "rich", "two cars"]
# From here on downwards the thumb reaches.
THUMB = 0.55
TARGET = 44


@pytest.fixture(autouse=True)
def nine_o_clock():
    with time_machine.travel(at(TODAY, 1)) as traveller:
        yield traveller


@pytest.fixture
def cards(nine_o_clock, north, ben, with_password) -> dict[str, Customer]:
    """A call as most are; one with much to say and to remember; one about two cars."""
    typical = customer_of(ben, north, "李慧")
    serviced_car(typical, ago=174)
    rich = customer_of(ben, north, "欧阳娜娜", **REMEMBERED)
    complained_of(rich)
    new = factories.VehicleFactory(customer=rich, model="ID.3", delivered_on=days_ago(60))
    factories.OwnershipFactory(vehicle=new)
    two = customer_of(ben, north, "王建国", dislikes=REMEMBERED["dislikes"])
    complained_of(two, is_told=False)
    serviced_car(two, ago=200, amount=900, model="Polo", plate="沪B33333")
    night_of(TODAY, north)
    with_password(ben)
    nine_o_clock.move_to(at(TODAY, 9))
    return {"typical": typical, "rich": rich, "two cars": two}


def complained_of(owner: Customer, *, is_told: bool = True) -> None:
    """A car high at risk: overdue, not reached twice, a complaint since; with the last visit
    described and rated when that `is_told`.
    """
    car = serviced_car(owner, ago=215, visits=5, amount=4000, model="Magotan")
    factories.ComplaintFactory(
        vehicle=car, opened_on=days_ago(100), resolved_at=at(days_ago(90)), resolved_on=days_ago(90)
    )
    for ago in (4, 11, 40, 170, 200):
        outcome, note = ("no_answer", "") if ago < 40 else ("connected", SAID)
        factories.ContactFactory(
            customer=owner, vehicle=car, happened_on=days_ago(ago), outcome=outcome, note=note
        )
    if not is_told:
        return
    with all_stores():
        last = car.visits.order_by("-arrived_on").first()
    last.items, last.recommendations = DONE, RECOMMENDED
    last.promised_minutes, last.actual_minutes = 90, 135
    last.save()
    factories.SurveyFactory(visit=last, score=4, satisfaction=80, comment=COMMENT)


def boxes(page: Any, selectors: dict[str, str]) -> dict[str, dict[str, float]]:
    """{what: the box of its first element}."""
    return {name: page.locator(css).first.bounding_box() for name, css in selectors.items()}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("kind", KINDS)
def test_all_that_a_call_needs_is_in_sight_of_a_desk(
    kind, language, cards, ben, with_password, new_window
):
    with_password(ben, language)
    window = new_window("desk", language)
    window.sign_in("ben")
    window.go(f"/today/{cards[kind].pk}/")
    found = boxes(window.page, {**NEEDED, "outcomes": "#outcome"})
    bar = found.pop("outcomes")
    assert bar["y"] + bar["height"] <= 900
    below = {name: box["y"] + box["height"] - bar["y"] for name, box in found.items()}
    assert {name: by for name, by in below.items() if by > 0} == {}
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 1440 for box in found.values())


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_outcomes_are_at_the_thumb_and_large_enough(
    kind, language, cards, ben, with_password, new_window
):
    with_password(ben, language)
    window = new_window("phone", language)
    window.sign_in("ben")
    window.go(f"/today/{cards[kind].pk}/")
    page = window.page
    acts = page.locator("#outcome [data-key]").filter(visible=True).all()
    targets = {act.get_attribute("data-key"): act.bounding_box() for act in acts}
    assert set("1234567890") - set("0") <= set(targets)
    small = {key: box for key, box in targets.items() if min(box["width"], box["height"]) < TARGET}
    assert small == {}
    high = {key: box["y"] for key, box in targets.items() if box["y"] < 844 * THUMB}
    assert high == {}
    assert max(box["y"] + box["height"] for box in targets.values()) <= 844


def test_the_second_click_of_a_double_click_is_not_for_the_next_card(cards, ben, new_window):
    """However fast the next card is there: it is the same button at the same place."""
    window = new_window()
    window.sign_in("ben")
    window.go(f"/today/{cards['rich'].pk}/")
    page, no_answer = window.page, "#outcome [data-key='3']"
    box = page.locator(no_answer).bounding_box()
    page.mouse.click(box["x"] + 9, box["y"] + 9)
    page.wait_for_selector(f"{IDLE} #pane [data-customer='{cards['two cars'].pk}']")
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)
    page.keyboard.press("j")
    page.wait_for_selector(f"{IDLE} #pane [data-customer='{cards['typical'].pk}']")
    page.keyboard.press("b")
    page.wait_for_selector(f"{IDLE} #pane [data-customer='{cards['two cars'].pk}']")
    page.keyboard.press("b")
    assert page.locator("#rows-done .t-row").count() == 2
    with all_stores():
        recorded = list(Outcome.objects.order_by("pk").values_list("customer", "result"))
    assert recorded == [(cards["rich"].pk, "no_answer"), (cards["typical"].pk, "busy")]


def test_a_number_is_shown_with_one_tap_and_noted(cards, ben, new_window):
    window = new_window("phone")
    window.sign_in("ben")
    window.go(f"/today/{cards['typical'].pk}/")
    window.page.tap("#pane [data-key='d']")
    window.page.wait_for_selector("#pane a[href^='tel:138']")
    assert AuditEntry.objects.filter(actor=ben, action="unmasked").count() == 1


def test_two_tabs_on_one_customer_make_one_outcome(cards, ben, new_window):
    """The second tab tells what the first did, and its list is brought up to date."""
    tabs = [new_window(), new_window()]
    for tab in tabs:
        tab.sign_in("ben")
        tab.go(f"/today/{cards['rich'].pk}/")
    tabs[0].page.keyboard.press("3")
    tabs[0].page.wait_for_selector(f"{IDLE} #done-{cards['rich'].pk}")
    tabs[1].page.keyboard.press("b")
    tabs[1].page.wait_for_selector(f"{IDLE} .t-worked")
    assert tabs[1].page.locator("#rows-done .t-row").count() == 1
    tabs[1].page.keyboard.press("j")
    tabs[1].page.wait_for_selector(f"{IDLE} #pane [data-customer='{cards['two cars'].pk}']")
    tabs[1].forgive("409")
    with all_stores():
        assert Outcome.objects.get().result == "no_answer"
