"""`manage.py backup FILE`: the database in one sealed file, taken while people work."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.translation import gettext as _

from common import backups, retention
from common.exceptions import DomainError


class Command(BaseCommand):
    help = "Writes the database with a manifest to one sealed file; the keys are not in it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, help="the file to make, which must not exist, or a folder"
        )

    def handle(self, *, file: Path, **options: Any) -> None:
        folder = file if file.is_dir() else None
        if folder:
            file = retention.named(folder, datetime.now(UTC))
        try:
            manifest, digest = backups.write(file, connection)
        except DomainError as error:
            raise CommandError(error.message) from error
        gone = retention.prune(folder, retention.Keep(*settings.BACKUP_KEEP)) if folder else []
        facts = {
            "file": file,
            "tables": len(manifest.tables),
            "rows": f"{manifest.rows:,}",
            "mb": f"{file.stat().st_size / 1e6:,.1f}",
            "digest": digest,
        }
        text = _("%(file)s holds %(tables)d tables with %(rows)s rows, %(mb)s MB.")
        self.stdout.write(text % facts)
        self.stdout.write(_("SHA-256: %(digest)s") % facts)
        for path in gone:
            self.stdout.write(
                _("%(file)s is older than what is kept and was deleted.") % {"file": path}
            )
        self.stderr.write(self.style.WARNING(_where_the_keys_are()))


def _where_the_keys_are() -> str:
    """Said every time: without the keys a restored database opens no phone number."""
    if settings.SERVED:
        return _(
            "THE KEYS ARE NOT IN IT. Keep the secrets backup_key, field_key and index_key, too, in"
            " another place: without the first nobody can ever open this file, without the others"
            " nobody can read a phone number in it."
        )
    text = _(
        "THE KEYS ARE NOT IN IT. Keep a copy of %(folder)s, too, in another place: without them"
        " nobody can ever open this file."
    )
    return text % {"folder": settings.HUITOU_HOME / "secrets"}
