"""What a store spent in a month on new and on returning customers."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from dashboards.forms.targets import MOST, plain_amount
from lifecycle.choices import Purpose
from lifecycle.models import Spending
from lifecycle.services.spending import Given

SMALL = "form-control form-control-sm"


class SpendingForm(forms.Form):
    """An amount in yuan and a note a purpose; an empty amount: not entered."""

    def __init__(self, known: Iterable[Spending], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        rows = {row.purpose: row for row in known}
        for purpose in Purpose:
            row = rows.get(purpose.value)
            self.fields[f"{purpose.value}-amount"] = forms.DecimalField(
                label=gettext("%(purpose)s (¥)") % {"purpose": purpose.label},
                required=False,
                min_value=0,
                max_value=MOST,
                decimal_places=2,
                initial=plain_amount(row.amount if row else None),
                widget=forms.NumberInput(attrs={"class": SMALL}),
            )
            self.fields[f"{purpose.value}-note"] = forms.CharField(
                label=pgettext("spending", "For what"),
                required=False,
                max_length=120,
                initial=row.note if row else "",
                widget=forms.TextInput(attrs={"class": SMALL}),
            )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for purpose in Purpose:
            amount, note = f"{purpose.value}-amount", f"{purpose.value}-note"
            if found.get(note) and found.get(amount) is None and amount not in self.errors:
                self.add_error(amount, _("There is a note, but no amount."))
        return found

    def given(self) -> dict[str, Given]:
        """{purpose: amount and note}."""
        found = self.cleaned_data
        return {
            one.value: Given(found[f"{one.value}-amount"], found[f"{one.value}-note"])
            for one in Purpose
        }
