"""The manager's day in a real browser: giving a task away from its line."""

import pytest

from tests import factories
from tests.browser.faults import fits, no_serious_fault
from tests.dashboards.lists import TODAY, car, computed_day, customer, task

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def day(north, ada, ben, with_password) -> None:
    """A call of Ada's whose time is over."""
    computed_day(north)
    vehicle = car(customer(north, "王建国", advisor=ben))
    task(vehicle, ada, kind="risk_call", priority_group=0, deadline_at=factories.at(TODAY, 17))
    with_password(ada)


def test_whom_to_give_to_comes_in_the_place_of_the_button(day, window):
    page = window.page
    window.sign_in("ada")
    window.go("/team/")
    line = page.locator(".h-team-item", has_text="王建国")
    line.get_by_text("Give to…").click()
    page.wait_for_selector(".h-give-to button")
    # The keyboard goes on where it was.
    assert page.evaluate("document.activeElement.textContent") == "Ben"
    no_serious_fault(page)
    fits(page)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=went to Ben")
    assert "with Ben" in page.locator(".h-team-item", has_text="王建国").inner_text()
