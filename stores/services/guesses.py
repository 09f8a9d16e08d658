"""Guessed links: whoever opens many that lead nowhere has to wait (R32, T26)."""

import datetime

from django.utils import timezone

from common.crypto import blind_index
from common.exceptions import TooMany
from common.sql import execute
from stores.models import LinkMiss

MOST = 20
WAIT = datetime.timedelta(minutes=15)
# One statement: of two at once none is lost.
_COUNT = """
INSERT INTO stores_linkmiss AS kept (address_digest, since, misses)
VALUES (%(address)s, %(now)s, 1)
ON CONFLICT (address_digest) DO UPDATE SET misses = kept.misses + 1
"""


def check(address: str) -> None:
    """Raises TooMany when a link from this address is not even to be looked up."""
    known = LinkMiss.objects.filter(address_digest=_digest(address), misses__gte=MOST)
    if known.filter(since__gt=timezone.now() - WAIT).exists():
        minutes = round(WAIT.total_seconds() / 60)
        raise TooMany("too_many", "too many links that lead nowhere", minutes=minutes)


def count(address: str) -> None:
    """One more that led nowhere; what is older than the wait is forgotten."""
    now = timezone.now()
    LinkMiss.objects.filter(since__lte=now - WAIT).delete()
    execute(_COUNT, {"address": _digest(address), "now": now})


def _digest(address: str) -> bytes:
    """Addresses are not kept, only told apart."""
    return blind_index("client address", address or "none")
