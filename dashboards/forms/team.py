"""Forms of the manager's day: who is away, and who gets what."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stores.models import Staff, Store
from stores.selectors import callers
from stores.services.absences import Away

ALL, FOR_GOOD, BACK = "all", "customer", "back"


class AbsenceForm(forms.Form):
    """An absence; of an illness nobody knows more than the name: then it is today only."""

    staff = forms.ModelChoiceField(Staff.objects.none(), label=_("Person"), empty_label="")
    starts_on = forms.DateField(label=_("First day"), required=False)
    ends_on = forms.DateField(label=_("Last day"), required=False)
    stand_in = forms.ModelChoiceField(
        Staff.objects.none(), label=_("Stand-in"), required=False, empty_label=_("The team shares")
    )

    def __init__(self, store: Store, today: date, until: date, *args: Any, **kwargs: Any) -> None:
        """`today`: the first day when none is given; `until`: the last one."""
        super().__init__(*args, **kwargs)
        self.today, self.until = today, until
        self.label_suffix = ""
        self.fields["staff"].queryset = callers(store)
        self.fields["stand_in"].queryset = callers(store)
        for name in ("staff", "stand_in"):
            self.fields[name].widget.attrs["class"] = "form-select form-select-sm"
        for name in ("starts_on", "ends_on"):
            attrs = {"type": "date", "class": "form-control form-control-sm"}
            self.fields[name].widget = forms.DateInput(format="%Y-%m-%d", attrs=attrs)

    def offer(self, people: Iterable[Staff]) -> None:
        """The same people as the database would answer, for a page that has them already."""
        names = [(person.pk, person.name) for person in people]
        for name in ("staff", "stand_in"):
            field = self.fields[name]
            field.choices = [("", field.empty_label), *names]

    @property
    def is_a_strangers(self) -> bool:
        """Whether the person is none of the store's."""
        return self.has_error("staff", "invalid_choice")

    def away(self) -> Away:
        given = self.cleaned_data
        starts_on = given["starts_on"] or self.today
        ends_on = given["ends_on"] or max(starts_on, self.until)
        return Away(given["staff"], starts_on, ends_on, given["stand_in"])


class GiveForm(forms.Form):
    """What is given (a task's id, all calls, the customer for good) or goes back, and to whom."""

    what = forms.CharField(max_length=20)
    to = forms.IntegerField(min_value=1, required=False)

    def clean_what(self) -> str:
        what: str = self.cleaned_data["what"]
        bare = what.removeprefix(f"{BACK}-")
        if what in (ALL, FOR_GOOD) or (bare.isascii() and bare.isdigit()):
            return what
        raise forms.ValidationError(_("Say what to give."), "unknown")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "what" in given and not self.is_back and not given.get("to"):
            self.add_error("to", _("Say to whom."))
        return given

    @property
    def is_back(self) -> bool:
        """Whether the rule names the owner again."""
        return str(self.cleaned_data["what"]).startswith(f"{BACK}-")

    @property
    def task_ids(self) -> list[int] | None:
        """The one task it is about; None for all calls."""
        bare = str(self.cleaned_data["what"]).removeprefix(f"{BACK}-")
        return [int(bare)] if bare.isdigit() else None
