"""The cohort page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboards.selectors.boards import asked
from dashboards.selectors.boards.cohort import cohort_board
from dashboards.selectors.boards.cohort_cards import WAYS
from lifecycle.boards import SPLITS
from stores import access
from stores.access import ReaderRequest
from stores.rights import Right


@access.needs(Right.STORE_BOARD)
@require_safe
def cohorts(request: ReaderRequest) -> HttpResponse:
    """Who keeps coming, by the month they began; where the second step is lost."""
    if not request.reader.stores:
        return render(request, "dashboards/no_store.html")
    question = asked.asked(request.reader, request.GET)
    by = request.GET.get("by", "")
    by = by if by in WAYS else ""
    facts = {
        "question": question,
        "stores": request.reader.stores,
        "choices": asked.choices_of(question, SPLITS),
        "periods": asked.PERIODS,
        "kept": {"by": by} if by else {},
        "board": cohort_board(question, by),
    }
    return render(request, "dashboards/boards/cohorts.html", facts)
