"""T42 with a backup: dumped, the server killed, restored on a fresh one, counted, walked through.

tests/chaos/test_rewind.py is the same with the archive, to a moment.
"""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from common.embedded import postgres
from tests.chaos.conftest import CARS, STORES
from tests.chaos.restoring import WALK, Server, counts, fill, fresh
from tests.chaos.rig import Rig, Yard, wait
from tests.figures import say

pytestmark = [pytest.mark.proof, pytest.mark.chaos]
RTO_SECONDS = 30 * 60
FORGOTTEN = "lifecycle_vehiclestate"
# The dump forgets a table that the manifest counts.
FORGETFUL = """
from django.core.management import call_command
from common import backups
dump = backups.programs.dump
def forgetful(*args, **options):
    dump(*args, **options | {{"without_rows_of": ["django_session", {table!r}]}})
backups.programs.dump = forgetful
call_command("backup", {path!r})
"""
UNCOUNTED = "from common import backups\nbackups._check_rows = lambda tables: 'SELECT 1'\n"


@dataclass(frozen=True)
class Store:
    """A store at work, its backup and the rows it had."""

    rig: Rig
    backup: Path
    rows: dict[str, int]


@pytest.fixture(scope="module")
def store(yard: Yard, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with yard.rig(STORES, CARS) as rig:
        fill(rig)
        path = tmp_path_factory.mktemp("drill") / "drill.huitou"
        rig.manage("backup", str(path))
        yield Store(rig, path, counts(rig.database_url))


@pytest.fixture
def server(store: Store) -> Iterator[Server]:
    with fresh(store.rig) as made:
        yield made


def restore(server: Server, path: Path, before: str = "", **environment: str) -> str:
    """Output of the command; its refusal when it refuses."""
    code = f"""{before}
from django.core.management import CommandError, call_command
try:
    call_command("restore", {str(path)!r})
except CommandError as error:
    print("refused:", error)
"""
    return server.rig.python(code, **{**server.environment(), **environment})


def test_control_what_the_dump_forgot_is_missed_unless_it_is_counted(
    store: Store, server: Server, tmp_path: Path
) -> None:
    path = tmp_path / "forgetful.huitou"
    store.rig.python(FORGETFUL.format(path=str(path), table=FORGOTTEN))
    assert FORGOTTEN in restore(server, path)
    assert counts(server.url()) == {}
    assert "refused" not in restore(server, path, before=UNCOUNTED)
    lost = store.rows[FORGOTTEN] - counts(server.url())[FORGOTTEN]
    assert lost > 1000
    say("T42", what="backup, rows not counted", control=True, lost=lost, noticed=0)


def test_control_a_damaged_or_foreign_backup_restores_nothing(
    store: Store, server: Server, tmp_path: Path
) -> None:
    content = store.backup.read_bytes()
    cut, changed = tmp_path / "cut.huitou", tmp_path / "changed.huitou"
    cut.write_bytes(content[: len(content) // 2])
    changed.write_bytes(content[:9999] + bytes([content[9999] ^ 1]) + content[10000:])
    assert "is damaged" in restore(server, cut)
    assert "is damaged" in restore(server, changed)
    wrong = restore(server, store.backup, HUITOU_BACKUP_KEY="w" * 48)
    assert "another HUITOU_BACKUP_KEY" in wrong
    assert counts(server.url()) == {}
    say("T42", what="bad backups", control=True, cut="refused", changed="refused", key="refused")


def test_a_killed_servers_store_is_back_on_a_fresh_one(store: Store, server: Server) -> None:
    number = postgres.pid(store.rig.home)
    assert number
    os.kill(number, signal.SIGKILL)
    wait(lambda: postgres.pid(store.rig.home) is None, what="the end of PostgreSQL")
    begun = time.monotonic()
    said = restore(server, store.backup)
    walked = store.rig.python(WALK, **server.environment())
    seconds = time.monotonic() - begun
    assert "refused" not in said
    assert walked == "walked\n"
    after = counts(server.url())
    # Who was signed in is left out; the walk signed in.
    assert after | {"django_session": 0} == store.rows | {"django_session": 0} | _said_by(after)
    assert seconds < RTO_SECONDS
    say(
        "T42",
        what="backup",
        vehicles=after["customers_vehicle"],
        rows=sum(store.rows.values()),
        lost=0,
        megabytes=round(store.backup.stat().st_size / 1e6, 1),
        back_and_walked_in_seconds=round(seconds, 1),
    )


def _said_by(after: dict[str, int]) -> dict[str, int]:
    """What the walk itself writes: the audit log has its signing in."""
    return {"stores_auditentry": after["stores_auditentry"]}
