"""The people of a list as tasks of their advisors."""

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from alerts.services.reminders import Reminder


class HandOutForm(forms.Form):
    """What to do and from which day; the key makes a double click one."""

    text = forms.CharField(
        label=_("What to do"),
        max_length=400,
        widget=forms.TextInput(attrs={"class": "form-control form-control-sm"}),
    )
    on = forms.DateField(
        label=_("From"),
        widget=forms.DateInput(
            attrs={"type": "date", "class": "form-control form-control-sm"}, format="%Y-%m-%d"
        ),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"on": today, "key": uuid4()})
        self.label_suffix = ""
        self.today = today

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on < self.today:
            raise forms.ValidationError(_("The day has passed."))
        return on

    def reminder(self) -> Reminder:
        return Reminder(self.cleaned_data["on"], self.cleaned_data["text"])
