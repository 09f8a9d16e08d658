"""Forms for putting a customer's data right, and for what became of a car."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.choices import Gender, VehicleStatus
from customers.models import Customer
from customers.services.people import CORRECTABLE
from dashboards.forms.entering import (
    EARLIEST,
    PhoneMixin,
    date_input,
    notes_field,
    one_line,
    text_field,
)


class CorrectForm(PhoneMixin):
    """A customer's data; only what differs from what the page showed is put right."""

    name = text_field(_("Name"), 120, show_hidden_initial=True)
    phone = text_field(
        _("New number"),
        60,
        required=False,
        attrs={"inputmode": "tel"},
        help_text=_("Left blank, the number stays."),
    )
    gender = forms.ChoiceField(label=_("Gender"), choices=Gender.choices, show_hidden_initial=True)
    occupation = text_field(_("Occupation"), 120, required=False, show_hidden_initial=True)
    interests = text_field(_("Likes"), 400, required=False, show_hidden_initial=True)
    dislikes = text_field(_("Dislikes"), 400, required=False, show_hidden_initial=True)
    notes = notes_field(show_hidden_initial=True)

    def __init__(self, customer: Customer, *args: Any, **kwargs: Any) -> None:
        names = [name for name in CORRECTABLE if name != "phone"]
        shown = {name: getattr(customer, name) for name in names}
        super().__init__(*args, **{**kwargs, "initial": shown})

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_notes(self) -> str:
        return str(self.cleaned_data["notes"]).replace("\r\n", "\n")

    @property
    def shown_before(self) -> list[str]:
        """Hidden inputs with what the page showed: two people may correct different things."""
        shown = [field for field in self if field.field.show_hidden_initial]
        return [field.as_hidden(only_initial=True) for field in shown]

    def changes(self) -> dict[str, str]:
        """What is to be put right; valid forms only."""
        return {name: self.cleaned_data[name] for name in CORRECTABLE if name in self.changed_data}


class StatusForm(forms.Form):
    """What became of a car."""

    status = forms.ChoiceField(label=_("The car is"), choices=VehicleStatus.choices)
    on = forms.DateField(label=_("Since"), required=False, widget=date_input())

    def __init__(self, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_on(self) -> Any:
        on = self.cleaned_data["on"]
        if on and not (on.year >= EARLIEST and on <= self.today):
            raise forms.ValidationError(gettext("The day lies ahead."))
        return on
