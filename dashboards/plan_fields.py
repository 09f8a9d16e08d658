"""Service plans by key: their words and their order (DUE-1)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from customers.choices import Powertrain

Entry = Mapping[str, Any]
_ORDER = {"default": 0, "powertrain": 1, "brand": 2, "model": 3}


def sort_key(key: str) -> tuple[int, int, str]:
    """From the general to the special; powertrains in their usual order."""
    family, _sep, name = key.partition(":")
    powertrains = Powertrain.values
    place = powertrains.index(name) if name in powertrains else 0
    return _ORDER.get(family, 9), place, name


def is_fixed(key: str) -> bool:
    """Whether the row always stands: the plan of every other car and the powertrains'."""
    return key == "default" or key.startswith("powertrain:")


def key_label(key: str) -> str:
    """The cars a plan is for, in the reader's words."""
    family, _sep, name = key.partition(":")
    if family == "default":
        return gettext("Every other car")
    if family == "powertrain" and name in Powertrain.values:
        return str(Powertrain(name).label)
    return name.replace("|", " ")


def key_family(key: str) -> str:
    """What kind of key it is, in the reader's words."""
    family = key.partition(":")[0]
    if family == "powertrain":
        return gettext("powertrain")
    if family == "brand":
        return gettext("brand")
    return gettext("model") if family == "model" else ""


def entry_text(entry: Entry | None) -> str:
    """A plan in one line."""
    if entry is None:
        return gettext("none")
    words = {name: f"{value:,}" for name, value in entry.items()}
    if entry["first_months"]:
        return gettext(
            "first {first_months} months / {first_km} km, then {months} months / {km} km, "
            "{daily_km} km a day"
        ).format(**words)
    return gettext(
        "first {first_days} days / {first_km} km, then {months} months / {km} km, "
        "{daily_km} km a day"
    ).format(**words)
