"""Settings pages: the form of a kind for the group or a store, saving, history, restoring."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from common.exceptions import DomainError
from dashboards import policy_fields
from dashboards.forms.plans import PlansForm, known_keys
from dashboards.forms.settings import PolicyForm
from dashboards.selectors import settings as selectors
from dashboards.selectors.settings import Place
from dashboards.services import settings as services
from lifecycle.policies import PlanPolicy
from stores import access
from stores.access import ReaderRequest
from stores.choices import PolicyKind
from stores.models import Policy
from stores.rights import Right

AnyForm = PolicyForm | PlansForm
VERSIONS_BESIDE_THE_FORM = 4


@access.needs(Right.SETTINGS_READ)
@require_GET
def settings(request: HttpRequest) -> HttpResponse:
    """The first kind."""
    return redirect("settings_kind", next(iter(policy_fields.KINDS)))


@access.needs(Right.SETTINGS_READ)
@require_GET
def settings_kind(request: ReaderRequest, kind: str) -> HttpResponse:
    """The values in force, as a form for whoever may change them."""
    place = _place(request, kind)
    return _page(request, place, _form(place))


@access.needs(Right.SETTINGS)
@require_POST
def settings_save(request: ReaderRequest, kind: str) -> HttpResponse:
    """A new version; a button that only changes the form shows it again, not yet saved."""
    place = _place(request, kind)
    changed = _changed_form(request.POST, place)
    if changed is not None:
        return _page(request, place, changed)
    form = _form(place, request.POST)
    if not form.is_valid():
        return _page(request, place, form)
    try:
        policy = services.save(
            place,
            values=form.values(),
            author=request.reader.staff,
            note=form.cleaned_data["note"],
            based_on=form.cleaned_data["based_on"],
        )
    except DomainError as error:
        return _refused(request, place, form, error)
    _tell_saved(request, policy)
    return redirect(_address(place))


@access.needs(Right.SETTINGS_READ)
@require_GET
def settings_history(request: ReaderRequest, kind: str) -> HttpResponse:
    """Every version of the group's or a store's settings and what it changed."""
    place = _place(request, kind)
    context = {**_shared(request, place), "versions": selectors.history(place)}
    return render(request, "dashboards/settings/history.html", context)


@access.needs(Right.SETTINGS)
@require_POST
def settings_restore(request: ReaderRequest, kind: str, number: int) -> HttpResponse:
    """A new version with an old one's values."""
    place = _place(request, kind)
    note = gettext("Version {number} restored").format(number=number)
    based_on = request.POST.get("based_on", "")
    try:
        policy = services.restore(
            place, number=number, author=request.reader.staff, note=note, based_on=based_on
        )
    except DomainError as error:
        if error.code != "stale":
            raise
        messages.warning(request, _stale_text(place))
    else:
        _tell_saved(request, policy)
    return redirect(_address(place))


def _place(request: ReaderRequest, kind: str) -> Place:
    """Whose settings the address names; an unknown kind or a stranger's store is a 404."""
    if kind not in policy_fields.KINDS:
        raise Http404
    code = request.POST.get("store") or request.GET.get("store") or ""
    store = next((one for one in request.reader.stores if one.code == code), None)
    if code and store is None:
        raise Http404
    return Place(policy_fields.KINDS[kind], request.reader.staff.group, store)


def _form(place: Place, data: QueryDict | None = None) -> AnyForm:
    now, above, base = place.values(), place.values_above(), place.base()
    if place.kind is PlanPolicy:
        return PlansForm(now=now["plans"], above=above["plans"], data=data, base=base)
    return PolicyForm(place.kind.kind, now=now, above=above, data=data, base=base)


