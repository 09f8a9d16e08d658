"""Reading uploaded files in the background: one reader at a time, under a lease (R3, R10)."""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models.functions import Coalesce
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from common.exceptions import DomainError
from exchange.choices import FileKind, ImportState
from exchange.importing import load_file
from exchange.models import ImportFile
from exchange.selectors import uploads

# The worker's time limit: nobody reads longer.
LEASE = timedelta(minutes=15)
# A file that has cost its readers an hour would cost the next one no less.
LONGEST = timedelta(hours=1)


def run(file_id: int, now: datetime) -> bool:
    """Imports the file unless somebody does; False when there was nothing to do."""
    file = _claim(file_id, now)
    if file is None:
        return False
    by = file.uploaded_by
    # What is written down about the file is for whoever uploaded it.
    with translation.override((by and by.language) or settings.LANGUAGE_CODE):
        _read(file, now)
    return True


def _read(file: ImportFile, now: datetime) -> None:
    if file.started_at and now - file.started_at > LONGEST:
        _give_up(file, _("The file could not be read within an hour. Split it and try again."))
        return
    path = Path(settings.HUITOU_HOME) / file.path
    try:
        load_file(path, FileKind(file.kind), group=file.group, by=file.uploaded_by, record=file)
    except DomainError as error:
        _give_up(file, error.message)
    _throw_away(file, path)


def _throw_away(file: ImportFile, path: Path) -> None:
    """What was read is not kept: it holds personal data, and the rejected rows are sealed."""
    ImportFile.objects.filter(pk=file.pk).update(path="")
    path.unlink(missing_ok=True)


def _claim(file_id: int, now: datetime) -> ImportFile | None:
    claimed = (
        uploads.free(now)
        .filter(pk=file_id)
        .update(
            state=ImportState.RUNNING,
            lease_until=now + LEASE,
            started_at=Coalesce("started_at", now),
        )
    )
    return ImportFile.objects.get(pk=file_id) if claimed else None


def _give_up(file: ImportFile, error: str) -> None:
    ImportFile.objects.filter(pk=file.pk).update(
        state=ImportState.FAILED, error=error, finished_at=timezone.now(), lease_until=None
    )
