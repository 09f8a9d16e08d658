"""A small supervisor: runs the processes of `demo` and `serve` together and ends them together."""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import IO, NamedTuple, TextIO

from common.embedded.process import open_log

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1


class Program(NamedTuple):
    """A child: the name its lines carry, its command, what it adds to our environment."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = {}


class _Child:
    """One program and the process it has at present."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.starts_at = 0.0  # monotonic; meaningful while there is no process
        self.quick_deaths = 0
        self.rest = b""  # a line not yet finished


class Supervisor:
    """Starts programs in sessions of their own, restarts those that die, stops all on a signal.

    A program that dies within `quick_seconds` of its start counts as a quick death; after
    `quick_restarts` of them in a row everything is stopped. With `logs` each program writes
    to `<logs>/<name>.log`, else its lines come out on `out` behind its name.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        logs: Path | None = None,
        out: TextIO | None = None,
        stop_seconds: float = 15,
        quick_seconds: float = 10,
        quick_restarts: int = 5,
        backoff_seconds: float = 0.5,
    ) -> None:
        self.children = [_Child(Program(*program)) for program in programs]
        self.logs = logs
        self.out = out or sys.stdout
        self.stop_seconds = stop_seconds
        self.quick_seconds = quick_seconds
        self.quick_restarts = quick_restarts
        self.backoff_seconds = backoff_seconds
        self.stopping = False
        self.hurry = False  # a second signal: no more waiting
        self.selector = selectors.DefaultSelector()

    def run(self) -> int:
        """Blocks until a signal or a hopeless program; returns 0 or 1. Main thread only."""
        before = {number: signal.signal(number, self._on_signal) for number in STOP_SIGNALS}
        failed = False
        try:
            while not (self.stopping or failed):
                for child in self.children:
                    failed = self._tend(child) or failed
                self._pass_on_output(0.1)
        finally:
            self._stop_all()
            for number, handler in before.items():
                signal.signal(number, handler)
            self.selector.close()
        return 1 if failed else 0

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.hurry = self.stopping
        self.stopping = True

    def _tend(self, child: _Child) -> bool:
        """Start or restart the child when it is due; whether it is hopeless."""
        if child.process is None:
            return time.monotonic() >= child.starts_at and not self._start(child)
        if not _has_ended(child.process):
            return False
        lived = time.monotonic() - child.started_at
        code = self._bury(child, child.process)
        child.quick_deaths = child.quick_deaths + 1 if lived < self.quick_seconds else 0
        if child.quick_deaths > self.quick_restarts:
            self._say(
                child,
                f"ended again ({_reason(code)}) after {self.quick_restarts} quick restarts."
                " Giving up and stopping everything.",
            )
            return True
        pause = self.backoff_seconds * 2 ** max(0, child.quick_deaths - 1)
        self._say(child, f"ended ({_reason(code)}); restarting in {pause:g} s.")
        child.starts_at = time.monotonic() + pause
        return False

    def _start(self, child: _Child) -> bool:
        """Whether its command could be run at all."""
        log = None if self.logs is None else open_log(self.logs / f"{child.program.name}.log")
        child.started_at = time.monotonic()
        try:
            child.process = subprocess.Popen(  # noqa: S603 - our caller's explicit list, no shell
                list(child.program.argv),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if log is None else log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **child.program.env},
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        except OSError as error:
            self._say(child, f"cannot be started ({error}). Stopping everything.")
            return False
        finally:
            if log is not None:
                os.close(log)
        if child.process.stdout is not None:
            os.set_blocking(child.process.stdout.fileno(), False)
            self.selector.register(child.process.stdout, selectors.EVENT_READ, child)
        return True

    def _pass_on_output(self, seconds: float) -> None:
        if not self.selector.get_map():
            time.sleep(seconds)
            return
        for key, _ in self.selector.select(seconds):
            self._read(key.data, key.fileobj)  # type: ignore[arg-type]

    def _read(self, child: _Child, pipe: IO[bytes]) -> None:
        data = os.read(pipe.fileno(), 65536)
        if not data:
            self.selector.unregister(pipe)
            pipe.close()
        *lines, child.rest = (child.rest + data).split(b"\n")
        for line in lines:
            self._say(child, line.decode(errors="replace"))

    def _say(self, child: _Child, text: str) -> None:
        with suppress(OSError, ValueError):  # the terminal is gone; the children still need us
            self.out.write(f"{child.program.name:<8} | {text}\n")
            self.out.flush()

    def _bury(self, child: _Child, process: subprocess.Popen[bytes]) -> int:
        """Take leave of a child: what is left of its group, its last words; its exit code.

        The leader is waited for last: until then nobody else can have its group's number.
        """
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        code = process.wait()
        pipe = process.stdout
        if pipe is not None:
            with suppress(BlockingIOError):
                while not pipe.closed:
                    self._read(child, pipe)
            if not pipe.closed:
                self.selector.unregister(pipe)
                pipe.close()
        if child.rest:
            self._say(child, child.rest.decode(errors="replace"))
            child.rest = b""
        child.process = None
        return code

    def _stop_all(self) -> None:
        """TERM to each leader (it knows its workers best), wait, KILL to the whole group."""
        living = [(child, child.process) for child in self.children if child.process is not None]
        for _, process in living:
            os.kill(process.pid, signal.SIGTERM)  # not yet waited for, so the number is its own
        deadline = time.monotonic() + self.stop_seconds
        while not all(_has_ended(process) for _, process in living):
            if self.hurry or time.monotonic() > deadline:
                break
            self._pass_on_output(0.05)
        for child, process in living:
            self._bury(child, process)


def run(programs: Sequence[Program], *, logs: Path | None = None, stop_seconds: float = 15) -> int:
    """Run the programs until SIGINT, SIGTERM or SIGHUP (0) or until one is hopeless (1)."""
    return Supervisor(programs, logs=logs, stop_seconds=stop_seconds).run()


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it is over, leaving it to be waited for."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _reason(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"


_LIBC = ctypes.CDLL(None)


def _end_with_parent() -> None:
    """In the child: have the kernel end it should the supervisor be killed outright.

    Otherwise a second start would find the port taken, or a second beat at work.
    """
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
