"""The frame around every page: menu by rights, person, language, home of each role."""

import re

import pytest
from django.test import Client

from stores.choices import Role
from tests import factories
from tests.dashboards.lists import car, computed_day, customer, task

pytestmark = pytest.mark.django_db

BOARDS = ("Lifecycle board", "Retention and cohorts", "Key figures", "Scorecard")
MENUS = {
    Role.ADVISOR: ["Today's calls", "Second visit", "Customers", "Scorecard"],
    Role.SPECIALIST: ["Today's calls", "Second visit", "Customers", "Scorecard"],
    Role.MANAGER: [
        "Morning brief", "Today's calls", "Second visit", "Store today", "Team today", "Customers",
        *BOARDS, "Weekly report", "Spending and revenue", "Were warnings right?", "Data health",
        "Settings", "Call scripts", "Nightly jobs", "Audit log",
    ],
    Role.GROUP_MANAGER: [
        "Morning brief", "Store today", "Team today", "Customers", *BOARDS,
        "Weekly report", "Spending and revenue", "Stores side by side", "Were warnings right?",
        "Data health", "Settings", "Nightly jobs",
    ],
}  # fmt: skip
HOMES = {
    Role.ADVISOR: "/today/",
    Role.SPECIALIST: "/today/",
    Role.MANAGER: "/store/",
    Role.GROUP_MANAGER: "/store/",
    Role.ADMIN: "/settings/",
}


@pytest.fixture
def signed_in(client: Client, north):
    def as_role(role: Role) -> Client:
        client.force_login(
            factories.StaffFactory(group=north.group, role=role, at=[north], language="en")
        )
        return client

    return as_role


def menu(text: str) -> list[str]:
    """Labels of the rail's menu."""
    rail = text.split('class="h-rail"')[1].split("</nav>")[0]
    labels = re.findall(r'<a href="[^"]*"(?: aria-current="page")?>([^<]+)', rail)
    return [label.replace("&#x27;", "'") for label in labels]


@pytest.mark.parametrize(("role", "labels"), MENUS.items(), ids=list(MENUS))
def test_the_menu_shows_what_the_role_may(signed_in, role, labels):
    assert menu(signed_in(role).get("/customers/").content.decode()) == labels


@pytest.mark.parametrize(("role", "address"), HOMES.items(), ids=list(HOMES))
def test_everybody_starts_on_the_page_of_the_role(signed_in, role, address):
    response = signed_in(role).get("/", follow=True)
    assert response.redirect_chain[0] == (address, 302)
    assert response.status_code == 200


def test_the_menu_counts_the_cards_of_ones_own_list(client, north, ada, ben):
    computed_day(north)
    vehicle = car(customer(north, "Two reasons"))
    task(vehicle, ben)
    task(vehicle, ben, kind="risk_call")
    task(car(customer(north, "Somebody else's")), ada)
    client.force_login(ben)
    assert '<span class="h-count">1</span>' in client.get("/customers/").content.decode()


def test_the_page_one_is_on_is_marked_in_the_menu(signed_in):
    text = signed_in(Role.ADVISOR).get("/customers/").content.decode()
    assert '<a href="/customers/" aria-current="page">' in text
    assert text.count('aria-current="page"') == 2  # in the rail and in the phone's menu


def test_the_frame_names_store_person_and_role(signed_in):
    text = signed_in(Role.MANAGER).get("/customers/").content.decode()
    assert "North · service retention" in text
    assert "Store manager" in text


def test_without_two_factor_a_banner_says_so(signed_in, settings):
    settings.TWO_FACTOR_REQUIRED = False
    text = signed_in(Role.ADVISOR).get("/customers/").content.decode()
    assert "Two-factor sign-in is off" in text


def test_the_language_is_switched_by_a_button_and_kept(signed_in):
    client = signed_in(Role.ADVISOR)
    assert '<html lang="en">' in client.get("/customers/").content.decode()
    client.post("/language/", {"language": "zh-hans", "next": "/customers/"})
    assert '<html lang="zh-Hans">' in client.get("/customers/").content.decode()


def test_a_page_has_one_heading_a_skip_link_and_named_landmarks(signed_in):
    text = signed_in(Role.MANAGER).get("/customers/").content.decode()
    assert text.count("<h1") == 1
    assert '<a class="h-skip" href="#main">' in text
    assert '<main class="h-page" id="main"' in text
    assert all("aria-label" in nav for nav in re.findall(r"<nav[^>]*>", text))


def test_a_signed_out_page_has_no_menu(client):
    assert "h-rail" not in client.get("/login/").content.decode()


def test_a_fragment_for_htmx_costs_no_menu(signed_in, django_assert_max_num_queries):
    client = signed_in(Role.MANAGER)
    page = "/customers/?q=nobody"
    with django_assert_max_num_queries(6):
        fragment = client.get(page, headers={"hx-request": "true"})
    assert "h-rail" not in fragment.content.decode()
