"""Pages behind a one-time link: the token leaves the address at once, then a password is set."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from stores import access
from stores.choices import LinkPurpose
from stores.forms import NewPasswordForm
from stores.models import AccessLink
from stores.services import links

SESSION_KEY = "one_time_link"


@access.public
@never_cache
@require_safe
def open_link(request: HttpRequest, token: str, purpose: LinkPurpose) -> HttpResponse:
    """Keeps the digest in the session and shows a clean address; looking uses nothing up."""
    digest = links.look_up(token=token, purpose=purpose, address=access.client_ip(request))
    request.session[SESSION_KEY] = [digest.hex(), str(purpose)]
    response = redirect("set_password")
    response["Referrer-Policy"] = "no-referrer"
    return _no_store(response)


@access.public
@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def set_password(request: HttpRequest) -> HttpResponse:
    """The form; the link is used up when a password was accepted."""
    link = _link_of(request)
    form = NewPasswordForm(link.staff, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given: dict[str, Any] = form.cleaned_data
        links.spend(link=link, password=given["password"], username=given.get("username", ""))
        del request.session[SESSION_KEY]
        messages.success(request, _("Your password is set. Sign in with it now."))
        return redirect("login")
    # The form's page keeps the site's own referrer policy: without an origin a POST is refused.
    page = render(request, "stores/set_password.html", {"form": form, "person": link.staff})
    return _no_store(page)


def _link_of(request: HttpRequest) -> AccessLink:
    digest, purpose = request.session.get(SESSION_KEY) or ("", "")
    return links.find(digest=bytes.fromhex(digest), purpose=purpose)


def _no_store(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
