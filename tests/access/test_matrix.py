"""T22: every address × method × role × own store, other store, other group, missing.

Every answer is looked at for its headers and for code inside its page besides (T28).
"""

import pytest
from django.http import Http404, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from customers.models import Customer
from stores import access
from stores.checks import every_page_has_a_mark, routes
from stores.choices import Role
from stores.rights import Right
from stores.scope import all_stores
from tests import factories
from tests.access.door import Door
from tests.access.matrix import EVERYBODY, POST, PUBLIC, ROWS, Row
from tests.access.pages import Tally
from tests.figures import say

pytestmark = pytest.mark.proof
PEOPLE = [None, *Role]
ROUTES = {found.name: found for found in routes()}


def _person(role, store):
    if role is None:
        return None
    return factories.StaffFactory(group=store.group, role=role, at=[store])


def _without_row() -> list[str]:
    return sorted(f"{found.name} (/{found.route})" for found in routes() if found.name not in ROWS)


@pytest.fixture(scope="module")
def tally():
    found = Tally()
    yield found
    if not found.cases:
        return
    addresses = len(found.addresses)
    say("T22", addresses=addresses, of=len(ROUTES), cases=found.cases, leaks=len(found.leaks))
    say("T28", what="every answer of the matrix", **found.figures())


def test_every_address_has_a_row():
    missing = _without_row()
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


@pytest.mark.parametrize("name", sorted(set(ROWS) & set(ROUTES)))
def test_address_answers_as_the_table_says(name, tally, north, south, elsewhere, settings):
    settings.TWO_FACTOR_REQUIRED = False
    wrong = []
    for role in PEOPLE:
        row = ROWS[name]
        if name == "login" and role is not None:
            row = Row(PUBLIC, POST | {"get": 302})
        door = Door(name, row, _person(role, north), tally)
        wrong += [f"{role}: {fault}" for fault in door.faults(north, south, elsewhere)]
    tally.leaks += wrong
    assert not wrong, "\n".join(wrong)
    assert not tally.faults, "\n".join(tally.faults)


# The controls: an address that forgets the scope, or has no row, must be found.


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


CODE = [
    '<p style="color: red">',
    "<style></style>",
    "<script>alert(1)</script>",
    '<a href="javascript:alert(1)">',
    '<img src="https://elsewhere.example/dot.png">',
    '<b onclick="alert(1)">',
    '<b hx-on:click="alert(1)">',
    "<b hx-vals='js:{a: alert(1)}'>",
    '<b hx-trigger="click[alert(1)]">',
]


@access.signed_in
@require_safe
def code(request):
    return HttpResponse("".join(CODE))


def forgotten(request):
    raise AssertionError("a view without a mark must not run")


urlpatterns = [
    path("leak/<int:pk>/", leak, name="leak"),
    path("teller/<int:pk>/", teller, name="teller"),
    path("counter/<int:pk>/", counter, name="counter"),
    path("open/", forgotten, name="open"),
    path("code/", code, name="code"),
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
    found = list(Door(name, row, ben).faults(north, south, elsewhere))
    assert any(fault in line for line in found), found
    say("T22", control=True, what=f"a planted {name}", leaks=len(found))


def test_planted_address_without_a_row_or_a_mark_is_found(settings):
    settings.ROOT_URLCONF = __name__
    without = _without_row()
    assert without == ["code (/code/)", "counter (/counter/<int:pk>/)", "leak (/leak/<int:pk>/)",
                       "open (/open/)", "teller (/teller/<int:pk>/)"]  # fmt: skip
    unmarked = [error.msg for error in every_page_has_a_mark(None)]
    assert unmarked == ["/open/ has no access mark"]
    say("T22", control=True, what="planted addresses", without_row=len(without), without_mark=1)


def test_planted_page_with_code_inside_is_found(ben, north, south, elsewhere, settings):
    settings.ROOT_URLCONF = __name__
    seen = Tally()
    list(Door("code", Row(EVERYBODY), ben, seen).faults(north, south, elsewhere))
    assert len(seen.faults) == len(CODE)
    say("T28", control=True, what="a planted page with code inside", **seen.figures())
