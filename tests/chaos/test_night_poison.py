"""T10: a store that kills, overeats or never ends is set aside, and takes no other along."""

import json
import time
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.chaos import night
from tests.chaos.night import Crew
from tests.chaos.planted import EATS, KILLS, LOOPS
from tests.chaos.processes import Process, wait
from tests.chaos.rig import Rig, Yard
from tests.figures import say

POISONED = [KILLS, EATS, LOOPS]
# More attempts than the breaker allows.
MANY = 6

pytestmark = [pytest.mark.proof, pytest.mark.chaos, pytest.mark.slow]


@pytest.fixture
def rig(yard: Yard) -> Iterator[Rig]:
    with yard.rig(stores=20, cars=100) as rig:
        yield rig


@pytest.fixture
def crew(rig: Rig) -> Iterator[Crew]:
    crew = Crew(rig, "poison eager")
    yield crew
    crew.leave()


@pytest.fixture
def web(rig: Rig) -> Process:
    return rig.web(workers=1)


def alarms(web: Process) -> dict[str, str]:
    """What /healthz/jobs says is not as it should be."""
    try:
        with urlopen(f"{web.url}/healthz/jobs", timeout=30) as answer:
            body = json.load(answer)
    except HTTPError as error:
        body = json.load(error)
    return {name: check["reason"] for name, check in body["checks"].items() if not check["ok"]}


def test_a_poisoned_store_is_set_aside_alone(rig: Rig, crew: Crew, web: Process) -> None:
    begun = time.monotonic()
    night.begin(rig, stores_a_chunk=10)
    healthy = rig.value("SELECT count(*) FROM stores_store") - len(POISONED)

    def stores_done() -> int:
        crew.tend()
        return int(rig.value("SELECT count(*) FROM pipeline_storeday"))

    wait(lambda: stores_done() == healthy, night.SECONDS, "the day of the healthy stores")
    others = time.monotonic() - begun
    left = night.finish(rig)
    attempts = dict(
        rig.rows(
            """SELECT store_ids[1], attempt FROM pipeline_jobchunk
               WHERE state = 'quarantined' AND cardinality(store_ids) = 1"""
        )
    )
    found = alarms(web)
    said = sum(worker.text().count("was set aside") for worker in rig.processes)
    say(
        "T10",
        poisoned=len(POISONED),
        attempts=sorted(attempts.values()),
        others_done=stores_done(),
        of=healthy,
        others_seconds=round(others, 1),
        alarm=sorted(found.keys() & {"set_aside"}),
        log_lines=said,
    )
    assert attempts == dict.fromkeys(POISONED, 3)
    assert stores_done() == healthy
    assert left.attempts == 3
    assert "set_aside" in found
    assert said == len(POISONED)


def test_without_the_breaker_it_is_tried_for_ever(rig: Rig) -> None:
    """The control: nobody counts the attempts."""
    careless = Crew(rig, "poison eager no_breaker")
    night.begin(rig)
    rig.execute(
        "DELETE FROM pipeline_jobchunk WHERE state = 'waiting' AND store_ids <> %s::bigint[]",
        [[EATS]],
    )

    def attempts() -> int:
        return int(rig.value("SELECT max(attempt) FROM pipeline_jobchunk"))

    wait(lambda: attempts() >= MANY, night.SECONDS, "many attempts")
    say("T10", what="no breaker", control=True, attempts=attempts(), over=night.is_over(rig))
    assert not night.is_over(rig)
    careless.leave()
