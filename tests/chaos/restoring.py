"""The restore drills: a store at work and its archive, a bad DELETE, kill -9, and a fresh server.

The archive is the command of the compose file; the server's disk and the spool are lost with it.
"""

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from common import embedded
from common.embedded import postgres
from tests.chaos.rig import AS_OF, Process, Rig, Yard, wait

# The compose file has 240; a segment is finished so often even if it is not full.
ARCHIVE_TIMEOUT = 3
BAD = "DELETE FROM customers_contact"
# What people do after the night's base copy and backup: only the log has it.
LATER = "UPDATE customers_customer SET notes = 'after the base copy' WHERE id % 3 = 0"
NOTED = "SELECT count(*) FROM customers_customer WHERE notes = 'after the base copy'"
PASSWORD = "drill-of-a-bad-day-42"  # noqa: S105 - of a made-up person
PREPARE = f"""
from stores.models import Staff
manager = Staff.objects.get(code="B1-0")
manager.username = "manager"
manager.set_password({PASSWORD!r})
manager.save()
"""
# Real pages: signs in with the restored password, and follows what the store's page shows.
WALK = f"""
import re
from django.test import Client
client = Client()
entered = client.post("/login/", {{"username": "manager", "password": {PASSWORD!r}}})
assert entered.status_code == 302, entered.status_code
for page in ("/today/", "/store/", "/team/", "/customers/", "/health/lists/"):
    answer = client.get(page)
    assert answer.status_code == 200, (page, answer.status_code)
found = re.search(r'href="(/customers/\\d+/)', client.get("/customers/").content.decode())
assert client.get(found[1]).status_code == 200
assert client.get("/healthz").status_code == 200
print("walked")
"""


def fill(rig: Rig) -> None:
    """A day is computed, and somebody can sign in."""
    rig.manage("refresh", "--as-of", AS_OF)
    rig.python(PREPARE)


@dataclass(frozen=True)
class Server:
    """A server of its own, with the rig's keys and nothing else of it."""

    home: Path
    rig: Rig

    def start(self) -> None:
        embedded.ensure(self.home, durable=True)

    def url(self, database: str = "huitou") -> str:
        return f"{embedded.ensure(self.home).database_url.rpartition('/')[0]}/{database}"

    def environment(self, database: str = "huitou") -> dict[str, str]:
        redis_url = embedded.ensure(self.home).redis_url
        return {
            "HUITOU_HOME": str(self.home),
            "DATABASE_URL": self.url(database),
            "REDIS_URL": redis_url,
        }


@contextmanager
def fresh(rig: Rig) -> Iterator[Server]:
    # A short path: sockets lie below it.
    home = Path(tempfile.mkdtemp(prefix="huitou-"))
    try:
        shutil.copytree(rig.home / "secrets", home / "secrets")
        yield Server(home, rig)
    finally:
        embedded.stop(home)
        shutil.rmtree(home, ignore_errors=True)


def counts(url: str) -> dict[str, int]:
    """Rows by table."""
    with closing(psycopg2.connect(url)) as line, line.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        )
        found = {table: 0 for (table,) in cursor.fetchall()}
        for table in found:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
        return found


@dataclass(frozen=True)
class Loss:
    """What was there just before the bad DELETE, and what is left: the archive's folder."""

    rig: Rig
    folder: Path
    backup: Path
    database: str
    moment: str
    rows: dict[str, int]
    noted: int
    behind_seconds: float


def archive(rig: Rig, folder: Path) -> Process:
    """The archive at work, its base copy and its first backup made."""
    rig.execute(f"ALTER SYSTEM SET archive_timeout = '{ARCHIVE_TIMEOUT}s'")
    rig.execute("SELECT pg_reload_conf()")
    process = rig.start("archive", [sys.executable, "manage.py", "archive", str(folder)])
    wait(lambda: list(folder.glob("*.huitou")), seconds=600, what=f"a backup ({process.text()})")
    return process


def lose(rig: Rig, folder: Path, process: Process) -> Loss:
    rig.execute(LATER)
    rows, noted = counts(rig.database_url), rig.value(NOTED)
    moment = str(rig.value("SELECT clock_timestamp()"))
    rig.execute(BAD)
    done = time.monotonic()
    segment = rig.value("SELECT pg_walfile_name(pg_current_wal_lsn())")
    wait((folder / "wal" / f"{segment}.sealed").exists, what=f"the segment ({process.text()})")
    behind = time.monotonic() - done
    number = postgres.pid(rig.home)
    assert number
    os.kill(number, signal.SIGKILL)
    process.kill()
    shutil.rmtree(rig.home / "wal")
    database = rig.database_url.rpartition("/")[2]
    (backup,) = folder.glob("*.huitou")
    return Loss(rig, folder, backup, database, moment, rows, noted, behind)


def forget(yard: Yard) -> None:
    """The yard's other tests go on without an archive."""
    url = embedded.ensure(yard.home).database_url
    with closing(psycopg2.connect(url)) as line:
        line.autocommit = True
        with line.cursor() as cursor:
            cursor.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")
            cursor.execute("ALTER SYSTEM RESET archive_timeout")
