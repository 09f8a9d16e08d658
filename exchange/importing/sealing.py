"""Sealed values belong to the uid of their row (R41)."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from psycopg2.extras import execute_values

from common.crypto import seal, unseal
from exchange.importing.chunk import Chunk


def rebind(chunk: Chunk, table: str, columns: Sequence[str]) -> None:
    """Changed values were sealed with a uid made for a new row: seal them for the one there is."""
    sealed = ", ".join(f"w.{name}_sealed" for name in columns)
    rows = chunk.rows(
        f"SELECT w.line, w.uid, t.uid, {sealed} FROM import_work w"  # noqa: S608 - own names
        f" JOIN import_changed i USING (id) JOIN {table} t USING (id) WHERE t.uid <> w.uid"
    )
    bound = [
        (line, *(_bound(table, name, UUID(str(old)), UUID(str(new)), value)
                 for name, value in zip(columns, values, strict=True)))
        for line, old, new, *values in rows
    ]  # fmt: skip
    if bound:
        _store(columns, bound)


def _bound(table: str, name: str, old: UUID, new: UUID, value: bytes | None) -> bytes | None:
    return None if value is None else seal(table, name, new, unseal(table, name, old, value))


def _store(columns: Sequence[str], bound: Sequence[tuple[object, ...]]) -> None:
    assigned = ", ".join(f"{name}_sealed = v.{name}::bytea" for name in columns)
    with connection.cursor() as cursor:
        execute_values(
            cursor,
            f"UPDATE import_work w SET {assigned}"  # noqa: S608 - own names
            f" FROM (VALUES %s) v (line, {', '.join(columns)}) WHERE w.line = v.line",
            bound,
        )
