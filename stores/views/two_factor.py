"""The second factor: asking for a code, setting a device up, its picture (R29)."""

import io

import django_otp
import qrcode
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_otp.models import Device

from stores import access, rights
from stores.forms import CodeForm
from stores.middleware import SECOND_FACTOR_KEY
from stores.models import Staff
from stores.selectors import pending_device, second_factor
from stores.services import two_factor as service
from stores.views.sign_in import next_page


@access.first_factor
@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Asks for a code; somebody without a device goes on to set one up."""
    staff = _staff(request)
    if request.user.is_verified():  # type: ignore[union-attr]
        return HttpResponseRedirect(next_page(request))
    if second_factor(staff) is None:
        return redirect("two_factor_setup")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        device = service.verify(staff=staff, code=form.cleaned_data["code"])
        if device is not None:
            _sign_in(request, device)
            return HttpResponseRedirect(next_page(request))
        form.add_error("code", _("This code does not fit. Wait for the next one and try again."))
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, "stores/two_factor.html", context)


@access.first_factor
@never_cache
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Makes a secret, shows it, and takes it into use with its first code."""
    staff = _staff(request)
    if second_factor(staff) is not None and not request.user.is_verified():  # type: ignore[union-attr]
        # A password alone must not replace the device.
        return redirect("two_factor")
    if request.method == "POST" and "code" not in request.POST:
        service.begin(staff=staff)
        return redirect("two_factor_setup")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = service.confirm(staff=staff, code=form.cleaned_data["code"])
        if done is not None:
            return _recovery_codes(request, *done)
        form.add_error("code", _("This code does not fit. Wait for the next one and try again."))
    context = {
        "form": form,
        "secret": _secret(staff),
        "is_obliged": staff.role in rights.SECOND_FACTOR,
    }
    return render(request, "stores/two_factor_setup.html", context)


@access.first_factor
@never_cache
@require_safe
def picture(request: HttpRequest) -> HttpResponse:
    """The waiting secret as a QR code; there is none once it is in use."""
    device = pending_device(_staff(request))
    if device is None:
        raise Http404
    response = HttpResponse(svg(device.config_url), content_type="image/svg+xml")
    response["Cache-Control"] = "no-store"
    return response


def svg(text: str) -> bytes:
    """A QR code as one path of squares, without styles."""
    code = qrcode.QRCode(border=2)
    code.add_data(text)
    rows = code.get_matrix()
    size = len(rows)
    squares = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )
    picture = io.BytesIO()
    picture.write(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" '
        f'shape-rendering="crispEdges"><rect width="{size}" height="{size}" fill="#fff"/>'
        f'<path d="{squares}" fill="#000"/></svg>'.encode()
    )
    return picture.getvalue()


def _staff(request: HttpRequest) -> Staff:
    """The person behind the password; there is nothing to see where the factor is switched off."""
    if not settings.TWO_FACTOR_REQUIRED:
        raise Http404
    staff: Staff = request.user  # type: ignore[assignment]
    return staff


def _sign_in(request: HttpRequest, device: Device) -> None:
    request.session.cycle_key()
    request.session[SECOND_FACTOR_KEY] = True
    django_otp.login(request, device)


def _recovery_codes(request: HttpRequest, device: Device, codes: list[str]) -> HttpResponse:
    update_session_auth_hash(request, _staff(request))
    _sign_in(request, device)
    messages.success(request, _("The second factor is set up."))
    return render(request, "stores/recovery_codes.html", {"codes": codes})


def _secret(staff: Staff) -> str:
    """The waiting secret in groups of four, for typing; empty when none waits."""
    device = pending_device(staff)
    if device is None:
        return ""
    query = device.config_url.split("secret=")[1].split("&")[0]
    return " ".join(query[start : start + 4] for start in range(0, len(query), 4))
