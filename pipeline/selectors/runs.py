"""Runs and chunks for the jobs pages, as far as the reader's stores go."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from pipeline.choices import ChunkState, JobKind, JobState
from pipeline.models import JobChunk, JobRun
from stores.models import Store


@dataclass(frozen=True)
class Chunk:
    """A chunk that has stores of the reader; `hidden` says how many others it also has.

    `counts` is empty when it has others: they are kept for the chunk as a whole.
    """

    number: int
    as_of: date
    state: ChunkState
    attempt: int
    stores: list[str]
    hidden: int
    lease_until: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    counts: Counter[str]
    error: str

    @property
    def duration(self) -> timedelta | None:
        if self.started_at is None or self.finished_at is None:
            return None
        return self.finished_at - self.started_at


@dataclass(frozen=True)
class Run:
    """A run with the chunks the reader may know of."""

    id: int
    kind: JobKind
    business_date: date
    attempt: int
    started_at: datetime
    ended_at: datetime | None
    started_by: str
    chunks: list[Chunk]

    @property
    def state(self) -> JobState:
        """That of the chunks the reader knows of: another store's failure is not this one's."""
        states = {chunk.state for chunk in self.chunks}
        if states & {ChunkState.WAITING, ChunkState.CLAIMED}:
            return JobState.OPEN
        return JobState.FAILED if ChunkState.QUARANTINED in states else JobState.DONE

    @property
    def finished_at(self) -> datetime | None:
        """When the run ended, or the last of the known chunks while others go on."""
        if self.is_open:
            return None
        ends = [chunk.finished_at for chunk in self.chunks if chunk.finished_at]
        return self.ended_at or max(ends, default=None)

    @property
    def is_open(self) -> bool:
        return self.state == JobState.OPEN

    @property
    def duration(self) -> timedelta | None:
        return self.finished_at - self.started_at if self.finished_at else None

    @property
    def done(self) -> int:
        return sum(chunk.state == ChunkState.DONE for chunk in self.chunks)

    @property
    def failed(self) -> int:
        return sum(chunk.state == ChunkState.QUARANTINED for chunk in self.chunks)

    @property
    def counts(self) -> Counter[str]:
        """Sums of the chunks whose counts the reader may see."""
        return sum((chunk.counts for chunk in self.chunks), Counter())

    @property
    def is_partial(self) -> bool:
        """Whether some figures are not in `counts` because they concern other stores too."""
        return any(chunk.hidden for chunk in self.chunks)

    @property
    def adds_up(self) -> bool:
        """Vehicles read = states written + unchanged."""
        counts = self.counts
        return counts["vehicles"] == counts["states_written"] + counts["states_unchanged"]

    @property
    def errors(self) -> list[str]:
        return [chunk.error for chunk in self.chunks if chunk.error]


def of_stores(stores: Iterable[Store]) -> QuerySet[JobRun]:
    """Runs that concern one of the stores, newest first, with just those chunks."""
    ids = [store.pk for store in stores]
    chunks = JobChunk.objects.filter(store_ids__overlap=ids).order_by("number")
    return (
        JobRun.objects.filter(Exists(chunks.filter(run=OuterRef("pk")).order_by()))
        .select_related("started_by")
        .prefetch_related(Prefetch("chunks", queryset=chunks, to_attr="seen"))
        .order_by("-started_at", "-pk")
    )


def shaped(run: JobRun, stores: Sequence[Store]) -> Run:
    """A row of `of_stores` for the page."""
    names = {store.pk: store.name for store in stores}
    people = {store.group_id for store in stores}
    by = run.started_by
    return Run(
        id=run.pk,
        kind=JobKind(run.kind),
        business_date=run.business_date,
        attempt=run.attempt,
        started_at=run.started_at,
        ended_at=run.finished_at,
        started_by=by.name if by and by.group_id in people else "",
        chunks=[_chunk(chunk, names) for chunk in run.seen],  # type: ignore[attr-defined]
    )


def _chunk(row: JobChunk, names: dict[int, str]) -> Chunk:
    seen = [names[store_id] for store_id in row.store_ids if store_id in names]
    hidden = len(row.store_ids) - len(seen)
    return Chunk(
        number=row.number + 1,
        as_of=row.as_of,
        state=ChunkState(row.state),
        attempt=row.attempt,
        stores=seen,
        hidden=hidden,
        lease_until=row.lease_until,
        started_at=row.claimed_at,
        finished_at=row.finished_at,
        counts=Counter() if hidden else Counter(row.counts),
        error=row.error,
    )


def newer_attempt(run: JobRun, store_ids: frozenset[int]) -> JobRun | None:
    """A later run of the same day that covers what of `run` lies in these stores."""
    wanted = {pk for chunk in run.chunks.all() for pk in chunk.store_ids} & store_ids
    later = JobRun.objects.filter(
        kind=run.kind, business_date=run.business_date, attempt__gt=run.attempt
    )
    for other in later.order_by("-attempt").prefetch_related("chunks"):
        if wanted <= {pk for chunk in other.chunks.all() for pk in chunk.store_ids}:
            return other
    return None
