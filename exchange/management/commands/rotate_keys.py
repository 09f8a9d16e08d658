"""`manage.py rotate_keys`: everything sealed under the present keys, while people work."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.formats import listing
from exchange.services import keys

SHOWN = 10


class Command(BaseCommand):
    help = (
        "Seals and indexes anew what is under former keys (docs/running.md). Can be stopped at any"
        " moment and started again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count what is left")
        parser.add_argument("--batch", type=int, default=keys.BATCH, help="rows a transaction")

    def handle(self, *, check: bool, batch: int, **options: Any) -> None:
        if not check:
            self._rotate(batch)
        left = keys.left()
        for table, count in left.items():
            text = _("%(table)s: %(count)s under former keys")
            self.stdout.write(text % {"table": table, "count": f"{count:,}"})
        if any(left.values()):
            sys.exit(1)
        self.stdout.write(_("The former keys are not needed any more, but for older backups."))
        self._warn()

    def _rotate(self, batch: int) -> None:
        done = keys.rotate(self._tell, batch=batch)
        for table, ids in done.unreadable.items():
            if ids:
                text = _("%(table)s: no known key opens %(count)d rows, the first of them %(ids)s.")
                first = listing(map(str, ids[:SHOWN]))
                facts = {"table": table, "count": len(ids), "ids": first}
                self.stderr.write(self.style.ERROR(text % facts))

    def _tell(self, table: str, count: int) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r\033[K{table}: {count:,}", ending="")
            self.stderr.flush()

    def _warn(self) -> None:
        """What is known by its digest only cannot be made again."""
        people = keys.people_with_recovery_codes()
        if people:
            text = ngettext(
                "%(n)d person has recovery codes: those made before the index key changed end with"
                " the former one.",
                "%(n)d people have recovery codes: those made before the index key changed end with"
                " the former one.",
                people,
            )
            self.stderr.write(self.style.WARNING(text % {"n": people}))
        unknown = keys.corrections_without_source()
        if unknown:
            text = ngettext(
                "%(n)d phone number was corrected under an earlier version: without the former"
                " index key the next file may bring the source's number back.",
                "%(n)d phone numbers were corrected under an earlier version: without the former"
                " index key the next file may bring the source's numbers back.",
                unknown,
            )
            self.stderr.write(self.style.WARNING(text % {"n": unknown}))
