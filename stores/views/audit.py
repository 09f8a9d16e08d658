"""The audit log of the reader's stores."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stores import access, selectors
from stores.access import ReaderRequest
from stores.forms import AuditFilter
from stores.rights import Right
from stores.views.people import query_of

PAGE = 50


@access.needs(Right.AUDIT)
@require_safe
def audit(request: ReaderRequest) -> HttpResponse:
    """Who did what, newest first."""
    form = AuditFilter(request.reader, request.GET or None)
    given = form.cleaned_data if form.is_valid() else {}
    found = selectors.audit_entries(request.reader, **given)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "query": query_of(request)}
    abouts = selectors.abouts(page, request.reader)
    context["lines"] = [(entry, abouts[entry.pk]) for entry in page]
    template = "audit_table" if request.headers.get("HX-Request") else "audit"
    return render(request, f"stores/{template}.html", context)
