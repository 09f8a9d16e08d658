"""The advisor's day in a real browser, at the width of a desk and of a phone."""

import pytest

from tests import factories
from tests.browser.faults import fits, no_serious_fault
from tests.dashboards.lists import car, computed_day, customer, days_ago, task

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def day(north, ada, ben, with_password) -> None:
    """Two cards on Ben's list, one of them with a history."""
    computed_day(north)
    one = customer(north, "王建国", advisor=ben, phone="13800001234")
    state = {
        "level": "red",
        "due_on": days_ago(23),
        "score": 45,
        "risk_level": "high",
        "overdue_points": 45,
        "call_points": 10,
        "calls_missed": 1,
        "call_missed_on": days_ago(9),
        "last_visit_on": days_ago(200),
    }
    vehicle = car(one, state=state, model="Model Y", plate="沪AD521K")
    factories.SurveyFactory(visit=factories.VisitFactory(vehicle=vehicle))
    factories.ContactFactory(customer=one, outcome="no_answer")
    task(vehicle, ben, value=460)
    task(car(customer(north, "李慧", advisor=ben), model="Han EV"), ben, value=300)
    with_password(ada)
    with_password(ben)


def test_the_list_opens_a_card_shows_a_number_and_comes_back(day, window, size):
    page = window.page
    window.sign_in("ben")
    page.wait_for_selector(".h-queue")
    assert page.locator(".h-row").count() == 2
    if size == "desk":
        page.wait_for_selector("#pane h2:has-text('王建国')")
    assert page.locator("#pane h2").is_visible() == (size == "desk")
    page.click(".h-row:has-text('李慧')")
    page.wait_for_selector("#pane h2:has-text('李慧')")
    assert page.url.rstrip("/").rsplit("/", 2)[-2] == "today"
    assert "李慧" in page.locator(".h-row[aria-current]").text_content()
    assert page.locator(".h-queue").is_visible() == (size == "desk")
    page.click("text=Show and dial")
    page.wait_for_selector("a[href^='tel:']")
    page.go_back()
    page.wait_for_selector(".h-queue >> visible=true")
    fits(page)


def test_the_card_of_an_address_is_the_same_page_after_a_reload(day, window, size):
    window.sign_in("ben")
    window.page.click("text=王建国" if size == "phone" else ".h-row >> nth=0")
    window.page.wait_for_selector(".h-chosen")
    window.page.reload()
    assert "45" in window.page.locator(".h-why tfoot").inner_text()


def test_the_language_is_switched_in_the_frame(day, window, size):
    page = window.page
    window.sign_in("ben")
    if size == "phone":
        page.click("summary:has-text('Menu')")
    page.click("button:has-text('中文') >> visible=true")
    page.wait_for_selector("html[lang=zh-Hans]")


@pytest.mark.parametrize(
    "path", ["/today/", "/store/", "/store/warnings/?kind=due", "/customers/", "customer"]
)
def test_a_page_has_no_serious_fault_of_access_and_fits_the_screen(day, window, path, size):
    window.sign_in("ada" if path.startswith("/store") else "ben")
    if path == "customer":
        window.go("/customers/?q=wjg")
        window.page.click("#found a:has-text('王建国')")
        window.page.wait_for_selector("#history")
    else:
        window.go(path)
    no_serious_fault(window.page)
    fits(window.page)


def test_the_queue_works_without_scripts(day, browser, live_server):
    context = browser.new_context(java_script_enabled=False, locale="en-US")
    page = context.new_page()
    page.goto(f"{live_server.url}/login/")
    page.fill("[name=username]", "ben")
    page.fill("[name=password]", "seven lanterns at noon")
    page.press("[name=password]", "Enter")
    page.click("text=李慧")
    assert page.locator("#pane h2").inner_text().startswith("李慧")
    page.click("text=Show and dial")
    page.locator("a[href^='tel:']").wait_for()
    context.close()
