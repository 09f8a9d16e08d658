"""Small helpers shared by the embedded servers: the lock, the sockets' place, processes, logs."""

import fcntl
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# A unix socket's path may have 107 bytes; the longest name we put below the
# directory is "/.s.PGSQL.5432" (14).
LONGEST_SOCKET_DIRECTORY = 107 - 14

LOG_LIMIT_BYTES = 10_000_000


class EmbeddedError(RuntimeError):
    """An embedded server cannot do what was asked; the text says what the reader can do."""


def prepare(home: Path) -> Path:
    """Make the home directory and return it without symbolic links or `~`."""
    home = home.expanduser().resolve()
    try:
        home.mkdir(parents=True, exist_ok=True)
        for name in ("logs", "valkey"):
            (home / name).mkdir(mode=0o700, exist_ok=True)
        ignore = home / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")
    except OSError as error:
        raise EmbeddedError(
            f"Cannot write to {home} ({error.strerror}). Run as the user who owns it,"
            " or set HUITOU_HOME to a directory of your own."
        ) from error
    return home


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold the home's lock; the kernel frees it when the holder dies, however it dies."""
    try:
        descriptor = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError as error:
        raise EmbeddedError(
            f"{home} is used by another user. Run as that user,"
            " or set HUITOU_HOME to a directory of your own."
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def socket_directory(home: Path) -> Path:
    """Where the sockets of this home are; made when missing.

    `run` below the home, or, when that path is too long for a socket, a private
    temporary directory that `run` then points to, so that every process finds the same.
    """
    run = home / "run"
    if run.is_dir():
        return run.resolve()
    run.unlink(missing_ok=True)  # a link into a temporary directory that a reboot has emptied
    if len(os.fsencode(run)) <= LONGEST_SOCKET_DIRECTORY:
        run.mkdir(mode=0o700)
        return run
    run.symlink_to(tempfile.mkdtemp(prefix="huitou-"))
    return run.resolve()


def remove_socket_directory(home: Path) -> None:
    """Take away a temporary socket directory; one below the home stays."""
    run = home / "run"
    if run.is_symlink():
        with suppress(OSError):  # already gone, or somebody else's file lies in it
            run.resolve().rmdir()
            run.unlink()


def is_process_of(pid: int, program: str, directory: Path) -> bool:
    """Whether the process lives, runs that program and works in that directory.

    The number alone proves nothing: after a crash or a reboot it may belong to anybody.
    A directory that was deleted under a running server still counts as its own.
    """
    try:
        executable = os.readlink(f"/proc/{pid}/exe")
        works_in = os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return False
    return Path(executable.removesuffix(" (deleted)")).name == program and works_in.removesuffix(
        " (deleted)"
    ) == str(directory)


def processes_of(program: str, directory: Path) -> list[int]:
    """All processes of that program that work in that directory."""
    pids = (int(entry) for entry in os.listdir("/proc") if entry.isdigit())
    return [pid for pid in pids if is_process_of(pid, program, directory)]


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in that time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def end(program: str, directory: Path, *steps: tuple[signal.Signals, float]) -> None:
    """Send each signal in turn to the program's processes until none is left."""
    for number, seconds in steps:
        for pid in processes_of(program, directory):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        if wait_until(lambda: not processes_of(program, directory), seconds):
            return
    raise EmbeddedError(f"{program} in {directory} cannot be stopped.")


def open_log(path: Path) -> int:
    """Descriptor to append to; a log over 10 MB is first set aside as `.1`."""
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def last_lines(path: Path, count: int = 15) -> str:
    """The end of a log, for an error message."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-count:])
    except OSError:
        return ""
