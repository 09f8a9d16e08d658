"""One step from a contact to its outcome and the next card, and taking it back (TASK-4)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from alerts.models import Outcome
from alerts.selectors import is_listed
from alerts.services.outcomes import Entry, record, undo
from common.exceptions import DomainError
from customers.models import Customer
from dashboards.forms.outcomes import OutcomeForm
from dashboards.selectors import days
from dashboards.selectors.calls import queue_of
from dashboards.selectors.calls.done import told_of
from dashboards.selectors.calls.queue import list_day, next_for, rest_of
from dashboards.selectors.calls.worked import told
from dashboards.selectors.days import Day
from dashboards.views.today import card_facts, page
from pipeline.services.settle import settling
from stores import access
from stores.access import ReaderRequest
from stores.models import Store
from stores.rights import Right

Days = dict[int, Day]


@access.needs(Right.CALL_LIST)
@require_POST
def outcome(request: ReaderRequest, customer_id: int) -> HttpResponse:
    """Records what came of a contact; answers with the next card."""
    now, stores = timezone.now(), request.reader.stores
    # Who has one store need not be asked whose customer it is: the service refuses a stranger.
    store = stores[0] if len(stores) == 1 else _store_of(request, customer_id)
    form = OutcomeForm(request.POST, store=store, now=now)
    if not form.is_valid():
        _store_of(request, customer_id)
        return _refused(request, customer_id, form)
    try:
        with settling() as settled:
            entry = Entry(customer_id=customer_id, **form.entry())
            made = record(entry, by=request.reader.staff, now=now)
    except DomainError as error:
        if error.code == "taken":
            return _taken(request, error.data["outcome"])
        if error.code == "undone":
            return redirect("card", customer_id)
        if error.code != "bad_outcome":
            raise
        form.refuse(str(error.data.get("field", "")), error.message)
        return _refused(request, customer_id, form)
    store_days = days.latest(request.reader.stores, known=settled)
    return _recorded(request, made, store_days, form.cleaned_data["next"])


@access.needs(Right.CALL_LIST)
@require_POST
def outcome_undo(request: ReaderRequest, pk: int) -> HttpResponse:
    """Takes an outcome back while its time lasts; the customer's card is open again."""
    made = get_object_or_404(Outcome, pk=pk)
    try:
        with settling():
            undo(made, by=request.reader.staff, now=timezone.now())
    except DomainError as error:
        return _not_undone(request, made, error.message)
    address = reverse("card", args=[made.customer_id])
    if not request.htmx:
        return redirect("customer", made.customer_id) if _is_beside(request) else redirect(address)
    store_days = days.latest(request.reader.stores)
    facts = card_facts(request, made.customer_id, store_days) or {}
    facts |= _whole_list(request, store_days, made.customer_id)
    return _at(render(request, "dashboards/today/undone.html", facts), address)


def _store_of(request: ReaderRequest, customer_id: int) -> Store:
    """The store of a customer in the reader's reach; the customer is read behind the lock."""
    found = Customer.objects.filter(pk=customer_id).values_list("store_id", flat=True).first()
    stores = {store.pk: store for store in request.reader.stores}
    if found not in stores:
        raise Http404
    return stores[found]


def _recorded(
    request: ReaderRequest, made: Outcome, store_days: Days, wanted: int | None
) -> HttpResponse:
    """The next card, with everything else on the page that the outcome changed."""
    next_id, facts = _next(request, store_days, wanted, made.customer_id)
    address = reverse("card", args=[next_id]) if next_id else reverse("today")
    if not request.htmx:
        return redirect(f"{address}?done={made.pk}")
    now = timezone.now()
    rest = rest_of(request.reader, store_days, now, made.customer_id)
    facts |= {
        "done": told_of(made, store_days, now),
        "row": rest.row,
        "head": rest.head,
        "cards": rest.cards,
        "open_id": next_id,
    }
    return _at(render(request, "dashboards/today/recorded.html", facts), address)


def _next(
    request: ReaderRequest, store_days: Days, wanted: int | None, made_for: int
) -> tuple[int | None, dict[str, Any]]:
    """Whose card comes next, and its facts: as on the screen, else the first of the list."""
    if wanted and wanted != made_for:
        facts = card_facts(request, wanted, store_days) if request.htmx else None
        if facts and "pane" in facts:
            return wanted, dict(facts)
    next_id = next_for(request.reader, store_days, but=made_for)
    if next_id is None or not request.htmx:
        return next_id, {}
    return next_id, dict(card_facts(request, next_id, store_days) or {})


def _refused(request: ReaderRequest, customer_id: int, form: OutcomeForm) -> HttpResponse:
    """The bar again, with what is to be mended and everything that was typed."""
    store_days = days.latest(request.reader.stores)
    facts = card_facts(request, customer_id, store_days)
    # The card may have left the list while it was open.
    facts = {"closed": form, "closed_id": customer_id} if facts is None else facts
    facts |= {"bar_form": form}
    if not request.htmx:
        return page(request, store_days, facts, status=422)
    if "pane" not in facts:
        return render(request, "dashboards/today/opened.html", facts, status=422)
    bar = {"bar": facts["pane"].bar, "form": form}
    response = render(request, "dashboards/today/bar.html", bar, status=422)
    response["HX-Retarget"], response["HX-Reswap"] = "#outcome", "outerHTML"
    return response


def _taken(request: ReaderRequest, first: Any) -> HttpResponse:
    """Somebody was here meanwhile: who did what, and the way to the next customer."""
    store_days, now = days.latest(request.reader.stores), timezone.now()
    next_id = next_for(request.reader, store_days, but=first.customer_id)
    is_open = is_listed(request.reader.staff.pk, first.customer_id, list_day(store_days))
    worked = told(first, request.reader, store_days, now, is_taken=True, is_open=is_open)
    facts = {"worked": worked, "next_id": next_id if next_id != first.customer_id else None}
    if not request.htmx:
        return page(request, store_days, facts, status=409)
    facts |= _whole_list(request, store_days, first.customer_id)
    return render(request, "dashboards/today/taken.html", facts, status=409)


def _whole_list(request: ReaderRequest, store_days: Days, open_id: int) -> dict[str, Any]:
    """The list as it is now, to take the place of the one on the page."""
    queue = queue_of(request.reader, store_days, timezone.now())
    cards = len(queue.duties) + len(queue.by_value) + queue.later_count
    return {"queue": queue, "cards": cards, "open_id": open_id}


def _not_undone(request: ReaderRequest, made: Outcome, why: str) -> HttpResponse:
    if _is_beside(request):
        messages.warning(request, why)
        return redirect("customer", made.customer_id)
    if not request.htmx:
        return redirect(f"{reverse('card', args=[made.customer_id])}?done={made.pk}")
    response = render(request, "dashboards/today/not_undone.html", {"why": why}, status=409)
    response["HX-Retarget"], response["HX-Reswap"] = "#toasts", "innerHTML"
    return response


def _is_beside(request: ReaderRequest) -> bool:
    """Whether it was taken back on the customer's page, beyond the list."""
    return request.POST.get("back") == "customer"


def _at(response: HttpResponse, address: str) -> HttpResponse:
    """The address of the card that is now open; Back leads to the list, not to a worked card."""
    if address:
        response["HX-Replace-Url"] = address
    return response
