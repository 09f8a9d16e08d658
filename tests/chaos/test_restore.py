"""T42: after a bad DELETE and a kill -9, back from the backup, or from the archive to a moment."""

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from tests.chaos import restoring
from tests.chaos.conftest import CARS, STORES
from tests.chaos.restoring import (
    ARCHIVE_TIMEOUT,
    NOTED,
    WALK,
    Loss,
    Server,
    counts,
    fill,
    fresh,
)
from tests.chaos.rig import ROOT, Yard, wait
from tests.figures import say

pytestmark = [pytest.mark.proof, pytest.mark.chaos]
RPO_SECONDS, RTO_SECONDS = 5 * 60, 30 * 60
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


@pytest.fixture(scope="module")
def loss(yard: Yard, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loss]:
    with yard.rig(STORES, CARS) as rig:
        fill(rig)
        folder = tmp_path_factory.mktemp("archive")
        process = restoring.archive(rig, folder)
        forgetful = str(folder / "forgetful")
        rig.python(FORGETFUL.format(path=forgetful, table=FORGOTTEN))
        try:
            yield restoring.lose(rig, folder, process)
        finally:
            restoring.forget(yard)


@pytest.fixture
def server(loss: Loss) -> Iterator[Server]:
    with fresh(loss.rig) as made:
        yield made


def restore(server: Server, path: Path, before: str = "", **environment: str) -> str:
    """Output of the command; its refusal when it refuses."""
    code = f"""{before}
from django.core.management import CommandError, call_command
from django.utils import translation
translation.activate("en")
try:
    call_command("restore", {str(path)!r})
except CommandError as error:
    print("refused:", error)
"""
    return server.rig.python(code, **{**server.environment(), **environment})


def test_a_killed_servers_store_is_back_on_a_fresh_one(loss: Loss, server: Server) -> None:
    begun = time.monotonic()
    said = restore(server, loss.backup)
    walked = loss.rig.python(WALK, **server.environment())
    seconds = time.monotonic() - begun
    assert "refused" not in said
    assert walked == "walked\n"
    after = counts(server.url())
    assert after == loss.rows | _of_the_walk(after)
    assert seconds < RTO_SECONDS
    say(
        "T42",
        what="a backup on a new server",
        vehicles=after["customers_vehicle"],
        rows=sum(loss.rows.values()),
        lost=0,
        megabytes=round(loss.backup.stat().st_size / 1e6, 1),
        back_and_walked_in_seconds=round(seconds, 1),
    )


def test_control_a_bad_backup_restores_nothing_and_an_uncounted_one_loses_rows(
    loss: Loss, server: Server, tmp_path: Path
) -> None:
    content = loss.backup.read_bytes()
    cut, changed = tmp_path / "cut.huitou", tmp_path / "changed.huitou"
    cut.write_bytes(content[: len(content) // 2])
    changed.write_bytes(content[:9999] + bytes([content[9999] ^ 1]) + content[10000:])
    assert "is damaged" in restore(server, cut)
    assert "is damaged" in restore(server, changed)
    wrong = restore(server, loss.backup, HUITOU_BACKUP_KEY="w" * 48)
    assert "another HUITOU_BACKUP_KEY" in wrong
    assert FORGOTTEN in restore(server, loss.folder / "forgetful")
    assert counts(server.url()) == {}
    assert "refused" not in restore(server, loss.folder / "forgetful", before=UNCOUNTED)
    lost = loss.rows[FORGOTTEN] - counts(server.url())[FORGOTTEN]
    assert lost > 1000
    say("T42", what="a bad backup", control=True, cut="refused", changed="refused", key="refused")
    say("T42", what="rows not counted", control=True, lost=lost, noticed=0)


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


def served_archive_timeout() -> int:
    """That of the compose file, in seconds."""
    (found,) = re.findall(r"--archive_timeout=(\d+)", (ROOT / "docker-compose.yml").read_text())
    return int(found)


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
    assert after == loss.rows | _of_the_walk(after)
    assert value(url, NOTED) == loss.noted
    assert seconds < RTO_SECONDS
    # What a lost disk takes along: a segment is finished after the timeout, and then sealed.
    behind = served_archive_timeout() + loss.behind_seconds - ARCHIVE_TIMEOUT
    assert behind <= RPO_SECONDS
    say(
        "T42",
        what="to just before a bad DELETE",
        vehicles=after["customers_vehicle"],
        rows=sum(loss.rows.values()),
        lost=0,
        behind_at_most_seconds=round(behind),
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


def _of_the_walk(after: dict[str, int]) -> dict[str, int]:
    """What signing in wrote; who was signed in before is left out of a backup."""
    return {name: after[name] for name in ("django_session", "stores_auditentry")}
