"""Around every request: its number, its line in the log, its place in the figures of /metrics."""

import logging
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from common import logs, metrics

log = logging.getLogger("huitou.request")
HEADER = "X-Request-ID"
PERMISSIONS_POLICY = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
# Asked every few seconds by machines: they are in the figures, not in the log.
QUIET = frozenset({"healthz", "healthz-jobs", "metrics"})
NO_VIEW = "none"


class RequestMiddleware:
    """Numbers the request; afterwards says who asked for what and how long it took."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = _number(request.headers.get(HEADER, ""))
        started = time.perf_counter()
        with logs.about(request=number):
            response = self.get_response(request)
            seconds = time.perf_counter() - started
            _count(request, response, seconds)
        response.headers[HEADER] = number
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        return response


def _number(given: str) -> str:
    """The proxy's number when it is one (anything else could carry anything), else a new one."""
    try:
        return uuid.UUID(given).hex
    except ValueError:
        return uuid.uuid4().hex


def _count(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    found = request.resolver_match
    view = (found.view_name or NO_VIEW) if found else NO_VIEW
    metrics.REQUESTS.observe(view, request.method or "", response.status_code, seconds)
    if view not in QUIET:
        log.info("request", extra={"facts": _facts(request, response, view, seconds)})


def _facts(
    request: HttpRequest, response: HttpResponse, view: str, seconds: float
) -> dict[str, Any]:
    """What the line says. A path that leads nowhere may hold anything, so it is left out."""
    facts: dict[str, Any] = {
        "method": request.method,
        "view": view,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
    }
    if view != NO_VIEW:
        facts["path"] = request.path
    reader = getattr(request, "reader", None)
    if reader is not None:
        facts["reader"] = reader.staff.pk
        if not reader.is_group_wide:
            facts["stores"] = ",".join(map(str, sorted(reader.store_ids)))
    return facts
