"""The rows of the table: what was measured beside what DESIGN §9 asks to hold."""

from statistics import median

from bench import day, imports, rivals, single, workers
from bench.clock import middle, ratio
from bench.line import Line
from bench.nights import Nights
from stores.scope import all_stores


def night_lines(found: Nights) -> list[Line]:
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


def rollup_lines(found: Nights) -> list[Line]:
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


def day_lines(found: Nights, days: int) -> list[Line]:
    """The day alone in one process, and through Celery by two worker processes, `days` times."""
    with workers.rig() as rig, workers.waking(rig.redis_url):
        memory = workers.Memory([rig.worker() for _ in range(2)])
        seconds = median(workers.run_day(day.following(), memory.look) for _ in range(days))
        # Of the last day alone: they are counted by the minute.
        counted = workers.run_boards()
    whole = seconds + counted
    per_million = 1_000_000 / found.vehicles
    return [
        Line(
            "3 whole day: rollup, state, segments, warnings, tasks, snapshot; one process",
            f"{found.whole:.1f} s",
        ),
        Line(
            "3 the same through Celery, two workers: the lists are there",
            f"{seconds:.1f} s ({seconds * per_million:.0f} s for 1,000,000 at that pace)",
            "≤ 180 s at 1,000,000",
            seconds * per_million <= 180,
        ),
        Line(
            "3 and the boards after it, two workers",
            f"{counted:.1f} s, together {whole:.1f} s "
            f"({whole * per_million:.0f} s for 1,000,000 at that pace)",
            "≤ 180 s at 1,000,000",
            whole * per_million <= 180,
        ),
        Line(
            f"3 memory of a worker, after its first chunk and after {days} days",
            f"{memory.first_mb:.0f} and {memory.last_mb:.0f} MB",
            "flat",
            memory.last_mb <= 1.1 * memory.first_mb,
        ),
    ]


def growth_lines(small: Nights, large: Nights) -> list[Line]:
    limit = 1.3 * large.vehicles / small.vehicles
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


def rival_lines(found: Nights, pairs: int) -> list[Line]:
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


def single_lines(calls: int) -> list[Line]:
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


def import_lines(cars: int, rows: int, pairs: int) -> list[Line]:
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
