"""Today's list to take along: a workbook, a page to print. Both are written down (R35, R40)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from common.spreadsheets import XLSX, workbook
from dashboards.selectors import days, exports
from stores import access
from stores.access import ReaderRequest
from stores.choices import AuditAction
from stores.rights import Right
from stores.services import audit


@access.needs(Right.CALL_LIST)
@require_safe
def today_export(request: ReaderRequest) -> HttpResponse:
    """The reader's own list of the day as .xlsx, phones masked."""
    if not request.reader.stores:
        return render(request, "dashboards/no_store.html")
    sheet = _sheet(request, "call list as a workbook", is_whole=True)
    content = workbook(gettext("Today's calls"), exports.widths(), exports.table(sheet))
    response = HttpResponse(content, content_type=XLSX)
    name = f"huitou-{sheet.day.as_of:%Y-%m-%d}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@access.needs(Right.CALL_LIST)
@require_safe
def today_print(request: ReaderRequest) -> HttpResponse:
    """What fits today on A4 paper, with room to write."""
    if not request.reader.stores:
        return render(request, "dashboards/no_store.html")
    sheet = _sheet(request, "call list to print", is_whole=False)
    return render(request, "dashboards/today/print.html", {"sheet": sheet})


def _sheet(request: ReaderRequest, what: str, *, is_whole: bool) -> exports.Sheet:
    store_days = days.latest(request.reader.stores)
    sheet = exports.sheet_of(request.reader, store_days, timezone.now(), is_whole=is_whole)
    audit.record(
        actor=request.reader.staff,
        action=AuditAction.EXPORTED,
        store=sheet.day.store,
        detail={"what": what, "rows": sheet.count},
    )
    return sheet
