"""Spending beside revenue, and the page on which a manager enters it."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from dashboards.forms.spending import SpendingForm
from dashboards.forms.targets import month_of
from dashboards.selectors.boards import asked
from dashboards.selectors.boards.money import money_board
from dashboards.views.store import chosen_store
from lifecycle.selectors.spending import latest_spending, spending_in
from lifecycle.services.spending import set_spending
from stores import access
from stores.access import ReaderRequest
from stores.models import Store
from stores.rights import Right


@access.needs(Right.STORE_BOARD)
@require_safe
def money(request: ReaderRequest) -> HttpResponse:
    """What was spent on new and on returning customers, and what each brought."""
    if not request.reader.stores:
        return render(request, "dashboards/no_store.html")
    question = asked.asked(request.reader, request.GET).without_split()
    facts = {
        "question": question,
        "stores": request.reader.stores,
        "choices": None,
        "periods": asked.PERIODS,
        "board": money_board(question),
        "may_enter": request.reader.has(Right.TEAM),
    }
    return render(request, "dashboards/boards/money.html", facts)


@access.needs(Right.TEAM)
@require_safe
def spending(request: ReaderRequest) -> HttpResponse:
    """A month's spending of one store."""
    store = chosen_store(request)
    if store is None:
        return render(request, "dashboards/no_store.html")
    month = month_of(store, request.GET.get("month", ""))
    return _page(request, store, month, SpendingForm(spending_in(store, month)))


@access.needs(Right.TEAM)
@require_POST
def spending_save(request: ReaderRequest) -> HttpResponse:
    """Sets the month's amounts; an empty one is "not entered"."""
    store = chosen_store(request)
    if store is None:
        return render(request, "dashboards/no_store.html")
    month = month_of(store, request.GET.get("month", ""))
    form = SpendingForm(spending_in(store, month), request.POST)
    if not form.is_valid():
        return _page(request, store, month, form)
    changed = set_spending(store, month, form.given(), by=request.reader.staff)
    text = gettext("Spending is saved.") if changed else gettext("Nothing was changed.")
    messages.success(request, text)
    return redirect(f"{reverse('spending')}?{_query(store, month)}")


def _page(request: ReaderRequest, store: Store, month: date, form: SpendingForm) -> HttpResponse:
    facts = {
        "store": store,
        "stores": request.reader.stores,
        "month": f"{month:%Y-%m}",
        "form": form,
        "latest": latest_spending(store),
        "query": _query(store, month),
    }
    return render(request, "dashboards/boards/spending.html", facts)


def _query(store: Store, month: date) -> str:
    return urlencode({"store": store.code, "month": f"{month:%Y-%m}"})
