"""The settings form: one input a setting, with its default and its present value beside it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from common.exceptions import DomainError
from dashboards import policy_fields
from dashboards.policy_fields import Form, Section, Setting


class VersionForm(forms.Form):
    """What every save carries: the version the form was opened on, and why it is changed."""

    based_on = forms.CharField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Why (for colleagues, optional)"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )


@dataclass(frozen=True)
class Row:
    """A setting as the template needs it."""

    setting: Setting
    field: BoundField
    now: str
    now_entered: str
    above: str
    above_entered: str
    is_changed: bool
    is_own: bool


class PolicyForm(VersionForm):
    """The settings of one kind; `now` and `above` are values in force, here and one level up."""

    def __init__(
        self,
        kind: str,
        *,
        now: Mapping[str, Any],
        above: Mapping[str, Any],
        data: MultiValueDict[str, str] | None = None,
        base: str = "",
    ) -> None:
        self.kind, self.now, self.above = kind, now, above
        self.settings = {setting.name: setting for setting in policy_fields.settings_of(kind)}
        initial = {name: setting.shown(now[name]) for name, setting in self.settings.items()}
        super().__init__(data, initial={**initial, "based_on": base})
        for setting in self.settings.values():
            self.fields[setting.name] = _field(setting)

    def values(self) -> dict[str, Any]:
        """The entered values as they are kept; settings without an input stay as they are."""
        entered = {
            name: setting.stored(self.cleaned_data[name]) for name, setting in self.settings.items()
        }
        return {**self.now, **entered}

    def refuse(self, error: DomainError) -> None:
        """Shows what the policy's check found at its field."""
        name = str(error.data.get("field", ""))
        known = name if name in self.fields else None
        self.add_error(known, policy_fields.message(self.kind, name))

    def cards(self) -> Iterator[tuple[Section, list[Row]]]:
        """The sections of the page with their rows."""
        for section in policy_fields.SECTIONS[self.kind]:
            yield section, [self._row(setting) for setting in section.settings]

    def _row(self, setting: Setting) -> Row:
        now, above = self.now[setting.name], self.above[setting.name]
        entered = self[setting.name].value()
        return Row(
            setting=setting,
            field=self[setting.name],
            now=setting.text(now),
            now_entered=setting.shown(now),
            above=setting.text(above),
            above_entered=setting.shown(above),
            is_changed=str(entered) != setting.shown(now),
            is_own=now != above,
        )


def _field(setting: Setting) -> forms.Field:
    shared = {"label": setting.label}
    if setting.form is Form.CHOICE:
        select = forms.Select(attrs={"class": "form-select form-select-sm"})
        return forms.ChoiceField(choices=setting.choices, widget=select, **shared)
    attrs = {"class": "form-control form-control-sm", "inputmode": "numeric"}
    bounds = {"min_value": setting.low, "max_value": setting.high}
    if setting.form is Form.WHOLE:
        return forms.IntegerField(widget=forms.NumberInput(attrs=attrs), **bounds, **shared)
    attrs = {**attrs, "inputmode": "decimal"}
    number = forms.NumberInput(attrs=attrs)
    return forms.DecimalField(decimal_places=3, widget=number, **bounds, **shared)
