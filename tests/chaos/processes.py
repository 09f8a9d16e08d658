"""Processes that a proof starts, watches and kills."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60


def wait(condition: Callable[[], Any], seconds: float = PATIENCE, what: str = "it") -> Any:
    """Polls until the condition holds; its value."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what} did not come within {seconds} s"
        time.sleep(0.05)
    return found


class Process:
    """A program in a session of its own; what it says is in its log."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        self.url = ""
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                list(words),
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.popen.pid

    def text(self) -> str:
        return self.log.read_text("utf-8", errors="replace")

    def lives(self) -> bool:
        return self.popen.poll() is None

    def children(self) -> list[int]:
        """The processes it started and that live; empty when it is dead itself."""
        with contextlib.suppress(OSError):
            path = Path(f"/proc/{self.pid}/task/{self.pid}/children")
            return [int(word) for word in path.read_text().split()]
        return []

    def send(self, number: signal.Signals) -> None:
        """A signal to the main process alone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def send_all(self, number: signal.Signals) -> None:
        """A signal to the whole session."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def kill(self) -> None:
        """Ends it and all its children at once."""
        self.send_all(signal.SIGKILL)
        self.popen.wait(PATIENCE)

    def says(self, text: str, seconds: float = PATIENCE) -> None:
        """Waits until its log holds the text."""

        def said() -> bool:
            assert self.lives() or text in self.text(), self.text()
            return text in self.text()

        wait(said, seconds, f"{text!r} in {self.log.name}")
