"""Lists, searches, counts and choices show nothing of stores and groups out of reach (R24, T23)."""

import io
import zipfile

import pytest
from django.http import HttpResponse
from django.urls import path

from common.spreadsheets import XLSX
from customers.models import Customer
from stores import access
from stores.checks import routes
from stores.choices import AuditAction, Role
from stores.models import Store
from stores.rights import GROUP_WIDE, Right
from stores.scope import all_stores
from stores.services import audit
from tests import factories
from tests.access.door import address_of, client_of
from tests.access.matrix import PUBLIC, ROWS
from tests.access.pages import header_faults, inline_faults
from tests.figures import say

pytestmark = pytest.mark.proof
NAMES = {found.name for found in routes()}
VINS = {
    "Ours": "LSVAA4182E2099999",
    "Sister": "LSVAA4182E2199999",
    "Stranger": "LSVAA4182E2299999",
}
PAGES = [
    (name, role)
    for name, row in sorted(ROWS.items())
    for role in Role
    if "get" in row.answers and name in NAMES and (row.roles is PUBLIC or role in row.roles)
]


def _fill(store: Store, word: str) -> None:
    """Rows of every kind at a store, each with `word` in what pages show."""
    person = factories.StaffFactory(group=store.group, name=f"{word} person", at=[store])
    customer = factories.CustomerFactory(
        store=store, name=f"{word} customer", phone="13911114321", advisor=person
    )
    vehicle = factories.VehicleFactory(
        customer=customer, plate="沪B54321", vin=VINS[word], brand=f"{word} brand"
    )
    factories.VehicleRollupFactory(vehicle=vehicle)
    factories.VehicleStateFactory(vehicle=vehicle, level="red", risk_level="high")
    factories.CustomerStateFactory(customer=customer)
    factories.WarningFactory(vehicle=vehicle, level="red")
    factories.TaskFactory(vehicle=vehicle, owner=person)
    factories.FindingFactory(
        store=store, table="customers_vehicle", row_id=vehicle.pk, kind="check_digit"
    )
    factories.PolicyFactory(group=store.group, store=store, author=person, note=f"{word} note")
    factories.JobChunkFactory(store_ids=[store.pk], error=f"{word} error")
    audit.record(actor=person, action=AuditAction.UNMASKED, store=store, reason=f"{word} reason")


def _text(page) -> str:
    """What a page says; of a workbook, every part of it."""
    content = page.getvalue()
    if page["Content-Type"] != XLSX:
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "".join(parts.read(name).decode() for name in parts.namelist())


def _foreign_words(role: Role, text: str) -> set[str]:
    words = {"Stranger"} | (set() if role in GROUP_WIDE else {"Sister", "South"})
    return {word for word in words if word in text}


def _world(north: Store, south: Store, elsewhere: Store) -> None:
    for store, word in [(north, "Ours"), (south, "Sister"), (elsewhere, "Stranger")]:
        _fill(store, word)
    factories.ImportFileFactory(group=elsewhere.group, name="Stranger file.csv")
    factories.PolicyFactory(group=elsewhere.group, note="Stranger group note")
    # Its own name is also a word of the call list's buttons.
    elsewhere.name = "Stranger store"
    elsewhere.save(update_fields=["name"])


@pytest.mark.parametrize("role", Role)
def test_pages_show_no_word_from_out_of_reach(role, north, south, elsewhere, settings):
    settings.TWO_FACTOR_REQUIRED = False
    _world(north, south, elsewhere)
    reader = factories.StaffFactory(group=north.group, role=role, at=[north])
    leaks, faults, names = [], [], [name for name, its in PAGES if its == role]
    for name in names:
        row = ROWS[name]
        kwargs = row.about(north, reader) if row.about else {}
        page = client_of(reader).get(address_of(name, row, kwargs))
        leaks += [f"{name}: {word}" for word in _foreign_words(role, _text(page))]
        faults += [f"{name}: {fault}" for fault in [*header_faults(page), *inline_faults(page)]]
    assert not leaks
    assert not faults
    say("T22", what="words from out of reach", role=role, pages=len(names), leaks=len(leaks))
    say("T28", what="pages with rows", role=role, pages=len(names), faults=len(faults))


@access.needs(Right.CUSTOMERS)
def everybody(request):
    with all_stores():
        return HttpResponse(" ".join(Customer.objects.values_list("name", flat=True)))


urlpatterns = [path("everybody/", everybody, name="everybody")]


@pytest.mark.parametrize("role", Role)
def test_control_planted_list_without_scope_shows_them(
    role, north, south, elsewhere, settings, client
):
    _world(north, south, elsewhere)
    settings.TWO_FACTOR_REQUIRED = False
    settings.ROOT_URLCONF = __name__
    client.force_login(factories.StaffFactory(group=north.group, role=role, at=[north]))
    leaks = _foreign_words(role, client.get("/everybody/").content.decode())
    assert leaks
    say("T22", control=True, what="a planted list without scope", role=role, leaks=len(leaks))


@pytest.mark.parametrize(
    "query",
    ["Sister customer", "sister", "13911114321", "4321", "沪B54321", "LSVAA4182E2199999", "54321"],
)
def test_search_finds_nothing_of_another_store(query, ben, south, client):
    _fill(south, "Sister")
    client.force_login(ben)
    page = client.get("/customers/", {"q": query})
    assert page.context["count"] == 0
    # The page repeats the question; without it nothing of the store is left.
    assert "Sister" not in page.content.decode().replace("Sister customer", "").replace(
        "Sister+", ""
    )


def test_search_finds_the_own_stores_customer(ben, north, client):
    _fill(north, "Ours")
    client.force_login(ben)
    for query in ["Ours customer", "13911114321", "4321", "沪B54321", "LSVAA4182E2099999"]:
        assert client.get("/customers/", {"q": query}).context["count"] == 1


@pytest.mark.parametrize("role", Role)
def test_control_the_words_are_shown_to_those_who_may(role, north, south):
    _fill(south, "Sister")
    reader = factories.StaffFactory(group=south.group, role=role, at=[south])
    assert "Sister" in client_of(reader).get("/customers/", {"q": "Sister"}).content.decode()
