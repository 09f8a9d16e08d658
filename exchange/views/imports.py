"""The import pages: uploading, following, rejected rows, file templates, the fix list."""

import csv
import io

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from customers.choices import FindingKind
from exchange.choices import FileKind
from exchange.forms import UploadForm
from exchange.importing import rejected_rows_csv
from exchange.selectors import findings as fix_list
from exchange.selectors import formats
from exchange.selectors import imports as selectors
from exchange.services import uploads
from stores import access
from stores.access import ReaderRequest
from stores.choices import AuditAction
from stores.rights import Right
from stores.services import audit

IMPORTS_A_PAGE = 20
ROWS_A_PAGE = 100
# A spreadsheet takes UTF-8 for its own encoding without this mark.
BOM = "\ufeff"


@access.needs(Right.IMPORT)
@require_safe
def imports(request: ReaderRequest) -> HttpResponse:
    """The upload form and the group's imports; asked again by the page while one goes on."""
    if request.htmx:
        return render(request, "exchange/imports_table.html", _list(request))
    return _page(request, UploadForm())


@access.needs(Right.IMPORT)
@require_POST
def imports_upload(request: ReaderRequest) -> HttpResponse:
    """Keeps the good files and says why another was not taken."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form)
    received = uploads.receive(form.uploads, form.cleaned_data["submission"], request.reader)
    for sentence in form.refused:
        messages.error(request, sentence)
    if received:
        n = len(received)
        text = ngettext("%(n)d file is being imported.", "%(n)d files are being imported.", n)
        messages.success(request, text % {"n": n})
    else:
        messages.info(request, gettext("These files were received already."))
    return redirect("imports")


@access.needs(Right.IMPORT)
@require_safe
def import_file(request: ReaderRequest, pk: int) -> HttpResponse:
    """One import: progress, counts, rejected rows."""
    record = get_object_or_404(selectors.imports(request.reader), pk=pk)
    rows = selectors.rejections(record)
    context = {
        "record": record,
        "is_live": selectors.is_live(record),
        "duration": selectors.duration(record),
        "warnings": formats.warning_lines(record.warnings),
        "page": Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page")),
    }
    template = "exchange/import_body.html" if request.htmx else "exchange/import.html"
    return render(request, template, context)


@access.needs(Right.IMPORT)
@require_safe
def import_rejected(request: ReaderRequest, pk: int) -> StreamingHttpResponse:
    """The rejected rows as they came, with a `reason` column, to be corrected and sent again."""
    record = get_object_or_404(selectors.imports(request.reader), pk=pk, rejected__gt=0)
    audit.record(
        actor=request.reader.staff,
        action=AuditAction.EXPORTED,
        thing="importfile",
        thing_id=record.pk,
        detail={"what": "rejected rows", "rows": record.rejected},
    )
    response = StreamingHttpResponse(
        rejected_rows_csv(record), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{record.kind}-rejected-{pk}.csv"'
    return response


@access.needs(Right.IMPORT)
@require_safe
def import_template(request: ReaderRequest, kind: str) -> HttpResponse:
    """An empty file with the headings of a kind."""
    if kind not in FileKind.values:
        raise Http404
    line = io.StringIO()
    csv.writer(line).writerow([column.heading for column in formats.columns_of(FileKind(kind))])
    response = HttpResponse(BOM + line.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{kind}.csv"'
    return response


@access.needs(Right.IMPORT)
@require_safe
def import_findings(request: ReaderRequest) -> HttpResponse:
    """Rows that were accepted with a warning, by kind and store."""
    kind, code = request.GET.get("kind", ""), request.GET.get("store", "")
    store = next((one for one in request.reader.stores if one.code == code), None)
    if (kind and kind not in FindingKind.values) or (code and store is None):
        raise Http404
    page = Paginator(fix_list.open_findings(kind, store), ROWS_A_PAGE).get_page(
        request.GET.get("page")
    )
    chosen = {name: value for name, value in (("kind", kind), ("store", code)) if value}
    context = {
        "page": page,
        "lines": fix_list.lines(page.object_list),
        "counts": fix_list.counts(store),
        "kind": kind,
        "store": store,
        "stores": request.reader.stores,
        "query": f"{urlencode(chosen)}&" if chosen else "",
    }
    template = "exchange/findings_table.html" if request.htmx else "exchange/findings.html"
    return render(request, template, context)


def _list(request: ReaderRequest) -> dict[str, object]:
    found = Paginator(selectors.imports(request.reader), IMPORTS_A_PAGE)
    page = found.get_page(request.GET.get("page"))
    return {"page": page, "is_live": any(map(selectors.is_live, page))}


def _page(request: ReaderRequest, form: UploadForm) -> HttpResponse:
    context = {**_list(request), "form": form, "formats": formats.formats()}
    return render(request, "exchange/imports.html", context)
