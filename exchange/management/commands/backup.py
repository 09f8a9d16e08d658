"""`manage.py backup FILE`: the database in one file, taken while people work."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.translation import gettext as _

from common import backups
from common.exceptions import DomainError


class Command(BaseCommand):
    help = "Writes the database with a manifest to one file; the keys are not in it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the file to make; it must not exist")

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            manifest, digest = backups.write(file, connection)
        except DomainError as error:
            raise CommandError(error.message) from error
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
        self.stderr.write(self.style.WARNING(_where_the_keys_are()))


def _where_the_keys_are() -> str:
    """Said every time: without the keys a restored database opens no phone number."""
    if settings.SERVED:
        return _(
            "THE KEYS ARE NOT IN IT. Keep the secrets field_key and index_key, too, in another"
            " place: without them nobody can ever read a phone number of this backup."
        )
    text = _(
        "THE KEYS ARE NOT IN IT. Keep a copy of %(folder)s, too, in another place: without them"
        " nobody can ever read a phone number of this backup."
    )
    return text % {"folder": settings.HUITOU_HOME / "secrets"}
