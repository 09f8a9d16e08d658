"""Were our warnings right?"""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboards.selectors.boards import asked
from dashboards.selectors.boards.hindsight import warnings_board
from stores import access
from stores.access import ReaderRequest
from stores.rights import Right


@access.needs(Right.STORE_BOARD)
@require_safe
def warnings(request: ReaderRequest) -> HttpResponse:
    """Whom we warned of at past month-ends, and what became of them."""
    if not request.reader.stores:
        return render(request, "dashboards/no_store.html")
    question = asked.asked(request.reader, request.GET).without_split()
    facts = {
        "question": question,
        "stores": request.reader.stores,
        "choices": None,
        "periods": asked.PERIODS,
        "board": warnings_board(question),
    }
    return render(request, "dashboards/boards/warnings.html", facts)
