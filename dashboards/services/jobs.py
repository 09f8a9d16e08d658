"""Running a day again at a person's wish."""

from django.db import transaction

from common.wakeup import wake
from pipeline.choices import JobKind, JobState
from pipeline.models import JobRun
from pipeline.selectors.runs import newer_attempt
from pipeline.services import days
from stores.access import Reader
from stores.choices import AuditAction
from stores.services import audit

RUN_CHUNK = "pipeline.tasks.run_chunk"


@transaction.atomic
def run_again(run: JobRun, reader: Reader) -> tuple[JobRun, bool]:
    """The run that repeats `run` for the reader's stores, and whether this call made it.

    A run in progress or a later attempt is returned instead: a double click makes one. Raises
    DomainError('earlier_day') when a later day has been computed.
    """
    # One at a time: without it the second click of two could follow a run that is over in no time.
    JobRun.objects.select_for_update().get(pk=run.pk)
    present = run if run.state == JobState.OPEN else newer_attempt(run, reader.store_ids)
    if present is not None:
        return present, False
    again = _start(run, reader)
    is_new = again.attempt > run.attempt and again.started_by_id == reader.staff.pk
    if is_new:
        audit.record(
            actor=reader.staff,
            action=AuditAction.JOB_RUN,
            thing="jobrun",
            thing_id=again.pk,
            detail={"kind": again.kind, "again": run.pk},
        )
    for chunk in again.chunks.all():
        wake(RUN_CHUNK, chunk.pk)
    return again, is_new


def _start(run: JobRun, reader: Reader) -> JobRun:
    ids = {store_id for chunk in run.chunks.all() for store_id in chunk.store_ids}
    own = [store for store in reader.stores if store.pk in ids]
    if run.kind == JobKind.DAY and len(own) < len(ids):
        # A run of several groups is repeated for the administrator's own.
        return days.start_day(stores=own, on=run.business_date, by=reader.staff)
    return days.run_again(run, reader.staff)
