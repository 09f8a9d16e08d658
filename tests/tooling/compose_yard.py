"""The places of docker-compose.yml's containers on this machine, and its database as it says.

What only a container has is replaced: the places of secrets and of temporary files, the port.
"""

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from common import embedded
from common.embedded import identity, postgres

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
GIVEN = {"HUITOU_HOSTS": "crm.example.com", "HUITOU_TLS": "internal"}
INNERMOST = re.compile(r"\$\{(\w+)(?::([-?])([^${}]*))?\}|\$(\w+)")
SECONDS = 60


def interpolated(text: str) -> str:
    """As compose does it: `$$`, `${NAME:-default}`, `${NAME:?error}`, one inside the other."""
    text = text.replace("$$", "\0")
    while found := INNERMOST.search(text):
        name, sign, rest = found[1] or found[4], found[2], found[3]
        value = GIVEN.get(name, rest if sign == "-" else None)
        assert value is not None, f"{name} must be given: {rest}"
        text = text[: found.start()] + value + text[found.end() :]
    return text.replace("\0", "$")


@dataclass(frozen=True)
class Yard:
    """Where the containers' places are on this machine."""

    home: Path
    port: int
    database: "Database"

    def words(self, words: list[str]) -> list[str]:
        return [self.here(interpolated(word)) for word in words]

    def here(self, text: str) -> str:
        places = {
            "/run/secrets": str(self.home / "secrets"),
            "/backups": str(self.home / "backups"),
            "/tmp": str(self.home / "tmp"),
            "127.0.0.1:8000": f"127.0.0.1:{self.port}",
        }
        return re.sub("|".join(map(re.escape, places)), lambda found: places[found[0]], text)

    def environment(self, service: str) -> dict[str, str]:
        given = SERVICES[service].get("environment", {})
        return {
            "PATH": f"{Path(sys.executable).parent}:{self.home / 'bin'}:{os.environ['PATH']}",
            "HOSTNAME": socket.gethostname(),
            "DJANGO_SETTINGS_MODULE": "crm_project.settings",
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",  # the static files are made when the image is built
            **{name: self.here(interpolated(str(value))) for name, value in given.items()},
            "HUITOU_HOME": str(self.home / "home"),
            "HUITOU_BIND": f"127.0.0.1:{self.port}",
        }

    def command(self, service: str) -> list[str]:
        """Its own, else the image's."""
        found = SERVICES[service].get("command")
        if found is None:
            found = json.loads(DOCKERFILE.rpartition("\nCMD ")[2].replace("\\\n", ""))
        return self.words(found)

    def run(self, service: str, words: list[str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words or self.command(service),
            cwd=ROOT,
            env=self.environment(service),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    @contextmanager
    def started(self, service: str, *, stop: bool = True) -> Iterator[Path]:
        """The service runs and is well by its own health check; its output. It stops in time.

        `stop` False: it is killed at the end, for one that waits before it stops.
        """
        output = self.home / f"{service}.log"
        with output.open("wb") as log:
            process = subprocess.Popen(
                self.command(service),
                cwd=ROOT,
                env=self.environment(service),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait(lambda: self.is_well(service) or process.poll() is not None)
            assert process.poll() is None, output.read_text()
            yield output
            if stop:
                process.send_signal(signal.SIGTERM)
                grace = SERVICES[service].get("stop_grace_period", "10s")
                process.wait(int(grace.removesuffix("s")))
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def is_well(self, service: str) -> bool:
        how, *words = SERVICES[service]["healthcheck"]["test"]
        words = [*(["sh", "-c"] if how == "CMD-SHELL" else []), *self.words(words)]
        return self.run(service, words).returncode == 0


def wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come in time"
        time.sleep(0.3)


class Database:
    """PostgreSQL made and started with the words of the file; only sockets instead of ports."""

    def __init__(self, home: Path) -> None:
        self.data, self.sockets, self.log = (
            home / "database",
            home / "sockets",
            home / "postgres.log",
        )
        for folder in (self.data, self.sockets):
            folder.mkdir(mode=0o700)
        self.runner = identity.choose(home, postgres.programs())
        for folder in (self.data, self.sockets):
            self.runner.give(folder)
        self.made = self._run("initdb", *self._initdb())
        hba = shutil.copy(ROOT / "deploy" / "pg_hba.conf", self.data / "given_hba.conf")
        words = [
            word.replace("/etc/postgresql/pg_hba.conf", str(hba))
            for word in SERVICES["postgres"]["command"][1:]
        ]
        words += ["--listen_addresses=", f"--unix_socket_directories={self.sockets}"]
        self.runner.give(self.data)
        self._control("start", "-l", str(self.log), "-o", " ".join(words))
        self.url = postgres.url(self.sockets)
        self._run("createdb", "-h", str(self.sockets), "-U", "huitou", "huitou")

    def stop(self) -> None:
        self._control("stop", "-m", "fast")

    def _initdb(self) -> list[str]:
        given = SERVICES["postgres"]["environment"]
        options = interpolated(given["POSTGRES_INITDB_ARGS"]).split()
        return ["-D", str(self.data), *options, "--no-sync", f"-U{given['POSTGRES_USER']}"]

    def _control(self, *words: str) -> None:
        # Its output goes to a file: the server would keep a pipe open.
        with (self.log.parent / "pg_ctl.log").open("ab") as output:
            words = ("-D", str(self.data), "-w", *words)
            done = self.runner.run("pg_ctl", *words, output=output.fileno(), cwd=self.data)
        assert done.returncode == 0, self.log.read_text() if self.log.exists() else words

    def _run(self, *words: str) -> str:
        done = self.runner.run(*words, output=subprocess.PIPE)
        assert done.returncode == 0, done.stdout.decode()
        return done.stdout.decode()


@contextmanager
def yard() -> Iterator[Yard]:
    """Servers, secrets and folders; the migrations are done by their service."""
    # A short path: sockets lie below it.
    home, database = Path(tempfile.mkdtemp(prefix="huitou-")), None
    try:
        services = embedded.ensure(home, postgres=False, durable=False)
        database = Database(home)
        for folder in ("secrets", "backups", "tmp", "home"):
            (home / folder).mkdir()
        values = {name: secrets.token_urlsafe(48) for name in COMPOSE["secrets"]}
        values |= {"database_url": database.url, "redis_url": services.redis_url, "email_url": ""}
        for name, value in values.items():
            (home / "secrets" / name).write_text(value)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        made = Yard(home, port, database)
        done = made.run("migrate")
        assert done.returncode == 0, done.stderr
        yield made
    finally:
        if database:
            database.stop()
        embedded.stop(home)
        shutil.rmtree(home)
