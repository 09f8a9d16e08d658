"""Forms for entering customers and cars by hand; as strict as a file.

What a file would take with a warning is asked about once; who is there already is shown.
"""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from common.crypto import is_phone, normal_phone
from customers.choices import Channel, Gender, Powertrain
from customers.models import Customer
from customers.rules import has_vin_check_digit, is_vin, normal_plate, normal_vin
from customers.selectors import CarWords, KnownCar, known_car, with_phone
from customers.services.people import Person
from customers.services.vehicles import Car
from stores.access import Reader
from stores.choices import Role
from stores.models import Staff, Store

EARLIEST, LATEST = 1900, 2200
ANOTHER = "other"
# Of the channels of contacts, a visit needs nobody's consent.
CHANNELS = [choice for choice in Channel.choices if choice[0] != Channel.VISIT]


def date_input(**attrs: str) -> forms.DateInput:
    """The browser's own calendar."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", **attrs})


def text_field(label: Any, limit: int, **options: Any) -> forms.CharField:
    attrs = {"autocomplete": "off", **options.pop("attrs", {})}
    return forms.CharField(
        label=label, max_length=limit, widget=forms.TextInput(attrs=attrs), **options
    )


def notes_field(**options: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(
        label=_("Notes"), max_length=4000, required=False, widget=area, **options
    )


def one_line(text: str) -> str:
    """Without line breaks and doubled blanks, as a name is searched for."""
    return " ".join(text.split())


class CarForm(forms.Form):
    """A car; `customer` is whose it becomes, when that is known."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    vin = text_field("VIN", 60, help_text=_("17 characters; stands in the vehicle licence."))
    vin_sure = forms.CharField(required=False)
    plate = text_field(_("Plate"), 30, required=False)
    brand = text_field(_("Brand"), 60, attrs={"list": "brands"})
    model = text_field(_("Model"), 80, attrs={"list": "models"})
    powertrain = forms.ChoiceField(label=_("Powertrain"), choices=[("", "–"), *Powertrain.choices])
    delivered_on = forms.DateField(
        label=pgettext_lazy("car", "Delivered"),
        required=False,
        widget=date_input(),
        help_text=_("Unknown: the first visit stands for it."),
    )

    def __init__(
        self, reader: Reader, *args: Any, customer: Customer | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.reader, self.customer = reader, customer
        self.initial.setdefault("key", uuid4())
        self.known: KnownCar | None = None
        # What has to be answered before it is saved.
        self.doubtful_vin = ""

    def clean_vin(self) -> str:
        vin = normal_vin(self.cleaned_data["vin"])
        if not is_vin(vin):
            raise forms.ValidationError(
                gettext("A VIN has 17 letters and digits, without I, O and Q.")
            )
        return vin

    def clean_plate(self) -> str:
        plate = normal_plate(self.cleaned_data["plate"])
        if len(plate) > 12:
            raise forms.ValidationError(gettext("A plate has at most 12 characters."))
        return plate

    def clean_delivered_on(self) -> Any:
        on = self.cleaned_data["delivered_on"]
        if on and not EARLIEST <= on.year <= LATEST:
            raise forms.ValidationError(gettext("This is no date of a delivery."))
        return on

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if vin := cleaned.get("vin"):
            self._look_up(vin)
            self._doubt_vin(vin)
        return cleaned

    def owner_id(self) -> int | None:
        """Whose car it becomes, when that customer is there already."""
        return self.customer.pk if self.customer else None

    def _look_up(self, vin: str) -> None:
        known = known_car(self.reader.staff.group_id, vin)
        # A second click finds the car that the first one entered.
        if known is None or (known.vehicle and known.vehicle.customer_id == self.owner_id()):
            return
        self.known = known
        here = gettext("This car is already here.")
        there = gettext("This car is known at another store of the group: ask there.")
        self.add_error("vin", here if known.vehicle else there)

    def _doubt_vin(self, vin: str) -> None:
        if has_vin_check_digit(vin) or self.known:
            return
        self.doubtful_vin = vin
        if self.cleaned_data.get("vin_sure") != vin:
            self.add_error("vin", gettext("The check digit does not fit: read it once more."))

    def car(self) -> Car:
        """What is saved; valid forms only."""
        cleaned = self.cleaned_data
        return Car(
            vin=cleaned["vin"],
            plate=cleaned["plate"],
            brand=one_line(cleaned["brand"]),
            model=one_line(cleaned["model"]),
            powertrain=cleaned["powertrain"],
            delivered_on=cleaned["delivered_on"],
        )


class PhoneMixin(forms.Form):
    """A number that is not valid is asked about once and kept as a dead one."""

    phone_sure = forms.CharField(required=False)
    doubtful_phone = ""

    def clean_phone(self) -> str:
        phone = str(self.cleaned_data["phone"])
        digits = normal_phone(phone)
        if not phone or is_phone(digits):
            return digits or phone
        self.doubtful_phone = phone
        if self.data.get(self.add_prefix("phone_sure"), "") != phone:
            raise forms.ValidationError(
                gettext("This is neither a mobile nor a landline number: read it once more.")
            )
        return phone


class CustomerForm(PhoneMixin, CarForm):
    """A customer with a car."""

    name = text_field(_("Name"), 120, attrs={"autofocus": True})
    phone = text_field(_("Phone"), 60, attrs={"inputmode": "tel"})
    same = forms.CharField(required=False)
    gender = forms.ChoiceField(label=_("Gender"), choices=Gender.choices, initial="unknown")
    store = forms.ModelChoiceField(
        label=_("Store"), queryset=Store.objects.none(), empty_label=None
    )
    advisor = forms.ModelChoiceField(
        label=_("Advisor"),
        queryset=Staff.objects.none(),
        required=False,
        empty_label=_("nobody yet"),
    )
    source = text_field(_("Where from"), 80, required=False, attrs={"list": "sources"})
    consent = forms.MultipleChoiceField(
        label=_("Agrees to offers and invitations by"),
        choices=CHANNELS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick only what the customer said yes to. Left blank: service messages only."),
    )
    notes = notes_field()

    def __init__(self, reader: Reader, *args: Any, **kwargs: Any) -> None:
        super().__init__(reader, *args, **kwargs)
        stores = [store.pk for store in reader.stores]
        self.fields["store"].queryset = Store.objects.filter(pk__in=stores).order_by("name")
        self.fields["advisor"].queryset = _advisors(stores)
        if len(stores) == 1:
            del self.fields["store"]
        if reader.role == Role.ADVISOR:
            self.initial.setdefault("advisor", reader.staff.pk)
        self.twins: list[Customer] = []

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        self._ask_who()
        cleaned = super().clean()
        advisor, store = cleaned.get("advisor"), self.place()
        if advisor and store and not advisor.stores.filter(pk=store.pk).exists():
            self.add_error("advisor", gettext("Does not work at this store."))
        return cleaned

    def _ask_who(self) -> None:
        """Whose number it is already: the same person, or another one with it."""
        self.twins = with_phone(self.cleaned_data.get("phone", ""))
        answers = {ANOTHER, *(str(one.pk) for one in self.twins)}
        if self.twins and self.cleaned_data.get("same") not in answers:
            self.add_error("phone", gettext("This number belongs to a customer already."))

    def place(self) -> Store | None:
        """The chosen store, or the reader's only one."""
        if "store" not in self.fields:
            return self.reader.stores[0]
        return self.cleaned_data.get("store")

    def same_person(self) -> Customer | None:
        """The customer who is only to get the car; None for a new one."""
        chosen = self.cleaned_data.get("same")
        return next((one for one in self.twins if str(one.pk) == chosen), None)

    def owner_id(self) -> int | None:
        same = self.same_person()
        return same.pk if same else None

    def person(self) -> Person:
        """What is saved; valid forms only."""
        cleaned = self.cleaned_data
        names = ("name", "phone", "gender", "source", "notes", "advisor")
        facts = {name: cleaned[name] for name in names}
        return Person(**facts, consent=frozenset(cleaned["consent"]))


def _advisors(store_ids: Iterable[int]) -> Any:
    found = Staff.objects.filter(role=Role.ADVISOR, is_active=True, stores__in=list(store_ids))
    return found.distinct().order_by("name", "pk")


def suggestions(words: CarWords, sources: Iterable[str] = ()) -> dict[str, Iterable[str]]:
    """{datalist: words} of the fields that suggest some."""
    return {"brands": words.brands, "models": words.models, "sources": sources}
