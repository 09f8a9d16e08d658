"""The administrator's pages about people."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.exceptions import DomainError
from stores import access, selectors
from stores.access import Reader, ReaderRequest
from stores.choices import LinkPurpose
from stores.forms import NewPersonForm, PeopleFilter, PersonForm
from stores.models import Staff
from stores.rights import Right
from stores.services import links, two_factor
from stores.services import staff as service

PAGE = 50
_ACTIVE = {"yes": True, "no": False}
_ADDRESS = {LinkPurpose.INVITE: "welcome", LinkPurpose.RESET: "new_password"}


@access.needs(Right.STAFF)
@require_safe
def people(request: ReaderRequest) -> HttpResponse:
    """The group's people, filtered."""
    form = PeopleFilter(request.reader, request.GET or None)
    given = form.cleaned_data if form.is_valid() else {}
    found = selectors.people(
        request.reader,
        search=given.get("q", ""),
        store=given.get("store"),
        role=given.get("role", ""),
        is_active=_ACTIVE.get(given.get("active", "")),
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "query": query_of(request)}
    context["with_factor"] = selectors.with_second_factor([person.pk for person in page])
    template = "people_table" if request.headers.get("HX-Request") else "people"
    return render(request, f"stores/{template}.html", context)


@access.needs(Right.STAFF)
@require_http_methods(["GET", "POST"])
def add(request: ReaderRequest) -> HttpResponse:
    """A person who did not come with a file."""
    form = NewPersonForm(request.reader, None, request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        staff = service.add(by=request.reader.staff, code=code, person=form.person())
        messages.success(request, _("%(name)s was added.") % {"name": staff.name})
        return redirect("person", staff.pk)
    return render(request, "stores/person.html", {"form": form})


@access.needs(Right.STAFF)
@require_http_methods(["GET", "POST"])
def person(request: ReaderRequest, pk: int) -> HttpResponse:
    """One person: role, stores, and what an administrator can do for the sign-in."""
    staff = _one(request.reader, pk)
    form = PersonForm(request.reader, staff, request.POST or None)
    if request.method == "POST" and form.is_valid() and _changed(request.reader, staff, form):
        messages.success(request, _("Saved."))
        return redirect("person", staff.pk)
    return render(request, "stores/person.html", _facts(request.reader, staff, form))


@access.needs(Right.STAFF)
@never_cache
@require_POST
def invite(request: ReaderRequest, pk: int) -> HttpResponse:
    """A link for somebody who signs in for the first time."""
    return _show_link(request, _one(request.reader, pk), LinkPurpose.INVITE)


@access.needs(Right.STAFF)
@never_cache
@require_POST
def reset_password(request: ReaderRequest, pk: int) -> HttpResponse:
    """A link for somebody who forgot the password."""
    return _show_link(request, _one(request.reader, pk), LinkPurpose.RESET)


@access.needs(Right.STAFF)
@require_POST
def reset_two_factor(request: ReaderRequest, pk: int) -> HttpResponse:
    """For a lost phone: the next sign-in sets a new one up."""
    staff = _one(request.reader, pk)
    two_factor.remove(staff=staff, by=request.reader.staff)
    messages.success(request, _("The second factor is removed; it is set up at the next sign-in."))
    return redirect("person", staff.pk)


@access.needs(Right.STAFF)
@require_POST
def end_sessions(request: ReaderRequest, pk: int) -> HttpResponse:
    """Signs the person out everywhere."""
    staff = _one(request.reader, pk)
    service.end_sessions(by=request.reader.staff, staff=staff)
    text = _("%(name)s was signed out everywhere.") % {"name": staff.name}
    messages.success(request, text)
    return redirect("person", staff.pk)


def query_of(request: HttpRequest) -> str:
    """The address's query without the page, ready to be put before `page=`."""
    query = request.GET.copy()
    query.pop("page", None)
    return f"{query.urlencode()}&" if query else ""


def _one(reader: Reader, pk: int) -> Staff:
    return get_object_or_404(selectors.staff_of(reader), pk=pk)


def _changed(reader: Reader, staff: Staff, form: PersonForm) -> bool:
    try:
        service.change(by=reader.staff, staff=staff, person=form.person())
    except DomainError as error:
        form.add_error(None, error.message)
        return False
    return True


def _facts(reader: Reader, staff: Staff, form: PersonForm) -> dict[str, object]:
    return {
        "form": form,
        "person": staff,
        "is_self": staff.pk == reader.staff.pk,
        "has_password": staff.has_usable_password(),
        "has_factor": selectors.second_factor(staff) is not None,
    }


def _show_link(request: ReaderRequest, staff: Staff, purpose: LinkPurpose) -> HttpResponse:
    """The only time the link can be seen; it is neither kept nor sent by us."""
    if not staff.is_active:
        messages.error(request, _("Somebody who is disabled cannot sign in. Make active first."))
        return redirect("person", staff.pk)
    token = links.make(staff=staff, purpose=purpose, by=request.reader.staff)
    address = request.build_absolute_uri(reverse(_ADDRESS[purpose], args=[token]))
    context = {"person": staff, "address": address, "is_invitation": purpose == LinkPurpose.INVITE}
    response = render(request, "stores/link.html", context)
    response["Cache-Control"] = "no-store"
    return response
