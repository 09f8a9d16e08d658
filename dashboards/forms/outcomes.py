"""What came of a contact, as the bar of the opened card sends it (TASK-4)."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from alerts.choices import Reason, Result
from customers.choices import Channel
from stores.models import Store

# The others are about the customer: all cars of the card.
_OF_ONE_CAR = {Result.BOOKED, Result.VEHICLE_GONE}
# The service's names of what the bar calls otherwise.
_FIELDS = {"callback_at": "callback_on", "vehicle_id": "vehicle"}


@dataclass(frozen=True)
class Typed:
    """What a person had typed when an outcome was refused: shown again."""

    key: str = ""
    result: str = ""
    note: str = ""
    callback_on: str = ""
    callback_time: str = ""
    agreed_on: str = ""


class TaskIds(forms.Field):
    """`3,17`: the tasks the card showed."""

    def to_python(self, value: Any) -> list[int]:
        words = str(value or "").split(",")
        if not all(word.isdecimal() for word in words if word):
            raise forms.ValidationError(_("Reload the page: it is not complete."))
        return [int(word) for word in words if word]


class OutcomeForm(forms.Form):
    """The fields of the bar; a button's `pick` brings several of them at once."""

    key = forms.UUIDField()
    seen = forms.IntegerField(min_value=0, required=False)
    tasks = TaskIds(required=False)
    next = forms.IntegerField(required=False)
    result = forms.ChoiceField(choices=Result.choices)
    reason = forms.ChoiceField(choices=[("", ""), *Reason.choices], required=False)
    callback_on = forms.DateField(required=False)
    callback_time = forms.TimeField(required=False)
    slot = forms.DateTimeField(required=False)
    agreed_on = forms.DateField(required=False)
    vehicle = forms.IntegerField(required=False)
    note = forms.CharField(required=False, max_length=2000)
    channel = forms.ChoiceField(choices=[("", ""), *Channel.choices], required=False)

    def __init__(self, data: QueryDict, *, store: Store, now: datetime) -> None:
        sent = data.dict()
        sent.update(QueryDict(sent.pop("pick", "")).dict())
        super().__init__(sent)
        self.store, self.now = store, now

    def clean(self) -> dict[str, Any]:
        """What is missing is said by the service; here only the promised moment is put together."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("callback_on"):
            values["callback_at"] = self._moment(values["callback_on"], values["callback_time"])
        return values

    def _moment(self, on: date, at: time | None) -> datetime:
        zone = ZoneInfo(self.store.timezone)
        return datetime.combine(on, at or self.store.closes_at, zone)

    def refuse(self, field: str, text: str) -> None:
        """Puts what the service says beside the field it is about."""
        name = _FIELDS.get(field, field)
        self.add_error(name if name in self.fields else None, text)

    @property
    def faults(self) -> list[tuple[str, str]]:
        """What is to be mended: (field, sentence)."""
        return [(name, str(texts[0])) for name, texts in self.errors.items()]

    @property
    def typed(self) -> Typed:
        """The words and days to show again."""
        names = Typed.__dataclass_fields__
        return Typed(**{name: str(self.data.get(name) or "") for name in names})

    def entry(self) -> dict[str, Any]:
        """The fields of alerts.services.outcomes.Entry, but for the customer."""
        values = self.cleaned_data
        result = values["result"]
        channel = Channel.WECHAT if result == Result.MESSAGED else values["channel"]
        return {
            "key": values["key"],
            "seen": values["seen"] or 0,
            "task_ids": tuple(values["tasks"]),
            "result": result,
            "reason": values["reason"],
            "callback_at": values.get("callback_at"),
            "slot": values["slot"] if result == Result.BOOKED else None,
            "agreed_on": values["agreed_on"],
            "vehicle_id": values["vehicle"] if result in _OF_ONE_CAR else None,
            "note": values["note"],
            "channel": channel or Channel.PHONE,
        }
