"""A real worker under R9: what its death takes away comes back (T2)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from celery import current_app

ROOT = Path(__file__).resolve().parents[2]
PLANTED = """
import os, signal, time
from pathlib import Path
from celery import shared_task
from crm_project.celery import app

app.conf.task_reject_on_worker_lost = os.environ["REJECT_ON_LOST"] == "1"


@shared_task(name="planted.die_once")
def die_once(path):
    started = Path(path)
    if not started.exists():
        started.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    started.with_suffix(".done").touch()


@shared_task(name="planted.sleep")
def sleep(path):
    Path(path).touch()
    time.sleep(60)
"""

pytestmark = [pytest.mark.chaos, pytest.mark.slow]


@pytest.fixture
def queue() -> Iterator[str]:
    """One of its own: a dying child of the test before may still be fed from its queue."""
    name = f"huitou-test-{uuid4().hex}"
    yield name
    with current_app.connection_for_write() as connection:
        connection.default_channel.queue_delete(name)


@contextmanager
def worker(
    folder: Path, queue: str, *, rejects_on_lost: bool = True
) -> Iterator[subprocess.Popen[bytes]]:
    (folder / "planted.py").write_text(PLANTED)
    environment = {
        **os.environ,
        "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}",
        "REJECT_ON_LOST": "1" if rejects_on_lost else "0",
    }
    words = ["--app", "crm_project.celery", "worker", "--include", "planted", "--queues", queue]
    words += ["--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "ERROR"]
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", *words],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def send(task: str, path: Path, queue: str) -> None:
    current_app.send_task(task, (str(path),), queue=queue)


def happens(condition: Callable[[], bool], within: float) -> bool:
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


# The pool looks after its children every five seconds at the latest.
SOON, NEVER = 20, 12


def test_a_task_whose_child_was_killed_runs_again(tmp_path: Path, queue: str) -> None:
    path = tmp_path / "task"
    with worker(tmp_path, queue):
        send("planted.die_once", path, queue)
        assert happens(path.exists, 30), (tmp_path / "worker.log").read_text()
        assert happens(path.with_suffix(".done").exists, SOON), (
            tmp_path / "worker.log"
        ).read_text()


def test_without_the_guard_it_would_be_lost(tmp_path: Path, queue: str) -> None:
    path = tmp_path / "task"
    with worker(tmp_path, queue, rejects_on_lost=False):
        send("planted.die_once", path, queue)
        assert happens(path.exists, 30), (tmp_path / "worker.log").read_text()
        assert not happens(path.with_suffix(".done").exists, NEVER)


def test_an_idle_worker_stops_at_once(tmp_path: Path, queue: str) -> None:
    path = tmp_path / "task"
    with worker(tmp_path, queue) as process:
        path.touch()
        send("planted.die_once", path, queue)
        assert happens(path.with_suffix(".done").exists, 30), (tmp_path / "worker.log").read_text()
        process.terminate()
        assert process.wait(timeout=10) == 0
