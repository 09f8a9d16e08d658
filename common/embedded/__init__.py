"""PostgreSQL and Valkey out of Python wheels, for demo, development, tests and a single store.

Needs no Django, since the settings call it. Linux only. The servers are daemons: they
outlive the process that started them, until `stop`.
"""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from common.embedded import postgres as _postgres
from common.embedded import process
from common.embedded import valkey as _valkey
from common.embedded.process import EmbeddedError
from common.embedded.valkey import broker_url

__all__ = [
    "EmbeddedError",
    "Services",
    "Status",
    "broker_url",
    "default_home",
    "ensure",
    "status",
    "stop",
]


@dataclass(frozen=True)
class Services:
    """Where the servers are; empty for one that was not asked for."""

    database_url: str
    redis_url: str

    @property
    def broker_url(self) -> str:
        """`redis_url` in the words of kombu and Celery."""
        return broker_url(self.redis_url)


@dataclass(frozen=True)
class Status:
    """Process ids of the servers that run."""

    postgres: int | None
    valkey: int | None


def default_home() -> Path:
    """HUITOU_HOME, or `.huitou` in the project's root."""
    project = Path(__file__).resolve().parents[2]
    return Path(os.environ.get("HUITOU_HOME") or project / ".huitou")


def ensure(
    home: Path, *, postgres: bool = True, valkey: bool = True, durable: bool = True
) -> Services:
    """Start what does not run yet and say where it is.

    Any number of processes may call this at once, any number of times, also after a crash.
    Makes the database `huitou` when it is missing. `durable=False` is for tests: faster, a
    power cut loses the data; it counts when a server starts, not for one that runs.
    Raises EmbeddedError with words for the person at the terminal.
    """
    home = process.prepare(home)
    with process.locked(home):
        return Services(
            database_url=_postgres.ensure(home, durable=durable) if postgres else "",
            redis_url=_valkey.ensure(home, durable=durable) if valkey else "",
        )


def stop(home: Path) -> None:
    """Stop both servers cleanly; does nothing where none runs."""
    home = home.expanduser().resolve()
    if not home.is_dir():  # deleted, perhaps under running servers: nothing is left to save
        for program, name in (("postgres", "postgres"), (_valkey.PROGRAM, "valkey")):
            process.end(program, home / name, (signal.SIGKILL, 10))
        return
    with process.locked(home):
        _valkey.stop(home)
        _postgres.stop(home)
        process.remove_socket_directory(home)


def status(home: Path) -> Status:
    """What runs now; starts nothing."""
    home = home.expanduser().resolve()
    return Status(postgres=_postgres.pid(home), valkey=_valkey.pid(home))
