"""The broker answers nobody while people work: no page waits for it, and nothing is lost (T7)."""

import os
import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.chaos.advisors import (
    Visitor,
    compute_day,
    errors,
    give_passwords,
    hidden,
    slowest_twentieth,
)
from tests.chaos.processes import wait
from tests.chaos.rig import Rig
from tests.figures import say, size

pytestmark = [pytest.mark.proof, pytest.mark.chaos, pytest.mark.slow]

SEED = 7
PEOPLE, STALL_SECONDS, THINK = size(6, 20), size(15, 300), (0.5, 1.5)
# On a machine that is busy with other things the same pages are slow with a broker, too; but no
# page may be as slow as one that waits for it.
PAGE_SECONDS, MOST_SECONDS, RESUME_SECONDS = 0.5, 5.0, 60.0
PICKS = ("result=no_answer", "result=connected", "result=refused&reason=price", "result=busy")
BEAT = "SELECT count(*) FROM common_heartbeat WHERE beat_at > to_timestamp(%s)"
KEPT = """
SELECT count(*), count(DISTINCT contact_id) FROM alerts_outcome WHERE key = ANY(%s::uuid[])
"""
LEFT = """
SELECT (SELECT count(*) FROM customers_dirtyvehicle)
     + (SELECT count(*) FROM pipeline_jobchunk WHERE state <> 'done')
"""


@contextmanager
def stalled(rig: Rig) -> Iterator[None]:
    """The broker keeps its connections and answers nothing."""
    number = rig.valkey_pid()
    os.kill(number, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(number, signal.SIGCONT)


class Advisor:
    """Signs in, works the list card by card, and remembers the forms that were taken."""

    def __init__(self, url: str, number: int) -> None:
        self.visitor = Visitor(url)
        self.name = f"b{number // 4 + 1}-{number % 4 + 1}"
        self.dice = random.Random(SEED + number)
        self.keys: list[str] = []

    def work(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self.visitor.sign_in(self.name)
        people: list[int] = []
        while time.monotonic() < until:
            people = people or self.visitor.people()
            if people:
                self._call(people.pop(0))
            time.sleep(self.dice.uniform(*THINK))

    def _call(self, customer_id: int) -> None:
        fields = hidden(self.visitor.get(f"/today/{customer_id}/").text)
        if "key" not in fields:
            return
        time.sleep(self.dice.uniform(*THINK))
        answer = self.visitor.record(customer_id, fields, self.dice.choice(PICKS))
        if answer.status == 200:
            self.keys.append(fields["key"])


def at_work(url: str, seconds: float) -> list[Advisor]:
    people = [Advisor(url, number) for number in range(PEOPLE)]
    with ThreadPoolExecutor(PEOPLE) as pool:
        list(pool.map(lambda one: one.work(seconds), people))
    return people


def run_again(rig: Rig, url: str) -> float:
    """A manager of all stores has the day computed again: the one page here that wakes a worker."""
    rig.execute("UPDATE stores_staff SET role = 'admin' WHERE code = 'B20-0'")
    visitor = Visitor(url)
    visitor.sign_in("b20-0")
    run = rig.value("SELECT max(id) FROM pipeline_jobrun WHERE kind = 'day'")
    fields = hidden(visitor.get(f"/jobs/{run}/").text)
    answer = visitor.post(f"/jobs/{run}/again/", fields)
    assert answer.status < 400, answer.text
    assert rig.value("SELECT max(id) FROM pipeline_jobrun WHERE kind = 'day'") > run
    return round(answer.seconds, 2)


def test_people_work_on_while_the_broker_stands_still(rig: Rig) -> None:
    compute_day(rig)
    give_passwords(rig)
    rig.worker()
    rig.beat(sweep=size(2, 30))
    web = rig.web(workers=2)
    wait(lambda: rig.value(BEAT, [0]), what="the first sweep")
    # The first pages find the processes cold.
    at_work(web.url, 3)
    usual = slowest_twentieth([lap for one in at_work(web.url, 8) for lap in one.visitor.laps])
    with stalled(rig):
        again = run_again(rig, web.url)
        people = at_work(web.url, STALL_SECONDS)
        ended = time.time()
    wait(lambda: rig.value(BEAT, [ended]) and not rig.value(LEFT), 180, "the jobs")
    resumed = time.time() - ended
    laps = [lap for one in people for lap in one.visitor.laps]
    keys = [key for one in people for key in one.keys]
    kept, contacts = rig.rows(KEPT, [keys])[0]
    slowest = slowest_twentieth(laps)
    limit = max(PAGE_SECONDS, min(2 * usual, MOST_SECONDS))
    say(
        "T7",
        seed=SEED,
        people=PEOPLE,
        stall_seconds=STALL_SECONDS,
        pages=len(laps),
        p95_ms=round(slowest * 1000),
        p95_ms_before=round(usual * 1000),
        limit_ms=round(limit * 1000),
        errors=len(errors(laps)),
        outcomes=len(keys),
        lost=len(keys) - kept,
        waking_page_seconds=again,
        resumed_seconds=round(resumed, 1),
    )
    assert errors(laps) == []
    assert len(keys) == len(set(keys)) == kept == contacts > 0
    assert slowest <= limit
    assert resumed <= RESUME_SECONDS


def test_a_view_that_asks_the_broker_itself_hangs(rig: Rig) -> None:
    """The control."""
    web = rig.web(workers=1, DJANGO_SETTINGS_MODULE="tests.chaos.unguarded")
    before = Visitor(web.url).get("/planted/")
    patience = 10 * PAGE_SECONDS
    with stalled(rig), ThreadPoolExecutor(1) as pool:
        asked = pool.submit(Visitor(web.url).get, "/planted/")
        deadline = time.monotonic() + patience
        while not asked.done() and time.monotonic() < deadline:
            assert Visitor(web.url).get("/login/").status == 200
        hangs = not asked.done()
        web.kill()
        asked.exception()
    say("T7", control=True, what="a view that calls delay", hangs=hangs, waited_seconds=patience)
    assert before.status == 200
    assert hangs