def _changed_form(data: QueryDict, place: Place) -> AnyForm | None:
    """The form as a button other than *save* leaves it; None when *save* was pressed."""
    if "back_all" in data:
        form = _form(place, data)
        if isinstance(form, PlansForm):
            form.put_all_back()
            return form
        return _form(place, _with_above(data, form, list(form.settings)))
    if "back" in data:
        form = _form(place, data)
        if isinstance(form, PlansForm):
            form.put_back(data["back"])
            return form
        return _form(place, _with_above(data, form, [data["back"]]))
    return _plans_with_or_without(data, place)


def _with_above(data: QueryDict, form: PolicyForm, names: list[str]) -> QueryDict:
    entered = data.copy()
    for name in names:
        if name in form.settings:
            entered[name] = form.settings[name].shown(form.above[name])
    return entered


def _plans_with_or_without(data: QueryDict, place: Place) -> PlansForm | None:
    if not {"add", "remove"} & set(data):
        return None
    form = _form(place, data)
    if not isinstance(form, PlansForm):
        return None
    if "remove" in data:
        form.remove(data["remove"])
    elif data.get("new_key") in known_keys(selectors.plan_choices(form.plan_keys())):
        form.add(data["new_key"])
    return form


def _refused(
    request: ReaderRequest, place: Place, form: AnyForm, error: DomainError
) -> HttpResponse:
    """A stale form keeps what was entered and is now based on the newest version."""
    if error.code == "stale":
        data = request.POST.copy()
        data["based_on"] = place.base()
        newer = _form(place, data)
        newer.is_valid()
        return _page(request, place, newer, status=409, stale=_stale_text(place))
    if error.code != "bad_policy":
        raise error
    form.refuse(error)
    return _page(request, place, form)


def _stale_text(place: Place) -> str:
    latest = place.latest()
    group_latest = Place(place.kind, place.group, None).latest()
    newest = max(filter(None, (latest, group_latest)), key=lambda policy: policy.created_at)
    author = newest.author.name if newest.author else gettext("the system")
    return gettext("{author} saved version {number} while this page was open.").format(
        author=author, number=newest.number
    )


def _tell_saved(request: HttpRequest, policy: Policy | None) -> None:
    if policy is None:
        messages.info(request, gettext("Nothing was changed."))
        return
    text = gettext("Saved as version {number}, used from the next run.")
    if policy.kind == PolicyKind.SCORECARD:
        text = gettext("Saved as version {number}, used at once.")
    messages.success(request, text.format(number=policy.number))


def _address(place: Place, name: str = "settings_kind") -> str:
    address = reverse(name, args=[place.kind.kind])
    return f"{address}?{urlencode({'store': place.store.code})}" if place.store else address


def _shared(request: ReaderRequest, place: Place) -> dict[str, Any]:
    """What every settings page shows around its content."""
    query = f"?{urlencode({'store': place.store.code})}" if place.store else ""
    tabs = [
        (PolicyKind(kind).label, reverse("settings_kind", args=[kind]) + query, kind)
        for kind in policy_fields.KINDS
    ]
    return {
        "place": place,
        "kind": place.kind.kind,
        "title": PolicyKind(place.kind.kind).label,
        "tabs": tabs,
        "stores": request.reader.stores,
        "latest": place.latest(),
        "base": place.base(),
        "may_change": request.reader.has(Right.SETTINGS),
        "page_url": _address(place),
        "history_url": _address(place, "settings_history"),
    }


def _page(
    request: ReaderRequest, place: Place, form: AnyForm, status: int = 200, stale: str = ""
) -> HttpResponse:
    latest = place.latest()
    context = {
        **_shared(request, place),
        "form": form,
        "stale": stale,
        "next_number": (latest.number if latest else 0) + 1,
        "versions": selectors.history(place, VERSIONS_BESIDE_THE_FORM),
        "own_stores": selectors.stores_with_their_own(place, request.reader.stores),
    }
    if isinstance(form, PlansForm):
        context["choices"] = selectors.plan_choices(form.plan_keys())
        return render(request, "dashboards/settings/plans.html", context, status=status)
    return render(request, "dashboards/settings/policy.html", context, status=status)
