"""What people see while the database is away: a plain page instead of an error (R45).

A file of its own in both languages, for it must not need anything that may be away; the proxy shows
the same when web itself is. Nothing is kept from before: the next request finds the database again.
"""

import logging
import sys
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.defaults import server_error

log = logging.getLogger("huitou.database")
PAGE = (Path(settings.BASE_DIR) / "deploy" / "unavailable.html").read_bytes()
# SQLSTATE classes: connection lost, out of room (disk, memory, connections), server going or
# coming, disk failing.
AWAY = ("08", "53", "57P", "58")
RETRY_SECONDS = 30


def handler500(request: HttpRequest) -> HttpResponse:
    """503 and the plain page when the database is why the request failed, else Django's 500."""
    error = sys.exc_info()[1]
    if not is_away(error):
        return server_error(request)
    # One line instead of the error's places for each request that meets it.
    log.error("the database is away")
    response = HttpResponse(PAGE, status=503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def is_away(error: BaseException | None) -> bool:
    """Whether the server cannot be used; what it refuses (a rule, a lock, a time limit) is not."""
    if isinstance(error, InterfaceError):
        return True  # a connection that has been closed under us
    if not isinstance(error, DatabaseError):
        return False
    state = _state(error)
    return state.startswith(AWAY) if state else isinstance(error, OperationalError)


def _state(error: BaseException | None) -> str:
    """The SQLSTATE; '' when the server was not reached or broke off."""
    return str(getattr(error.__cause__, "pgcode", None) or "") if error else ""
