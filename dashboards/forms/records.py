"""Forms for what comes in beyond the list: a contact, a complaint, a reminder to oneself."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from alerts.choices import Proposal, Reason, Result
from alerts.models import Task
from alerts.services.outcomes import Entry
from alerts.services.reminders import Reminder
from customers.choices import Channel, Direction
from customers.models import Vehicle
from customers.selectors import Slot
from dashboards import presentation
from dashboards.forms.entering import date_input
from dashboards.forms.outcomes import TaskIds
from dashboards.selectors.calls import car_text
from stores.models import Store

# A customer gets in touch in these ways; apps and SMS are machines' work.
WAYS = [
    (Channel.PHONE, _("Called")),
    (Channel.WECHAT, _("Wrote on WeChat")),
    (Channel.VISIT, _("Stands at the desk")),
]
NOT_TO_WRITE = "do_not_write"
CAME_OF_IT = [
    (Result.BOOKED, _("Booked a visit")),
    (Result.CALLBACK, _("Wants to be called back")),
    (Result.CONNECTED, _("A question, answered")),
    (Result.REFUSED, _("Is not coming")),
    (Result.ELSEWHERE, _("Goes to another workshop")),
    (Result.VEHICLE_GONE, _("The car is gone")),
    (Result.DO_NOT_CALL, _("Do not call again")),
    (NOT_TO_WRITE, _("Do not write on WeChat again")),
]
GONE = (Proposal.SOLD, Proposal.MOVED)
FURTHEST_REMINDER = timedelta(days=3 * 366)
IN_A_WHILE = [
    ("1", pgettext_lazy("reminder", "Tomorrow")),
    ("3", _("In 3 days")),
    ("7", _("In a week")),
    ("", pgettext_lazy("reminder", "On a date")),
]


def time_input() -> forms.TimeInput:
    return forms.TimeInput(format="%H:%M", attrs={"type": "time"})


def _note(label: Any, *, is_needed: bool = False, rows: int = 3) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=2000, required=is_needed, widget=area)


class AboutCar(forms.Form):
    """A form about one of a customer's cars; the first one is proposed."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    vehicle = forms.TypedChoiceField(label=_("Car"), coerce=int)

    def __init__(self, cars: Sequence[Vehicle], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cars = {car.pk: car for car in cars}
        self.fields["vehicle"].choices = [(car.pk, car_text(car) or car.vin) for car in cars]
        self.initial.setdefault("key", uuid4())

    def car(self) -> Vehicle:
        """The chosen car; valid forms only."""
        return self.cars[self.cleaned_data["vehicle"]]


class ContactForm(AboutCar):
    """What came of a customer's call, message or visit to the desk."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    tasks = TaskIds(required=False, widget=forms.HiddenInput)
    channel = forms.ChoiceField(
        label=_("How"), choices=WAYS, initial=Channel.PHONE, widget=forms.RadioSelect
    )
    result = forms.ChoiceField(
        label=_("What came of it"), choices=CAME_OF_IT, widget=forms.RadioSelect
    )
    # Checked by the booking itself: a time may have been taken meanwhile.
    slot = forms.CharField(label=_("Free times"), required=False, widget=forms.RadioSelect)
    slot_on = forms.DateField(label=_("Another day"), required=False, widget=date_input())
    slot_time = forms.TimeField(label=_("at"), required=False, widget=time_input())
    callback_on = forms.DateField(label=_("Call on"), required=False, widget=date_input())
    callback_time = forms.TimeField(
        label=_("at"),
        required=False,
        widget=time_input(),
        help_text=_("Left blank: before the store closes."),
    )
    reason = forms.ChoiceField(label=_("Why"), choices=[("", "–"), *Reason.choices], required=False)
    gone = forms.ChoiceField(
        label=_("What became of it"),
        choices=[choice for choice in Proposal.choices if choice[0] in GONE],
        required=False,
        widget=forms.RadioSelect,
    )
    note = _note(_("Note"))

    def __init__(
        self, cars: Sequence[Vehicle], *args: Any, store: Store, slots: Iterable[Slot], **kw: Any
    ) -> None:
        super().__init__(cars, *args, **kw)
        self.store, self.zone = store, ZoneInfo(store.timezone)
        self.fields["vehicle"].required = bool(cars)
        self.fields["slot"].widget.choices = [
            (slot.starts_at.isoformat(), _slot_text(slot, store))
            for slot in sorted(slots, key=lambda slot: slot.starts_at)
        ]

    def clean_slot(self) -> datetime | None:
        text = self.cleaned_data["slot"]
        slot = parse_datetime(text) if text else None
        if text and (slot is None or slot.tzinfo is None):
            raise forms.ValidationError(gettext("Choose a time."))
        return slot

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("slot_on") and values.get("slot_time"):
            values["slot"] = self._moment(values["slot_on"], values["slot_time"])
        if values.get("result") == Result.VEHICLE_GONE:
            values["reason"] = values.get("gone", "")
        return values

    def _moment(self, on: date, at: time | None) -> datetime:
        return datetime.combine(on, at or self.store.closes_at, self.zone)

    @property
    def is_refusing_letters(self) -> bool:
        return bool(self.cleaned_data["result"] == NOT_TO_WRITE)

    def entry(self, customer_id: int) -> Entry:
        """The incoming contact; valid forms only."""
        values = self.cleaned_data
        result = Result.CONNECTED if self.is_refusing_letters else values["result"]
        on = values["callback_on"]
        promised = self._moment(on, values["callback_time"]) if on else None
        is_about_one = result in (Result.BOOKED, Result.VEHICLE_GONE)
        return Entry(
            key=values["key"],
            customer_id=customer_id,
            seen=values["seen"],
            task_ids=tuple(values["tasks"]),
            result=str(result),
            reason=values["reason"] if result in WITH_REASON else "",
            callback_at=promised if result == Result.CALLBACK else None,
            slot=values["slot"] if result == Result.BOOKED else None,
            note=values["note"],
            vehicle_id=(values["vehicle"] or None) if is_about_one else None,
            channel=values["channel"],
            direction=str(Direction.IN),
        )

    def refuse(self, field: str, text: str) -> None:
        """Shows what the record did not take, at its field."""
        names = {"callback_at": "callback_on", "vehicle_id": "vehicle"}
        name = names.get(field, field)
        self.add_error(name if name in self.fields else None, text)

    def as_of_now(self, seen: int, tasks: str) -> None:
        """Somebody was here meanwhile: what is sent again is sent knowing that."""
        self.data = self.data.copy()
        self.data.setlist("seen", [str(seen)])
        self.data.setlist("tasks", [tasks])


def _slot_text(slot: Slot, store: Store) -> str:
    when = presentation.moment(slot.starts_at, store.timezone)
    return gettext("%(when)s, the usual time") % {"when": when} if slot.is_usual else when


WITH_REASON = frozenset({Result.REFUSED, Result.ELSEWHERE, Result.VEHICLE_GONE})


class ComplaintForm(AboutCar):
    """A complaint in the customer's words."""

    channel = forms.ChoiceField(
        label=_("How"), choices=WAYS, initial=Channel.PHONE, widget=forms.RadioSelect
    )
    category = forms.CharField(
        label=pgettext_lazy("complaint", "About"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"list": "categories", "autocomplete": "off"}),
    )
    text = forms.CharField(
        label=_("What happened"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5})
    )

    def clean_category(self) -> str:
        """A reason's label is kept as its code (WB-6); other words as they were typed."""
        typed = str(self.cleaned_data["category"])
        codes = {str(label): str(value) for value, label in Reason.choices}
        return codes.get(typed, typed)


