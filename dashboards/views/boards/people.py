"""The people behind a figure: listed, exported, turned into tasks."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from alerts.services import handing
from common.spreadsheets import XLSX, workbook
from dashboards.forms.handing import HandOutForm
from dashboards.selectors.boards import asked, telling
from dashboards.selectors.boards.asked import Asked
from dashboards.selectors.boards.people import PAGE_SIZE, Figure, figure_of, members, sheet
from lifecycle.rules.scorecard import READS
from pipeline.policies import KINDS
from pipeline.services.settle import settling
from stores import access
from stores.access import ReaderRequest
from stores.choices import AuditAction
from stores.rights import Right
from stores.services import audit
from stores.services.policies import pin


@access.needs(Right.STORE_BOARD)
@require_safe
def people(request: ReaderRequest) -> HttpResponse:
    """Exactly those whom a figure of a board counted."""
    figure, question = _figure(request)
    if question.as_of is None:
        return render(request, "dashboards/boards/uncounted.html", {"question": question})
    form = HandOutForm(today=question.today)
    return _page(request, figure, question, form)


@access.needs(Right.SCORECARD)
@require_safe
def scorecard_people(request: ReaderRequest) -> HttpResponse:
    """Those behind a scorecard; an advisor opens the lists of her own figures only (404)."""
    figure, question = _figure(request)
    reader = request.reader
    is_own = question.split == "advisor" and question.value == reader.staff.pk
    if figure.board.name not in READS or (reader.own_only and not is_own):
        raise Http404
    if question.as_of is None:
        return render(request, "dashboards/boards/uncounted.html", {"question": question})
    return _page(request, figure, question, HandOutForm(today=question.today))


@access.needs(Right.STORE_BOARD)
@require_safe
def export(request: ReaderRequest) -> HttpResponse:
    """The list as .xlsx, phones masked; written down (R35, R40)."""
    figure, question = _figure(request)
    if question.as_of is None:
        raise Http404
    widths, rows = sheet(figure, question)
    audit.record(
        actor=request.reader.staff,
        action=AuditAction.EXPORTED,
        store=question.stores[0],
        detail={"what": f"people of {figure.board.name}", "rows": len(rows)},
    )
    title = telling.title(figure.board.name, figure.marks)
    response = HttpResponse(workbook(title, widths, rows), content_type=XLSX)
    name = f"huitou-{figure.board.name}-{question.as_of:%Y-%m-%d}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@access.needs(Right.TEAM)
@require_POST
def hand_out(request: ReaderRequest) -> HttpResponse:
    """A reminder for each of these people, on their advisors' lists."""
    figure, question = _figure(request)
    form = HandOutForm(request.POST, today=question.today)
    if question.as_of is None:
        return render(request, "dashboards/boards/uncounted.html", {"question": question})
    if not form.is_valid():
        return _page(request, figure, question, form)
    found = members(figure, question, most=handing.MOST + 1)
    ids = list(dict.fromkeys(one.customer_id for one in found.rows if one.customer_id))
    if found.count > handing.MOST:
        form.add_error(None, gettext("Narrow the list first: too many for one handing-out."))
        return _page(request, figure, question, form)
    with settling():
        sets = {one.store_id: one.policy_set_id or 0 for one in pin(question.stores, KINDS)}
        done = handing.hand_out(
            ids,
            form.reminder(),
            policy_sets=sets,
            key=form.cleaned_data["key"],
            by=request.reader.staff,
            now=timezone.now(),
        )
    messages.success(request, _told(done))
    return redirect(f"{request.path.removesuffix('tasks/')}?{request.GET.urlencode()}")


def _told(done: handing.Handed) -> str:
    text = ngettext(
        "%(n)d customer is on the advisor's list.",
        "%(n)d customers are on their advisors' lists.",
        done.tasks,
    ) % {"n": done.tasks}
    if not done.left_out:
        return text
    return f"{text} " + gettext("%(n)d have no advisor or no car in use.") % {"n": done.left_out}


def _figure(request: ReaderRequest) -> tuple[Figure, Asked]:
    figure = figure_of(request.GET)
    question = asked.asked(request.reader, request.GET)
    if figure is None:
        raise Http404
    return figure, question


def _page(
    request: ReaderRequest, figure: Figure, question: Asked, form: HandOutForm
) -> HttpResponse:
    reader, number = request.reader, request.GET.get("page", "1")
    first = (max(int(number), 1) - 1) * PAGE_SIZE if number.isdecimal() else 0
    found = members(figure, question, first=first)
    query = request.GET.copy()
    query.pop("page", None)
    facts = {
        "question": question,
        "figure": figure,
        "title": telling.title(figure.board.name, figure.marks),
        "conditions": telling.conditions(figure.board.name, figure.marks),
        "words": telling.hit_words(figure.board.name, figure.marks),
        "counted": figure.counted(question),
        "members": found,
        "page": Paginator(range(found.count), PAGE_SIZE).get_page(number),
        "query": query.urlencode(),
        "form": form,
        "may_export": reader.has(Right.STORE_BOARD),
        "may_hand_out": reader.has(Right.TEAM) and found.count <= handing.MOST,
    }
    if not reader.own_only:
        facts |= _filters(request, figure, question)
    name = "people_list" if request.htmx else "people"
    return render(request, f"dashboards/boards/{name}.html", facts)


def _filters(request: ReaderRequest, figure: Figure, question: Asked) -> dict[str, Any]:
    """The list can be parted as its board is counted; the figure's own marks stay."""
    if request.htmx:
        return {}
    return {
        "stores": request.reader.stores,
        "choices": asked.choices_of(question, figure.board.splits),
        "kept": {"board": figure.board.name, "period": question.code, **figure.marks},
        "list_url": request.path.removesuffix("tasks/"),
    }
