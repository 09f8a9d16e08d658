"""Runs the measurements in order and puts them beside what DESIGN §9 asks to hold."""

import time
from dataclasses import dataclass, field
from statistics import median

from django.db import connection

from bench import database, day, floors, imports, outcomes, pages, rivals, single
from bench.clock import Lap, middle, ratio
from bench.line import Line
from lifecycle.services.compute import rollup_sql
from lifecycle.services.scope import Scope
from pipeline.policies import KINDS
from pipeline.services.days import STORES_A_CHUNK
from stores.models import Store
from stores.scope import all_stores
from stores.services.policies import pin


@dataclass
class Nights:
    """What was measured on one database."""

    vehicles: int
    first: day.Day | None = None
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


@dataclass
class Found:
    """Everything for the report."""

    vehicles: int
    pairs: int
    lines: list[Line] = field(default_factory=list)
    steps: list[tuple[str, Lap]] = field(default_factory=list)
    seconds: float = 0.0


def measure(vehicles: int, pairs: int) -> Found:
    began = time.perf_counter()
    found = Found(vehicles, pairs)
    times = 10 if vehicles >= 1_000_000 else 5
    say(f"{vehicles // times:,} vehicles, for the growth")
    small = nights(vehicles // times, pairs)
    say(f"{vehicles:,} vehicles")
    large = nights(vehicles, pairs)
    found.steps = [(name, middle(large.step(name))) for name in large.days[0].steps]
    found.lines += _night_lines(large) + _rollup_lines(large)
    say("a day in two processes")
    found.lines += _day_lines(large)
    found.lines += _growth_lines(small, large, times)
    say("loops over objects")
    found.lines += _rival_lines(large, pairs)
    say("one vehicle")
    found.lines += _single_lines(min(single.CALLS, vehicles // 4))
    say("pages")
    found.lines += pages.lines(max(5, pairs)) + outcomes.lines(max(5, pairs))
    say("import")
    cars = min(20_000, max(500, vehicles // 5))
    found.lines += _import_lines(cars, min(vehicles, 200_000), min(pairs, 5))
    found.seconds = time.perf_counter() - began
    return found


def measure_pages(vehicles: int, pairs: int) -> Found:
    """The pages alone, on the last computed day; the first is computed when there is none."""
    database.open_database(vehicles)
    if day.last() is None:
        day.run_day(day.following())
        _tidy()
    lines = pages.lines(max(5, pairs)) + outcomes.lines(max(5, pairs))
    return Found(vehicles, pairs, lines)


def say(what: str) -> None:
    print(f"… {what}", flush=True)


def nights(vehicles: int, pairs: int) -> Nights:
    """Computes `pairs` days, each beside its floors; the first one too when there was none."""
    database.open_database(vehicles)
    found = Nights(vehicles)
    if day.last() is None:
        say("the first day")
        found.first = day.run_day(day.following())
        _tidy()
    day.run_day(day.following())  # caches are warm, what was left from before is settled
    for _ in range(pairs):
        found.floors.append(floors.states())
        found.days.append(day.run_day(day.following()))
    on = day.last()
    assert on
    found.again = day.run_day(on)
    for _ in range(pairs):
        found.scans.append(floors.facts())
        lap, found.differing = _rebuilt()
        found.rebuilt.append(lap)
    return found


def _tidy() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _rebuilt() -> tuple[Lap, int]:
    """All rollups from all history into a new table, ten stores at a time; how many differ."""
    total = Lap()
    on = day.last()
    assert on
    with all_stores():
        stores = list(Store.objects.order_by("id"))
        sets = pin(stores, KINDS)
    from bench.clock import run

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_rollup (LIKE lifecycle_vehiclerollup)")
        names = "vehicle_id, " + ", ".join(_rollup_columns())
        for start in range(0, len(sets), STORES_A_CHUNK):
            scope = Scope(on, sets[start : start + STORES_A_CHUNK])
            total += run(
                f"INSERT INTO bench_rollup ({names}) SELECT {names} FROM ({rollup_sql(scope)}) r",  # noqa: S608
                scope.params(),
            )
        compared = ", ".join(
            ["vehicle_id", *(n for n in _rollup_columns() if n not in ("computed_on",))]
        )
        cursor.execute(
            f"""SELECT count(*) FROM (
                    (SELECT {compared} FROM bench_rollup EXCEPT
                     SELECT {compared} FROM lifecycle_vehiclerollup)
                    UNION ALL
                    (SELECT {compared} FROM lifecycle_vehiclerollup EXCEPT
                     SELECT {compared} FROM bench_rollup)) d"""  # noqa: S608
        )
        differing = cursor.fetchone()[0]
        cursor.execute("DROP TABLE bench_rollup")
    return total, differing


def _rollup_columns() -> list[str]:
    from lifecycle.models import VehicleRollup

    return [f.column for f in VehicleRollup._meta.concrete_fields if f.column != "vehicle_id"]


def _night_lines(found: Nights) -> list[Line]:
    states, floor = found.step("states"), found.floors
    times = ratio(states, floor, lambda lap: lap.seconds)
    log = ratio(states, floor, lambda lap: lap.log_bytes)
    rows = middle(states).rows
    assert found.again
    written = sum(n for name, n in found.again.counts.items() if _is_writing(name))
    return [
        Line(
            "1 night: full state from the rollup, changed rows written",
            f"{times:.1f} × FW ({middle(states).seconds:.2f} s beside "
            f"{middle(floor).seconds:.2f} s; {rows:,} rows changed)",
            "≤ 6 × FW",
            times <= 6,
        ),
        Line(
            "1 its write-ahead log",
            f"{log:.0%} of FW's ({middle(states).log_bytes / 1e6:.1f} of "
            f"{middle(floor).log_bytes / 1e6:.1f} MB)",
            "≤ 10 %",
            log <= 0.10,
        ),
        Line("1 the same night again", f"{written} rows and tasks written", "0", written == 0),
    ]


def _is_writing(name: str) -> bool:
    return name.endswith(("_written", "_opened", "_closed", "_changed", "screened"))


def _rollup_lines(found: Nights) -> list[Line]:
    times = ratio(found.rebuilt, found.scans, lambda lap: lap.seconds)
    return [
        Line(
            "2 rollup rebuilt from all history",
            f"{times:.1f} × FV ({middle(found.rebuilt).seconds:.2f} s beside "
            f"{middle(found.scans).seconds:.2f} s)",
            "≤ 12 × FV",
            times <= 12,
        ),
        Line(
            "2 rebuilt rows that differ from the maintained ones",
            f"{found.differing} of {found.vehicles:,}",
            "0",
            found.differing == 0,
        ),
    ]


def _day_lines(found: Nights) -> list[Line]:
    two, reports = day.run_day_in_processes(day.following(), 2)
    per_million = two.whole.seconds * 1_000_000 / found.vehicles
    growth = max(one["last_mb"] - one["first_mb"] for one in reports)
    peak = max(one["last_mb"] for one in reports)
    lines = [
        Line(
            "3 whole day: rollup, state, segments, warnings, tasks, snapshot; one process",
            f"{found.whole:.1f} s",
        ),
        Line(
            "3 the same in two processes",
            f"{two.whole.seconds:.1f} s ({per_million:.0f} s for 1,000,000 at that pace)",
            "≤ 180 s at 1,000,000",
            per_million <= 180,
        ),
        Line(
            "3 memory of a process, after its first chunk and after its last",
            f"{peak - growth:.0f} and {peak:.0f} MB",
            "flat",
            growth <= 0.1 * peak,
        ),
    ]
    if found.first:
        lines.insert(0, Line(
            "3 a group's first day, every row new; one process",
            f"{found.first.whole.seconds:.1f} s"))  # fmt: skip
    return lines


def _growth_lines(small: Nights, large: Nights, times: int) -> list[Line]:
    limit = 1.3 * times
    lines = []
    for name, a, b in (
        ("night", small.night, large.night),
        ("rollup", middle(small.rebuilt).seconds, middle(large.rebuilt).seconds),
        ("whole day", small.whole, large.whole),
    ):
        lines.append(
            Line(
                f"4 growth from {small.vehicles:,} to {large.vehicles:,}: {name}",
                f"{b / a:.1f} ×",
                f"≤ {limit:g} ×",
                b / a <= limit,
            )
        )
    return lines


def _rival_lines(found: Nights, pairs: int) -> list[Line]:
    on = day.last()
    assert on
    sample = min(rivals.SAMPLE, found.vehicles // 2)
    with all_stores():
        loop = median(rivals.prefetching(on, sample) for _ in range(pairs))
        slow = median(rivals.one_by_one(on, sample) for _ in range(min(pairs, 3)))
    ours = found.night / found.vehicles
    return [
        Line(
            "5 night beside a prefetch + bulk_create loop, per vehicle",
            f"{loop / ours:.0f} × ({ours * 1e6:.1f} and {loop * 1e6:.0f} µs)",
            "≥ 40 ×",
            loop / ours >= 40,
        ),
        Line(
            "5 night beside a loop of one query and one write a vehicle",
            f"{slow / ours:.0f} × ({slow * 1e6:.0f} µs)",
            "≥ 300 ×",
            slow / ours >= 300,
        ),
    ]


def _single_lines(calls: int) -> list[Line]:
    found = single.measure(calls)
    return [
        Line(
            "6 one vehicle after a call's outcome",
            f"{found['median']:.1f} ms (slowest twentieth {found['slowest']:.1f}, "
            f"a bare query {found['floor']:.2f})",
            "≤ 20 ms",
            found["median"] <= 20,
        )
    ]


def _import_lines(cars: int, rows: int, pairs: int) -> list[Line]:
    found = imports.measure(cars, rows, pairs)
    single_ratio = found["ours"] / found["single"]
    growth = found["large_mb"] - found["small_mb"]
    return [
        Line(
            f"8 import of {rows:,} visits beside bulk_create(5,000)",
            f"{found['ratio']:.1f} × ({found['ours']:,.0f} and {found['bulk']:,.0f} rows/s)",
            "≥ 2 ×",
            found["ratio"] >= 2,
        ),
        Line(
            "8 import beside a row at a time",
            f"{single_ratio:.0f} × ({found['single']:,.0f} rows/s)",
            "≥ 80 ×",
            single_ratio >= 80,
        ),
        Line(
            f"8 memory of {rows // 5:,} and of {rows:,} visits",
            f"{found['small_mb']:.0f} and {found['large_mb']:.0f} MB",
            "flat",
            growth <= 0.1 * found["small_mb"],
        ),
        Line(
            "8 the same file again",
            f"{found['again']} written, {found['unchanged']:,} unchanged",
            "0 written",
            found["again"] == 0,
        ),
    ]
