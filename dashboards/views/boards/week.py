"""The weekly report, for the screen and for paper."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboards.selectors.boards.week import week_board
from dashboards.views.store import chosen_store
from lifecycle.selectors import stamp
from stores import access
from stores.access import ReaderRequest
from stores.rights import Right


@access.needs(Right.STORE_BOARD)
@require_safe
def weekly(request: ReaderRequest) -> HttpResponse:
    """One store's week; `week` (2026-W25) and `store` in the address choose."""
    store = chosen_store(request)
    if store is None:
        return render(request, "dashboards/no_store.html")
    as_of = stamp([store.pk], ["week"]).as_of
    facts = {
        "store": store,
        "stores": request.reader.stores,
        "board": as_of and week_board(store, as_of, request.GET.get("week", "")),
    }
    return render(request, "dashboards/boards/weekly.html", facts)
