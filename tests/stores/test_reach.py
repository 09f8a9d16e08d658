"""How far each role sees, and the language of pages."""

import pytest

from exchange.models import ImportFile
from stores import selectors
from stores.access import reader_of
from stores.choices import Role
from stores.models import Staff
from tests import factories


@pytest.mark.parametrize(
    ("role", "stores"),
    [
        (Role.ADVISOR, {"North"}),
        (Role.SPECIALIST, {"North"}),
        (Role.MANAGER, {"North"}),
        (Role.GROUP_MANAGER, {"North", "South"}),
        (Role.ADMIN, {"North", "South"}),
    ],
)
def test_reader_sees_these_stores(role, stores, north, south, elsewhere):
    reader = reader_of(factories.StaffFactory(group=north.group, role=role, at=[north]))
    assert {store.name for store in reader.stores} == stores
    assert reader.store_ids == {store.pk for store in reader.stores}
    assert reader.own_only == (role in {Role.ADVISOR, Role.SPECIALIST})


def test_store_of_another_group_is_out_of_reach_even_when_assigned(north, elsewhere):
    person = factories.StaffFactory(group=north.group, at=[north, elsewhere])
    assert reader_of(person).store_ids == {north.pk}


def test_tables_without_a_store_stay_in_the_group(dora, eve, north, elsewhere):
    ours = factories.ImportFileFactory(group=north.group)
    factories.ImportFileFactory(group=elsewhere.group)
    assert list(selectors.of_group(ImportFile.objects.all(), reader_of(dora))) == [ours]


def test_people_of_a_manager_are_those_of_the_store(ada, ben, cleo, dora):
    assert set(selectors.staff_of(reader_of(ada))) == {ada, ben}
    assert set(selectors.staff_of(reader_of(dora))) == {ada, ben, cleo, dora}


def test_chosen_language_is_kept_with_the_account_and_wins(ben, client):
    client.force_login(ben)
    answer = client.post("/language/", {"language": "en", "next": "/account/"})
    assert answer.headers["Location"] == "/account/"
    ben.refresh_from_db()
    assert ben.language == "en"
    client.cookies["django_language"] = "zh-hans"
    assert 'lang="en"' in client.get("/account/").content.decode()


def test_language_can_be_switched_before_signing_in(client, db):
    client.post("/language/", {"language": "en", "next": "/login/"})
    assert 'lang="en"' in client.get("/login/").content.decode()


@pytest.mark.parametrize("language", ["xx", "", "../../etc"])
def test_unknown_language_changes_nothing(language, ben, client):
    client.force_login(ben)
    client.post("/language/", {"language": language, "next": "/account/"})
    assert Staff.objects.get(pk=ben.pk).language == ""


def test_browsers_language_is_used_when_nothing_was_chosen(client, db):
    chinese = client.get("/login/", headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert 'lang="zh-Hans"' in chinese.content.decode()
    assert (
        'lang="en"' in client.get("/login/", headers={"Accept-Language": "en-GB"}).content.decode()
    )
