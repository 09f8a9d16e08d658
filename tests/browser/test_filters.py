"""Filters of the boards in a real browser: applied as they are chosen, one at a time."""

import pytest

from tests.browser.faults import fits, no_serious_fault
from tests.factories import BoardCellFactory, BoardDayFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def counted(north, ada, ben, with_password) -> None:
    """A store with an advisor and a model to choose."""
    BoardDayFactory(store=north, board="cohorts")
    BoardCellFactory(store=north, board="cars", split="model", model="BYD Qin", n=30)
    with_password(ada)


@pytest.mark.parametrize("path", ["/boards/cohorts/", "/boards/people/?board=cohorts&item=2025-03"])
def test_what_is_chosen_last_parts_the_page(counted, ben, window, path):
    page = window.page
    window.sign_in("ada")
    window.go(path)
    page.select_option("#f-advisor", str(ben.pk))
    page.wait_for_selector(f"#f-advisor option[value='{ben.pk}'][selected]", state="attached")
    page.select_option("#f-model", "BYD Qin")
    page.wait_for_selector("#f-model option[value='BYD Qin'][selected]", state="attached")
    assert page.input_value("#f-advisor") == ""
    assert "item=2025-03" in page.url or "people" not in path
    no_serious_fault(page)
    fits(page)
