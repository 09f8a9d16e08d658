"""A backup holds everything, opens with its key only, and comes back whole or not at all (R44).

tests/chaos/test_restore.py has the drill by the clock (T42)."""

import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from common import backups, embedded
from common.embedded import postgres as embedded_postgres
from common.exceptions import DomainError
from tests.tooling.house import House

pytestmark = pytest.mark.chaos


@pytest.fixture(scope="module")
def house(django_db_blocker: Any) -> Iterator[House]:
    # A short path: sockets lie below it.
    home = Path(tempfile.mkdtemp(prefix="huitou-"))
    made = House(home, home / "monday.huitou")
    try:
        embedded.ensure(home, durable=False)
        made.manage("demo", "--vehicles", "150", "--no-serve")
        with django_db_blocker.unblock():
            backups.write(made.backup, made.connection())
            yield made
    finally:
        embedded.stop(home)
        shutil.rmtree(home)


@pytest.fixture
def other(house: House, request: pytest.FixtureRequest) -> str:
    """The name of an empty database of the test's own."""
    name = f"other_{abs(hash(request.node.name))}"
    house.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    return name


def test_the_manifest_counts_what_the_dump_holds(house: House, other: str) -> None:
    manifest = backups.read(house.backup)
    house.restore(other)
    assert house.counts(other) == manifest.tables
    assert manifest.rows > 2000


