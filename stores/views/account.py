"""Everybody's own account: password, language, sessions."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from stores import access, rights
from stores.access import ReaderRequest
from stores.choices import Role
from stores.forms import ChangePasswordForm, LanguageForm
from stores.middleware import SECOND_FACTOR_KEY
from stores.models import Staff
from stores.selectors import recovery_codes_left, second_factor
from stores.services import staff as service
from stores.services import two_factor
from stores.views.sign_in import next_page


@access.signed_in
@sensitive_post_parameters("present", "password", "again")
@require_http_methods(["GET", "POST"])
def account(request: ReaderRequest) -> HttpResponse:
    """The account; posting changes the password and signs every other device out."""
    staff = request.reader.staff
    form = ChangePasswordForm(request, staff, request.POST or None)
    if request.method == "POST" and form.is_valid():
        _keep_session(request, service.set_password(staff=staff, password=_chosen(form)))
        messages.success(request, _("Password changed. Other devices were signed out."))
        return redirect("account")
    facts = {"form": form, "is_manager": staff.role == Role.MANAGER, **_factor(staff)}
    return render(request, "stores/account.html", facts)


@access.signed_in
@require_POST
def weekly_mail(request: ReaderRequest) -> HttpResponse:
    """Switches one's own weekly report by e-mail on or off."""
    is_wanted = request.POST.get("wanted") == "1"
    service.set_weekly_mail(staff=request.reader.staff, is_wanted=is_wanted)
    text = _("The weekly report comes by e-mail.") if is_wanted else _("No more weekly mails.")
    messages.success(request, text)
    return redirect("account")


@access.signed_in
@require_POST
def end_sessions(request: ReaderRequest) -> HttpResponse:
    """Signs every device but this one out."""
    staff = request.reader.staff
    service.end_sessions(by=staff, staff=staff)
    staff.refresh_from_db(fields=["session_epoch"])
    _keep_session(request, staff)
    messages.success(request, _("Other devices were signed out."))
    return redirect("account")


@access.signed_in
@require_POST
def drop_two_factor(request: ReaderRequest) -> HttpResponse:
    """Removes one's own second factor, where the role is not obliged to have one."""
    staff = request.reader.staff
    if staff.role not in rights.SECOND_FACTOR:
        two_factor.remove(staff=staff, by=staff)
        request.session.pop(SECOND_FACTOR_KEY, None)
        _keep_session(request, staff)
        messages.success(request, _("The second factor is removed."))
    return redirect("account")


@access.public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Another language, kept in a cookie and, for somebody signed in, with the account."""
    response = HttpResponseRedirect(next_page(request))
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return response
    chosen = form.cleaned_data["language"]
    if isinstance(request.user, Staff):
        service.set_language(staff=request.user, language=chosen)
    translation.activate(chosen)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=365 * 24 * 3600,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response


def _chosen(form: ChangePasswordForm) -> str:
    password: str = form.cleaned_data["password"]
    return password


def _keep_session(request: HttpRequest, staff: Staff) -> None:
    """The other sessions end by the new hash; this one goes on under a new key."""
    update_session_auth_hash(request, staff)


def _factor(staff: Staff) -> dict[str, object]:
    if not settings.TWO_FACTOR_REQUIRED:
        return {"is_factor_off": True}
    return {
        "has_factor": second_factor(staff) is not None,
        "codes_left": recovery_codes_left(staff),
        "is_obliged": staff.role in rights.SECOND_FACTOR,
    }
