"""Imports of the reader's group for the import pages."""

from datetime import timedelta

from django.db.models import QuerySet

from exchange.choices import ImportState
from exchange.models import ImportFile, ImportRejection
from stores.access import Reader
from stores.selectors import of_group

LIVE = (ImportState.WAITING, ImportState.RUNNING)


def imports(reader: Reader) -> QuerySet[ImportFile]:
    """Imports of the reader's group, newest first."""
    found = of_group(ImportFile.objects.all(), reader)
    return found.select_related("uploaded_by").order_by("-created_at", "-pk")


def is_live(record: ImportFile) -> bool:
    """Whether the import still goes on."""
    return record.state in LIVE


def duration(record: ImportFile) -> timedelta | None:
    """From the first row to the last."""
    if record.started_at is None or record.finished_at is None:
        return None
    return record.finished_at - record.started_at


def rejections(record: ImportFile) -> QuerySet[ImportRejection]:
    """The rejected rows in the file's order, without what the rows held."""
    return record.rejections.order_by("line", "pk").defer("row_sealed")
