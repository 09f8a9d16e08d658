"""The advisor's day: one's own call list and the opened card."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alerts.selectors import in_list_order, open_tasks
from dashboards.selectors import days
from dashboards.selectors.calls import Pane, list_day, pane_of, queue_of
from stores import access
from stores.access import ReaderRequest
from stores.rights import Right


@access.needs(Right.CALL_LIST)
@require_safe
def today(request: ReaderRequest) -> HttpResponse:
    """The list, with its first card opened beside it where the screen is wide enough."""
    if not request.reader.stores:
        return render(request, "dashboards/no_store.html")
    store_days = days.latest(request.reader.stores)
    queue = queue_of(request.reader, store_days)
    first = queue.first
    pane = _pane(request, first.pk, store_days, is_chosen=False) if first else None
    return render(request, "dashboards/today/today.html", {"queue": queue, "pane": pane})


@access.needs(Right.CALL_LIST)
@require_safe
def card(request: ReaderRequest, customer_id: int) -> HttpResponse:
    """One customer of one's own list: beside the list, alone on a phone, a fragment for HTMX."""
    store_days = days.latest(request.reader.stores)
    pane = _pane(request, customer_id, store_days, is_chosen=True)
    if request.htmx:
        return render(request, "dashboards/today/pane.html", {"pane": pane})
    queue = queue_of(request.reader, store_days)
    return render(request, "dashboards/today/today.html", {"queue": queue, "pane": pane})


def _pane(
    request: ReaderRequest, customer_id: int, store_days: dict[int, days.Day], *, is_chosen: bool
) -> Pane:
    mine = open_tasks(list_day(store_days)).filter(
        owner=request.reader.staff, customer_id=customer_id
    )
    related = ("customer__state", "customer__advisor", "vehicle__state", "vehicle__rollup")
    tasks = list(in_list_order(mine.select_related(*related, "stands_in_for")))
    if not tasks:
        raise Http404
    return pane_of(tasks, store_days[tasks[0].store_id], request.reader, is_chosen)
