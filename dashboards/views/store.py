"""The store's day: warnings by level and value, who has what, and the people behind each number."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboards.filters import WarnedFilter
from dashboards.selectors import days
from dashboards.selectors.board import KIND_TITLES, TIERS, staff_of, store_board
from dashboards.selectors.warned import chosen_cards, page_of_people, people_behind
from stores import access
from stores.access import ReaderRequest
from stores.models import Store
from stores.rights import Right


@access.needs(Right.STORE_BOARD)
@require_safe
def store(request: ReaderRequest) -> HttpResponse:
    """One store's board; `store` in the address switches."""
    chosen = chosen_store(request)
    if chosen is None:
        return render(request, "dashboards/no_store.html")
    day = days.latest([chosen])[chosen.pk]
    facts = {
        "day": day,
        "stores": request.reader.stores,
        "board": store_board(chosen, day, timezone.now()),
        "tiers": TIERS,
        "versions": days.versions(day),
    }
    return render(request, "dashboards/store/board.html", facts)


@access.needs(Right.STORE_BOARD)
@require_safe
def warnings(request: ReaderRequest) -> HttpResponse:
    """Exactly the people behind a number of the board; HTMX gets the list alone."""
    chosen = chosen_store(request)
    kind = request.GET.get("kind", "due")
    if chosen is None or kind not in KIND_TITLES:
        raise Http404
    day = days.latest([chosen])[chosen.pk]
    filters = WarnedFilter(
        request.GET, people_behind(kind, day), kind=kind, people=staff_of(chosen)
    )
    if not filters.is_valid():
        raise Http404
    if kind == "cards":
        rows = chosen_cards(day, timezone.now(), **filters.form.cleaned_data)
    else:
        rows = filters.qs
    facts = {
        "day": day,
        "kind": kind,
        "kinds": KIND_TITLES,
        "filters": filters,
        "page": page_of_people(kind, rows, day, request.GET.get("page")),
        "query": _query_without_page(request),
    }
    name = "people" if request.htmx else "warnings"
    return render(request, f"dashboards/store/{name}.html", facts)


def chosen_store(request: ReaderRequest) -> Store | None:
    """The store named in the address, else the reader's first; another's is a missing one."""
    code = request.GET.get("store")
    if not code:
        return next(iter(request.reader.stores), None)
    for one in request.reader.stores:
        if one.code == code:
            return one
    raise Http404


def _query_without_page(request: ReaderRequest) -> str:
    query: Any = request.GET.copy()
    query.pop("page", None)
    return f"{query.urlencode()}&" if query else ""
