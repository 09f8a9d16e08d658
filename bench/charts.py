"""Charts as the boards draw them: how long each component of templates/components/charts takes."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from django.template import Context, Template

from bench.line import Line
from bench.pages import Visitor, busiest, signed_in
from stores.choices import Role

FOLDER, MOST_MS = "components/charts/", 5
DRAWN_ON = ("lifecycle", "cohorts", "kpi", "money", "warnings")


def lines(times: int) -> list[Line]:
    """A row: the slowest chart of a manager's boards, by the median of its drawings."""
    manager = signed_in(busiest(Role.MANAGER))
    drawn = measure(manager, times)
    if not drawn:
        return []
    slowest = max(drawn, key=lambda name: drawn[name])
    told = ", ".join(f"{name} {ms:.1f}" for name, ms in sorted(drawn.items()))
    return [Line("7 charts, ms each", told, f"≤ {MOST_MS} ms", drawn[slowest] <= MOST_MS)]


def measure(manager: Visitor, times: int) -> dict[str, float]:
    """{page: chart: median ms}; several charts of one kind on a page are one drawing each."""
    found: dict[str, list[float]] = defaultdict(list)
    for page in DRAWN_ON:
        manager.get(f"/boards/{page}/")
        with watched(found, page):
            for _ in range(times):
                manager.get(f"/boards/{page}/")
    return {name: median(laps) for name, laps in found.items()}


@contextmanager
def watched(found: dict[str, list[float]], page: str) -> Iterator[None]:
    """Notes the ms of every chart that is drawn meanwhile, its table included.

    Of the processor's time: nothing is waited for.
    """
    plain, depth = Template.render, 0

    def timed(self: Template, context: Context) -> Any:
        nonlocal depth
        if depth or not (self.name or "").startswith(FOLDER):
            return plain(self, context)
        depth, began = depth + 1, time.thread_time()
        try:
            return plain(self, context)
        finally:
            depth -= 1
            name = str(self.name).removeprefix(FOLDER).removesuffix(".html")
            found[f"{page} {name}"].append((time.thread_time() - began) * 1000)

    Template.render = timed
    try:
        yield
    finally:
        Template.render = plain
