"""T12: PostgreSQL crashes and throws everybody out in the night; people and workers come back."""

import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.chaos import night
from tests.chaos.conftest import CARS, STORES
from tests.chaos.night import Crew
from tests.chaos.processes import wait
from tests.chaos.rig import Rig, Yard
from tests.figures import say, size

SEED = 12
CRASHES = size(1, 5)
# So long after the server is back an error is still the crash's.
GRACE_SECONDS = 5
THROW_OUT = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# The product's settings, but a connection is taken for good because it was good once.
TRUSTING = """
from crm_project.settings import *
DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
"""

pytestmark = [pytest.mark.proof, pytest.mark.chaos, pytest.mark.slow]


@dataclass
class Visitor:
    """An advisor who looks at the list of the day all the time."""

    url: str
    cookie: str
    answers: list[tuple[float, float, int]] = field(default_factory=list)
    may_end: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> int:
        place = urlsplit(self.url)
        line = HTTPConnection(place.hostname or "", place.port, timeout=60)
        try:
            line.request("GET", "/today/", headers={"Cookie": f"huitou={self.cookie}"})
            return line.getresponse().status
        except OSError:
            return 0
        finally:
            line.close()

    def stay(self) -> None:
        while not self.may_end.wait(0.3):
            begun = time.monotonic()
            status = self.ask()
            self.answers.append((begun, time.monotonic(), status))


@dataclass
class Away:
    """When the server was away."""

    since: list[float] = field(default_factory=list)
    until: list[float] = field(default_factory=list)

    def __enter__(self) -> None:
        self.since.append(time.monotonic())

    def __exit__(self, *_: object) -> None:
        self.until.append(time.monotonic())

    def is_no_excuse(self, begun: float, ended: float, grace: float = GRACE_SECONDS) -> bool:
        """Whether the server had been there for so long, and was all the while."""
        return all(
            ended < since or begun > until + grace
            for since, until in zip(self.since, self.until, strict=True)
        )


@pytest.fixture(scope="module")
def place(yard: Yard) -> Iterator[Rig]:
    with yard.rig(STORES, CARS) as rig:
        yield rig


@pytest.fixture(scope="module")
def visitor(place: Rig) -> Visitor:
    return Visitor(place.web().url, place.sign_in("B1-1"))


@pytest.fixture
def crew(place: Rig) -> Iterator[Crew]:
    crew = Crew(place, "eager")
    yield crew
    crew.leave()


def test_a_night_with_crashes_leaves_what_a_calm_one_leaves(
    place: Rig, crew: Crew, visitor: Visitor
) -> None:
    night.begin(place)
    calm = night.finish(place)
    dice, away = random.Random(SEED), Away()
    assert visitor.ask() == 200
    thread = threading.Thread(target=visitor.stay)
    thread.start()
    try:
        night.begin(place)
        for number in range(CRASHES + 1):
            least = STORES * number * 4 // (CRASHES + 1) // 5
            wait(lambda least=least: night.counts(place)["done"] >= least, night.SECONDS)
            wait(crew.at_work, night.SECONDS, "a worker at work")
            time.sleep(dice.uniform(0, 0.3))
            with away:
                place.crash_postgres() if number < CRASHES else place.execute(THROW_OUT)
            crew.tend()
        left = night.finish(place)
        wait(lambda: visitor.answers[-1][0] > away.until[-1] + GRACE_SECONDS)
    finally:
        visitor.may_end.set()
        thread.join()
    errors = [answer for answer in visitor.answers if answer[2] != 200]
    late = [answer for answer in errors if away.is_no_excuse(*answer[:2])]
    say(
        "T12",
        crashes=CRASHES,
        thrown_out=1,
        equal=left.digest == calm.digest,
        duplicates=left.duplicates(),
        missing=left.missing(calm),
        most_attempts=left.attempts,
        most_forgiven=left.forgiven,
        requests=len(visitor.answers),
        errors=len(errors),
        errors_once_back=sum(away.is_no_excuse(*answer[:2], grace=0) for answer in errors),
        errors_after_5_s=len(late),
        seed=SEED,
    )
    assert (left.digest, left.set_aside) == (calm.digest, 0)
    assert (left.duplicates(), left.missing(calm)) == (0, 0)
    assert left.attempts <= 3
    assert late == []


def test_everybody_is_thrown_out_and_the_next_request_answers(place: Rig, visitor: Visitor) -> None:
    assert {visitor.ask() for _ in range(20)} == {200}
    place.execute(THROW_OUT)
    answers = [visitor.ask() for _ in range(20)]
    say("T12", what="all thrown out", requests=len(answers), errors=sum(a != 200 for a in answers))
    assert set(answers) == {200}


def test_without_a_look_at_the_connection_the_next_request_fails(
    place: Rig, visitor: Visitor
) -> None:
    """The control."""
    (place.logs / "trusting.py").write_text(TRUSTING)
    web = place.web(DJANGO_SETTINGS_MODULE="trusting", PYTHONPATH=f"{place.logs}:.")
    there = Visitor(web.url, visitor.cookie)
    assert {there.ask() for _ in range(20)} == {200}
    place.execute(THROW_OUT)
    answers = [there.ask() for _ in range(20)]
    errors = sum(answer != 200 for answer in answers)
    say("T12", what="no health check", control=True, requests=len(answers), errors=errors)
    assert errors
