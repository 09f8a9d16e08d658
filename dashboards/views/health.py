"""Signs of life for whoever watches the system from outside; no personal data, no login."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pipeline.selectors import health
from stores import access

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


def _answer(reasons: dict[str, str]) -> JsonResponse:
    """200 when no check has a reason to complain, else 503."""
    is_red = any(reasons.values())
    checks = {name: {"ok": not reason, "reason": reason} for name, reason in reasons.items()}
    body = {"status": "red" if is_red else "green", "checks": checks}
    return JsonResponse(body, status=503 if is_red else 200, json_dumps_params=READABLE)
