"""Runs the measurements in order and gathers the rows of the table."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bench import database, day, load, nights, outcomes, pages, rows, single
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
    small = nights.compute(base, pairs)
    say(f"{vehicles:,} vehicles")
    large = nights.compute(vehicles, pairs)
    found.steps = [(name, middle(large.step(name))) for name in large.days[0].steps]
    found.lines += rows.night_lines(large) + rows.rollup_lines(large)
    for name, lines in _parts(small, large, pairs).items():
        say(name)
        found.lines += lines()
    found.seconds = time.perf_counter() - began
    return found


def _parts(
    small: nights.Nights, large: nights.Nights, pairs: int
) -> dict[str, Callable[[], list[Line]]]:
    """What is measured on the computed nights, in the table's order."""
    vehicles = large.vehicles
    # A first load is the same whatever else the database holds.
    cars = min(20_000, max(500, vehicles // 5))
    files = 2 * SMALL if vehicles >= LARGE else SMALL
    parts = {
        "days through Celery": lambda: rows.day_lines(large, min(pairs, DAYS_THROUGH_CELERY)),
        "growth": lambda: rows.growth_lines(small, large),
        "loops over objects": lambda: rows.rival_lines(large, pairs),
        "one vehicle": lambda: rows.single_lines(min(single.CALLS, vehicles // 4)),
        "pages": lambda: pages.lines(max(5, pairs)),
        "outcomes": lambda: outcomes.lines(max(5, pairs)),
        "import": lambda: rows.import_lines(cars, min(vehicles, files), pairs),
    }
    if vehicles in LOADED:
        parts["advisors at once"] = lambda: loaded(vehicles)
    return parts


def loaded(vehicles: int) -> list[Line]:
    """The advisors at once, on the database of this size."""
    database.open_database(vehicles)
    return load.lines(vehicles)


def measure_pages(vehicles: int, pairs: int) -> Found:
    """The pages alone, on the last computed day."""
    opened(vehicles)
    lines = pages.lines(max(5, pairs)) + outcomes.lines(max(5, pairs))
    return Found(vehicles, pairs, lines)


def measure_load(vehicles: int) -> Found:
    """The advisors alone."""
    opened(vehicles)
    return Found(vehicles, 1, load.lines(vehicles))


def opened(vehicles: int) -> None:
    """The first day is computed when there is none."""
    database.open_database(vehicles)
    if day.last() is None:
        day.run_day(day.following())
        nights.tidy()
