"""T22: every address × role × own store, other store, other group, missing."""

import pytest
from django.http import Http404, HttpResponse
from django.urls import path

from customers.models import Customer
from stores import access
from stores.checks import routes
from stores.choices import Role
from stores.rights import Right
from stores.scope import all_stores
from tests import factories
from tests.access.door import faults
from tests.access.matrix import EVERYBODY, PUBLIC, ROWS, Row

PEOPLE = [None, *Role]
ROUTES = {found.name: found for found in routes()}


def _person(role, store):
    if role is None:
        return None
    return factories.StaffFactory(group=store.group, role=role, at=[store])


def test_every_address_has_a_row():
    missing = sorted(
        f"{name} (/{found.route})" for name, found in ROUTES.items() if name not in ROWS
    )
    assert not missing, f"add rows to tests/access/matrix.py for: {', '.join(missing)}"


def test_every_row_has_an_address():
    assert sorted(ROWS) == sorted(name for name in ROWS if name in ROUTES)


def test_every_address_has_a_name_of_its_own():
    names = [found.name for found in routes()]
    assert "" not in names
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", sorted(set(ROWS) & set(ROUTES)))
def test_row_agrees_with_the_mark_on_the_view(name):
    mark, row = access.access_of(ROUTES[name].view), ROWS[name]
    if row.roles is PUBLIC:
        assert mark.door == access.Door.PUBLIC
    elif mark.right is None:
        assert row.roles == EVERYBODY
    else:
        assert row.roles == {role for role in Role if access.rights.has(role, mark.right)}


@pytest.mark.parametrize("role", PEOPLE, ids=lambda role: role or "anonymous")
@pytest.mark.parametrize("name", sorted(set(ROWS) & set(ROUTES)))
def test_address_answers_as_the_table_says(name, role, north, south, elsewhere, settings):
    settings.TWO_FACTOR_REQUIRED = False
    row = ROWS[name]
    if name == "login" and role is not None:
        row = Row(PUBLIC, {"get": 302})
    found = list(faults(name, row, _person(role, north), north, south, elsewhere))
    assert not found, "\n".join(found)


# The control: an address that forgets the scope must be found.


@access.needs(Right.CUSTOMERS)
def leak(request, pk):
    with all_stores():
        return HttpResponse(str(Customer.objects.filter(pk=pk).exists()))


@access.needs(Right.CUSTOMERS)
def teller(request, pk):
    """Answers 404 to a stranger, but looks longer when there is something to see."""
    with all_stores():
        customer = Customer.objects.filter(pk=pk).first()
    return HttpResponse("not yours" if customer else "nothing there", status=404)


@access.needs(Right.CUSTOMERS)
def counter(request, pk):
    """Answers 404 alike, but asks the database once more when there is something."""
    with all_stores():
        if Customer.objects.filter(pk=pk).exists():
            Customer.objects.filter(pk=pk).count()
    raise Http404


urlpatterns = [
    path("leak/<int:pk>/", leak, name="leak"),
    path("teller/<int:pk>/", teller, name="teller"),
    path("counter/<int:pk>/", counter, name="counter"),
]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("leak", "leak get other group: 200, not 404"),
        ("leak", "leak get other store: 200, not 404"),
        ("teller", "the page of a stranger's object differs"),
        ("counter", "queries for a stranger's"),
    ],
)
def test_planted_address_without_scope_is_found(
    name, fault, ben, north, south, elsewhere, settings
):
    settings.ROOT_URLCONF = __name__
    row = Row(
        EVERYBODY,
        {"get": 200},
        about=lambda store, staff: {"pk": factories.CustomerFactory(store=store).pk},
    )
    found = list(faults(name, row, ben, north, south, elsewhere))
    assert any(fault in line for line in found), found