class ReminderForm(AboutCar):
    """From which day on, and of what."""

    ahead = forms.ChoiceField(
        label=_("When"), choices=IN_A_WHILE, required=False, widget=forms.RadioSelect
    )
    on = forms.DateField(label=_("Date"), required=False, widget=date_input())
    at = forms.TimeField(
        label=_("at"),
        required=False,
        widget=time_input(),
        help_text=_("With a time it stands among the duties of that day."),
    )
    text = _note(_("What about"), is_needed=True)

    def __init__(
        self, cars: Sequence[Vehicle], *args: Any, today: date, task: Task | None = None, **kw: Any
    ) -> None:
        super().__init__(cars, *args, **kw)
        self.today = today
        if task:
            self._show(task)
        else:
            self.initial.setdefault("ahead", "1")

    def _show(self, task: Task) -> None:
        zone = ZoneInfo(task.store.timezone)
        at = task.deadline_at.astimezone(zone).time() if task.deadline_at else None
        self.initial.update(
            {"ahead": "", "on": task.due_on, "at": at, "text": task.note}
            | {"vehicle": task.vehicle_id}
        )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if ahead := values.get("ahead"):
            values["on"] = self.today + timedelta(days=int(ahead))
        elif not values.get("on"):
            self.add_error("on", gettext("Choose the day."))
        elif not self.today <= values["on"] <= self.today + FURTHEST_REMINDER:
            self.add_error("on", gettext("Choose a day from today on, within three years."))
        return values

    def reminder(self) -> Reminder:
        """What is saved; valid forms only."""
        values = self.cleaned_data
        return Reminder(on=values["on"], text=values["text"], at=values["at"])
