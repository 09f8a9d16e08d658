"""The form of a call script: the words, and what may be given with them."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from alerts.rules.facts import problems
from alerts.selectors.scripts import Wording
from dashboards.script_words import problem_text


class ScriptForm(forms.Form):
    """Every problem of the text is told at once, by its line."""

    text = forms.CharField(
        label=_("What is said"),
        required=False,
        # Kept as it was typed: the check counts its lines.
        strip=False,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 9, "spellcheck": "false"}),
    )
    offer = forms.CharField(
        label=_("May be given on this call"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control form-control-sm"}),
    )
    offer_cost_amount = forms.DecimalField(
        label=_("Its cost to the store, in yuan"),
        required=False,
        min_value=0,
        max_value=999_999,
        decimal_places=2,
        widget=forms.NumberInput(
            attrs={"class": "form-control form-control-sm", "inputmode": "decimal", "step": "any"}
        ),
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].replace("\r\n", "\n").strip()
        found = problems(text)
        if found:
            raise ValidationError([problem_text(problem) for problem in found])
        return text

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        cost = cleaned.get("offer_cost_amount") or Decimal(0)
        cleaned["offer_cost_amount"] = cost
        if cost and not cleaned.get("offer"):
            self.add_error("offer", _("Say what is given, or leave the cost empty."))
        return cleaned


def initial(words: Wording) -> dict[str, Any]:
    """What the form shows at first: the words that stand."""
    cost = words.offer_cost_amount
    return {
        "text": words.text,
        "offer": words.offer,
        "offer_cost_amount": f"{cost.normalize():f}" if cost else "",
    }
