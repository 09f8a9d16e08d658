"""Databases of the bench's own, one a size, on the server the settings name."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from bench import data

HOME = settings.DATABASES["default"]["NAME"]
PREFIX, COMPLETE = "huitou_bench", "complete"


def open_database(vehicles: int, *, purpose: str = "", then: Callable[[], str] = str) -> str:
    """Connects to the database of this size, which is made when it is missing.

    Returns the note that `then` left when it was made. The last step of making it names it
    complete, so one that was interrupted is made again.
    """
    name = f"{PREFIX}{purpose}_{vehicles}"
    note = _note(name)
    if note is not None:
        _connect(name)
        call_command("migrate", verbosity=0)
        return note
    drop(name)
    with _server() as server:
        server.execute(f'CREATE DATABASE "{name}"')
    _connect(name)
    call_command("migrate", verbosity=0)
    data.lay(vehicles)
    note = then()
    with connection.cursor() as cursor:
        cursor.execute(f'COMMENT ON DATABASE "{name}" IS %s', [f"{COMPLETE} {note}"])
    return note


def _note(name: str) -> str | None:
    """What was noted of a complete database, None of a missing one."""
    with _server() as server:
        server.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [name],
        )
        found = server.fetchone()
    if not found or not (found[0] or "").startswith(COMPLETE):
        return None
    return str(found[0].removeprefix(COMPLETE).strip())


@contextmanager
def copied() -> Iterator[None]:
    """Connects to a copy of the present database, which is dropped at the end."""
    original, copy = name(), f"{PREFIX}_copy_{os.getpid()}"
    for left in _left_copies():
        drop(left)
    with _server() as server:
        server.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{original}" STRATEGY file_copy')
    _connect(copy)
    try:
        yield
    finally:
        drop(copy)
        _connect(original)


def _left_copies() -> list[str]:
    """Those of runs that were killed."""
    with _server() as server:
        server.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}_copy_%"]
        )
        names = [row[0] for row in server.fetchall()]
    return [name for name in names if not Path("/proc", name.rpartition("_")[2]).exists()]


def url() -> str:
    """The present database as DATABASE_URL, for processes that are no part of the bench."""
    found = connection.get_connection_params()
    words = {key: quote(str(found.get(key) or ""), safe="") for key in ("user", "password", "host")}
    port = f":{found['port']}" if found.get("port") else ""
    door = f"{words['user']}:{words['password']}" if words["password"] else words["user"]
    return f"postgres://{door}@{words['host']}{port}/{name()}"


def drop(name: str) -> None:
    connection.close()
    with _server() as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def drop_all() -> list[str]:
    """Drops every database of the bench; returns their names."""
    with _server() as server:
        server.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}%"])
        names = [row[0] for row in server.fetchall()]
    for name in names:
        drop(name)
    return names


def name() -> str:
    return connection.settings_dict["NAME"]


def connect(name: str) -> None:
    """For a child process: the database its parent works on."""
    _connect(name)


def _connect(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


@contextmanager
def _server() -> Iterator[psycopg2.extensions.cursor]:
    """A cursor on the product's own database, which is only asked about its server."""
    connection.close()
    former = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = HOME
    parameters = connection.get_connection_params()
    connection.settings_dict["NAME"] = former
    for name in ("cursor_factory", "client_encoding", "context"):
        parameters.pop(name, None)
    server = psycopg2.connect(**parameters)
    server.autocommit = True
    try:
        with server.cursor() as cursor:
            yield cursor
    finally:
        server.close()
