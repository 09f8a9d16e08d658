"""Finding a customer, the customer's page, showing a phone number."""

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from alerts.models import Task
from customers.choices import Channel
from customers.models import Customer, Vehicle
from customers.selectors import LAST_FOUR_LIMIT, is_last_four, living, refused_channels, search
from dashboards.selectors import days
from dashboards.selectors.giving import giving_of
from dashboards.selectors.opened import opened
from dashboards.selectors.people import sheet_of
from stores import access
from stores.access import Reader, ReaderRequest
from stores.choices import AuditAction
from stores.rights import Right
from stores.services import audit

PAGE_SIZE = 50


@access.needs(Right.CUSTOMERS)
@require_safe
def customers(request: ReaderRequest) -> HttpResponse:
    """Search in the reader's stores; without a question one's own or the stores' customers."""
    query = request.GET.get("q", "").strip()
    found = search(query) if query else _mine(request.reader)
    paginator = Paginator(_with_cars(found), PAGE_SIZE)
    is_too_many = is_last_four(query) and paginator.count > LAST_FOUR_LIMIT
    facts = {
        "q": query,
        "page": None if is_too_many else paginator.get_page(request.GET.get("page")),
        "count": paginator.count,
        "limit": LAST_FOUR_LIMIT,
        "query": f"{_only_query(request)}&" if query else "",
        "days": days.latest(request.reader.stores),
        "is_own": request.reader.own_only,
        "has_stores": len(request.reader.stores) > 1,
        "may_enter": request.reader.has(Right.RECORD),
    }
    name = "found" if request.htmx else "customers"
    return render(request, f"dashboards/customers/{name}.html", facts)


@access.needs(Right.CUSTOMERS)
@require_safe
def customer(request: ReaderRequest, pk: int) -> HttpResponse:
    """Everything about one customer; opening a colleague's is logged (DOMAIN §9)."""
    reader, now = request.reader, timezone.now()
    one = get_object_or_404(opened(now), pk=pk)
    day = days.latest([one.store])[one.store_id]
    sheet = sheet_of(one, day, reader, now)
    if _is_strangers(one, reader) and not _is_handed(sheet.open_tasks, reader):
        audit.about(one, AuditAction.COLLEAGUES_CUSTOMER, by=request.reader.staff)
    giving = giving_of(one, sheet.open_tasks, day) if reader.has(Right.TEAM) else None
    facts = {"sheet": sheet, "day": day, "giving": giving}
    return render(request, "dashboards/customers/customer.html", facts)


@access.needs(Right.UNMASK)
@require_POST
def phone(request: ReaderRequest, pk: int) -> HttpResponse:
    """Shows the number in clear, once, and writes down who asked; not of who asked for no calls."""
    one = get_object_or_404(Customer, pk=pk)
    is_refused = Channel.PHONE in refused_channels(one)
    if not is_refused:
        audit.about(one, AuditAction.UNMASKED, by=request.reader.staff)
    number = "" if is_refused else one.phone
    facts = {"customer": one, "number": number, "can_unmask": True, "is_refused": is_refused}
    name = "phone" if request.htmx else "phone_page"
    return render(request, f"dashboards/customers/{name}.html", facts)


def look_at(request: ReaderRequest, pk: int) -> Customer:
    """A living customer for a page of its own; a look at a colleague's is logged (DOMAIN §9)."""
    found = living().select_related("store", "advisor")
    one: Customer = get_object_or_404(found, pk=pk)
    if request.method == "GET" and _is_colleagues(one, request.reader):
        audit.about(one, AuditAction.COLLEAGUES_CUSTOMER, by=request.reader.staff)
    return one


def _mine(reader: Reader) -> Any:
    return living().filter(advisor=reader.staff) if reader.own_only else living()


def _with_cars(found: Any) -> Any:
    cars = Vehicle.objects.select_related("state").order_by("status", "pk")
    duties = Task.objects.filter(closed_on__isnull=True).select_related("owner")
    first = duties.order_by("due_on", "priority_group", "deadline_at", "pk")
    return (
        found.select_related("advisor", "store", "state")
        .prefetch_related(Prefetch("vehicles", queryset=cars))
        .prefetch_related(Prefetch("tasks", queryset=first, to_attr="open_tasks"))
        .order_by("name_pinyin", "name", "pk")
    )


def _only_query(request: ReaderRequest) -> str:
    query: Any = request.GET.copy()
    query.pop("page", None)
    return str(query.urlencode())


def _is_colleagues(one: Customer, reader: Reader) -> bool:
    """An advisor's or specialist's look at a customer that is neither theirs nor handed to them."""
    if not _is_strangers(one, reader):
        return False
    return not _is_handed(Task.objects.filter(customer=one, closed_on__isnull=True), reader)


def _is_strangers(one: Customer, reader: Reader) -> bool:
    return reader.own_only and one.advisor_id not in (None, reader.staff.pk)


def _is_handed(open_tasks: Iterable[Task], reader: Reader) -> bool:
    return any(task.owner_id == reader.staff.pk for task in open_tasks)
