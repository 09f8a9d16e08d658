"""`manage.py report NAME`: the figures behind a board on any day; writes nothing (EXCHANGE §2)."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from common.formats import listing
from exchange.management.options import add_store_and_day, by_day, chosen_stores
from lifecycle.services.reports import report
from lifecycle.services.scope import Scope
from pipeline.boards import ALL_BOARDS, REPORTS
from pipeline.policies import KINDS
from pipeline.services.hindsight import month_scopes
from stores.scope import all_stores
from stores.services.policies import resolve


class Command(BaseCommand):
    help = "Prints the figures behind a board, recomputed from the history; writes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help=", ".join(sorted(REPORTS)))
        add_store_and_day(parser)

    def handle(self, **options: Any) -> None:
        if options["name"] not in REPORTS:
            known = {"name": options["name"], "known": listing(sorted(REPORTS))}
            text = _("There is no report %(name)s; there are %(known)s.") % known
            raise CommandError(text, returncode=2)
        with all_stores():
            stores = chosen_stores(options["store"])
            if not stores:
                raise CommandError(_("There is no store yet."), returncode=2)
            days = by_day(stores, options["as_of"])
            scopes = [Scope(day, resolve(of_day, KINDS)) for day, of_day in days.items()]
            found = report(REPORTS[options["name"]], ALL_BOARDS, scopes, month_scopes)
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2, default=float))
            return
        for line in _lines(found):
            self.stdout.write(line)


def _lines(found: Any, depth: int = 0) -> Iterator[str]:
    """Named figures as an indented list, a row of figures on one line."""
    for name, value in found.items():
        indent = "  " * depth
        if isinstance(value, list):
            yield f"{indent}{name}:"
            for row in value:
                yield f"{indent}  {_row(row)}"
        elif isinstance(value, dict):
            yield f"{indent}{name}:"
            yield from _lines(value, depth + 1)
        else:
            yield f"{indent}{name} {_shown(value)}"


def _row(row: Any) -> str:
    if isinstance(row, dict):
        return "  ".join(f"{name} {_shown(value)}" for name, value in row.items())
    return _shown(row)


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
