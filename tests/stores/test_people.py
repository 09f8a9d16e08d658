"""The administrator's pages about people, and the audit log."""

import pytest
from django.db import DatabaseError, transaction

from stores import selectors
from stores.access import reader_of
from stores.choices import AuditAction, Role
from stores.models import AuditEntry, Staff
from stores.services import audit
from tests import factories


def _form(staff, **changes):
    facts = {
        "name": staff.name,
        "username": staff.username,
        "role": staff.role,
        "stores": list(staff.stores.values_list("pk", flat=True)),
        "is_active": "on",
    }
    return {**facts, **changes}


@pytest.fixture
def admin(client, dora):
    client.force_login(dora)
    return client


def test_list_shows_the_group_and_nobody_else(admin, ada, cleo, eve):
    found = set(admin.get("/staff/").context["page"].object_list)
    assert {ada, cleo} <= found
    assert eve not in found


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("role=advisor", {"Ben", "Cleo"}),
        ("q=CLEO", {"Cleo"}),
        ("active=no", {"Ada"}),
        ("q=nobody", set()),
    ],
)
def test_list_is_filtered(query, names, admin, ada, ben, cleo):
    Staff.objects.filter(pk=ada.pk).update(is_active=False)
    page = admin.get(f"/staff/?{query}")
    assert {person.name for person in page.context["page"]} == names


def test_list_of_one_store(admin, north, ben, cleo):
    page = admin.get(f"/staff/?store={north.pk}").context["page"]
    assert [person.name for person in page] == ["Ben"]


def test_store_of_another_group_is_no_choice(admin, elsewhere, eve):
    assert "store" in admin.get(f"/staff/?store={elsewhere.pk}").context["form"].errors


def test_list_asks_as_many_queries_for_forty_people_as_for_one(
    admin, north, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    admin.get("/staff/")
    with CaptureQueriesContext(connection) as one:
        admin.get("/staff/")
    for _ in range(40):
        factories.StaffFactory(group=north.group, at=[north])
    with django_assert_num_queries(len(one)):
        admin.get("/staff/")


def test_person_is_added_to_the_administrators_group(admin, dora, north):
    form = {
        "code": "N9",
        "name": "Finn",
        "username": "Finn",
        "role": "advisor",
        "stores": [north.pk],
    }
    admin.post("/staff/new/", {**form, "is_active": "on"})
    finn = Staff.objects.get(code="N9")
    assert (finn.group, finn.username, list(finn.stores.all())) == (dora.group, "finn", [north])
    assert not finn.has_usable_password()


def test_store_of_another_group_cannot_be_assigned(admin, ben, elsewhere, eve):
    answer = admin.post(f"/staff/{ben.pk}/", _form(ben, stores=[elsewhere.pk]))
    assert "stores" in answer.context["form"].errors


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"stores": []}, "stores"),
        ({"username": "CLEO"}, "username"),
        ({"username": ""}, "username"),
    ],
    ids=["no store", "somebody's name", "no name"],
)
def test_bad_person_is_refused(changes, field, admin, ben, cleo):
    answer = admin.post(f"/staff/{ben.pk}/", _form(ben, **changes))
    assert field in answer.context["form"].errors


def test_role_change_is_logged_with_what_was_before(admin, ben, dora):
    admin.post(f"/staff/{ben.pk}/", _form(ben, role="specialist"))
    ben.refresh_from_db()
    assert ben.role == Role.SPECIALIST
    entry = AuditEntry.objects.get(action=AuditAction.ROLE_CHANGED)
    assert (entry.actor, entry.thing_id) == (dora, ben.pk)
    assert entry.detail["before"][0] == "advisor"


@pytest.mark.parametrize("changes", [{"role": "manager"}, {"is_active": ""}])
def test_nobody_locks_oneself_out(changes, admin, dora, north):
    factories.StaffFactory(group=dora.group, role=Role.ADMIN)
    form = _form(dora, stores=[north.pk], **changes)
    assert admin.post(f"/staff/{dora.pk}/", form).context["form"].errors
    dora.refresh_from_db()
    assert (dora.role, dora.is_active) == (Role.ADMIN, True)


def test_last_administrator_stays(admin, dora):
    other = factories.StaffFactory(group=dora.group, role=Role.ADMIN, is_active=True)
    admin.post(f"/staff/{other.pk}/", _form(other, is_active=""))
    other.refresh_from_db()
    assert not other.is_active
    from stores.services import staff as service

    person = service.Person("Dora", "dora", Role.GROUP_MANAGER, True, ())
    with pytest.raises(service.DomainError):
        service.change(by=other, staff=dora, person=person)


def test_link_is_refused_for_the_disabled(admin, ben):
    Staff.objects.filter(pk=ben.pk).update(is_active=False)
    assert admin.post(f"/staff/{ben.pk}/invite/").status_code == 302


def test_audit_log_of_a_manager_holds_the_own_store_only(client, ada, ben, cleo, north, south, eve):
    mine = audit.record(
        actor=ben, action=AuditAction.UNMASKED, store=north, thing="customer", thing_id=1
    )
    without_store = audit.record(actor=ben, action=AuditAction.LOGIN)
    audit.record(actor=cleo, action=AuditAction.UNMASKED, store=south)
    audit.record(actor=eve, action=AuditAction.LOGIN)
    client.force_login(ada)
    assert list(client.get("/audit/").context["page"]) == [without_store, mine]
    assert list(client.get("/audit/?action=unmasked").context["page"]) == [mine]


def test_audit_log_of_an_administrator_holds_the_group_only(dora, cleo, eve, south, elsewhere):
    theirs = audit.record(actor=eve, action=AuditAction.UNMASKED, store=elsewhere)
    ours = audit.record(actor=cleo, action=AuditAction.UNMASKED, store=south)
    found = selectors.audit_entries(reader_of(dora))
    assert ours in found
    assert theirs not in found


@pytest.mark.parametrize(
    "act",
    [lambda entry: entry.save(), lambda entry: entry.delete()],
    ids=["update", "delete"],
)
def test_audit_entry_can_be_neither_changed_nor_deleted(act, ben):
    entry = audit.record(actor=ben, action=AuditAction.LOGIN)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        act(entry)


def test_unknown_action_is_a_bug(ben):
    with pytest.raises(ValueError, match="dancing"):
        audit.record(actor=ben, action="dancing")


def test_entry_names_the_person_it_is_about(admin, ben, cleo):
    admin.post(f"/staff/{ben.pk}/", _form(ben, role="specialist"))
    lines = admin.get("/audit/").context["lines"]
    assert "Ben" in next(about for entry, about in lines if entry.thing_id == ben.pk)
