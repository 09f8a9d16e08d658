"""`manage.py rewind FOLDER DATA --at TIME`: the server's data as they were at a moment (R44)."""

import os
import tarfile
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from common import backups, sealed
from common.archive import Archive, reader
from common.exceptions import DomainError
from exchange.management.commands.archive import SPOOL

LOG = "huitou_wal"  # below the data: PostgreSQL's own folder is its place of work
PARTIAL = ".partial"
ORDERS = """
# Written by `manage.py rewind`.
restore_command = 'cp {log}/%f "%p"'
recovery_target_action = 'promote'
"""


class Command(BaseCommand):
    help = "Lays out a data folder that PostgreSQL replays up to a moment when it starts."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the archive that `archive` keeps")
        parser.add_argument("data", type=Path, help="the data folder to make; it must be empty")
        parser.add_argument("--at", help="'2026-06-15 10:29:59' (local time); else as far as known")

    def handle(self, *, folder: Path, data: Path, at: str | None, **options: Any) -> None:
        moment = _moment(at)
        data.parent.mkdir(parents=True, exist_ok=True)  # as open as usual: the server enters it
        os.umask(0o077)
        try:
            archive = Archive(folder, settings.HUITOU_HOME / SPOOL, backups.key())
            _refuse_full(data)
            base, facts = archive.base_for(moment)
            segments = archive.segments_from(facts["first"])
            _unpack(base, data, archive.secret)
            reaches = _lay_log(archive, segments, data / LOG)
        except DomainError as error:
            raise CommandError(error.message) from error
        _order(data, moment)
        self.stdout.write(
            _("%(data)s: base copy of %(base)s and %(segments)d segments of the log.")
            % {"data": data, "base": facts["sealed_at"], "segments": len(segments)}
        )
        if moment and not reaches and segments:
            last = archive.facts(segments[-1], "wal")["sealed_at"]
            if datetime.fromisoformat(last) < moment:
                text = _("The archive ends at %(end)s: PostgreSQL will refuse a later moment.")
                self.stderr.write(self.style.WARNING(text % {"end": last}))
        self.stdout.write(_("Start PostgreSQL with this folder: it replays the log and opens."))


def _moment(at: str | None) -> datetime | None:
    if at is None:
        return None
    try:
        found = parse_datetime(at)
    except ValueError:
        found = None
    if found is None:
        raise CommandError(_("%(at)s is not a moment like 2026-06-15 10:29:59.") % {"at": at})
    return found if found.tzinfo else timezone.make_aware(found)


def _refuse_full(data: Path) -> None:
    if data.exists() and any(data.iterdir()):
        raise DomainError("not_empty", _("%(folder)s is not empty.") % {"folder": data})
    data.mkdir(mode=0o700, exist_ok=True)


def _unpack(base: Path, data: Path, secret: str) -> None:
    """The base copy as the server's own files; nothing of it may point out of the folder."""

    class Source:
        read = staticmethod(reader(sealed.pieces(base, secret)))

    with tarfile.open(fileobj=cast(IO[bytes], Source), mode="r|gz") as archive:
        archive.extractall(data, filter="data")
    for folder, _folders, _files in os.walk(data):
        Path(folder).chmod(0o700)


def _lay_log(archive: Archive, segments: list[Path], target: Path) -> bool:
    """Every segment, and what was streamed of the unfinished one if its spool is still there.

    Whether it was: then the log reaches to the server's last breath.
    """
    target.mkdir()
    for segment in segments:
        archive.open_segment(segment, target)
    if not archive.spool.is_dir():
        return False
    for left in archive.spool.iterdir():
        place = target / left.name.removesuffix(PARTIAL)
        if not place.exists():
            place.write_bytes(left.read_bytes())
    return any(archive.spool.glob(f"*{PARTIAL}"))


def _order(data: Path, moment: datetime | None) -> None:
    """Tell the server to replay, how far, and to open then."""
    text = ORDERS.format(log=LOG)
    if moment:
        text += f"recovery_target_time = '{moment.isoformat(sep=' ')}'\n"
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        file.write(text)
    (data / "recovery.signal").touch()
