"""The proofs' own servers and processes: nothing of the test session's is touched.

A `Yard` is a PostgreSQL and a Valkey in a temporary home with seeded databases to copy; a `Rig` is
one test's fresh database in it and the real processes that work on it.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

import psycopg2
import redis

from common import embedded
from common.embedded import postgres, valkey
from tests.chaos.processes import PATIENCE, ROOT, Process, wait

__all__ = ["AS_OF", "Process", "Rig", "Yard", "wait"]
# The seeded day (bench.data.AS_OF): nothing is computed for it yet.
AS_OF = "2026-06-29"
SEED = """
from bench import data
data.CARS_A_STORE = {cars}
data.lay({stores} * {cars})
"""
SIGN_IN = """
from django.test import Client
from stores.models import Staff
client = Client()
client.force_login(Staff.objects.get(code={code!r}), "django.contrib.auth.backends.ModelBackend")
print(client.cookies["huitou"].value)
"""


class Rig:
    """One database of its own on the yard's servers, and processes that are killed at the end."""

    def __init__(self, home: Path, database_url: str, redis_url: str, logs: Path) -> None:
        self.home, self.logs = home, logs
        self.database_url, self.redis_url = database_url, redis_url
        self.processes: list[Process] = []

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not _is_ours(name)}
        return kept | {
            "HUITOU_HOME": str(self.home),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "DJANGO_SETTINGS_MODULE": "crm_project.settings",
            "HUITOU_LOG_LEVEL": "INFO",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(ROOT),
            **more,
        }

    # Processes

    def start(self, name: str, words: Sequence[str], **environment: str) -> Process:
        """Any program; its log is `<name>-<n>.log`."""
        log = self.logs / f"{name}-{len(self.processes)}.log"
        process = Process(words, self.environment(**environment), log)
        self.processes.append(process)
        return process

    def worker(
        self,
        *,
        concurrency: int = 1,
        include: str = "",
        path: Path | None = None,
        options: Sequence[str] = (),
        ready: bool = True,
        **environment: str,
    ) -> Process:
        """A Celery worker; `include` names a module (in the folder `path`) it loads besides."""
        words = [sys.executable, "-m", "celery", "--app", "crm_project.celery", "worker"]
        words += ["--concurrency", str(concurrency), "--without-gossip", "--without-mingle"]
        # Two workers on one machine: a name of its own for each.
        words += ["--loglevel", "INFO", "--hostname", f"{uuid4().hex[:8]}@%h", *options]
        words += ["--include", include] if include else []
        if path:
            environment.setdefault("PYTHONPATH", f"{path}{os.pathsep}{ROOT}")
        process = self.start("worker", words, **environment)
        if ready:
            process.says(" ready.")
        return process

    def beat(
        self,
        *,
        sweep: float = 30,
        tick: float | None = None,
        app: str = "tests.chaos.fast",
        **environment: str,
    ) -> Process:
        """Celery's beat; it sweeps every `sweep` seconds (the product: every 30).

        It starts no day unless asked for a `tick`: that would be today's, not the seeded one.
        """
        schedule = self.logs / f"schedule-{len(self.processes)}"
        words = [sys.executable, "-m", "celery", "--app", app, "beat"]
        words += ["--loglevel", "INFO", "--schedule", str(schedule)]
        environment |= {"CHAOS_SWEEP": str(sweep), "CHAOS_TICK": str(tick or "")}
        return self.start("beat", words, **environment)

    def web(self, workers: int = 2, **environment: str) -> Process:
        """Gunicorn as it is served, without TLS; answers at `.url`."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            place = f"127.0.0.1:{probe.getsockname()[1]}"
        environment = {"HUITOU_BIND": place, "WEB_CONCURRENCY": str(workers), **environment}
        words = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.py"]
        process = self.start("web", words, **environment)
        process.url = f"http://{place}"
        wait(lambda: _answers(process), what="web")
        return process

    def python(self, code: str, **environment: str) -> str:
        """What the code prints in a process of its own that has Django set up."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django\ndjango.setup()\n{code}"],
            cwd=ROOT,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def manage(self, *words: str) -> str:
        """Output of a management command."""
        code = f"from django.core.management import call_command\ncall_command(*{list(words)!r})"
        return self.python(code)

    def sign_in(self, code: str) -> str:
        """The session cookie (`huitou`) of the person with this staff code, such as `B1-1`."""
        return self.python(SIGN_IN.format(code=code)).strip()

    # Servers

    def rows(self, sql: str, params: Any = None) -> list[tuple[Any, ...]]:
        """The answer's rows, over a connection of its own: the server may have been restarted."""
        with closing(psycopg2.connect(self.database_url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql, params)
                return cursor.fetchall() if cursor.description else []

    def execute(self, sql: str, params: Any = None) -> None:
        self.rows(sql, params)

    def value(self, sql: str, params: Any = None) -> Any:
        return self.rows(sql, params)[0][0]

    @contextmanager
    def redis(self) -> Iterator["redis.Redis[Any]"]:
        with redis.Redis.from_url(self.redis_url) as client:
            yield client

    def crash_postgres(self) -> None:
        """As `pg_ctl -m immediate` and a start: every connection breaks, nothing is flushed."""
        number = postgres.pid(self.home)
        assert number
        os.kill(number, signal.SIGQUIT)
        wait(lambda: postgres.pid(self.home) is None, what="the end of PostgreSQL")
        embedded.ensure(self.home)

    def crash_valkey(self) -> None:
        """kill -9 and a start: the append-only file brings it back."""
        number = valkey.pid(self.home)
        assert number
        os.kill(number, signal.SIGKILL)
        wait(lambda: valkey.pid(self.home) is None, what="the end of Valkey")
        embedded.ensure(self.home)

    def valkey_pid(self) -> int:
        number = valkey.pid(self.home)
        assert number
        return number

    def kill_all(self) -> None:
        for process in self.processes:
            process.send_all(signal.SIGKILL)
        for process in self.processes:
            process.popen.wait(PATIENCE)


class Yard:
    """The servers of one test process, and the databases that rigs are copied from."""

    def __init__(self) -> None:
        # A short path: sockets lie below it.
        self.home = Path(tempfile.mkdtemp(prefix="huitou-"))
        self.services = embedded.ensure(self.home, durable=True)
        self.seeded: set[str] = set()

    def close(self) -> None:
        embedded.stop(self.home)
        shutil.rmtree(self.home, ignore_errors=True)

    @contextmanager
    def rig(self, stores: int, cars: int) -> Iterator[Rig]:
        """A fresh copy of the seed with so many stores, and so many cars in each."""
        self.services = embedded.ensure(self.home)
        seed = self._seed(stores, cars)
        name = f"rig_{uuid4().hex[:12]}"
        self._on_server(f'CREATE DATABASE "{name}" TEMPLATE "{seed}"')
        logs = self.home / name
        logs.mkdir()
        rig = Rig(self.home, self._url(name), self.services.redis_url, logs)
        with rig.redis() as client:
            client.flushall()
        try:
            yield rig
        finally:
            rig.kill_all()
            embedded.ensure(self.home)
            self._on_server(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _seed(self, stores: int, cars: int) -> str:
        name = f"seed_{stores}x{cars}"
        if name not in self.seeded:
            self._on_server(f'DROP DATABASE IF EXISTS "{name}"')
            self._on_server(f'CREATE DATABASE "{name}"')
            rig = Rig(self.home, self._url(name), self.services.redis_url, self.home)
            rig.manage("migrate", "--verbosity=0")
            rig.python(SEED.format(stores=stores, cars=cars))
            self.seeded.add(name)
        return name

    def _url(self, database: str) -> str:
        return self.services.database_url.rpartition("/")[0] + f"/{database}"

    def _on_server(self, sql: str) -> None:
        with closing(psycopg2.connect(self.services.database_url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql)


def _is_ours(name: str) -> bool:
    return name.startswith(("HUITOU_", "PYTEST_")) or name in {"DATABASE_URL", "REDIS_URL"}


def _answers(process: Process) -> bool:
    assert process.lives(), process.text()
    with contextlib.suppress(OSError), urlopen(f"{process.url}/healthz", timeout=5) as answer:
        return bool(answer.status == 200)
    return False
