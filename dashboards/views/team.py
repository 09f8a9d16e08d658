"""The manager's day: the team, giving work away, who is away."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from alerts.models import Task
from alerts.services import giving
from common.dates import local_date
from common.exceptions import DomainError
from common.formats import span
from customers.models import Customer
from dashboards.forms.team import FOR_GOOD, AbsenceForm, GiveForm
from dashboards.selectors import days
from dashboards.selectors.days import Day
from dashboards.selectors.recorded import OF_TASKS, WHATS, page_behind
from dashboards.selectors.team import team_day
from dashboards.views.store import chosen_store
from pipeline.services.settle import settling
from stores import access
from stores.access import ReaderRequest
from stores.models import Absence, Staff
from stores.rights import Right
from stores.selectors import callers, present, staff_of
from stores.services import absences
from stores.services.absences import Away
from stores.views.people import query_of


@access.needs(Right.TEAM)
@require_safe
def team(request: ReaderRequest) -> HttpResponse:
    """One store's team today; `store` in the address switches."""
    store = chosen_store(request)
    if store is None:
        return render(request, "dashboards/no_store.html")
    return _page(request, days.latest([store])[store.pk])


@access.needs(Right.TEAM)
@require_safe
def people(request: ReaderRequest) -> HttpResponse:
    """Exactly the customers behind a number of the team's day; HTMX gets the list alone."""
    store = chosen_store(request)
    what, who = request.GET.get("what", "done"), request.GET.get("who", "")
    if store is None or what not in WHATS:
        raise Http404
    person = get_object_or_404(staff_of(request.reader), pk=_number(who)) if who else None
    day = days.latest([store])[store.pk]
    pk = person.pk if person else None
    facts = {
        "day": day,
        "what": what,
        "whats": WHATS,
        "is_of_tasks": what in OF_TASKS,
        "person": person,
        "page": page_behind(what, pk, day, timezone.now(), request.GET.get("page")),
        "query": query_of(request),
    }
    name = "people" if request.htmx else "people_page"
    return render(request, f"dashboards/team/{name}.html", facts)


@access.needs(Right.TEAM)
@require_POST
def give(request: ReaderRequest, customer_id: int) -> HttpResponse:
    """Gives a task, a customer's calls or the customer to somebody, or back to the rule."""
    customer = get_object_or_404(
        Customer.objects.select_related("store", "advisor"), pk=customer_id
    )
    back = redirect(_next(request, customer))
    form = GiveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose what to give and to whom."))
        return back
    _tasks_are_there(customer, form)
    to = None if form.is_back else _receiver(customer, form)
    try:
        with settling():
            text = _given(request.reader.staff, customer, form, to)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, text)
    return back


@access.needs(Right.TEAM)
@require_safe
def give_to(request: ReaderRequest, pk: int) -> HttpResponse:
    """To whom a task may be given, as buttons beside it; without HTMX the customer's page asks."""
    task = get_object_or_404(Task.objects.select_related("store"), pk=pk, closed_on=None)
    if not request.htmx:
        return redirect(f"{reverse('customer', args=[task.customer_id])}#give")
    day = days.latest([task.store])[task.store_id]
    facts = {
        "task": task,
        "people": present(task.store, day.as_of).exclude(pk=task.owner_id),
        "next": request.GET.get("next", ""),
    }
    return render(request, "dashboards/team/give_to.html", facts)


@access.needs(Right.TEAM)
@require_POST
def absence(request: ReaderRequest) -> HttpResponse:
    """Enters an absence; one that holds today moves the lists at once."""
    store = chosen_store(request)
    if store is None:
        raise Http404
    day = days.latest([store])[store.pk]
    form = _absence_form(day, request.POST)
    if form.is_a_strangers:
        raise Http404
    if not form.is_valid() or not _entered(request, form, day):
        return _page(request, day, form)
    return redirect(_address(day))


@access.needs(Right.TEAM)
@require_POST
def absence_end(request: ReaderRequest, pk: int) -> HttpResponse:
    """Back today, or an absence to come that falls away."""
    rows = Absence.objects.filter(staff__staffstore__store__in=request.reader.store_ids)
    one = get_object_or_404(rows.select_related("staff").distinct(), pk=pk)
    store = next(store for store in request.reader.stores if store in one.staff.stores.all())
    day = days.latest([store])[store.pk]
    with settling():
        absences.end(one, back_on=day.as_of, by=request.reader.staff)
        if one.starts_on <= day.as_of:
            giving.mark_moved(one.staff)
    messages.success(request, _back_text(one, day))
    return redirect(_address(day))


