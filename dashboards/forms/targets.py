"""A month's revenue targets."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from common.dates import local_date
from stores.choices import Role
from stores.models import Store
from stores.selectors import callers

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
MOST = 99_999_999


def month_of(store: Store, given: str) -> date:
    """The first of the month in an address, by default of the present one at the store."""
    found = _MONTH.fullmatch(given)
    if found:
        return date(int(found[1]), int(found[2]), 1)
    return local_date(timezone.now(), store.timezone).replace(day=1)


class TargetForm(forms.Form):
    """An amount in yuan for each advisor, and for whoever has one; empty: none."""

    def __init__(
        self, store: Store, known: Mapping[int, Decimal], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for person in callers(store):
            if person.role != Role.ADVISOR and person.pk not in known:
                continue
            widget = forms.NumberInput(attrs={"class": "form-control form-control-sm"})
            self.fields[f"staff-{person.pk}"] = forms.DecimalField(
                label=person.name,
                required=False,
                min_value=0,
                max_value=MOST,
                decimal_places=2,
                initial=plain_amount(known.get(person.pk)),
                widget=widget,
            )

    def amounts(self) -> dict[int, Decimal | None]:
        """{staff id: yuan, None for none}."""
        return {int(name.partition("-")[2]): one for name, one in self.cleaned_data.items()}


def plain_amount(amount: Decimal | None) -> str:
    """As a number field shows it; empty for none."""
    return "" if amount is None else f"{amount:f}".rstrip("0").rstrip(".")
