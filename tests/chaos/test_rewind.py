"""T42 with the archive: killed after a bad DELETE, rewound to just before it on a fresh server.

The archive is the command of the compose file; the server's disk and the spool are lost with it.
"""

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from common import embedded
from common.embedded import postgres
from tests.chaos.conftest import CARS, STORES
from tests.chaos.restoring import WALK, Server, counts, fill, fresh
from tests.chaos.rig import Process, Rig, Yard, wait
from tests.figures import say

pytestmark = [pytest.mark.proof, pytest.mark.chaos]
RPO_SECONDS, RTO_SECONDS = 5 * 60, 30 * 60
# The compose file has 300; a segment is finished so often even if it is not full.
ARCHIVE_TIMEOUT = 3
BAD = "DELETE FROM customers_contact"
# What people do after the night's base copy: only the log has it.
LATER = "UPDATE customers_customer SET notes = 'after the base copy' WHERE id % 3 = 0"
NOTED = "SELECT count(*) FROM customers_customer WHERE notes = 'after the base copy'"


@dataclass(frozen=True)
class Loss:
    """What was there just before the bad DELETE, and what is left: the archive's folder."""

    rig: Rig
    folder: Path
    database: str
    moment: str
    rows: dict[str, int]
    noted: int
    behind_seconds: float


@pytest.fixture(scope="module")
def loss(yard: Yard, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loss]:
    with yard.rig(STORES, CARS) as rig:
        fill(rig)
        folder = tmp_path_factory.mktemp("archive")
        try:
            yield _lose(rig, folder, _archive(rig, folder))
        finally:
            _forget(yard)


def _archive(rig: Rig, folder: Path) -> Process:
    """The archive at work, its base copy and its first backup made."""
    rig.execute(f"ALTER SYSTEM SET archive_timeout = '{ARCHIVE_TIMEOUT}s'")
    rig.execute("SELECT pg_reload_conf()")
    process = rig.start("archive", [sys.executable, "manage.py", "archive", str(folder)])
    wait(lambda: list(folder.glob("*.huitou")), seconds=600, what=f"a backup ({process.text()})")
    return process


def _lose(rig: Rig, folder: Path, archive: Process) -> Loss:
    rig.execute(LATER)
    rows, noted = counts(rig.database_url), rig.value(NOTED)
    moment = str(rig.value("SELECT clock_timestamp()"))
    rig.execute(BAD)
    done = time.monotonic()
    segment = rig.value("SELECT pg_walfile_name(pg_current_wal_lsn())")
    wait((folder / "wal" / f"{segment}.sealed").exists, what=f"the segment ({archive.text()})")
    behind = time.monotonic() - done
    number = postgres.pid(rig.home)
    assert number
    os.kill(number, signal.SIGKILL)
    archive.kill()
    shutil.rmtree(rig.home / "wal")
    database = rig.database_url.rpartition("/")[2]
    return Loss(rig, folder, database, moment, rows, noted, behind)


def _forget(yard: Yard) -> None:
    """The yard's other tests go on without an archive."""
    url = embedded.ensure(yard.home).database_url
    with closing(psycopg2.connect(url)) as line:
        line.autocommit = True
        with line.cursor() as cursor:
            cursor.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")
            cursor.execute("ALTER SYSTEM RESET archive_timeout")


@pytest.fixture
def server(loss: Loss) -> Iterator[Server]:
    with fresh(loss.rig) as made:
        yield made


def rewind(loss: Loss, server: Server, *at: str) -> str:
    """Lay the data out, start the server with them, wait until it is open; its URL."""
    words = ["rewind", str(loss.folder), str(server.home / "postgres"), *at]
    code = f"from django.core.management import call_command\ncall_command(*{words!r})"
    environment = {
        "HUITOU_HOME": str(server.home),
        "HUITOU_NO_START": "1",
        "DATABASE_URL": "postgres://nowhere/nothing",
    }
    loss.rig.python(code, **environment)
    server.start()
    url = server.url(loss.database)
    wait(lambda: value(url, "SELECT NOT pg_is_in_recovery()"), what="the end of the replay")
    return url


def value(url: str, sql: str) -> int:
    with closing(psycopg2.connect(url)) as line, line.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def test_the_moment_before_a_bad_delete_is_back(loss: Loss, server: Server) -> None:
    begun = time.monotonic()
    url = rewind(loss, server, "--at", loss.moment)
    walked = loss.rig.python(WALK, **server.environment(loss.database))
    seconds = time.monotonic() - begun
    assert walked == "walked\n"
    after = counts(url)
    written = {name: after[name] for name in ("django_session", "stores_auditentry")}
    assert after == loss.rows | written
    assert value(url, NOTED) == loss.noted
    assert seconds < RTO_SECONDS
    # What a lost disk takes along: a segment is finished after the timeout, and then sealed.
    assert loss.behind_seconds < ARCHIVE_TIMEOUT + RPO_SECONDS - 300 + 60
    say(
        "T42",
        what="to just before a bad DELETE",
        vehicles=after["customers_vehicle"],
        rows=sum(loss.rows.values()),
        lost=0,
        archive_timeout_seconds=ARCHIVE_TIMEOUT,
        archived_after_seconds=round(loss.behind_seconds, 1),
        back_and_walked_in_seconds=round(seconds, 1),
    )


def test_control_replayed_to_its_end_the_log_deletes_them_again(loss: Loss, server: Server) -> None:
    url = rewind(loss, server)
    lost = loss.rows["customers_contact"] - counts(url)["customers_contact"]
    assert lost == loss.rows["customers_contact"] > 1000
    say("T42", what="not stopped before the DELETE", control=True, lost=lost)


def test_control_without_the_log_the_day_since_the_base_copy_is_lost(
    loss: Loss, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "base").mkdir()
    for path in (loss.folder / "base").iterdir():
        shutil.copy(path, tmp_path / "base")
    alone = Loss(**{**vars(loss), "folder": tmp_path})
    url = rewind(alone, server)
    lost = loss.noted - value(url, NOTED)
    assert lost == loss.noted > 100
    say("T42", what="base copy without the log", control=True, lost=lost)
