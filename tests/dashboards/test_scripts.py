"""The pages of call scripts: whose words stand, writing, trying, going back, and who may."""

import datetime
from typing import Any

import pytest
from django.test import Client

from alerts.models import Script
from stores.choices import Role
from stores.models import AuditEntry, Staff, Store
from tests import factories
from tests.dashboards.lists import TODAY, car, computed_day, customer, task

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2026-06-15 02:00+00:00", tick=False)]
TEXT = "{name}, the {car} is due[ {due_day}| soon]."


def signed_in(client: Client, person: Staff) -> Client:
    Staff.objects.filter(pk=person.pk).update(language="en")
    person.refresh_from_db()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def manager(client: Client, ada: Staff) -> Client:
    return signed_in(client, ada)


@pytest.fixture
def admin(client: Client, dora: Staff) -> Client:
    return signed_in(client, dora)


def case(**other: str) -> dict[str, str]:
    return {"store": "NORTH", "language": "en", "level": "red", "tier": "", **other}


def save(client: Client, text: str = TEXT, **other: str) -> Any:
    data = {**case(), "text": text, "offer": "", "offer_cost_amount": "", **other}
    return client.post("/scripts/due_call/save/", data, follow=True)


def shown(client: Client, **other: str) -> Any:
    return client.get("/scripts/due_call/", case(**other))


def text_of(client: Client, **other: str) -> str:
    return str(shown(client, **other).context["form"]["text"].value())


def test_the_list_says_of_every_kind_whose_words_stand(admin: Client, north: Store) -> None:
    factories.ScriptFactory(group=north.group, language="en", level="red", text="{car} group")
    factories.ScriptFactory(
        group=north.group, store=north, language="en", kind="retry", text="{car} store"
    )
    sections = admin.get("/scripts/", {"store": "NORTH"}).context["sections"]
    stand = {
        (section.kind, row.label): str(row.origin.label)
        for section in sections
        for row in section.rows
    }
    assert stand["due_call", "Red"] == "The group's"
    assert stand["due_call", "Red · High value"] == "The group's"
    assert stand["due_call", "Orange"] == "As shipped"
    assert stand["retry", "Every call"] == "The store's"
    assert stand["retry", "In writing"] == "As shipped"


def test_the_list_shows_how_a_script_goes_on_after_its_greeting(manager: Client) -> None:
    page = manager.get("/scripts/").content.decode()
    assert "At … a day, your … is due for service …, and I did not want it to slip" in page


def test_a_manager_writes_the_stores_words(manager: Client, ada: Staff, north: Store) -> None:
    answer = save(manager, offer="Free wash", offer_cost_amount="35.5")
    script = Script.objects.get()
    assert (script.store, script.group, script.author) == (north, north.group, ada)
    assert (script.kind, script.level, script.tier, script.language) == (
        "due_call", "red", "", "en"
    )  # fmt: skip
    assert (script.text, script.offer, script.offer_cost_amount) == (TEXT, "Free wash", 35.5)
    assert "Saved. The next card that is opened says it so." in answer.content.decode()
    assert text_of(manager) == TEXT
    entry = AuditEntry.objects.get(action="script_changed")
    assert (entry.actor, entry.store, entry.thing_id) == (ada, north, script.pk)
    assert entry.detail == {"kind": "due_call", "level": "red", "tier": "", "language": "en"}


def test_a_managers_words_never_become_the_groups(manager: Client, north: Store) -> None:
    save(manager, store="")
    assert Script.objects.get().store == north


def test_an_administrator_writes_for_the_group(admin: Client, north: Store) -> None:
    save(admin, store="")
    assert Script.objects.get().store is None
    assert text_of(admin) == TEXT
    assert str(shown(admin).context["origin"].label) == "The group's"


def test_saving_twice_changes_the_one_row_and_tells_when_nothing_changed(manager: Client) -> None:
    save(manager)
    assert "Nothing was changed." in save(manager).content.decode()
    save(manager, TEXT + " Yours.")
    assert Script.objects.get().text == TEXT + " Yours."
    assert AuditEntry.objects.filter(action="script_changed").count() == 2


def test_saving_what_stands_above_keeps_no_copy(manager: Client, admin: Client) -> None:
    form = shown(manager).context["form"]
    ours = {name: form[name].value() for name in form.fields}
    answer = save(manager, **ours)
    assert "Nothing was changed." in answer.content.decode()
    assert not Script.objects.exists()
    save(manager)
    save(manager, **ours)
    assert not Script.objects.exists()


def test_one_of_our_texts_can_be_made_the_words_for_every_call(manager: Client) -> None:
    ours = text_of(manager, level="")
    save(manager, ours, level="")
    assert Script.objects.get().level == ""
    assert text_of(manager, level="orange") == ours


def test_back_to_ours_gives_the_own_words_up(manager: Client, ada: Staff) -> None:
    ours = text_of(manager)
    save(manager)
    assert "Back to the words as shipped" in shown(manager).content.decode()
    manager.post("/scripts/due_call/reset/", case())
    assert not Script.objects.exists()
    assert text_of(manager) == ours
    last = AuditEntry.objects.filter(action="script_changed").latest("pk")
    assert last.detail["is_reset"] is True


def test_back_leads_to_the_groups_words_where_there_are_some(manager: Client, north: Store) -> None:
    factories.ScriptFactory(group=north.group, language="en", level="red", text="{car} group")
    save(manager)
    assert "Back to the group's words" in shown(manager).content.decode()
    manager.post("/scripts/due_call/reset/", case())
    assert text_of(manager) == "{car} group"


