"""Signing in and out, and the page of somebody who tried too often."""

import datetime
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from stores import access
from stores.choices import AuditAction
from stores.forms import SignInForm
from stores.middleware import SECOND_FACTOR_KEY
from stores.models import Staff
from stores.selectors import second_factor
from stores.services import staff as staff_service


@access.public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Asks for user name and password; goes on to the page that was asked for."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(next_page(request))
    form = SignInForm(request, request.POST or None)
    if request.method == "POST":
        if form.is_valid() and form.staff is not None:
            start(request, form.staff)
            return HttpResponseRedirect(next_page(request))
        _note_failure(request, form)
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, "stores/login.html", context)


def start(request: HttpRequest, staff: Staff) -> None:
    """A new session under a new key, which ends at a fixed moment, used or not (R28)."""
    auth.login(request, staff, backend="django.contrib.auth.backends.ModelBackend")
    ends_at = timezone.now() + datetime.timedelta(seconds=settings.SESSION_COOKIE_AGE)
    request.session.set_expiry(ends_at)
    if settings.TWO_FACTOR_REQUIRED and second_factor(staff) is not None:
        request.session[SECOND_FACTOR_KEY] = True
    staff_service.record_sign(staff=staff, action=AuditAction.LOGIN)


@access.first_factor
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Ends this session; other devices stay signed in."""
    staff = request.user
    if isinstance(staff, Staff):
        staff_service.record_sign(staff=staff, action=AuditAction.LOGOUT)
    auth.logout(request)
    return redirect("login")


def next_page(request: HttpRequest) -> str:
    """The page asked for before signing in, when it is one of ours; else the role's home."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def locked(request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
    """What django-axes answers instead of the form after too many failures, for any user name."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    return render(request, "stores/locked.html", {"minutes": minutes}, status=429)


def _note_failure(request: HttpRequest, form: SignInForm) -> None:
    """In the log of the account concerned; what comes during a lock-out is not counted again."""
    if getattr(request, "axes_locked_out", False):
        return
    name = str(form.data.get("username", ""))[:80].strip()
    staff = Staff.objects.filter(username__iexact=name).first() if "\0" not in name else None
    if staff is not None:
        staff_service.record_sign(staff=staff, action=AuditAction.LOGIN_FAILED)
