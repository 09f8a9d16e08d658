"""`manage.py explain`: what the product believes about a vehicle and why (EXCHANGE.md §2)."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from exchange.explaining import explain, vehicles_by_vin
from exchange.management.options import add_store_and_day, by_day, chosen_stores
from exchange.wording import explanation_text
from stores.scope import all_stores


class Command(BaseCommand):
    help = "Explains vehicles as of a day, recomputed from their history; writes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("vins", nargs="*", metavar="VIN")
        parser.add_argument("--all", action="store_true", help="every vehicle of the stores")
        add_store_and_day(parser)

    def handle(self, **options: Any) -> None:
        if bool(options["vins"]) == options["all"]:
            raise CommandError(_("Name some VINs, or say --all."), returncode=2)
        with all_stores():
            told = self._explain(options)
        missing = [vin for vin in options["vins"] if vin.upper() not in told]
        for vin in missing:
            text = _("%(vin)s is not known, or not delivered by then.") % {"vin": vin}
            self.stderr.write(text)
        if missing:
            sys.exit(1)

    def _explain(self, options: dict[str, Any]) -> set[str]:
        stores = chosen_stores(options["store"])
        wanted = [vin.upper() for vin in options["vins"]]
        ids = None
        if wanted:
            ids = [pk for found in vehicles_by_vin(wanted, stores).values() for pk in found]
        told = set()
        for day, of_day in by_day(stores, options["as_of"]).items():
            for one in explain(of_day, day, ids):
                told.add(one["vin"])
                text = json.dumps(one, ensure_ascii=False) if options["json"] else None
                self.stdout.write(text or explanation_text(one))
        return told
