"""Options that several commands share (EXCHANGE.md §2)."""

from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from common.formats import listing
from stores.models import Store


def add_store_and_day(parser: ArgumentParser) -> None:
    """`--store CODE` (repeatable), `--as-of DATE`, `--json`."""
    parser.add_argument("--store", action="append", metavar="CODE", help="only this store")
    parser.add_argument(
        "--as-of", type=date.fromisoformat, metavar="DATE", help="default: today at the store"
    )
    parser.add_argument("--json", action="store_true", help="machine-readable output")


def chosen_stores(codes: Sequence[str] | None) -> list[Store]:
    """The stores named, or all active ones; an unknown code is bad usage (status 2)."""
    stores = Store.objects.filter(is_active=True).order_by("code")
    if not codes:
        return list(stores)
    found = list(stores.filter(code__in=codes))
    missing = sorted(set(codes) - {store.code for store in found})
    if missing:
        text = _("There is no store %(codes)s.") % {"codes": listing(missing)}
        raise CommandError(text, returncode=2)
    return found


def by_day(stores: Sequence[Store], as_of: date | None) -> dict[date, list[Store]]:
    """Stores by the date asked about: `as_of`, else today in each store's time zone."""
    now: datetime = timezone.now()
    days: defaultdict[date, list[Store]] = defaultdict(list)
    for store in stores:
        days[as_of or now.astimezone(ZoneInfo(store.timezone)).date()].append(store)
    return dict(days)
