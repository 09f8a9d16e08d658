"""The advisors' scorecard, its targets, and the stores beside each other."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from dashboards.forms.targets import TargetForm, month_of
from dashboards.selectors.boards import asked
from dashboards.selectors.boards.scorecard import BY_SCORE
from dashboards.selectors.boards.scorecard import scorecard as scorecard_board
from dashboards.selectors.boards.side import sides
from dashboards.views.store import chosen_store
from lifecycle.selectors.scorecard import targets_in
from lifecycle.services.targets import copy_last_month, set_targets
from stores import access
from stores.access import ReaderRequest
from stores.models import Store
from stores.rights import Right


@access.needs(Right.SCORECARD)
@require_safe
def scorecard(request: ReaderRequest) -> HttpResponse:
    """KPI-1: all advisors for whoever leads them, the own card for everybody else."""
    if not request.reader.stores:
        return render(request, "dashboards/no_store.html")
    question = asked.asked(request.reader, request.GET)
    order = BY_SCORE if request.GET.get("order") == BY_SCORE else ""
    facts = {
        "question": question,
        "stores": request.reader.stores,
        "choices": None,
        "periods": asked.PERIODS,
        "order": order,
        "board": scorecard_board(question, request.reader, order),
        "may_set": request.reader.has(Right.TEAM),
    }
    return render(request, "dashboards/boards/scorecard.html", facts)


@access.needs(Right.GROUP_BOARD)
@require_safe
def stores(request: ReaderRequest) -> HttpResponse:
    """The group's stores side by side, with intervals: always all of them."""
    if not request.reader.stores:
        return render(request, "dashboards/no_store.html")
    question = asked.asked(request.reader, {"period": request.GET.get("period", "")})
    facts = {
        "question": question,
        "stores": None,
        "choices": None,
        "periods": asked.PERIODS,
        "board": sides(question),
    }
    return render(request, "dashboards/boards/stores.html", facts)


@access.needs(Right.TEAM)
@require_safe
def targets(request: ReaderRequest) -> HttpResponse:
    """A month's revenue targets of one store's advisors."""
    store = chosen_store(request)
    if store is None:
        return render(request, "dashboards/no_store.html")
    month = month_of(store, request.GET.get("month", ""))
    return _page(request, store, month, TargetForm(store, targets_in(store, month)))


@access.needs(Right.TEAM)
@require_POST
def targets_save(request: ReaderRequest) -> HttpResponse:
    """Sets the month's amounts; an empty one is no target."""
    store = chosen_store(request)
    if store is None:
        return render(request, "dashboards/no_store.html")
    month = month_of(store, request.GET.get("month", ""))
    form = TargetForm(store, targets_in(store, month), request.POST)
    if not form.is_valid():
        return _page(request, store, month, form)
    changed = set_targets(store, month, form.amounts(), by=request.reader.staff)
    text = gettext("Targets are saved.") if changed else gettext("Nothing was changed.")
    messages.success(request, text)
    return redirect(_address(store, month))


@access.needs(Right.TEAM)
@require_POST
def targets_copy(request: ReaderRequest) -> HttpResponse:
    """Takes over last month's amounts for whoever has none this month."""
    store = chosen_store(request)
    if store is None:
        return render(request, "dashboards/no_store.html")
    month = month_of(store, request.GET.get("month", ""))
    count = copy_last_month(store, month, by=request.reader.staff)
    text = ngettext(
        "%(n)d target was copied from the month before.",
        "%(n)d targets were copied from the month before.",
        count,
    )
    messages.success(request, text % {"n": count})
    return redirect(_address(store, month))


def _page(request: ReaderRequest, store: Store, month: date, form: TargetForm) -> HttpResponse:
    facts = {
        "store": store,
        "stores": request.reader.stores,
        "month": f"{month:%Y-%m}",
        "form": form,
        "query": _query(store, month),
    }
    return render(request, "dashboards/boards/targets.html", facts)


def _address(store: Store, month: date) -> str:
    return f"{reverse('targets')}?{_query(store, month)}"


def _query(store: Store, month: date) -> str:
    return urlencode({"store": store.code, "month": f"{month:%Y-%m}"})
