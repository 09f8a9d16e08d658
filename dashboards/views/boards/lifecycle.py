"""The lifecycle board."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboards.selectors.boards import asked
from dashboards.selectors.boards.lifecycle import lifecycle_board
from stores import access
from stores.access import ReaderRequest
from stores.rights import Right


@access.needs(Right.STORE_BOARD)
@require_safe
def lifecycle(request: ReaderRequest) -> HttpResponse:
    """Where customers are lost, why, and what changed."""
    if not request.reader.stores:
        return render(request, "dashboards/no_store.html")
    question = asked.asked(request.reader, request.GET)
    facts = {
        "question": question,
        "stores": request.reader.stores,
        "choices": asked.choices_of(question),
        "periods": asked.PERIODS,
        "board": lifecycle_board(question),
    }
    return render(request, "dashboards/boards/lifecycle.html", facts)
