"""The people behind a figure."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboards.selectors.boards import asked
from dashboards.selectors.boards.people import PAGE_SIZE, figure_of, members
from stores import access
from stores.access import ReaderRequest
from stores.rights import Right


@access.needs(Right.STORE_BOARD)
@require_safe
def people(request: ReaderRequest) -> HttpResponse:
    """Exactly those whom a figure of a board counted."""
    figure = figure_of(request.GET)
    question = asked.asked(request.reader, request.GET)
    if figure is None:
        raise Http404
    if question.as_of is None:
        return render(request, "dashboards/boards/uncounted.html", {"question": question})
    number = request.GET.get("page", "1")
    first = (max(int(number), 1) - 1) * PAGE_SIZE if number.isdecimal() else 0
    found = members(figure, question, first=first)
    facts = {
        "question": question,
        "figure": figure,
        "counted": figure.counted(question),
        "members": found,
        "page": Paginator(range(found.count), PAGE_SIZE).get_page(number),
    }
    return render(request, "dashboards/boards/people.html", facts)