def test_what_is_written_meanwhile_is_not_half_in_it(
    house: House, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted and dumped in one snapshot: a task that vanishes in between is in both."""
    dump = backups.programs.dump

    def slow(*args: Any, **options: Any) -> None:
        house.execute("DELETE FROM alerts_task WHERE id = (SELECT max(id) FROM alerts_task)")
        dump(*args, **options)

    monkeypatch.setattr(backups.programs, "dump", slow)
    moved = replace(house, backup=house.home / "meanwhile.huitou")
    tasks = house.counts()["alerts_task"]
    backups.write(moved.backup, moved.connection())
    moved.restore(other)
    assert house.counts()["alerts_task"] == tasks - 1
    assert house.counts(other)["alerts_task"] == tasks


@pytest.mark.parametrize(
    ("where", "why"),
    [(0, "not a sealed"), (20, "another HUITOU_BACKUP_KEY"), (30, "damaged"), (5000, "damaged")],
)
def test_a_backup_with_one_changed_byte_is_refused(house: House, where: int, why: str) -> None:
    content = bytearray(house.backup.read_bytes())
    content[where] ^= 1
    damaged = house.home / "damaged.huitou"
    damaged.write_bytes(content)
    with pytest.raises(DomainError, match=why):
        backups.read(damaged)


@pytest.mark.parametrize("kept", [0, 50, 5000, -1])
def test_a_shortened_backup_is_refused(house: House, kept: int) -> None:
    short = house.home / "short.huitou"
    short.write_bytes(house.backup.read_bytes()[:kept])
    with pytest.raises(DomainError, match="damaged"):
        backups.read(short)


def test_a_backup_is_never_overwritten(house: House) -> None:
    before = house.backup.read_bytes()
    with pytest.raises(DomainError, match="never overwritten"):
        backups.write(house.backup, house.connection())
    assert house.backup.read_bytes() == before


def test_a_backup_that_fails_leaves_nothing_behind(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups.programs, "NAMES", ("pg_dump", "no_such_program"))
    with pytest.raises(DomainError, match="postgresql-client"):
        backups.write(house.home / "failed.huitou", house.connection())
    assert not list(house.home.glob("failed*"))


def test_what_is_there_is_only_replaced_when_told_to(house: House, other: str) -> None:
    house.restore(other)
    house.execute("DELETE FROM alerts_task", other)
    with pytest.raises(DomainError, match="not empty"):
        house.restore(other)
    assert house.counts(other)["alerts_task"] == 0
    house.restore(other, replace=True)
    assert house.counts(other) == backups.read(house.backup).tables


def test_a_restore_that_does_not_add_up_leaves_what_was_there(house: House, other: str) -> None:
    house.restore(other)
    house.execute("DELETE FROM alerts_task", other)
    manifest = backups.read(house.backup)
    manifest.tables["customers_visit"] += 1
    with pytest.raises(DomainError, match="customers_visit"):
        backups.restore(house.backup, manifest, house.connection(other), replace=True)
    assert house.counts(other)["alerts_task"] == 0


def test_nobodys_database_is_replaced_under_them(house: House, other: str) -> None:
    house.restore(other)
    somebody = psycopg2.connect(house.url_of(other))
    with pytest.raises(DomainError, match="make stop"):
        house.restore(other, replace=True)
    somebody.close()


def test_other_keys_are_noticed_before_anything_is_loaded(house: House, settings: Any) -> None:
    manifest = replace(backups.read(house.backup), keys=backups.fingerprints())
    backups.refuse_other_keys(manifest)
    settings.FIELD_KEY = "k" * 48
    with pytest.raises(DomainError, match="HUITOU_FIELD_KEY"):
        backups.refuse_other_keys(manifest)


def test_a_backup_of_a_newer_program_is_refused(house: House) -> None:
    manifest = backups.read(house.backup)
    backups.refuse_newer(manifest, set(manifest.migrations))
    with pytest.raises(DomainError, match="newer"):
        backups.refuse_newer(manifest, set(manifest.migrations[1:]))


def test_nothing_can_be_read_in_it(house: House, other: str) -> None:
    """R44. The control: the same words stand in what it holds."""
    house.restore(other)
    line = psycopg2.connect(house.url_of(other))
    with line.cursor() as cursor:
        cursor.execute("SELECT name FROM customers_customer ORDER BY id LIMIT 50")
        names = [name.encode() for (name,) in cursor.fetchall()]
    line.close()
    content, dump = house.backup.read_bytes(), backups.dump_of(house.backup)
    assert b"PGDMP" not in content
    assert b"customers_customer" not in content
    assert not [name for name in names if len(name) > 5 and name in content]
    held = b"".join(iter(dump, b""))
    assert held.startswith(b"PGDMP")
    assert b"customers_customer" in held


def test_it_can_be_opened_for_pg_restore(house: House) -> None:
    file, dump = house.home / "opened.huitou", house.home / "opened.dump"
    house.manage("backup", str(file))
    house.manage("restore", str(file), "--dump", str(dump))
    assert dump.read_bytes().startswith(b"PGDMP")
    listed = subprocess.run(
        [embedded_postgres.program("pg_restore"), "--list", dump], capture_output=True, check=True
    )
    assert b"customers_customer" in listed.stdout


def test_another_key_does_not_open_it(house: House, settings: Any) -> None:
    settings.BACKUP_KEY = "b" * 48
    with pytest.raises(DomainError, match="another HUITOU_BACKUP_KEY"):
        backups.read(house.backup)


def test_without_a_key_nothing_is_written(house: House, settings: Any) -> None:
    settings.BACKUP_KEY = ""
    with pytest.raises(DomainError, match="HUITOU_BACKUP_KEY is not set"):
        backups.write(house.home / "keyless.huitou", house.connection())
    assert not list(house.home.glob("keyless*"))


def test_a_backup_of_the_former_format_is_refused_with_the_way_to_open_it(house: House) -> None:
    former = house.home / "former.huitou"
    with tarfile.open(former, "w") as archive:
        archive.add(house.home / "demo.json", "database.dump")
    with pytest.raises(DomainError, match="tar and pg_restore open it"):
        backups.read(former)


def test_a_folder_keeps_what_is_to_be_kept(house: House, settings: Any) -> None:
    folder = house.home / "nightly"
    folder.mkdir()
    for day in range(1, 29):
        (folder / f"2026-02-{day:02}-020000.huitou").touch()
    house.manage("backup", str(folder), HUITOU_BACKUP_KEEP="2,0,1")
    names = sorted(path.name for path in folder.iterdir())
    assert names[0] == "2026-02-28-020000.huitou"
    assert len(names) == 2
    settings.BACKUP_KEY = (house.home / "secrets" / "huitou_backup_key").read_text()
    assert backups.read(folder / names[1]).rows > 2000


def test_the_keys_are_not_in_it_and_that_is_said(house: House) -> None:
    file = house.home / "said.huitou"
    done = house.run("manage.py", "backup", str(file))
    assert str(house.home / "secrets") in done.stderr
    for secret in (house.home / "secrets").iterdir():
        assert secret.read_bytes() not in file.read_bytes()
        assert secret.read_text() not in done.stdout + done.stderr


def test_who_was_signed_in_is_left_out(house: House, other: str) -> None:
    house.execute("INSERT INTO django_session VALUES ('a key', 'what it opens', now())")
    without = replace(house, backup=house.home / "sessions.huitou")
    backups.write(without.backup, without.connection())
    without.restore(other)
    assert house.counts()["django_session"] == 1
    assert house.counts(other)["django_session"] == 0


def test_only_its_owner_may_read_it(house: House) -> None:
    assert house.backup.stat().st_mode & 0o077 == 0
