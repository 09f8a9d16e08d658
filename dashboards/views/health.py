"""Signs of life for whoever watches from outside (no personal data, no login), and the lists'."""

from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboards import list_words
from pipeline.selectors import health
from pipeline.selectors.lists import store_lists
from stores import access
from stores.access import ReaderRequest
from stores.rights import Right

READABLE = {"ensure_ascii": False, "indent": 2}


@access.public
@never_cache
@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """Whether this process answers and reaches its database."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return _answer({"database": _("The database does not answer.")})
    return _answer({"database": ""})


@access.public
@never_cache
@require_safe
def jobs(request: HttpRequest) -> JsonResponse:
    """Whether the background jobs do their work (R7)."""
    try:
        found = health.findings(timezone.now())
    except DatabaseError:
        return _answer({"database": _("The database does not answer.")})
    return _answer({finding.name: finding.reason for finding in found})


@access.needs(Right.JOBS)
@require_safe
def lists(
    request: ReaderRequest, imported_at: Callable[[int], datetime | None] | None = None
) -> HttpResponse:
    """Whether this morning's lists are right, a line a store of the reader's; the worst first."""
    now = timezone.now()
    reader = request.reader
    stores = [store for store in reader.stores if store.is_active]
    lines = list_words.lines(store_lists(stores, now), now, has_team=reader.has(Right.TEAM))
    context = {
        "lines": lines,
        "today": timezone.localdate(now),
        "wrong": sum(line.tone == "red" for line in lines),
        "watched": sum(line.tone == "orange" for line in lines),
        "findings": [finding for finding in health.findings(now) if not finding.is_ok],
        "imported_at": imported_at(reader.staff.group_id) if imported_at else None,
    }
    return render(request, "dashboards/health/lists.html", context)


def _answer(reasons: dict[str, str]) -> JsonResponse:
    """200 when no check has a reason to complain, else 503."""
    is_red = any(reasons.values())
    checks = {name: {"ok": not reason, "reason": reason} for name, reason in reasons.items()}
    body = {"status": "red" if is_red else "green", "checks": checks}
    return JsonResponse(body, status=503 if is_red else 200, json_dumps_params=READABLE)
