"""The dead-man's switch (R7): what the jobs should have done by now, seen from outside Celery."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.models import Heartbeat
from customers.models import DirtyVehicle
from pipeline.choices import Beat, ChunkState, JobKind, JobState
from pipeline.models import JobChunk, JobRun, StoreDay
from stores.models import Store
from stores.scope import all_stores

LONGEST_WITHOUT_RUN = timedelta(hours=26)
LONGEST_WITHOUT_SWEEP = timedelta(seconds=120)
LONGEST_UNSETTLED = timedelta(minutes=10)


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `reason` is empty when it is as it should be."""

    name: str
    reason: str = ""

    @property
    def is_ok(self) -> bool:
        return not self.reason


def findings(now: datetime) -> list[Finding]:
    """Everything looked at, in the order in which one would look for the fault."""
    return [
        Finding("sweeper", _sweeper(now)),
        Finding("nightly_run", _nightly_run(now)),
        Finding("set_aside", _set_aside(now)),
        Finding("settling", _settling(now)),
    ]


def _sweeper(now: datetime) -> str:
    beat_at = Heartbeat.objects.filter(name=Beat.SWEEPER).values_list("beat_at", flat=True).first()
    if beat_at is None:
        return _("The sweeper has never come by. Do worker and beat run?")
    if now - beat_at <= LONGEST_WITHOUT_SWEEP:
        return ""
    return _("The sweeper last came by %(minutes)d minutes ago. Do worker and beat run?") % {
        "minutes": _minutes(now - beat_at)
    }


def _nightly_run(now: datetime) -> str:
    runs = JobRun.objects.filter(kind=JobKind.DAY, state=JobState.DONE)
    finished_at = runs.order_by("-finished_at").values_list("finished_at", flat=True).first()
    if finished_at is None:
        return _("No day has been computed yet.") if Store.objects.exists() else ""
    if now - finished_at <= LONGEST_WITHOUT_RUN:
        return ""
    return _("The last day's computation finished %(hours)d hours ago.") % {
        "hours": _minutes(now - finished_at) // 60
    }


def _set_aside(now: datetime) -> str:
    """Stores whose chunk was set aside since yesterday and whose day nobody has computed since."""
    chunks = JobChunk.objects.filter(
        run__kind=JobKind.DAY,
        run__started_at__gte=now - LONGEST_WITHOUT_RUN,
        state=ChunkState.QUARANTINED,
    )
    failed = {pk: chunk.as_of for chunk in chunks.order_by("as_of") for pk in chunk.store_ids}
    if not failed:
        return ""
    with all_stores():
        days = StoreDay.objects.filter(store__in=failed).values_list("store_id", "on")
        missing = failed.keys() - {store_id for store_id, on in days if on >= failed[store_id]}
    if not missing:
        return ""
    text = ngettext(
        "The day of %(count)d store failed three times and was set aside. See Jobs.",
        "The days of %(count)d stores failed three times and were set aside. See Jobs.",
        len(missing),
    )
    return text % {"count": len(missing)}


def _settling(now: datetime) -> str:
    marks = DirtyVehicle.objects.order_by("id")
    marked_at = marks.values_list("marked_at", flat=True).first()
    if marked_at is None or now - marked_at <= LONGEST_UNSETTLED:
        return ""
    return _("Changed vehicles have waited %(minutes)d minutes for their new state.") % {
        "minutes": _minutes(now - marked_at)
    }


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)
