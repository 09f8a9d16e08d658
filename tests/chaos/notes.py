"""Tasks and faults beside the product's: what proofs about the broker have a worker do.

`CHAOS_CONF` changes the worker's configuration, `CHAOS_HARM` names a function to begin with.
"""

import json
import os
import time
from collections.abc import Callable
from typing import Any

from celery import Celery, shared_task

from common.embedded import broker_url
from common.sql import execute
from crm_project.celery import app
from pipeline import tasks
from pipeline.models import JobChunk
from pipeline.services import chunks
from tests.chaos import planted
from tests.chaos.rig import Rig

TABLE = "CREATE TABLE chaos_note (id serial PRIMARY KEY, word text)"
NOTE = "INSERT INTO chaos_note (word) VALUES (%(word)s)"
LONG = 600
_kept: list[bytearray] = []


class Sender:
    """Puts messages into a rig's queues; notes are told apart by their words."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.app = Celery("sender", broker=broker_url(rig.redis_url), set_as_current=False)
        rig.execute(TABLE)

    def send(self, task: str, *args: Any, queue: str = "celery", times: int = 1) -> None:
        with self.app.connection_for_write() as connection:
            for _ in range(times):
                self.app.send_task(task, args, queue=queue, connection=connection)

    def count(self, word: str) -> int:
        found = self.rig.value("SELECT count(*) FROM chaos_note WHERE word = %s", [word])
        return int(found)


@shared_task(name="chaos.note")
def note(word: str) -> None:
    execute(NOTE, {"word": word})


@shared_task(name="chaos.note_early")
def note_early(word: str) -> None:
    """The effect is there before the work is done, and not in one transaction with its end."""
    execute(NOTE, {"word": word})
    time.sleep(LONG)


@shared_task(name="chaos.note_late", acks_late=False)
def note_late(word: str) -> None:
    """Only the message knows of the work, and it is gone when the work begins."""
    execute(NOTE, {"word": f"{word} begun"})
    time.sleep(LONG)
    execute(NOTE, {"word": word})


def linger() -> None:
    """A chunk's work takes a while; the first one's first attempt does not end by itself."""
    work: Callable[[JobChunk], dict[str, int]] = chunks._work
    seconds = float(os.environ["CHAOS_SECONDS"])

    def slowly(chunk: JobChunk) -> dict[str, int]:
        counts = work(chunk)
        is_first = chunk.number == 0 and chunk.attempt == 1
        time.sleep(LONG if is_first else seconds)
        return counts

    chunks._work = slowly


def leak() -> None:
    """Each sweep keeps a fifth of a megabyte."""
    settle = tasks.settle.settle_left_over

    def kept(*args: Any) -> int:
        _kept.append(bytearray(os.urandom(1) * 200_000))
        return int(settle(*args))

    tasks.settle.settle_left_over = kept


app.conf.update(json.loads(os.environ.get("CHAOS_CONF", "{}")))
assert planted  # its plants are set by being imported
if name := os.environ.get("CHAOS_HARM"):
    globals()[name]()
