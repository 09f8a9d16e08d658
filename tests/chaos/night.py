"""A night of the seeded stores: opened, watched, and what it leaves as one digest."""

import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.chaos.processes import Process, wait
from tests.chaos.rig import AS_OF, Rig

# What a night writes, and what of it differs from night to night by nature.
WRITTEN = {
    "alerts_task": "id policy_set_id opened_at given_at",
    "alerts_warning": "id",
    "lifecycle_vehiclerollup": "",
    "lifecycle_customerrollup": "",
    "lifecycle_vehiclestate": "policy_set_id",
    "lifecycle_customerstate": "policy_set_id",
    "lifecycle_monthsnapshot": "id",
    "lifecycle_stagetransition": "id",
    "lifecycle_prechurnscreening": "id",
    "pipeline_storeday": "id run_id policy_set_id computed_at",
}
DIGEST = """
SELECT encode(sha256(convert_to(coalesce(
    string_agg(line, E'\\n' ORDER BY line COLLATE "C"), ''), 'UTF8')), 'hex')
FROM (SELECT (to_jsonb(t) - %s::text[])::text AS line FROM {} t) lines
"""
TASKS = "SELECT vehicle_id, kind, cycle_key, due_on FROM alerts_task"
SECONDS = 600
# The product sweeps every 30 seconds.
SWEEP = 1.5


@dataclass(frozen=True)
class Left:
    """What a night has left: its tasks (how often each), a digest of all tables, its chunks.

    `attempts` are the most a chunk had without those that were `forgiven`.
    """

    tasks: Counter[Any]
    digest: str
    attempts: int
    forgiven: int
    set_aside: int

    def duplicates(self) -> int:
        return sum(self.tasks.values()) - len(self.tasks)

    def missing(self, expected: "Left") -> int:
        return len(expected.tasks.keys() - self.tasks.keys())


def begin(rig: Rig, stores_a_chunk: int = 1) -> None:
    """Opens the seeded day. The past of the stores counts as known, for it is another job's."""
    rig.execute(f"TRUNCATE pipeline_jobrun, stores_policyset, {', '.join(WRITTEN)} CASCADE")
    known_past(rig)
    rig.execute(
        """WITH run AS (
               INSERT INTO pipeline_jobrun (kind, business_date, attempt, state, started_at)
               VALUES ('day', %(on)s, 1, 'open', now()) RETURNING id
           ), parts AS (
               SELECT (row_number() OVER (ORDER BY id) - 1) / %(size)s AS number, id
               FROM stores_store
           )
           INSERT INTO pipeline_jobchunk
               (run_id, number, store_ids, as_of, state, attempt, claimed_by, counts, error)
           SELECT run.id, number, array_agg(parts.id ORDER BY parts.id), %(on)s, 'waiting', 0, '',
                  '{}', ''
           FROM run, parts GROUP BY run.id, number ORDER BY number""",
        {"on": AS_OF, "size": stores_a_chunk},
    )


def known_past(rig: Rig) -> None:
    """As if the last 24 months of every store had been reconstructed."""
    rig.execute(
        """WITH run AS (
               INSERT INTO pipeline_jobrun (kind, business_date, attempt, state, started_at)
               VALUES ('history', %(on)s, 1, 'done', now()) RETURNING id
           )
           INSERT INTO pipeline_jobchunk
               (run_id, number, store_ids, as_of, state, attempt, claimed_by, counts, error)
           SELECT run.id, 0, (SELECT array_agg(id) FROM stores_store), %(on)s, 'done', 1, '',
                  '{}', ''
           FROM run""",
        {"on": AS_OF},
    )


def counts(rig: Rig) -> dict[str, int]:
    """{state: chunks} of the day."""
    found = rig.rows(
        """SELECT c.state, count(*) FROM pipeline_jobchunk c JOIN pipeline_jobrun r ON r.id = run_id
           WHERE r.kind = 'day' GROUP BY 1"""
    )
    return Counter(dict(found))


def is_over(rig: Rig) -> bool:
    return not rig.value("SELECT count(*) FROM pipeline_jobrun WHERE state = 'open'")


def finish(rig: Rig) -> Left:
    wait(lambda: is_over(rig), SECONDS, "the end of the night")
    return left(rig)


def left(rig: Rig) -> Left:
    digests = [rig.value(DIGEST.format(t), [without.split()]) for t, without in WRITTEN.items()]
    attempts, forgiven, set_aside = rig.rows(
        """SELECT max(attempt - forgiven), max(forgiven),
                  count(*) FILTER (WHERE state = 'quarantined')
           FROM pipeline_jobchunk"""
    )[0]
    return Left(Counter(rig.rows(TASKS)), " ".join(digests), attempts, forgiven, set_aside)


class Crew:
    """Two workers that are started again when they die, as a supervisor would, and a beat.

    `plant`: functions of tests.chaos.planted. `boot_seconds`: how long two at once took to start.
    """

    def __init__(self, rig: Rig, plant: str = "") -> None:
        self.rig, self.plant = rig, plant
        self.beat = rig.beat(sweep=SWEEP)
        begun = time.monotonic()
        self.workers = [self._start() for _ in range(2)]
        for worker in self.workers:
            worker.says(" ready.")
        self.boot_seconds = time.monotonic() - begun

    def _start(self) -> Process:
        include = "tests.chaos.planted"
        return self.rig.worker(ready=False, include=include, CHAOS_PLANT=self.plant)

    def leave(self) -> None:
        for one in (*self.workers, self.beat):
            one.kill()

    def tend(self) -> None:
        self.workers = [one if one.lives() else self._start() for one in self.workers]

    def at_work(self, tries: int = 0) -> list[tuple[Process, int]]:
        """Workers that compute a chunk now, each with the child that does.

        `tries`: those alone whose chunk had fewer before.
        """
        found = self.rig.rows(
            """SELECT claimed_by FROM pipeline_jobchunk
               WHERE state = 'claimed' AND (%(tries)s = 0 OR attempt - forgiven <= %(tries)s)""",
            {"tries": tries},
        )
        busy = {int(name.rsplit(" ", 1)[1]) for (name,) in found}
        return [(one, pid) for one in self.workers for pid in one.children() if pid in busy]
