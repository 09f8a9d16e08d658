"""Set-based statements kept as files: read once, composed by name, written as differences."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection


@cache
def statement(app: str, name: str) -> str:
    """The text of `<app>/sql/<name>.sql`, with {placeholders} for scopes and source tables."""
    path = Path(settings.BASE_DIR) / app / "sql" / f"{name}.sql"
    return path.read_text(encoding="utf-8")


def execute(sql: str, params: Mapping[str, Any]) -> int:
    """Runs one statement and returns how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def rows(sql: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All rows as dicts: for answers of known size."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


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
