"""The nights of one database, each beside its floors."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median

from django.db import connection

from bench import database, day, floors
from bench.clock import Lap, middle, run
from lifecycle.models import VehicleRollup
from lifecycle.services.compute import rollup_sql
from lifecycle.services.scope import Scope
from pipeline.choices import JobKind, JobState
from pipeline.models import JobRun
from pipeline.policies import KINDS
from pipeline.services.boards import chunks, count_boards
from pipeline.services.days import STORES_A_CHUNK
from stores.models import Store
from stores.scope import all_stores
from stores.services.policies import pin


@dataclass
class Nights:
    """What was measured on one database."""

    vehicles: int
    days: list[day.Day] = field(default_factory=list)
    floors: list[Lap] = field(default_factory=list)
    rebuilt: list[Lap] = field(default_factory=list)
    scans: list[Lap] = field(default_factory=list)
    differing: int = 0
    again: day.Day | None = None

    def step(self, name: str) -> list[Lap]:
        return [one.steps[name] for one in self.days]

    @property
    def night(self) -> float:
        return middle(self.step("states")).seconds

    @property
    def whole(self) -> float:
        return median(one.whole.seconds for one in self.days)


def say(what: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} … {what}", flush=True)


@contextmanager
def prepared(vehicles: int) -> Iterator[None]:
    """Connects to a copy of this size's database with its first day computed and counted.

    So each run begins with the same day, and nobody's list is full of what nobody did for weeks.
    """
    database.open_database(vehicles, then=_first_day)
    # One that was made before a board was there counts it now.
    if chunks():
        _count()
    with database.copied():
        # What the first day asked for besides is no part of a night.
        JobRun.objects.filter(kind=JobKind.HISTORY).update(state=JobState.DONE)
        yield


def _first_day() -> str:
    say("the first day")
    seconds = day.run_day(day.following()).whole.seconds
    _count()
    return f"{seconds:.1f}"


def _count() -> None:
    say("its boards")
    count_boards()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def compute(vehicles: int, pairs: int) -> Nights:
    """The next `pairs` days, each beside its floors, then the rollups from all history."""
    found = Nights(vehicles)
    day.run_day(day.following())  # caches are warm then
    for number in range(pairs):
        found.floors.append(floors.states())
        found.days.append(day.run_day(day.following()))
        say(f"day {number + 1} of {pairs}: {found.days[-1].whole.seconds:.1f} s")
    on = day.last()
    assert on
    found.again = day.run_day(on)
    for number in range(pairs):
        found.scans.append(floors.facts())
        found.rebuilt.append(_rebuilt())
        say(f"rebuilding {number + 1} of {pairs}: {found.rebuilt[-1].seconds:.1f} s")
    found.differing = _differing()
    return found


def _rebuilt() -> Lap:
    """All rollups from all history into the table bench_rollup, ten stores at a time."""
    total = Lap()
    on = day.last()
    assert on
    with all_stores():
        stores = list(Store.objects.order_by("id"))
        sets = pin(stores, KINDS)
    names = ", ".join(["vehicle_id", *_rollup_columns()])
    run("DROP TABLE IF EXISTS bench_rollup")
    run("CREATE TABLE bench_rollup (LIKE lifecycle_vehiclerollup)")
    for start in range(0, len(sets), STORES_A_CHUNK):
        scope = Scope(on, sets[start : start + STORES_A_CHUNK])
        total += run(
            f"INSERT INTO bench_rollup ({names}) SELECT {names} FROM ({rollup_sql(scope)}) r",  # noqa: S608
            scope.params(),
        )
    return total


def _differing() -> int:
    """How many of the rebuilt rows are not those that were maintained."""
    names = ", ".join(["vehicle_id", *(n for n in _rollup_columns() if n != "computed_on")])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(*) FROM (
                    (SELECT {names} FROM bench_rollup EXCEPT
                     SELECT {names} FROM lifecycle_vehiclerollup)
                    UNION ALL
                    (SELECT {names} FROM lifecycle_vehiclerollup EXCEPT
                     SELECT {names} FROM bench_rollup)) d"""  # noqa: S608
        )
        differing: int = cursor.fetchone()[0]
        cursor.execute("DROP TABLE bench_rollup")
    return differing


def _rollup_columns() -> list[str]:
    return [f.column for f in VehicleRollup._meta.concrete_fields if f.column != "vehicle_id"]
