"""What comes in beyond the list: contacts, complaints, one's own reminders."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from alerts.models import Task
from alerts.services import incoming, reminders
from common.dates import local_date
from common.exceptions import DomainError
from customers.models import Customer
from customers.selectors import free_slots
from customers.services import complaints
from dashboards.forms.records import ComplaintForm, ContactForm, ReminderForm
from dashboards.selectors import days
from dashboards.selectors.entry import cars_of, categories, coming_appointment, seen_of, task_ids
from dashboards.views.customers import look_at
from pipeline.policies import KINDS
from pipeline.services.settle import settling
from stores import access
from stores.access import ReaderRequest
from stores.models import Store
from stores.rights import Right
from stores.services.policies import pin

SLOTS = 8


@access.needs(Right.RECORD)
@require_http_methods(["GET", "POST"])
def contact_log(request: ReaderRequest, pk: int) -> HttpResponse:
    """The customer called, wrote or stands at the desk: what came of it."""
    customer = look_at(request, pk)
    form = _contact_form(request, customer)
    if form.is_bound and form.is_valid() and _note_contact(request, customer, form):
        # The page says what was recorded, and offers to take it back.
        return redirect("customer", pk)
    facts = {"form": form, "customer": customer}
    return render(request, "dashboards/customers/contact.html", facts)


@access.needs(Right.RECORD)
@require_http_methods(["GET", "POST"])
def complaint_add(request: ReaderRequest, pk: int) -> HttpResponse:
    """A complaint in the customer's words; the engine gives it to the manager."""
    customer = look_at(request, pk)
    form = ComplaintForm(cars_of(customer), _data(request))
    if form.is_bound and form.is_valid():
        names = ("channel", "category", "text", "key")
        words = {name: form.cleaned_data[name] for name in names}
        with settling():
            complaints.add(form.car(), **words, by=request.reader.staff, now=timezone.now())
        messages.success(request, gettext("Noted; the complaint is on the manager's list."))
        return redirect("customer", pk)
    facts = {"form": form, "customer": customer, "words": {"categories": categories(customer)}}
    return render(request, "dashboards/customers/complaint.html", facts)


@access.needs(Right.RECORD)
@require_http_methods(["GET", "POST"])
def reminder_add(request: ReaderRequest, pk: int) -> HttpResponse:
    """A note to oneself for a day."""
    customer = look_at(request, pk)
    form = ReminderForm(cars_of(customer, is_active=True), _data(request), today=_today(customer))
    if form.is_bound and form.is_valid():
        reminders.add(
            form.reminder(),
            vehicle=form.car(),
            policy_set_id=_policy_set_id(customer.store),
            key=form.cleaned_data["key"],
            by=request.reader.staff,
            now=timezone.now(),
        )
        messages.success(request, gettext("You will be reminded."))
        return redirect("customer", pk)
    facts = {"form": form, "customer": customer, "task": None}
    return render(request, "dashboards/customers/reminder.html", facts)


@access.needs(Right.RECORD)
@require_http_methods(["GET", "POST"])
def reminder_change(request: ReaderRequest, pk: int) -> HttpResponse:
    """Another day or text of one's own reminder."""
    task = _own_reminder(request, pk)
    customer = task.customer
    form = ReminderForm([task.vehicle], _data(request), today=_today(customer), task=task)
    if form.is_bound and form.is_valid():
        reminders.change(task, form.reminder(), by=request.reader.staff)
        messages.success(request, gettext("The reminder is changed."))
        return redirect("customer", customer.pk)
    facts = {"form": form, "customer": customer, "task": task}
    return render(request, "dashboards/customers/reminder.html", facts)


@access.needs(Right.RECORD)
@require_POST
def reminder_remove(request: ReaderRequest, pk: int) -> HttpResponse:
    """Takes one's own reminder off."""
    task = _own_reminder(request, pk)
    reminders.remove(task, by=request.reader.staff, now=timezone.now())
    messages.success(request, gettext("The reminder is gone."))
    return redirect("customer", task.customer_id)


@access.needs(Right.RECORD)
@require_POST
def appointment_cancel(request: ReaderRequest, pk: int) -> HttpResponse:
    """The customer calls a coming appointment off."""
    found = coming_appointment(pk, timezone.now())
    with settling():
        incoming.call_off(found, by=request.reader.staff, now=timezone.now())
    messages.success(request, gettext("The appointment is cancelled."))
    return redirect("customer", found.vehicle.customer_id)


def _data(request: ReaderRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _today(customer: Customer) -> Any:
    return local_date(timezone.now(), customer.store.timezone)


def _policy_set_id(store: Store) -> Any:
    """The settings of the store's day; of the first day, those it will have."""
    pinned = days.latest([store])[store.pk].policy_set
    return pinned.pk if pinned else pin([store], KINDS)[0].policy_set_id


def _own_reminder(request: ReaderRequest, pk: int) -> Task:
    related = ("customer__store", "vehicle", "store")
    return get_object_or_404(reminders.own(request.reader.staff).select_related(*related), pk=pk)


def _contact_form(request: ReaderRequest, customer: Customer) -> ContactForm:
    now = timezone.now()
    slots = free_slots(customer.store, now=now, customer=customer, count=SLOTS)
    shown = {"seen": seen_of(customer), "tasks": task_ids(customer)}
    cars = cars_of(customer)
    return ContactForm(cars, _data(request), initial=shown, store=customer.store, slots=slots)


def _note_contact(request: ReaderRequest, customer: Customer, form: ContactForm) -> bool:
    """Whether it was recorded; what was refused stands in the form."""
    by, now = request.reader.staff, timezone.now()
    entry = form.entry(customer.pk)
    try:
        with settling():
            incoming.note(entry, no_letters=form.is_refusing_letters, by=by, now=now)
    except DomainError as error:
        if error.code not in {"bad_outcome", "taken", "undone"}:
            raise
        form.refuse(str(error.data.get("field", "")), error.message)
        if error.code == "taken":
            form.as_of_now(seen_of(customer), task_ids(customer))
        return False
    return True
