"""Data health."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboards.selectors.boards import asked
from dashboards.selectors.boards.health import health_board
from stores import access
from stores.access import ReaderRequest
from stores.rights import Right


@access.needs(Right.STORE_BOARD)
@require_safe
def data_health(request: ReaderRequest) -> HttpResponse:
    """What is wrong with the data, the dearest first."""
    if not request.reader.stores:
        return render(request, "dashboards/no_store.html")
    question = asked.asked(request.reader, request.GET)
    facts = {
        "question": question,
        "stores": request.reader.stores,
        "choices": asked.choices_of(question),
        "board": health_board(question, request.reader),
    }
    return render(request, "dashboards/boards/health.html", facts)
