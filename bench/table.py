"""Runs the measurements in order and gathers the rows of the table."""

import time
from dataclasses import dataclass, field

from bench import charts, load, nights, outcomes, pages, rows, single
from bench.clock import Lap, middle
from bench.line import Line
from bench.nights import say

# The growth of the design's table is between these two; smaller ones grow by five.
SMALL, LARGE = 100_000, 1_000_000
# Where sixty advisors find their lists; at 300,000 they would find nothing else.
LOADED = {SMALL, LARGE}
DAYS_THROUGH_CELERY = 3


@dataclass
class Found:
    """Everything for the report."""

    vehicles: int
    pairs: int
    lines: list[Line] = field(default_factory=list)
    steps: list[tuple[str, Lap]] = field(default_factory=list)
    seconds: float = 0.0


def measure(vehicles: int, pairs: int) -> Found:
    """All rows of one size."""
    began = time.perf_counter()
    found = Found(vehicles, pairs)
    base = SMALL if vehicles > 2 * SMALL else vehicles // 5
    say(f"{base:,} vehicles, for the growth")
    with nights.prepared(base):
        small = nights.compute(base, pairs)
    say(f"{vehicles:,} vehicles: pages")
    with nights.prepared(vehicles):
        asked = _pages(pairs)
        say("nights")
        large = nights.compute(vehicles, pairs)
        found.steps = [(name, middle(large.step(name))) for name in large.days[0].steps]
        found.lines += rows.night_lines(large) + rows.rollup_lines(large)
        say("days through Celery")
        found.lines += rows.day_lines(large, min(pairs, DAYS_THROUGH_CELERY))
        found.lines += rows.growth_lines(small, large)
        say("loops over objects, one vehicle")
        found.lines += rows.rival_lines(large, pairs)
        found.lines += rows.single_lines(min(single.CALLS, vehicles // 4))
    found.lines += asked
    say("import")
    # A first load is the same whatever else the database holds.
    cars = min(20_000, max(500, vehicles // 5))
    files = 2 * SMALL if vehicles >= LARGE else SMALL
    found.lines += rows.import_lines(cars, min(vehicles, files), pairs)
    if vehicles in LOADED:
        say("advisors at once")
        found.lines += measure_load(vehicles).lines
    found.seconds = time.perf_counter() - began
    return found


def _pages(pairs: int) -> list[Line]:
    times = max(5, pairs)
    return pages.lines(times) + charts.lines(times) + outcomes.lines(times)


def measure_pages(vehicles: int, pairs: int) -> Found:
    """The pages and outcomes alone."""
    with nights.prepared(vehicles):
        return Found(vehicles, pairs, _pages(pairs))


def measure_load(vehicles: int) -> Found:
    """The advisors at once alone."""
    with nights.prepared(vehicles):
        return Found(vehicles, 1, load.lines(vehicles))
