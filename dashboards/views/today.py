"""The advisor's day: one's own call list, the opened card, and what changed on the list."""

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.views.decorators.http import require_POST, require_safe

from alerts.services import looks
from dashboards.selectors import days
from dashboards.selectors.calls import queue_of
from dashboards.selectors.calls.news import news_of
from dashboards.selectors.calls.pane import found_for, pane_of
from dashboards.selectors.calls.words import key_titles
from dashboards.selectors.calls.worked import worked_of
from stores import access
from stores.access import ReaderRequest
from stores.rights import Right


@access.needs(Right.CALL_LIST)
@require_safe
def today(request: ReaderRequest) -> HttpResponse:
    """The list; where the screen is wide enough a script opens the first card beside it."""
    if not request.reader.stores:
        return render(request, "dashboards/no_store.html")
    return page(request, days.latest(request.reader.stores), {})


@access.needs(Right.CALL_LIST)
@require_safe
def card(request: ReaderRequest, customer_id: int) -> HttpResponse:
    """One customer of one's own list: beside the list, alone on a phone, a fragment for HTMX."""
    store_days = days.latest(request.reader.stores)
    facts = card_facts(request, customer_id, store_days, slots_on=_day(request.GET.get("on")))
    if facts is None and request.htmx:
        # The list in the browser is older than what was done since.
        return render(request, "dashboards/today/left.html", status=404)
    if facts is None:
        raise Http404
    if request.htmx:
        return render(request, "dashboards/today/opened.html", facts)
    return page(request, store_days, facts)


@access.needs(Right.CALL_LIST)
@require_safe
def card_slots(request: ReaderRequest, customer_id: int) -> HttpResponse:
    """The free times of one day, in the opened card."""
    on = _day(request.GET.get("on")) or timezone.localdate()
    store_days = days.latest(request.reader.stores)
    facts = card_facts(request, customer_id, store_days, slots_on=on)
    if facts is None or "pane" not in facts:
        raise Http404
    if not request.htmx:
        return redirect(f"{reverse('card', args=[customer_id])}?on={on}#slots")
    return render(request, "dashboards/today/slots.html", {"pane": facts["pane"]})


@access.unattended
@access.needs(Right.CALL_LIST)
@require_safe
def changes(request: ReaderRequest) -> HttpResponse:
    """What others changed on the list since it was last looked at; asked for every minute."""
    news = news_of(request.reader, days.latest(request.reader.stores), timezone.now())
    return render(request, "dashboards/today/news.html", {"news": news})


@access.needs(Right.CALL_LIST)
@require_POST
def changes_seen(request: ReaderRequest) -> HttpResponse:
    """Got it: what changed until the strip was made is no news any more."""
    now = timezone.now()
    made_at = parse_datetime(request.POST.get("made_at", "")) or now
    looks.look(request.reader.staff, min(made_at, now) if made_at.tzinfo else now)
    if not request.htmx:
        return redirect("today")
    return render(request, "dashboards/today/news.html", {"news": None})


def card_facts(
    request: ReaderRequest,
    customer_id: int,
    store_days: dict[int, days.Day],
    *,
    slots_on: date | None = None,
) -> dict[str, Any] | None:
    """The card on the reader's list as `pane`, one worked today as `worked`, else None."""
    now = timezone.now()
    found = found_for(request.reader, customer_id, store_days)
    if found:
        day = store_days[found.customer.store_id]
        return {"pane": pane_of(found, request.reader, day, now, is_chosen=True, slots_on=slots_on)}
    worked = worked_of(customer_id, request.reader, store_days, now)
    return {"worked": worked} if worked else None


def page(
    request: ReaderRequest,
    store_days: dict[int, days.Day],
    facts: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    """The list with `facts` of the opened card; with `done` in the address what was just done."""
    reader, now = request.reader, timezone.now()
    queue = queue_of(reader, store_days, now)
    # A list that costs more is shown first and asks for its news then.
    is_later = queue.is_of_lost or bool(queue.more_later)
    news = None if is_later else news_of(reader, store_days, now)
    done = [one for one in queue.done if str(one.outcome.pk) == request.GET.get("done")]
    facts = {
        "queue": queue,
        "news": news,
        "is_news_later": is_later,
        "keys": key_titles(),
        "toast": next(iter(done), None),
        **facts,
    }
    return render(request, "dashboards/today/today.html", facts, status=status)


def _day(text: str | None) -> date | None:
    try:
        return parse_date(text or "")
    except ValueError:
        return None
