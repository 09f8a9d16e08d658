"""T45: advisors at their lists in a served system while a worker computes the night beside them.

Gunicorn as `deploy/` starts it, in production's settings, on a copy of the present database; the
nights go through a Celery worker of two processes. Everything on this machine, also the advisors.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from django.contrib.auth.hashers import make_password

from bench import day, workers
from bench.advisors import Crowd, Think
from bench.browser import Percentiles, Times, percentiles
from bench.line import Line
from common.wakeup import wake
from pipeline.tasks import sweep
from stores.choices import Role
from stores.models import Staff, Store
from stores.scope import all_stores
from tests.chaos.rig import Rig

ADVISORS, SECONDS, NIGHTS = 60, 60, 3
# A second between two requests is the design's; ten is still faster than anybody telephones. All
# sign in while the load begins.
BUSY, CALM = Think(between=1.0, begin=10.0), Think(between=10.0, begin=60.0)
MOST_MS, MOST_TIMES = 500, 2


@dataclass(frozen=True)
class Load:
    """What one load found; nights in seconds."""

    advisors: int
    think: Think
    seconds: float
    times: Times
    alone: list[float]
    beside: list[float]

    @property
    def whole(self) -> Percentiles:
        return percentiles(self.times.all())

    @property
    def night_ratio(self) -> float:
        return median(self.beside) / median(self.alone)


def lines(vehicles: int) -> list[Line]:
    """Rows of the table, on the present database, which the advisors change."""
    nights = 1 if vehicles >= 1_000_000 else NIGHTS
    password = secrets.token_urlsafe(12)
    with workers.rig() as rig, workers.waking(rig.redis_url):
        names = let_in(ADVISORS, password)
        with serving(rig) as place:
            night()  # everything is warm then
            alone = [night() for _ in range(nights)]
            loads = [
                measure(Crowd(place, names, password, think), night, alone, SECONDS)
                for think in (BUSY, CALM)
            ]
    return [line for load in loads for line in rows_of(load)]


def night() -> float:
    """Seconds of the next night, with a sweep before it as beat sends it."""
    wake(sweep.name)
    return workers.run_day(day.following())


def rows_of(found: Load) -> list[Line]:
    whole, errors = found.whole, found.times.errors
    name = f"T45 {found.advisors} advisors, {found.think.between:g} s to think"
    shown = f" ({', '.join(sorted(set(errors))[:3])})" if errors else ""
    return [
        Line(
            f"{name}: every request",
            f"{_told(whole)}; {whole.count / found.seconds:.0f} a second",
            f"95 % ≤ {MOST_MS} ms",
            whole.p95 <= MOST_MS,
        ),
        *(
            Line(f"T45 … {kind}", _told(one), f"95 % ≤ {MOST_MS} ms", one.p95 <= MOST_MS)
            for kind, times in found.times.by_kind.items()
            for one in [percentiles(times)]
        ),
        Line("T45 … errors", f"{len(errors)}{shown}", "0", not errors),
        Line("T45 … cards that a night had closed since the list was read", f"{found.times.left}"),
        Line(
            "T45 … night beside them",
            f"{found.night_ratio:.1f} × ({median(found.beside):.1f} s beside "
            f"{median(found.alone):.1f} s alone; {len(found.beside)} nights)",
            f"≤ {MOST_TIMES} ×",
            found.night_ratio <= MOST_TIMES,
        ),
    ]


def _told(one: Percentiles) -> str:
    return f"{one.p50:.0f}, {one.p95:.0f}, {one.p99:.0f} ms for 50, 95, 99 % of {one.count:,}"


def measure(crowd: Crowd, night: Callable[[], float], alone: list[float], seconds: float) -> Load:
    """As many nights as there were alone, one after the other, while the advisors work.

    They begin when everybody is in, and go on until `seconds` more have passed.
    """
    beside: list[float] = []
    with crowd:
        time.sleep(crowd.think.begin)
        everybody = time.monotonic()
        while len(beside) < len(alone) or time.monotonic() - everybody < seconds:
            beside.append(night())
    return Load(len(crowd.threads), crowd.think, crowd.seconds, crowd.times, alone, beside)


def let_in(advisors: int, password: str) -> list[str]:
    """User names of the advisors of as many stores as it takes, spread over the group."""
    with all_stores():
        stores = list(Store.objects.order_by("pk").values_list("pk", flat=True))
    staff = Staff.objects.filter(role=Role.ADVISOR, is_active=True)
    a_store = max(1, staff.count() // len(stores))
    chosen = stores[:: max(1, len(stores) * a_store // advisors)]
    people = staff.filter(staffstore__store__in=chosen).order_by("pk")[:advisors]
    sealed = make_password(password)
    for person in people:
        person.username, person.password = f"load{person.pk}", sealed
    Staff.objects.bulk_update(people, ["username", "password"])
    return [person.username for person in people]


@contextmanager
def serving(rig: Rig, **environment: str) -> Iterator[str]:
    """Web of two processes and a worker of two, as deployed; the web's `host:port`."""
    served = environment_of(rig.logs) | environment
    if not any(Path(served["BENCH_STATIC"]).iterdir()):
        rig.python(COLLECT, **served)
    started = [rig.worker(concurrency=2, **served), rig.web(workers=2, **served)]
    try:
        yield started[1].url.removeprefix("http://")
    finally:
        for process in started:
            process.kill()


COLLECT = """
from django.core.management import call_command
call_command("collectstatic", interactive=False, verbosity=0)
"""


def environment_of(folder: Path) -> dict[str, str]:
    """Production's, with keys of this one time."""
    static = folder / "static"
    static.mkdir(exist_ok=True)
    keys = {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "FIELD_KEY", "INDEX_KEY")}
    return {
        "DJANGO_SETTINGS_MODULE": "bench.served",
        "BENCH_STATIC": str(static),
        "HUITOU_MODE": "served",
        "HUITOU_HOSTS": "127.0.0.1",
        "PATH": os.environ["PATH"],
        **{f"HUITOU_{name}": value for name, value in keys.items()},
    }
