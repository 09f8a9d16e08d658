"""Tasks and faults beside the product's: what proofs about the broker have a worker do.

`CHAOS_CONF` changes the worker's configuration, `CHAOS_HARM` names a function to begin with.
"""

import json
import os
import time
from collections.abc import Callable
from typing import Any

from celery import shared_task

from common.sql import execute
from crm_project.celery import app
from pipeline import tasks
from pipeline.models import JobChunk
from pipeline.services import chunks
from tests.chaos import planted

NOTE = "INSERT INTO chaos_note (word) VALUES (%(word)s)"
LONG = 600
_kept: list[bytearray] = []


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


def slow() -> None:
    """A chunk's work takes a third of a second longer, so that a signal meets it."""
    _slower(lambda _chunk: 0.3)


def linger() -> None:
    """As `slow`, and the first chunk's work does not end by itself."""
    _slower(lambda chunk: 0.3 if chunk.number else LONG)


def _slower(seconds: Callable[[JobChunk], float]) -> None:
    work: Callable[[JobChunk], dict[str, int]] = chunks._work

    def slowly(chunk: JobChunk) -> dict[str, int]:
        counts = work(chunk)
        time.sleep(seconds(chunk))
        return counts

    chunks._work = slowly


def leak() -> None:
    """Each sweep keeps a fifth of a megabyte, and its result where `CHAOS_CONF` says."""
    tasks.sweep.ignore_result = False
    settle = tasks.settle.settle_left_over

    def kept(*args: Any) -> int:
        _kept.append(bytearray(os.urandom(1) * 200_000))
        return int(settle(*args))

    tasks.settle.settle_left_over = kept


app.conf.update(json.loads(os.environ.get("CHAOS_CONF", "{}")))
assert planted  # its plants are set by being imported
if name := os.environ.get("CHAOS_HARM"):
    globals()[name]()
