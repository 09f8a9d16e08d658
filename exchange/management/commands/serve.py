"""`manage.py serve`: everything one machine needs, in one terminal, until Ctrl-C."""

import os
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils.translation import gettext as _

from common import embedded
from common.embedded import supervise
from common.embedded.supervise import Program

WEB_WORKERS, WEB_THREADS, JOB_WORKERS = 2, 4, 2
# An idle worker stops at once, one at a chunk gives it up after 30 seconds; this is for one that
# cannot do even that. The next start takes the chunk up again.
STOP_SECONDS = 40.0
PYTHON = sys.executable


class Command(BaseCommand):
    help = "Starts the web server, the worker and the clock of the jobs; Ctrl-C ends them all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on")

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        home = Path(settings.HUITOU_HOME)
        refuse_taken_port(host, port)
        with _own_servers_stopped(home), _pid_file(home / "serve.pid"):
            call_command("migrate", verbosity=0)
            connections.close_all()
            self.stdout.write(
                _("Huitou answers at %(address)s — Ctrl-C ends it.")
                % {"address": f"http://{host}:{port}/"}
            )
            code = supervise.run(programs(host, port, home), stop_seconds=STOP_SECONDS)
        if code:
            sys.exit(code)


def refuse_taken_port(host: str, port: int) -> None:
    """Raises CommandError when the address cannot be listened on."""
    with socket.socket() as probe:
        # As the web server does it: a port that is only winding down is not taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            text = _(
                "Cannot listen on %(host)s:%(port)d (%(why)s). Choose another port: "
                '--port %(other)d, or with make: ARGS="--port %(other)d".'
            )
            facts = {"host": host, "port": port, "why": error.strerror, "other": port + 100}
            raise CommandError(text % facts) from error


def programs(host: str, port: int, home: Path) -> list[Program]:
    """Web, worker and beat as command lines."""
    celery = [PYTHON, "-m", "celery", "--app", "crm_project.celery", "--quiet"]
    level = ["--loglevel", "WARNING"]
    worker = ["worker", "--concurrency", str(JOB_WORKERS), "--without-gossip", "--without-mingle"]
    beat = ["beat", "--schedule", str(home / "beat-schedule"), "--pidfile", ""]
    return [
        Program("web", _web(host, port)),
        # A stop waits 30 seconds for the running tasks, then gives them back to the queue.
        Program("worker", [*celery, *worker, *level], {"REMAP_SIGTERM": "SIGQUIT"}),
        Program("beat", [*celery, *beat, *level]),
    ]


def _web(host: str, port: int) -> list[str]:
    return [
        *(PYTHON, "-m", "gunicorn", "crm_project.wsgi"),
        *("--bind", f"{host}:{port}", "--worker-class", "gthread"),
        *("--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS)),
        *("--log-level", "warning", "--graceful-timeout", "10", "--no-control-socket"),
    ]


@contextmanager
def _own_servers_stopped(home: Path) -> Iterator[None]:
    """At the end, stop the embedded servers that were started for this command.

    Those that ran before are somebody else's: a shell, a second terminal, a test.
    """
    found = embedded.status(home)
    pids = [pid for pid in (found.postgres, found.valkey) if pid]
    are_ours = bool(pids) and all(_started_at(pid) >= _started_at(os.getpid()) for pid in pids)
    try:
        yield
    finally:
        connections.close_all()
        if are_ours:
            embedded.stop(home)


def _started_at(pid: int) -> int:
    """When a process started, in the kernel's ticks since boot."""
    # The name in the second field may hold blanks and brackets: count behind the last of them.
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


@contextmanager
def _pid_file(path: Path) -> Iterator[None]:
    """Tells `make stop` whom to end."""
    path.write_text(str(os.getpid()))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
