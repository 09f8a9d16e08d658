"""Dates, money and distances in the reader's form; numbers are rounded half up only here."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.translation import get_language, gettext, pgettext, pgettext_lazy

# Within a year or half a year of the reader's day the year goes without saying.
_NEAR_DAYS = 183
_SHORT_WEEKDAYS = (
    pgettext_lazy("weekday", "Mon"),
    pgettext_lazy("weekday", "Tue"),
    pgettext_lazy("weekday", "Wed"),
    pgettext_lazy("weekday", "Thu"),
    pgettext_lazy("weekday", "Fri"),
    pgettext_lazy("weekday", "Sat"),
    pgettext_lazy("weekday", "Sun"),
)
_FORMS = {"zh-hans": ("n月j日", "Y年n月j日"), "en": ("j M", "j M Y")}


def day(when: date | None, as_of: date | None = None) -> str:
    """`11月21日` or `21 Nov`; with the year when neither in the year of `as_of` nor near it.

    Without `as_of` the year is always there.
    """
    if when is None:
        return "–"
    short, full = _FORMS.get(get_language() or "", _FORMS["en"])
    is_near = as_of is not None and (
        when.year == as_of.year or abs((when - as_of).days) < _NEAR_DAYS
    )
    return _shown(when, short if is_near else full, get_language() or "")


@lru_cache(maxsize=4096)
def _shown(when: date, form: str, language: str) -> str:
    """In the active language, which `language` names; the same dates come on every line."""
    return dateformat.format(when, form)


def span(first: date, last: date, as_of: date | None = None) -> str:
    """`21 Nov` or `21 Nov – 3 Dec`, both days inclusive."""
    ends = dict.fromkeys((day(first, as_of), day(last, as_of)))
    return " – ".join(ends)


def weekday(when: date) -> str:
    """`Saturday` or `星期六`."""
    return dateformat.format(when, "l")


def short_weekday(when: date) -> str:
    """`Sat` or `周六`; what Django calls short in Chinese is as long as the word."""
    return str(_SHORT_WEEKDAYS[when.weekday()])


def clock(moment: datetime | None, zone: str) -> str:
    """`17:30` on the clock of `zone` (IANA name)."""
    return "–" if moment is None else moment.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def rounded(amount: Decimal | float | int, places: int = 0) -> Decimal:
    """Half up, as money is shown."""
    return Decimal(amount).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def number(value: Decimal | float | int, places: int = 0) -> str:
    """`1,234`, with a real minus sign."""
    return f"{rounded(value, places):,}".replace("-", "\u2212")


def plain(value: Decimal) -> str:
    """A decimal without its trailing zeros: 72.0000 is `72`, 72.5000 `72.5`."""
    return f"{value.normalize():f}"


def yuan(amount: Decimal | float | int | None) -> str:
    """`¥1,234`; yuan are shown whole."""
    if amount is None:
        return "–"
    return f"\u2212¥{number(-amount)}" if amount < 0 else f"¥{number(amount)}"


def km(distance: Decimal | int | None) -> str:
    """`31,400 km` or `31,400 公里`."""
    if distance is None:
        return "–"
    return gettext("%(km)s km") % {"km": number(distance)}


def plate(bare: str) -> str:
    """A Chinese plate as it is painted, `沪A·D521K`; others as they are kept."""
    return f"{bare[:2]}·{bare[2:]}" if bare[:1] > "\u3400" and "·" not in bare else bare


def percent(fraction: Decimal | float) -> str:
    """`46%` of 0.46."""
    return pgettext("percent", "%(n)s%%") % {"n": number(Decimal(fraction) * 100)}


def listing(items: Iterable[object]) -> str:
    """`North, South` or `浦东店、杨浦店`."""
    return pgettext("between items", ", ").join(map(str, items))
