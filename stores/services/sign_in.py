"""Checking a password, one try at a time for each name and each address (R30, T30)."""

from django.contrib import auth
from django.db import transaction
from django.http import HttpRequest

from common.sql import execute
from stores.access import client_ip
from stores.models import Staff

NAME_LOCK, ADDRESS_LOCK = 4705, 4706
_LOCK = "SELECT pg_advisory_xact_lock(%(space)s, hashtext(%(key)s))"


def authenticate(request: HttpRequest, *, username: str, password: str) -> Staff | None:
    """Who it is; None when the password is wrong, or after too many wrong ones.

    In turn, because failures are counted after the check: a hundred tries at once would all be
    checked before the first one counted. Always the name's lock before the address's.
    """
    with transaction.atomic():
        execute(_LOCK, {"space": NAME_LOCK, "key": username})
        execute(_LOCK, {"space": ADDRESS_LOCK, "key": client_ip(request)})
        found = auth.authenticate(request, username=username, password=password)
    return found if isinstance(found, Staff) else None
