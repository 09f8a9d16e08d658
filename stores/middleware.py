"""The one door: opens the store scope of each request and asks every view's mark (R22–R24)."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils import translation
from django.views import defaults

from common.exceptions import NotAllowed, NotFound, TooMany
from stores import rights
from stores.access import Access, Door, Reader, access_of, is_unattended, reader_of
from stores.scope import stores_scope

# Set at the sign-in of somebody who has a second factor without being obliged to.
SECOND_FACTOR_KEY = "second_factor"


class AccessMiddleware:
    """Sets `request.reader` (None until fully signed in) and lets a view run or not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reader = _reader(request)
        request.reader = reader  # type: ignore[attr-defined]
        _speak(request)
        with stores_scope(reader.store_ids if reader else ()):
            response = self.get_response(request)
        if request.user.is_authenticated:
            # A shared screen's back button must not show the last reader's customers.
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.user.is_authenticated and not is_unattended(view):
            request.session.used()  # type: ignore[attr-defined]
        access = access_of(view)
        if access is None:
            raise PermissionDenied("a view without an access mark stays closed")
        if access.door is Door.PUBLIC:
            return None
        if not request.user.is_authenticated:
            return _send_to(request, resolve_url(settings.LOGIN_URL))
        if access.door is Door.FIRST_FACTOR:
            return None
        if request.reader is None:  # type: ignore[attr-defined]
            return _send_to(request, resolve_url("two_factor"))
        _refuse(request.reader, access)  # type: ignore[attr-defined]
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The HTML edge of the error tree: what a view did not turn into a form error itself."""
        if isinstance(error, NotAllowed):
            return defaults.permission_denied(request, error)
        if isinstance(error, NotFound):
            return defaults.page_not_found(request, error)
        if isinstance(error, TooMany):
            return render(request, "429.html", error.data, status=429)
        return None


def _reader(request: HttpRequest) -> Reader | None:
    user = request.user
    if not user.is_authenticated or needs_second_factor(request):
        return None
    return reader_of(user)


def needs_second_factor(request: HttpRequest) -> bool:
    """Whether the password was right but a required second factor is still missing (R29)."""
    user: Any = request.user
    if not settings.TWO_FACTOR_REQUIRED or user.is_verified():
        return False
    return user.role in rights.SECOND_FACTOR or SECOND_FACTOR_KEY in request.session


def _speak(request: HttpRequest) -> None:
    """The reader's chosen language wins over cookie and browser."""
    language = getattr(request.user, "language", "")
    if language in dict(settings.LANGUAGES):
        translation.activate(language)
        request.LANGUAGE_CODE = language


def _refuse(reader: Reader, access: Access) -> None:
    if access.right is not None and not reader.has(access.right):
        raise PermissionDenied(access.right)


def _send_to(request: HttpRequest, address: str) -> HttpResponse:
    """To a page that signs in; HTMX would swap a redirect's page into a fragment."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    if request.method != "GET":
        return HttpResponseRedirect(address)
    return redirect_to_login(request.get_full_path(), address)
