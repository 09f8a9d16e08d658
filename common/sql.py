"""Set-based statements kept as files: read once, composed by name, written as differences."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import connection


@cache
def statement(app: str, name: str) -> str:
    """The text of `<app>/sql/<name>.sql`, with {placeholders} for scopes and source tables."""
    path = Path(settings.BASE_DIR) / app / "sql" / f"{name}.sql"
    return path.read_text(encoding="utf-8")


def execute(sql: str, params: Mapping[str, Any], *, keep_plan: bool = False) -> int:
    """Runs one statement and returns how many rows it touched.

    `keep_plan`: see `kept_plan`.
    """
    with connection.cursor() as cursor:
        cursor.execute(kept_plan(sql) if keep_plan else sql, params)
        return int(cursor.rowcount)


def rows(sql: str, params: Mapping[str, Any], *, keep_plan: bool = False) -> list[dict[str, Any]]:
    """All rows as dicts: for answers of known size."""
    with connection.cursor() as cursor:
        cursor.execute(kept_plan(sql) if keep_plan else sql, params)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def tuples(sql: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """All rows as they come: for many of them."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def positional(sql: str, params: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The same statement with unnamed parameters, as a part of Django's own queries."""
    names = re.findall(r"%\((\w+)\)s", sql)
    return re.sub(r"%\(\w+\)s", "%s", sql), [params[name] for name in names]


def kept_plan(sql: str) -> str:
    """The call of a statement that this connection has planned once and for all.

    For a long statement over few rows, whose planning costs more than its running. Named
    parameters must have a type in TYPES. Behind a pooler that changes connections between
    transactions (Django's DISABLE_SERVER_SIDE_CURSORS says so) the statement itself is returned.
    """
    if connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
        return sql
    connection.ensure_connection()
    known = _prepared.setdefault(connection.connection, set())
    call, prepare = _prepared_form(sql)
    if call not in known:
        with connection.cursor() as cursor:
            cursor.execute(prepare)
        known.add(call)
    return call


TYPES = {
    "as_of": "date",
    "month": "date",
    "policies": "jsonb",
    "stores": "bigint[]",
    "vehicles": "bigint[]",
    "customers": "bigint[]",
    "first_days": "bigint[]",
}
# What each connection has prepared: a new connection begins with nothing.
_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


@cache
def _prepared_form(sql: str) -> tuple[str, str]:
    """The call with named parameters, and the PREPARE without any."""
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", sql)))
    for number, name in enumerate(names, 1):
        sql = sql.replace(f"%({name})s", f"${number}")
    sql = sql.replace("%%", "%")
    label = "huitou_" + hashlib.sha256(sql.encode()).hexdigest()[:16]
    types = ", ".join(TYPES[name] for name in names)
    values = ", ".join(f"%({name})s" for name in names)
    # Left to itself the server would plan for each call's values all the same.
    call = f"SET LOCAL plan_cache_mode = force_generic_plan; EXECUTE {label}({values})"
    return call, f"PREPARE {label}({types}) AS {sql}"


def column(sql: str, params: Mapping[str, Any]) -> list[Any]:
    """The first column of all rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [row[0] for row in cursor.fetchall()]


def difference(
    table: str, key: str, columns: Sequence[str], source: str, uncompared: int = 0
) -> str:
    """An upsert of `source` that writes only rows that differ.

    The anti-join comes first, for ON CONFLICT … WHERE would lock the rows it does not change. The
    last `uncompared` columns are written with a difference but make none.
    """
    compared = columns[: len(columns) - uncompared]
    names = ", ".join([key, *columns])
    old = ", ".join(f"o.{name}" for name in compared)
    new = ", ".join(f"n.{name}" for name in compared)
    update = ", ".join(f"{name} = EXCLUDED.{name}" for name in columns)
    return f"""
        WITH new AS MATERIALIZED ({source}), changed AS MATERIALIZED (
            SELECT n.* FROM new n LEFT JOIN {table} o ON o.{key} = n.{key}
            WHERE o.{key} IS NULL OR ROW({old}) IS DISTINCT FROM ROW({new})
        )
        INSERT INTO {table} ({names}) SELECT {names} FROM changed
        ON CONFLICT ({key}) DO UPDATE SET {update}"""
