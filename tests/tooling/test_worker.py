"""A real worker under R9: what its death takes away comes back (T2)."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from celery import current_app

from crm_project.celery import WORKER
from tests.figures import say, size

ROOT = Path(__file__).resolve().parents[2]
PLANTED = """
import json, os, time
from pathlib import Path
from celery import shared_task
from crm_project.celery import app

app.conf.update(json.loads(os.environ["PLANTED"]))


@shared_task(name="planted.hold")
def hold(path):
    # The first run stays until it is killed.
    runs = Path(path)
    with runs.open("a") as file:
        file.write(f"{time.time()} {os.getpid()} {os.getppid()}\\n")
    if len(runs.read_text().splitlines()) == 1:
        time.sleep(1000)
    runs.with_suffix(".done").touch()
"""

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.proof]


@pytest.fixture
def queue() -> Iterator[str]:
    """One of its own: a dying child of the test before may still be fed from its queue."""
    name = f"huitou-test-{uuid4().hex}"
    yield name
    with current_app.connection_for_write() as connection:
        connection.default_channel.queue_delete(name)


@contextmanager
def worker(folder: Path, queue: str, **planted: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A worker with production's configuration but for what is `planted`."""
    (folder / "planted.py").write_text(PLANTED)
    environment = {
        **os.environ,
        "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}",
        "PLANTED": json.dumps(planted),
        "HUITOU_LOG_LEVEL": "INFO",
    }
    words = ["--app", "crm_project.celery", "worker", "--include", "planted", "--queues", queue]
    words += ["--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    words += ["--hostname", f"{uuid4().hex[:8]}@%h"]
    with (folder / "worker.log").open("ab") as log:
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
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """The worker and its children, also those that outlived it."""
    with suppress(ProcessLookupError):
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


class Run(NamedTuple):
    """When a run of the task began, in which child of which worker."""

    at: float
    child: int
    worker: int


def runs(path: Path) -> list[Run]:
    lines = path.read_text().splitlines() if path.exists() else []
    words = [line.split() for line in lines]
    return [Run(float(at), int(child), int(parent)) for at, child, parent in words]


def log(folder: Path) -> str:
    return (folder / "worker.log").read_text()


# T2's figure for a child.
CHILD_SECONDS = 5.0
# Production's timeout is half an hour; the sweep is production's own in the long form.
VISIBILITY, SWEEP = size(3, 60), size(1, 5)
MAIN_SECONDS = VISIBILITY + 2 * SWEEP
TRANSPORT = {
    **WORKER["broker_transport_options"],
    "visibility_timeout": VISIBILITY,
    "unacked_restore_interval": SWEEP,
}


def killed(which: str, path: Path, queue: str) -> float:
    """Starts the task and kills its child or worker in the midst of it; when."""
    send("planted.hold", path, queue)
    assert happens(lambda: len(runs(path)) == 1, 60), log(path.parent)
    at = time.time()
    os.kill(getattr(runs(path)[0], which), signal.SIGKILL)
    return at


def again(path: Path, since: float, limit: float) -> float | None:
    """After how many seconds it ran again; None: not within the limit and a little more."""
    if not happens(lambda: len(runs(path)) > 1, limit + 3):
        return None
    return round(runs(path)[1].at - since, 2)


def test_a_task_whose_child_was_killed_runs_again(tmp_path: Path, queue: str) -> None:
    path = tmp_path / "task"
    with worker(tmp_path, queue):
        seconds = again(path, killed("child", path, queue), CHILD_SECONDS)
        assert happens(path.with_suffix(".done").exists, 10), log(tmp_path)
    say("T2", what="child killed", again_seconds=seconds, limit=CHILD_SECONDS)
    assert seconds is not None
    assert seconds <= CHILD_SECONDS


def test_without_reject_on_lost_it_would_be_lost(tmp_path: Path, queue: str) -> None:
    """The control: late acknowledgement alone."""
    path = tmp_path / "task"
    with worker(tmp_path, queue, task_reject_on_worker_lost=False):
        seconds = again(path, killed("child", path, queue), CHILD_SECONDS)
    say("T2", control=True, what="child killed, late ack alone", lost=int(seconds is None))
    assert seconds is None


def comes_back(folder: Path, queue: str, **planted: Any) -> float | None:
    """After how many seconds a task runs again when its worker was killed, beside another one."""
    path = folder / "task"
    planted = {"broker_transport_options": TRANSPORT, **planted}
    with worker(folder, queue, **planted), worker(folder, queue, **planted):
        assert happens(lambda: log(folder).count(" ready.") == 2, 60), log(folder)
        return again(path, killed("worker", path, queue), MAIN_SECONDS)


def test_a_task_whose_worker_was_killed_comes_back(tmp_path: Path, queue: str) -> None:
    seconds = comes_back(tmp_path, queue)
    say(
        "T2",
        what="worker killed",
        again_seconds=seconds,
        visibility_timeout=VISIBILITY,
        sweep=SWEEP,
        limit=MAIN_SECONDS,
    )
    assert seconds is not None
    assert seconds <= MAIN_SECONDS


def test_with_early_acknowledgement_it_would_be_lost(tmp_path: Path, queue: str) -> None:
    """The control."""
    seconds = comes_back(tmp_path, queue, task_acks_late=False)
    say("T2", control=True, what="worker killed, early ack", lost=int(seconds is None))
    assert seconds is None


def test_an_idle_worker_stops_at_once(tmp_path: Path, queue: str) -> None:
    path = tmp_path / "task"
    with worker(tmp_path, queue) as process:
        path.write_text("0 0 0\n")
        send("planted.hold", path, queue)
        assert happens(path.with_suffix(".done").exists, 60), log(tmp_path)
        process.terminate()
        assert process.wait(timeout=10) == 0
