"""Moments and durations as people say them."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.translation import gettext

from common import formats

register = template.Library()


@register.filter
def moment(value: datetime | None) -> str:
    """`21 Nov 10:32`, on the clock of the installation; with the year when it is far off."""
    if value is None:
        return "–"
    local = timezone.localtime(value)
    day = formats.day(local.date(), timezone.localdate())
    return gettext("%(day)s %(clock)s") % {"day": day, "clock": f"{local:%H:%M}"}


@register.filter
def duration(value: timedelta | None) -> str:
    """`38 s`, `4 min 10 s` or `2 h 05 min`."""
    if value is None:
        return "–"
    seconds = max(0, int(value.total_seconds()))
    minutes, hours = seconds // 60, seconds // 3600
    if not minutes:
        return gettext("%(seconds)d s") % {"seconds": seconds}
    if not hours:
        return gettext("%(minutes)d min %(seconds)d s") % {
            "minutes": minutes,
            "seconds": seconds % 60,
        }
    return gettext("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes % 60}


@register.filter
def count(value: int) -> str:
    """`12,345`."""
    return formats.number(value)
