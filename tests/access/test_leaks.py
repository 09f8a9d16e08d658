"""Lists, searches, counts and choices show nothing of stores and groups out of reach (R24, T23)."""

import io
import zipfile

import pytest

from common.spreadsheets import XLSX
from stores.checks import routes
from stores.choices import AuditAction, Role
from stores.models import Store
from stores.rights import GROUP_WIDE
from stores.services import audit
from tests import factories
from tests.access.door import address_of, client_of
from tests.access.matrix import PUBLIC, ROWS

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
    content = b"".join(page.streaming_content) if page.streaming else page.content
    if page["Content-Type"] != XLSX:
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "".join(parts.read(name).decode() for name in parts.namelist())


@pytest.mark.parametrize(("name", "role"), PAGES)
def test_page_shows_no_word_from_out_of_reach(name, role, north, south, elsewhere, settings):
    settings.TWO_FACTOR_REQUIRED = False
    for store, word in [(north, "Ours"), (south, "Sister"), (elsewhere, "Stranger")]:
        _fill(store, word)
    factories.ImportFileFactory(group=elsewhere.group, name="Stranger file.csv")
    factories.PolicyFactory(group=elsewhere.group, note="Stranger group note")
    # Its own name is also a word of the call list's buttons.
    elsewhere.name = "Stranger store"
    elsewhere.save(update_fields=["name"])
    reader = factories.StaffFactory(group=north.group, role=role, at=[north])
    row = ROWS[name]
    kwargs = row.about(north, reader) if row.about else {}
    page = client_of(reader).get(address_of(name, row, kwargs))
    text = _text(page)
    words = {"Stranger"}
    if role not in GROUP_WIDE:
        words |= {"Sister", "South"}
    assert {word for word in words if word in text} == set()


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
