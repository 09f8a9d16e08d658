"""The jobs pages: runs, one run with its chunks, running again, what comes next."""

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from common.exceptions import DomainError
from common.models import Heartbeat
from dashboards.selectors import job_schedule
from dashboards.selectors.mails import unsent
from dashboards.services import jobs as services
from pipeline.choices import Beat
from pipeline.selectors import health, runs
from stores import access
from stores.access import ReaderRequest
from stores.rights import Right

RUNS_A_PAGE = 20
# Of the reports of so many days.
MAILS_SHOWN = timedelta(days=35)


@access.needs(Right.JOBS)
@require_safe
def jobs(request: ReaderRequest) -> HttpResponse:
    """Runs newest first; asked again by the page itself while one is running."""
    stores = request.reader.stores
    page = Paginator(runs.of_stores(stores), RUNS_A_PAGE).get_page(request.GET.get("page"))
    found = [runs.shaped(run, stores) for run in page]
    context = {"page": page, "runs": found, "is_live": any(run.is_open for run in found)}
    if request.htmx:
        return render(request, "dashboards/jobs/runs.html", context)
    now = timezone.now()
    ages = {row.name: now - row.beat_at for row in Heartbeat.objects.all()}
    context |= {
        "next_runs": job_schedule.next_runs(stores, now),
        "findings": [finding for finding in health.findings(now) if not finding.is_ok],
        "mails": unsent(request.reader.store_ids, now.date() - MAILS_SHOWN),
        "beats": [(beat.label, ages.get(beat.value)) for beat in Beat],
    }
    return render(request, "dashboards/jobs/list.html", context)


@access.needs(Right.JOBS)
@require_safe
def job(request: ReaderRequest, pk: int) -> HttpResponse:
    """One run with its chunks, as far as they concern the reader's stores."""
    stores = request.reader.stores
    row = get_object_or_404(runs.of_stores(stores), pk=pk)
    run = runs.shaped(row, stores)
    newer = runs.newer_attempt(row, request.reader.store_ids)
    may_run = request.reader.has(Right.RUN_JOBS) and not run.is_open and newer is None
    context = {"run": run, "newer": newer, "may_run": may_run}
    template = "dashboards/jobs/run.html" if request.htmx else "dashboards/jobs/detail.html"
    return render(request, template, context)


@access.needs(Right.RUN_JOBS)
@require_POST
def job_again(request: ReaderRequest, pk: int) -> HttpResponse:
    """Repeats a run; the second click of two finds the first one's run."""
    row = get_object_or_404(runs.of_stores(request.reader.stores), pk=pk)
    try:
        again, is_new = services.run_again(row, request.reader)
    except DomainError as error:
        if error.code != "earlier_day":
            raise
        text = gettext("A later day has been computed since; that day cannot be run again.")
        messages.error(request, text)
        return redirect("job", pk)
    if is_new:
        messages.success(request, gettext("Started. This page follows it by itself."))
    else:
        messages.info(request, gettext("It was run again already: this is that run."))
    return redirect("job", again.pk)
