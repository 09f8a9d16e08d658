"""Customers and cars entered by hand and put right."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from alerts.services import corrections
from common.dates import local_date
from common.exceptions import DomainError
from customers.choices import VehicleStatus
from customers.models import Customer, Vehicle
from customers.selectors import car_words, entered, living, sources
from customers.services import people, vehicles
from dashboards.forms.correcting import CorrectForm, StatusForm
from dashboards.forms.entering import CarForm, CustomerForm, suggestions
from dashboards.selectors import days
from dashboards.views.customers import look_at
from pipeline.services.settle import settling
from stores import access
from stores.access import ReaderRequest
from stores.rights import Right


@access.needs(Right.RECORD)
@require_http_methods(["GET", "POST"])
def customer_new(request: ReaderRequest) -> HttpResponse:
    """A customer with a car; who or what is there already is shown before anything is saved."""
    reader = request.reader
    if not reader.stores:
        return render(request, "dashboards/no_store.html")
    if again := _entered_already(request):
        return redirect("customer", again.pk)
    form = CustomerForm(reader, _data(request))
    if form.is_bound and form.is_valid() and (saved := _save_customer(request, form)):
        return redirect("customer", saved.pk)
    words = suggestions(car_words(reader.stores), sources(reader.stores))
    return render(request, "dashboards/customers/new.html", {"form": form, "words": words})


@access.needs(Right.RECORD)
@require_http_methods(["GET", "POST"])
def car_new(request: ReaderRequest, pk: int) -> HttpResponse:
    """One more car of a customer."""
    customer = look_at(request, pk)
    form = CarForm(request.reader, _data(request), customer=customer)
    if form.is_bound and form.is_valid() and _save_car(request, form, customer):
        return redirect("customer", customer.pk)
    facts = {"form": form, "customer": customer, "words": suggestions(car_words([customer.store]))}
    return render(request, "dashboards/customers/car_new.html", facts)


@access.needs(Right.RECORD)
@require_http_methods(["GET", "POST"])
def customer_correct(request: ReaderRequest, pk: int) -> HttpResponse:
    """What is known of a customer, put right against the source."""
    customer = look_at(request, pk)
    form = CorrectForm(customer, _data(request))
    if form.is_bound and form.is_valid():
        _correct(request, customer, form.changes())
        return redirect("customer", customer.pk)
    facts = {"form": form, "customer": customer}
    return render(request, "dashboards/customers/correct.html", facts)


@access.needs(Right.RECORD)
@require_POST
def vehicle_status(request: ReaderRequest, pk: int) -> HttpResponse:
    """Decides whether a car is still here."""
    vehicle = get_object_or_404(
        Vehicle.objects.select_related("store"), pk=pk, customer__in=living()
    )
    form = StatusForm(local_date(timezone.now(), vehicle.store.timezone), request.POST)
    if form.is_valid():
        _decide(vehicle, VehicleStatus(form.cleaned_data["status"]), form, request)
        messages.success(request, gettext("The car's status is saved."))
    else:
        messages.error(request, gettext("Choose what became of the car and a day not ahead."))
    return redirect("customer", vehicle.customer_id)


def _data(request: ReaderRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _entered_already(request: ReaderRequest) -> Customer | None:
    """A second click, a page sent again: the customer is there."""
    try:
        return entered(UUID(request.POST.get("key", "")))
    except ValueError:
        return None


def _save_customer(request: ReaderRequest, form: CustomerForm) -> Customer | None:
    """Who was entered, or got the car; None when the car came from elsewhere meanwhile."""
    same, place = form.same_person(), form.place()
    if same:
        return same if _save_car(request, form, same) else None
    facts = {"by": request.reader.staff, "now": timezone.now()}
    try:
        with settling():
            saved = people.add(
                form.person(), form.car(), store=place, key=form.cleaned_data["key"], **facts
            )
    except DomainError as error:
        form.add_error("vin", error.message)
        return None
    messages.success(request, gettext("The customer and the car are entered."))
    return saved


def _save_car(request: ReaderRequest, form: CarForm, customer: Customer) -> bool:
    try:
        with settling():
            vehicles.add(form.car(), customer=customer, by=request.reader.staff, now=timezone.now())
    except DomainError as error:
        form.add_error("vin", error.message)
        return False
    text = gettext("The car is entered for %(name)s.") % {"name": customer.name}
    messages.success(request, text)
    return True


def _correct(request: ReaderRequest, customer: Customer, changes: dict[str, str]) -> None:
    by, now = request.reader.staff, timezone.now()
    with settling():
        changed = people.correct(customer, changes, by=by, now=now)
        if changes.get("phone"):
            corrections.number_corrected(customer, on=_store_day(customer), now=now)
    if changed or changes.get("phone"):
        messages.success(request, gettext("Put right. It stays until the source says otherwise."))


def _decide(
    vehicle: Vehicle, status: VehicleStatus, form: StatusForm, request: ReaderRequest
) -> None:
    by, now = request.reader.staff, timezone.now()
    with settling():
        vehicles.set_status(vehicle, status, form.cleaned_data["on"], by=by, now=now)
        on = _store_day(vehicle)
        corrections.vehicle_decided(vehicle, status, on=on, now=now)


def _store_day(row: Customer | Vehicle) -> Any:
    """The day the store's lists stand on."""
    return days.latest([row.store])[row.store_id].as_of
