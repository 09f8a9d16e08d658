"""The store's key figures."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboards.selectors.boards import asked
from dashboards.selectors.boards.kpi import kpi_rows
from stores import access
from stores.access import ReaderRequest
from stores.rights import Right


@access.needs(Right.STORE_BOARD)
@require_safe
def kpi(request: ReaderRequest) -> HttpResponse:
    """Satisfaction, return, spend: now, before and over two years."""
    if not request.reader.stores:
        return render(request, "dashboards/no_store.html")
    question = asked.asked(request.reader, request.GET)
    facts = {
        "question": question,
        "stores": request.reader.stores,
        "choices": asked.choices_of(question),
        "periods": asked.PERIODS,
        "rows": kpi_rows(question),
    }
    return render(request, "dashboards/boards/kpi.html", facts)
