"""Call scripts: whose words stand, writing one's own with a look at real customers, and back."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST, require_safe

from alerts import wording
from alerts.selectors.scripts import Wording
from alerts.services import scripts as services
from alerts.services.scripts import Case
from common.exceptions import NotFound
from dashboards import presentation, script_words
from dashboards.forms.scripts import ScriptForm, initial
from dashboards.selectors import days, script_samples
from dashboards.selectors import scripts as selectors
from stores import access
from stores.access import ReaderRequest
from stores.models import Store
from stores.rights import Right


@access.needs(Right.SCRIPTS)
@require_safe
def scripts(request: ReaderRequest) -> HttpResponse:
    """Every kind of call and whose words stand."""
    if not request.reader.stores:
        return render(request, "dashboards/no_store.html")
    case = _case(request, wording.kinds()[0])
    context = {**_shared(request, case), "sections": selectors.sections(case)}
    return render(request, "dashboards/scripts/scripts.html", context)


@access.needs(Right.SCRIPTS)
@require_safe
def script(request: ReaderRequest, kind: str) -> HttpResponse:
    """The words of one case, to be changed."""
    case = _case(request, kind)
    words = selectors.standing(case).start
    return _page(request, case, ScriptForm(initial=initial(words) if words else None), words)


@access.needs(Right.SCRIPTS)
@require_POST
def script_save(request: ReaderRequest, kind: str) -> HttpResponse:
    """The place's own words from now on."""
    case = _case(request, kind)
    form = ScriptForm(request.POST)
    if not form.is_valid():
        return _page(request, case, form, None)
    entered = form.cleaned_data
    above = selectors.standing(case).above
    if above and _entered(form) == (above.text, above.offer, above.offer_cost_amount):
        # What stands above needs no copy, and the copy that may be there is given up.
        done = services.reset(case, author=request.reader.staff)
    else:
        done = services.save(case, **entered, author=request.reader.staff) is not None
    if done:
        messages.success(request, gettext("Saved. The next card that is opened says it so."))
    else:
        messages.info(request, gettext("Nothing was changed."))
    return redirect(_address("script", case))


@access.needs(Right.SCRIPTS)
@require_POST
def script_reset(request: ReaderRequest, kind: str) -> HttpResponse:
    """Back to the words above: the group's, or ours."""
    case = _case(request, kind)
    if services.reset(case, author=request.reader.staff):
        messages.success(request, gettext("The own words are gone; these stand now."))
    return redirect(_address("script", case))


@access.needs(Right.SCRIPTS)
@require_POST
def script_preview(request: ReaderRequest, kind: str) -> HttpResponse:
    """What is being written, on real customers; changes nothing."""
    case = _case(request, kind)
    form = ScriptForm(request.POST)
    form.is_valid()
    if not request.htmx:
        return _page(request, case, form, None)
    context = {"form": form, "samples": _samples(request, case, form, None)}
    return render(request, "dashboards/scripts/preview.html", context)


def _case(request: ReaderRequest, kind: str) -> Case:
    """The case the address names; an unknown one or a stranger's store is a 404."""
    asked = {**request.GET.dict(), **request.POST.dict()}
    language = asked.get("language") or wording.language_of(get_language() or "")
    level, tier = asked.get("level", ""), asked.get("tier", "")
    store = _store(request, asked.get("store", ""))
    case = Case(request.reader.staff.group, store, kind, level, tier, language)
    try:
        case.check()
    except NotFound as error:
        raise Http404 from error
    return case


def _store(request: ReaderRequest, code: str) -> Store | None:
    """The store asked for; without one the group, or the first store of who has no group."""
    stores = request.reader.stores
    if not code and request.reader.is_group_wide:
        return None
    store = next((one for one in stores if not code or one.code == code), None)
    if store is None:
        raise Http404
    return store


def _entered(form: ScriptForm) -> tuple[str, str, Decimal]:
    found = form.cleaned_data
    return found["text"], found["offer"], found["offer_cost_amount"]


def _samples(
    request: ReaderRequest, case: Case, form: ScriptForm, words: Wording | None
) -> list[script_samples.Sample]:
    """The words on real customers; none while there is something wrong with them."""
    if form.is_bound and not form.errors:
        words = Wording(case.level, case.tier, *_entered(form))
    store = case.store or next(iter(request.reader.stores), None)
    if words is None or store is None:
        return []
    day = days.latest([store])[store.pk]
    return script_samples.samples(
        words,
        case,
        day,
        request.reader.staff,
        now=timezone.now(),
    )


def _address(name: str, case: Case, **other: str) -> str:
    query = {"store": case.store.code if case.store else "", "language": case.language}
    if name == "scripts":
        return f"{reverse(name)}?{urlencode({**query, **other})}"
    query |= {"level": case.level, "tier": case.tier}
    return f"{reverse(name, args=[case.kind])}?{urlencode({**query, **other})}"


def _shared(request: ReaderRequest, case: Case) -> dict[str, Any]:
    """What both pages show around their content."""
    return {
        "case": case,
        "stores": request.reader.stores,
        "may_group": request.reader.is_group_wide,
        "languages": [("zh-hans", "中文"), ("en", "English")],
        "list_url": _address("scripts", case),
    }


def _page(
    request: HttpRequest, case: Case, form: ScriptForm, words: Wording | None
) -> HttpResponse:
    standing = selectors.standing(case)
    kind = case.kind
    context = {
        **_shared(request, case),
        "form": form,
        "title": presentation.task_title(kind),
        "standing": standing,
        "origin": script_words.origin_chip(standing.words.origin) if standing.words else None,
        "levels": [(one, script_words.level_label(kind, one)) for one in wording.levels(kind)],
        "tiers": [(one, script_words.tier_label(one)) for one in wording.TIERS],
        "facts": selectors.palette(),
        "samples": _samples(request, case, form, words),
    }
    return render(request, "dashboards/scripts/script.html", context)
