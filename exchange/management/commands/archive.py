"""`manage.py archive FOLDER`: the archive that `rewind` reads, and a backup a night (R44)."""

import signal
import time
from argparse import ArgumentParser
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from common import backups, retention
from common.archive import Archive, Receiver
from common.exceptions import DomainError

NIGHT = 3  # the hour after which the day's copies are made
PAUSE_SECONDS = 2.0
SPOOL = "wal"


class Command(BaseCommand):
    help = "Streams the server's log into FOLDER, sealed; once a night a base copy and a backup."
    is_new = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where base/, wal/ and the backups lie")
        parser.add_argument("--alive", type=Path, help="a file to touch while all is well")

    def handle(self, *, folder: Path, alive: Path | None, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _end)
        archive = Archive(folder, settings.HUITOU_HOME / SPOOL, "")
        try:
            archive = Archive(folder, archive.spool, backups.key())
            archive.prepare(connection)
            receiver = Receiver(archive, connection)
        except DomainError as error:
            raise CommandError(error.message) from error
        try:
            while True:
                if self._go(archive, receiver) and alive:
                    alive.touch()
                time.sleep(PAUSE_SECONDS)
        except KeyboardInterrupt:
            pass
        finally:
            receiver.stop()
            archive.seal_finished()

    def _go(self, archive: Archive, receiver: Receiver) -> bool:
        """One round; whether all is well. What fails is said and tried again."""
        try:
            if not receiver.is_running:
                self.is_new |= archive.reserve(connection)
                receiver.start()
            archive.seal_finished()
            self._copy(archive, timezone.now())
        except DomainError as error:
            self.stderr.write(error.message)
            return False
        except DatabaseError:
            connection.close()
            self.stderr.write(_("The database does not answer."))
            return False
        return receiver.is_running

    def _copy(self, archive: Archive, now: datetime) -> None:
        """The night's base copy and backup, when they are due."""
        if self.is_new or is_due(archive.newest_base(), now):
            path = archive.write_base(connection)
            self.is_new = False
            archive.prune(settings.BACKUP_KEEP[0], now)
            self.stdout.write(_("%(file)s: a base copy.") % {"file": path})
        if is_due(backups.newest_in(archive.folder), now):
            path = backups.write_named(
                archive.folder, connection, retention.Keep(*settings.BACKUP_KEEP)
            )
            self.stdout.write(_("%(file)s: a backup.") % {"file": path})


def is_due(newest: datetime | None, now: datetime) -> bool:
    """Whether none was made since the night's hour last struck."""
    struck = timezone.localtime(now).replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    if struck > now:
        struck -= timedelta(days=1)
    return newest is None or newest < struck


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
