"""The service plans' form: a row a plan, rows for brands and models come and go (DUE-1)."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.exceptions import DomainError
from dashboards import plan_fields, policy_fields
from dashboards.forms.settings import VersionForm
from lifecycle.policies import PLAN_LIMITS

Plans = Mapping[str, Mapping[str, int]]
MOST_ROWS = 500
UNITS = (("days", _("days")), ("months", _("months")))


def _number(name: str, label: Any, low: int | None = None, high: int | None = None) -> Any:
    """A figure of a plan within the policy's limits (or narrower)."""
    limits = PLAN_LIMITS.get(name, (low, high))
    attrs = {"class": "form-control form-control-sm", "inputmode": "numeric"}
    return forms.IntegerField(
        label=label,
        min_value=limits[0],
        max_value=limits[1],
        widget=forms.NumberInput(attrs=attrs),
    )


class PlanForm(forms.Form):
    """One plan; the first interval is in days or in calendar months."""

    key = forms.CharField(widget=forms.HiddenInput)
    first = _number("first", _("First service after"), 1, 1000)
    first_unit = forms.ChoiceField(
        label=_("Days or months"),
        choices=UNITS,
        widget=forms.Select(attrs={"class": "form-select form-select-sm"}),
    )
    first_km = _number("first_km", _("First service at"))
    months = _number("months", _("Then every"))
    km = _number("km", _("or every"))
    daily_km = _number("daily_km", _("Without readings"))

    def __init__(self, *args: Any, now: Plans, above: Plans, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan_key = str(self["key"].value() or "")
        self.now, self.above = now.get(self.plan_key), above.get(self.plan_key)
        self.label = plan_fields.key_label(self.plan_key)
        self.family = plan_fields.key_family(self.plan_key)
        self.is_fixed = plan_fields.is_fixed(self.plan_key)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        top = PLAN_LIMITS["first_months"][1]
        if cleaned.get("first_unit") == "months" and cleaned.get("first", 0) > top:
            self.add_error("first", gettext("At most {top} months.").format(top=top))
        return cleaned

    def entry(self) -> dict[str, int]:
        """The plan as it is kept; valid forms only."""
        cleaned = self.cleaned_data
        in_months = cleaned["first_unit"] == "months"
        same = {name: cleaned[name] for name in ("first_km", "months", "km", "daily_km")}
        return {
            "first_months": cleaned["first"] if in_months else 0,
            "first_days": 0 if in_months else cleaned["first"],
            **same,
        }

    @property
    def place(self) -> str:
        """The row's number in the form's data."""
        return str(self.prefix).removeprefix("plan")

    @property
    def is_own(self) -> bool:
        """Whether this place's version differs from the level above in this plan."""
        return self.now is not None and self.now != self.above

    @property
    def is_new(self) -> bool:
        return self.now is None

    @property
    def above_text(self) -> str:
        return plan_fields.entry_text(self.above) if self.above else ""

    @property
    def was_changed(self) -> bool:
        """Whether what is entered differs from what is in force."""
        if self.now is None:
            return True
        shown = initial_of(self.plan_key, self.now)
        return any(str(self[name].value()) != str(value) for name, value in shown.items())

    @property
    def now_text(self) -> str:
        return plan_fields.entry_text(self.now) if self.now else ""


def initial_of(key: str, entry: Mapping[str, int]) -> dict[str, Any]:
    """The inputs of a kept plan."""
    unit = "months" if entry["first_months"] else "days"
    same = {name: entry[name] for name in ("first_km", "months", "km", "daily_km")}
    return {"key": key, "first": entry[f"first_{unit}"], "first_unit": unit, **same}


class PlansForm(VersionForm):
    """All plans together; `rows` holds a form each."""

    def __init__(
        self, *, now: Plans, above: Plans, data: QueryDict | None = None, base: str = ""
    ) -> None:
        super().__init__(data, initial={"based_on": base})
        self.now, self.above = now, above
        if data is None:
            found = sorted(now, key=plan_fields.sort_key)
            self.rows = [self._kept(place, key, now[key]) for place, key in enumerate(found)]
        else:
            places = [place for place in data.getlist("row") if place.isdecimal()][:MOST_ROWS]
            self.rows = [self._row(int(place), data=data) for place in places]

    def _row(self, place: int, **kwargs: Any) -> PlanForm:
        return PlanForm(prefix=f"plan{place}", now=self.now, above=self.above, **kwargs)

    def _kept(self, place: int, key: str, entry: Mapping[str, int]) -> PlanForm:
        return self._row(place, initial=initial_of(key, entry))

    def add(self, key: str) -> None:
        """A further row for a brand or a model, starting from the plan of every other car."""
        if key in self.plan_keys():
            return
        entry = self.above.get(key) or self.now.get(key) or self.now["default"]
        self.rows.append(self._kept(self._next_place(), key, entry))

    def remove(self, key: str) -> None:
        """Takes a brand's or a model's row out; fixed rows stay."""
        self.rows = [row for row in self.rows if row.plan_key != key or row.is_fixed]

    def put_back(self, key: str) -> None:
        """The row as the level above has it."""
        if key in self.above:
            at = next((n for n, row in enumerate(self.rows) if row.plan_key == key), None)
            fresh = self._kept(self._next_place(), key, self.above[key])
            if at is None:
                self.rows.append(fresh)
            else:
                self.rows[at] = fresh

    def put_all_back(self) -> None:
        """Every row as the level above has it."""
        found = sorted(self.above, key=plan_fields.sort_key)
        self.rows = [self._kept(place, key, self.above[key]) for place, key in enumerate(found)]

    def _next_place(self) -> int:
        return max((int(row.place) for row in self.rows), default=-1) + 1

    def plan_keys(self) -> set[str]:
        return {row.plan_key for row in self.rows}

    def left_out(self) -> list[tuple[str, str]]:
        """Plans of the level above that are missing here: key and label."""
        gone = sorted(set(self.above) - self.plan_keys(), key=plan_fields.sort_key)
        return [(key, plan_fields.key_label(key)) for key in gone]

    def is_valid(self) -> bool:
        every = [row.is_valid() for row in self.rows]
        return super().is_valid() and all(every)

    def values(self) -> dict[str, Any]:
        """The plans as they are kept; valid forms only."""
        return {"plans": {row.plan_key: row.entry() for row in self.rows}}

    def refuse(self, error: DomainError) -> None:
        """Shows what the policy's check found at its row."""
        name = str(error.data.get("field", ""))
        key, _point, field = name.rpartition(".")
        row = next((row for row in self.rows if row.plan_key in {name, key}), None)
        if row is None:
            self.add_error(None, policy_fields.message("plan", name))
            return
        shown = field if field in row.fields else "first"
        row.add_error(shown, policy_fields.message("plan", field))


def known_keys(choices: Iterable[tuple[str, str, int]]) -> set[str]:
    """The keys a row may be added for."""
    return {key for key, _label, _n in choices}
