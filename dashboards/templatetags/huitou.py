"""Filters: money, dates, distances and levels in the reader's form."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils.translation import gettext

from alerts import choices as alerts
from common import formats
from common.dates import local_date
from customers import choices as customers
from dashboards import presentation
from dashboards.presentation import Chip
from lifecycle import choices as lifecycle

register = template.Library()

register.filter("yuan", formats.yuan)
register.filter("km", formats.km)
register.filter("percent", formats.percent)
register.filter("plate", formats.plate)
register.filter("listing", formats.listing)
register.filter("clock", formats.clock)
register.filter("weekday", formats.weekday)
register.filter("task_title", presentation.task_title)
register.filter("result_title", presentation.result_title)
register.filter("state_chips", presentation.state_chips)

_CHOICES: dict[str, Any] = {
    "level": lifecycle.Level,
    "risk": lifecycle.RiskLevel,
    "phase": lifecycle.Phase,
    "stage": lifecycle.Stage,
    "rfm": lifecycle.Rfm,
    "quadrant": lifecycle.Quadrant,
    "value": lifecycle.ValueTier,
}
_WORDS: dict[str, Any] = {
    "powertrain": customers.Powertrain,
    "status": customers.VehicleStatus,
    "visit": customers.VisitKind,
    "order": customers.OrderStatus,
    "channel": customers.Channel,
    "outcome": customers.Outcome,
    "appointment": customers.AppointmentStatus,
    "gender": customers.Gender,
    "reason": alerts.Reason,
}


@register.filter
def day(when: date | datetime | None, as_of: date | None = None) -> str:
    """A date; short when near `as_of`."""
    return formats.day(when, as_of)


@register.filter
def local_day(moment: datetime, zone: str) -> str:
    """The date of a moment on the calendar of `zone`, with its year."""
    return formats.day(local_date(moment, zone))


@register.filter
def chip(value: str, kind: str) -> Chip:
    """The chip of a stored word: `{{ state.level|chip:"level" }}`."""
    return presentation.chip(_CHOICES[kind], value)


@register.filter
def title(value: str, kind: str) -> str:
    """The title of a stored word."""
    return presentation.title(_CHOICES[kind], value)


@register.filter
def tier(value: str) -> str:
    """A value tier where the heading already says that it is about value."""
    return {"high": gettext("High"), "mid": gettext("Medium"), "low": gettext("Low")}[value]


@register.filter
def word(value: str, kind: str) -> str:
    """The label of a stored word of the histories; an unknown one as it came."""
    labels = dict(_WORDS[kind].choices)
    return str(labels.get(value, value))


@register.filter
def figure(value: Decimal | float | int | None, places: int = 0) -> str:
    """`1,234`."""
    return "–" if value is None else formats.number(value, places)


@register.filter
def plan(key: str) -> str:
    """The service plan a due date was computed with, by its key in the settings (DUE-1)."""
    kind, _, name = key.partition(":")
    texts = {
        "model": gettext("Plan of the model %(name)s"),
        "brand": gettext("Plan of the brand %(name)s"),
        "powertrain": gettext("Plan for the powertrain: %(name)s"),
    }
    if kind not in texts:
        return gettext("The store's default plan")
    shown = word(name, "powertrain") if kind == "powertrain" else name.replace("|", " ")
    return texts[kind] % {"name": shown}


@register.filter
def for_key(rows: Mapping[Any, Any], key: Any) -> Any:
    """`rows[key]`, None when it is not there."""
    return rows.get(key)
