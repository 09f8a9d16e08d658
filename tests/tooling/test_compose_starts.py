"""Every command of docker-compose.yml is started as it stands there, see compose_yard.py."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis

from common.embedded import valkey
from tests.tooling import compose_yard
from tests.tooling.compose_yard import GIVEN, ROOT, Yard, interpolated, wait

pytestmark = pytest.mark.chaos


@pytest.fixture(scope="module")
def yard() -> Iterator[Yard]:
    with compose_yard.yard() as made:
        yield made


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
    (made,) = (yard.home / "backups").glob("*.huitou")
    assert "customers_customer" not in made.read_bytes().decode("latin-1")
    restored = yard.run(
        "backup", ["python", "manage.py", "restore", str(made), "--into", "from_service"]
    )
    assert restored.returncode == 0, restored.stderr
    made.unlink()


def test_the_archive_takes_a_base_copy_a_backup_and_the_log(yard: Yard) -> None:
    """As its service, with the access that the file's pg_hba.conf gives."""
    backups = yard.home / "backups"
    with yard.started("archive") as output:
        wait(lambda: list(backups.glob("*.huitou")))
        ask_database(yard, "INSERT INTO stores_group (id, name) VALUES (7, 'late') RETURNING 1")
        written = ask_database(yard, "SELECT pg_walfile_name(pg_current_wal_lsn())")
        ask_database(yard, "SELECT pg_switch_wal()")
        wait((backups / "wal" / f"{written}.sealed").exists)
    assert len(list((backups / "base").iterdir())) == 1, output.read_text()
    assert "Traceback" not in output.read_text()
    kept = ask_database(yard, "SELECT wal_status FROM pg_replication_slots")
    assert kept == "reserved"  # stopped, it misses nothing


def test_nobody_without_the_key_makes_a_backup(yard: Yard) -> None:
    done = yard.run("web", ["python", "manage.py", "backup", str(yard.home / "backups")])
    assert done.returncode == 1
    assert "HUITOU_BACKUP_KEY" in done.stderr


def ask_database(yard: Yard, sql: str) -> Any:
    with closing(psycopg2.connect(yard.database.url)) as line:
        line.autocommit = True
        with line.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]


def test_the_database_is_made_and_started_as_the_file_says(yard: Yard) -> None:
    assert "Data page checksums are enabled" in yard.database.made
    assert ask_database(yard, "SHOW archive_timeout") == "4min"
    assert ask_database(yard, "SHOW log_error_verbosity") == "terse"
    assert ask_database(yard, "SELECT count(*) FROM pg_hba_file_rules") == 4
    assert ask_database(yard, "SELECT count(*) FROM pg_hba_file_rules WHERE error <> ''") == 0


def test_what_the_database_refuses_stays_out_of_its_log(yard: Yard) -> None:
    insert = "INSERT INTO stores_group (id, name) VALUES (13900001111, 'canary') RETURNING 1"
    assert ask_database(yard, insert) == 1
    with pytest.raises(psycopg2.Error):
        ask_database(yard, insert)
    said = yard.database.log.read_text()
    assert "ERROR:  duplicate key" in said
    assert "13900001111" not in said
    assert "canary" not in said


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