def _page(request: ReaderRequest, day: Day, form: AbsenceForm | None = None) -> HttpResponse:
    team = team_day(day, timezone.now())
    form = form or _absence_form(day)
    form.offer(team.callers)
    facts = {
        "day": day,
        "stores": request.reader.stores,
        "team": team,
        "form": form,
        "me": request.reader.staff,
        "takes": request.reader.staff in team.present,
        "has_list": request.reader.has(Right.CALL_LIST),
        "here": _address(day),
    }
    return render(request, "dashboards/team/team.html", facts)


def _absence_form(day: Day, data: Any = None) -> AbsenceForm:
    # The list is of the computed day; until the night comes round it is the one people work.
    until = max(day.as_of, local_date(timezone.now(), day.store.timezone))
    return AbsenceForm(day.store, day.as_of, until, data)


def _entered(request: ReaderRequest, form: AbsenceForm, day: Day) -> bool:
    away = form.away()
    try:
        with settling():
            absences.plan(away, by=request.reader.staff)
            if away.starts_on <= day.as_of <= away.ends_on:
                giving.mark_moved(away.staff)
    except DomainError as error:
        form.add_error(str(error.data["field"]), error.message)
        return False
    messages.success(request, _away_text(away, day))
    return True


def _given(by: Staff, customer: Customer, form: GiveForm, to: Staff | None) -> str:
    """Does it and says what was done."""
    now = timezone.now()
    if to is None:
        giving.give_back(customer=customer, by=by, task_ids=form.task_ids or [])
        return _("Given back: the rule names the owner again.")
    facts = {"customer": customer.name, "name": to.name}
    on = days.latest([customer.store])[customer.store_id].as_of
    if form.cleaned_data["what"] == FOR_GOOD:
        giving.give_customer(customer=customer, to=to, by=by, on=on, now=now)
        return _("%(customer)s belongs to %(name)s from now on.") % facts
    count = giving.give_tasks(
        customer=customer, task_ids=form.task_ids, to=to, by=by, on=on, now=now
    )
    if not count:
        return _("%(name)s has that already.") % facts
    text = ngettext(
        "%(count)d task of %(customer)s went to %(name)s.",
        "%(count)d tasks of %(customer)s went to %(name)s.",
        count,
    )
    return text % {**facts, "count": count}


def _away_text(away: Away, day: Day) -> str:
    dates = span(away.starts_on, away.ends_on, day.as_of)
    facts = {"name": away.staff.name, "days": dates}
    if not away.starts_on <= day.as_of <= away.ends_on:
        return _("The absence of %(name)s is entered: %(days)s.") % facts
    if away.stand_in is None:
        return _("%(name)s is away (%(days)s). The team shares today's list.") % facts
    facts["stand_in"] = away.stand_in.name
    return _("%(name)s is away (%(days)s). %(stand_in)s has today's list now.") % facts


def _back_text(absence: Absence, day: Day) -> str:
    if absence.starts_on > day.as_of:
        return _("The absence of %(name)s is gone.") % {"name": absence.staff.name}
    return _("%(name)s is back and has the list again.") % {"name": absence.staff.name}


def _tasks_are_there(customer: Customer, form: GiveForm) -> None:
    """404 for a task of somebody else, as for none."""
    for pk in form.task_ids or ():
        get_object_or_404(Task, pk=pk, customer=customer)


def _receiver(customer: Customer, form: GiveForm) -> Staff:
    """404 for whoever does not call for the customer's store."""
    return get_object_or_404(callers(customer.store), pk=form.cleaned_data["to"])


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Http404
    return int(text)


def _address(day: Day) -> str:
    return f"{reverse('team')}?{urlencode({'store': day.store.code})}"


def _next(request: ReaderRequest, customer: Customer) -> str:
    """The page the giving began on, when it is one of ours; else the customer's."""
    wanted = request.POST.get("next", "")
    hosts = {request.get_host()}
    if wanted and url_has_allowed_host_and_scheme(wanted, hosts, request.is_secure()):
        return wanted
    return reverse("customer", args=[customer.pk])
