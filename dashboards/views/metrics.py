"""Figures for Prometheus: counts only, no personal data, no login but a token."""

from collections.abc import Callable, Iterable
from datetime import datetime
from hmac import compare_digest

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common.metrics import REQUESTS, Family, render
from stores import access
from stores.scope import all_stores

TEXT = "text/plain; version=0.0.4; charset=utf-8"
Source = Callable[[datetime], list[Family]]


# Public for the door, because a machine has no session: the token is asked for here.
@access.public
@never_cache
@require_safe
def metrics(request: HttpRequest, sources: Iterable[Source] = ()) -> HttpResponse:
    """All figures; 404 as long as no HUITOU_METRICS_TOKEN is set, 401 for another one."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "").encode()
    if not compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    now = timezone.now()
    with all_stores():
        found = [family for source in sources for family in source(now)]
    return HttpResponse(render([*found, *REQUESTS.families()]), content_type=TEXT)
