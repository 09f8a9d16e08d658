"""Runs the measurements in order and gathers the rows of the table."""

import time
from dataclasses import dataclass, field

from bench import database, day, nights, outcomes, pages, rows, single
from bench.clock import Lap, middle
from bench.line import Line


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
    nights.say(f"{vehicles // times:,} vehicles, for the growth")
    small = nights.compute(vehicles // times, pairs)
    nights.say(f"{vehicles:,} vehicles")
    large = nights.compute(vehicles, pairs)
    found.steps = [(name, middle(large.step(name))) for name in large.days[0].steps]
    found.lines += rows.night_lines(large) + rows.rollup_lines(large)
    nights.say("a day in two processes")
    found.lines += rows.day_lines(large)
    found.lines += rows.growth_lines(small, large, times)
    nights.say("loops over objects")
    found.lines += rows.rival_lines(large, pairs)
    nights.say("one vehicle")
    found.lines += rows.single_lines(min(single.CALLS, vehicles // 4))
    nights.say("pages")
    found.lines += pages.lines(max(5, pairs)) + outcomes.lines(max(5, pairs))
    nights.say("import")
    cars = min(20_000, max(500, vehicles // 5))
    found.lines += rows.import_lines(cars, min(vehicles, 200_000), min(pairs, 5))
    found.seconds = time.perf_counter() - began
    return found


def measure_pages(vehicles: int, pairs: int) -> Found:
    """The pages alone, on the last computed day; the first is computed when there is none."""
    database.open_database(vehicles)
    if day.last() is None:
        day.run_day(day.following())
        nights.tidy()
    lines = pages.lines(max(5, pairs)) + outcomes.lines(max(5, pairs))
    return Found(vehicles, pairs, lines)
