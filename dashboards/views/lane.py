"""The second-visit lane: whose first service was, and which calls bring the second (TASK-6)."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboards.selectors import days
from dashboards.selectors.lane import FILTERS, lane_page
from dashboards.views.store import chosen_store
from stores import access
from stores.access import ReaderRequest
from stores.rights import Right
from stores.views.people import query_of


@access.needs(Right.CALL_LIST)
@require_safe
def lane(request: ReaderRequest) -> HttpResponse:
    """One store's lane, an advisor's own customers of it; HTMX gets the list alone."""
    store = chosen_store(request)
    only = request.GET.get("only", "")
    if only not in FILTERS:
        raise Http404
    if store is None:
        return render(request, "dashboards/no_store.html")
    day = days.latest([store])[store.pk]
    facts = {
        "lane": lane_page(request.reader, day, only, request.GET.get("page")),
        "stores": request.reader.stores,
        "query": query_of(request),
    }
    name = "rows" if request.htmx else "lane"
    return render(request, f"dashboards/lane/{name}.html", facts)
