"""Every command of docker-compose.yml is started as it stands there, beside embedded servers.

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
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml

from common import embedded
from common.embedded import identity, postgres, valkey

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
GIVEN = {"HUITOU_HOSTS": "crm.example.com", "HUITOU_TLS": "internal"}
INNERMOST = re.compile(r"\$\{(\w+)(?::([-?])([^${}]*))?\}|\$(\w+)")
SECONDS = 60

pytestmark = pytest.mark.chaos


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


@pytest.fixture(scope="module")
def yard() -> Iterator[Yard]:
    # A short path: sockets lie below it.
    home = Path(tempfile.mkdtemp(prefix="huitou-"))
    try:
        services = embedded.ensure(home, durable=False)
        for folder in ("secrets", "backups", "tmp", "home"):
            (home / folder).mkdir()
        values = {name: secrets.token_urlsafe(48) for name in COMPOSE["secrets"]}
        values |= {"database_url": services.database_url, "redis_url": services.redis_url}
        for name, value in values.items():
            (home / "secrets" / name).write_text(value)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        made = Yard(home, port)
        done = made.run("migrate")
        assert done.returncode == 0, done.stderr
        yield made
    finally:
        embedded.stop(home)
        shutil.rmtree(home)


def lines_of(output: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.read_text().splitlines() if line.startswith("{")]


def test_djangos_own_audit_of_this_environment_finds_nothing(yard: Yard) -> None:
    words = ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    found = yard.run("web", words)
    assert found.returncode == 0, found.stderr


def test_the_migration_step_leaves_nothing_to_do(yard: Yard) -> None:
    found = yard.run("migrate", ["python", "manage.py", "migrate", "--check"])
    assert found.returncode == 0, found.stdout


def test_web_answers_in_its_own_way_and_in_json(yard: Yard) -> None:
    token = (yard.home / "secrets" / "metrics_token").read_text()
    tls = {"X-Forwarded-Proto": "https"}
    with yard.started("web") as output:
        moved = ask(yard, "/login/?q=13900001111")
        refused = ask(yard, "/metrics", tls | {"Authorization": "Bearer guessed"})
        figures = ask(yard, "/metrics", tls | {"Authorization": f"Bearer {token}"})
    assert moved[0] == 301  # without the proxy's word for TLS
    assert refused == (401, "")
    assert re.search(r'requests_total\{view="healthz",method="GET",status="200"\} \d', figures[1])
    text = output.read_text()
    assert all(line.startswith("{") for line in text.splitlines()), text
    assert "13900001111" not in text
    assert any(line["event"].startswith("Listening at: http") for line in lines_of(output))


def ask(yard: Yard, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """Status and text of web's answer."""
    with closing(HTTPConnection("127.0.0.1", yard.port, timeout=10)) as line:
        line.request("GET", path, headers={"Host": GIVEN["HUITOU_HOSTS"], **(headers or {})})
        answer = line.getresponse()
        return answer.status, answer.read().decode()


def test_the_worker_starts_and_answers(yard: Yard) -> None:
    with yard.started("worker", stop=False) as output:
        pass
    text = output.read_text()
    assert "Traceback" not in text
    password = (yard.home / "secrets" / "field_key").read_text()
    assert password not in text


def test_beat_starts_and_keeps_its_schedule(yard: Yard) -> None:
    with yard.started("beat") as output:
        pass
    assert "Traceback" not in output.read_text()
    assert any("beat" in line["logger"] for line in lines_of(output))


def test_a_backup_is_made_by_its_service(yard: Yard) -> None:
    done = yard.run("backup")
    assert done.returncode == 0, done.stderr
    (made,) = (yard.home / "backups").iterdir()
    restored = yard.run(
        "backup", ["python", "manage.py", "restore", str(made), "--into", "from_service"]
    )
    assert restored.returncode == 0, restored.stderr


def test_the_broker_understands_its_options(yard: Yard) -> None:
    """The command's own words, with a socket instead of a port."""
    (yard.home / "bin").mkdir(exist_ok=True)
    (yard.home / "bin" / "valkey-server").unlink(missing_ok=True)
    (yard.home / "bin" / "valkey-server").symlink_to(valkey.program())
    place = yard.home / "broker.sock"
    shell, option, line = yard.command("valkey")
    here = f" --port 0 --unixsocket {place} --dir {yard.home / 'tmp'}"
    process = subprocess.Popen(
        [shell, option, line + here],
        env=yard.environment("valkey"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )
    try:
        wait(place.exists)
        password = (yard.home / "secrets" / "valkey_password").read_text()
        with redis.Redis(unix_socket_path=str(place), password=password) as client:
            wait(client.ping)
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
            assert client.config_get("appendonly") == {"appendonly": "yes"}
            assert client.config_get("appendfsync") == {"appendfsync": "everysec"}
        with (
            redis.Redis(unix_socket_path=str(place)) as stranger,
            pytest.raises(redis.AuthenticationError),
        ):
            stranger.ping()
    finally:
        process.terminate()
        process.wait(10)


def test_the_database_is_made_as_the_file_says(yard: Yard) -> None:
    options = SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    runner = identity.choose(yard.home, postgres.programs())
    target = yard.home / "initdb"
    target.mkdir(mode=0o700)
    runner.give(target)
    made = runner.run("initdb", "-D", str(target), *options, "--no-sync", output=subprocess.PIPE)
    assert made.returncode == 0, made.stdout.decode()
    assert "Data page checksums are enabled" in made.stdout.decode()


def test_a_key_that_is_missing_stops_the_start_with_its_name(yard: Yard) -> None:
    """The control: the environment of the file is what these tests start with."""
    environment = yard.environment("web")
    environment.pop("HUITOU_FIELD_KEY_FILE")
    done = subprocess.run(
        ["python", "manage.py", "check"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "HUITOU_FIELD_KEY" in done.stderr


def test_variables_are_replaced_as_compose_does_it() -> None:
    assert interpolated("${HUITOU_NOBODY:-${HUITOU_NET:-172.28.0}.2}") == "172.28.0.2"
    assert interpolated("${HUITOU_SITE:-$HUITOU_HOSTS} $$(date)") == "crm.example.com $(date)"
    with pytest.raises(AssertionError, match="the name"):
        interpolated("${NOT_GIVEN:?the name under which}")
