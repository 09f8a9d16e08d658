"""Where each role's day begins."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from stores import access
from stores.access import ReaderRequest
from stores.choices import Role

HOMES = {
    Role.ADVISOR: "today",
    Role.SPECIALIST: "today",
    Role.MANAGER: "store",
    Role.GROUP_MANAGER: "store",
    Role.ADMIN: "settings",
}


@access.signed_in
@require_safe
def home(request: ReaderRequest) -> HttpResponse:
    """Sends everybody to the page of the role."""
    return HttpResponseRedirect(reverse(HOMES[request.reader.role]))
