"""The manager's morning brief and the people behind each of its sentences."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboards.selectors.brief.facts import Facts
from dashboards.selectors.brief.matters import NAMES
from dashboards.selectors.brief.page import behind, lines
from dashboards.selectors.brief.words import TITLES
from dashboards.views.store import chosen_store
from stores import access
from stores.access import ReaderRequest
from stores.rights import Right
from stores.views.people import query_of


@access.needs(Right.STORE_BOARD)
@require_safe
def brief(request: ReaderRequest) -> HttpResponse:
    """What matters today in one store; `store` in the address switches."""
    store = chosen_store(request)
    if store is None:
        return render(request, "dashboards/no_store.html")
    facts = Facts(store, timezone.now())
    context = {"day": facts.day, "stores": request.reader.stores, "lines": lines(facts)}
    return render(request, "dashboards/brief/brief.html", context)


@access.needs(Right.STORE_BOARD)
@require_safe
def brief_people(request: ReaderRequest) -> HttpResponse:
    """Exactly those a sentence counts; HTMX gets the list alone."""
    store, what = chosen_store(request), request.GET.get("what", NAMES[0])
    if store is None or what not in NAMES:
        raise Http404
    facts = Facts(store, timezone.now(), only=what)
    context = {
        "day": facts.day,
        "what": what,
        "title": TITLES[what],
        "behind": behind(what, facts, request.GET.get("page")),
        "query": query_of(request),
    }
    name = "list" if request.htmx else "people"
    return render(request, f"dashboards/brief/{name}.html", context)
