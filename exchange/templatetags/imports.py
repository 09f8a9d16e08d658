"""Filters of the import pages: chips of states, reasons in the reader's language."""

from dataclasses import dataclass

from django import template
from django.utils.translation import gettext

from exchange.choices import ImportState
from exchange.importing.reasons import reason_text
from exchange.models import ImportFile
from exchange.selectors import formats

register = template.Library()
register.filter("reason_text", reason_text)
register.filter("heading", formats.heading)


@dataclass(frozen=True)
class Chip:
    """Input of components/chip.html."""

    label: str
    tone: str


@register.filter
def import_chip(record: ImportFile) -> Chip:
    """Blue while it runs, a green square, an orange triangle with rejected rows, a red diamond."""
    if record.state == ImportState.DONE and record.rejected:
        return Chip(gettext("partly rejected"), "orange")
    tones = {"waiting": "", "running": "blue", "done": "green", "failed": "red"}
    return Chip(str(ImportState(record.state).label), tones[record.state])