def test_going_back_where_there_is_nothing_of_ones_own_changes_nothing(manager: Client) -> None:
    assert manager.post("/scripts/due_call/reset/", case()).status_code == 302
    assert not AuditEntry.objects.filter(action="script_changed").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Write what is to be said."),
        ("{car}\n[{slot}", "Line 2: [ is opened and not closed."),
        ("{car}\n{slot", "Line 2: {slot is opened and not closed."),
        ("{car} ]", "Line 1: ] stands alone, nothing was opened before it."),
        ("{car} {}", "Line 1: these braces name no fact."),
        ("{car} {weather}", "Line 1: no fact is called “weather”."),
        ("{car} {plat}", "Line 1: no fact is called “plat”. Perhaps “plate” is meant."),
        ("\n{car}\n\n{plate}", "Line 3: “plate” is not known of everybody."),
        ("{car} [so]", "Line 1: this part in square brackets names no fact"),
        ("{car}" + "x" * 596, "The text has 601 characters; 600 are the most."),
        ("{name}", "Nothing in it is true of this customer only"),
        ("[{plate}]", "For a customer of whom little is known nothing would be left."),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_in_plain_words(
    manager: Client, text: str, told: str
) -> None:
    answer = save(manager, text)
    assert any(error.startswith(told) for error in answer.context["form"].errors["text"])
    assert answer.context["form"]["text"].value() == text
    assert not Script.objects.exists()


def test_a_cost_without_an_offer_is_asked_about(manager: Client) -> None:
    answer = save(manager, offer_cost_amount="60")
    assert list(answer.context["form"].errors) == ["offer"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"level": "green"}, {"tier": "diamond"}, {"language": "fr"}, {"store": "SOUTH"},
        {"store": "NOWHERE"},
    ],
    ids=str,
)  # fmt: skip
def test_a_case_that_does_not_exist_is_not_found(
    wrong: dict[str, str], manager: Client, south: Store
) -> None:
    assert shown(manager, **wrong).status_code == 404
    assert save(manager, **wrong).status_code == 404


@pytest.mark.parametrize("kind", ["reminder", "weather"])
def test_a_kind_without_a_script_is_not_found(manager: Client, kind: str) -> None:
    assert manager.get(f"/scripts/{kind}/").status_code == 404


@pytest.fixture
def people(north: Store, ben: Staff) -> list[Any]:
    """Five customers with a red car, of the first of whom most is known; and a yellow one."""
    computed_day(north)
    found = []
    for number in range(5):
        one = customer(north, f"Lee {number}", advisor=ben, gender="male")
        days_back = datetime.timedelta(days=9)
        state = {"due_on": TODAY - days_back if number < 4 else None, "level": "red"}
        vehicle = car(one, state=state)
        if number == 0:
            factories.VisitFactory(vehicle=vehicle, actual_minutes=50, recommendations="tyres")
        found.append(task(vehicle, ben))
    task(car(customer(north, "Yellow"), state={"level": "yellow"}), ben)
    return found


def preview(client: Client, text: str, *, is_htmx: bool = True, **other: str) -> Any:
    headers = {"HX-Request": "true"} if is_htmx else {}
    data = {**case(), "text": text, "offer": "", "offer_cost_amount": "", **other}
    return client.post("/scripts/due_call/preview/", data, headers=headers)


def test_the_words_are_tried_on_the_best_and_the_least_known_before_they_are_saved(
    manager: Client, people: list[Any]
) -> None:
    answer = preview(manager, TEXT)
    tried = [
        ("".join(part.text for part in one.parts), one.name) for one in answer.context["samples"]
    ]
    assert len(tried) == 3
    assert tried[0] == ("Mr 0, the Passat is due on 6 June.", "Lee 0")
    assert tried[2] == ("Mr 4, the Passat is due soon.", "Lee 4")
    assert "<html" not in answer.content.decode()
    assert not Script.objects.exists()


def test_the_words_are_tried_on_those_they_are_for(manager: Client, people: list[Any]) -> None:
    samples = preview(manager, TEXT, level="yellow").context["samples"]
    assert [one.name for one in samples] == ["Yellow"]


def test_without_scripts_the_whole_page_comes_back_with_what_was_typed(
    manager: Client, people: list[Any]
) -> None:
    answer = preview(manager, TEXT, is_htmx=False)
    assert answer.context["form"]["text"].value() == TEXT
    assert len(answer.context["samples"]) == 3
    assert "<html" in answer.content.decode()


def test_a_broken_text_is_told_while_it_is_typed(manager: Client, people: list[Any]) -> None:
    answer = preview(manager, "{car} {plate")
    assert "Line 1: {plate is opened and not closed." in answer.content.decode()
    assert answer.context["samples"] == []


def test_the_offer_is_tried_against_each_customers_limit(
    manager: Client, people: list[Any]
) -> None:
    page = preview(manager, TEXT, offer="A wash", offer_cost_amount="30").content.decode()
    assert "You may offer: A wash (cost ¥30). Limit ¥210" in page
    page = preview(manager, TEXT, offer="A car", offer_cost_amount="9000").content.decode()
    assert "A car" not in page


def test_the_preview_costs_the_same_for_one_customer_and_for_many(
    manager: Client, people: list[Any], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12):
        preview(manager, TEXT)


@pytest.mark.parametrize("role", sorted({*Role} - {Role.MANAGER, Role.ADMIN}))
def test_others_do_not_see_the_pages_in_their_menu(client: Client, north: Store, role: str) -> None:
    reader = factories.StaffFactory(group=north.group, role=role, at=[north])
    signed_in(client, reader)
    assert client.get("/scripts/").status_code == 403
    assert b'href="/scripts/"' not in client.get("/account/").content
