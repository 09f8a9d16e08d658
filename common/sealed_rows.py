"""Brings sealed values, with what stands beside them, under the present keys, row by row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.db import connection, transaction
from psycopg2.extras import execute_values

from common.crypto import MARK_BYTES, present_mark, seal, unseal

# Columns that are made of the plain text, under the same keys.
Beside = Callable[[str], Mapping[str, Any]]

LOCK = "FOR NO KEY UPDATE OF t"


def no_company(_plain: str) -> Mapping[str, Any]:
    """Nothing stands beside the column."""
    return {}


@dataclass(frozen=True)
class SealedTable:
    """The sealed columns of a table: `columns` maps each, without its `_sealed`, to its company.

    `joins` and `uid` say where the uid stands that the values are bound to, over `t`.
    """

    table: str
    columns: Mapping[str, Beside]
    joins: str = ""
    uid: str = "t.uid"

    @property
    def stale(self) -> str:
        """SQL over `t`: something is under former keys. Rows are looked through in their order."""
        return " OR ".join(
            f"(t.{name}_sealed <> '' AND substr(t.{name}_sealed, 1, {MARK_BYTES}) <> %(mark)s)"
            for name in self.columns
        )


@dataclass
class Renewed:
    """What became of rows: how far they were looked through, and which did not open."""

    last: int = 0
    rows: int = 0
    unreadable: list[int] = field(default_factory=list)


def count_stale(table: SealedTable) -> int:
    """Rows with something under former keys."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {table.table} t WHERE {table.stale}",
            {"mark": present_mark()},
        )
        return int(cursor.fetchone()[0])


@transaction.atomic
def renew_next(table: SealedTable, after: int, most: int) -> Renewed:
    """The next `most` stale rows after this id; `last` is 0 when there were none.

    Locked in the order of their ids, as the importer locks: whoever writes one of them waits, and
    then writes over the new value or is read by the next pass.
    """
    return _renew(table, "t.id > %(after)s", {"after": after, "most": most})


@transaction.atomic
def renew_these(table: SealedTable, column: str, ids: Sequence[int]) -> Renewed:
    """Those whose `column` is among `ids`."""
    return _renew(table, f"t.{column} = ANY(%(ids)s)", {"ids": list(ids), "most": None})


def _renew(table: SealedTable, where: str, params: Mapping[str, Any]) -> Renewed:
    sealed = ", ".join(f"t.{name}_sealed" for name in table.columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT t.id, {table.uid}, {sealed} FROM {table.table} t {table.joins}"
            f" WHERE {where} AND ({table.stale}) ORDER BY t.id LIMIT %(most)s {LOCK}",
            {**params, "mark": present_mark()},
        )
        found = cursor.fetchall()
        done = Renewed(last=found[-1][0] if found else 0)
        values = []
        for key, uid, *sealed_values in found:
            try:
                values.append([key, *_anew(table, UUID(str(uid)), sealed_values)])
            except InvalidTag:
                done.unreadable.append(key)
        done.rows = len(values)
        _store(cursor, table, values)
    return done


def _anew(table: SealedTable, uid: UUID, sealed: Sequence[bytes | memoryview]) -> list[Any]:
    """Every sealed column and its company; None of an empty one, of which nothing changes."""
    values: list[Any] = []
    for (name, beside), old in zip(table.columns.items(), sealed, strict=True):
        plain = unseal(table.table, name, uid, old)
        made = beside(plain or "-").values()
        values += [seal(table.table, name, uid, plain), *made] if plain else [None, *map(_no, made)]
    return values


def _no(_value: object) -> None:
    return None


def _store(cursor: Any, table: SealedTable, values: Sequence[Sequence[Any]]) -> None:
    types = {}
    for name, beside in table.columns.items():
        types[f"{name}_sealed"] = "bytea"
        types |= {
            other: "bytea" if isinstance(value, bytes) else "text"
            for other, value in beside("-").items()
        }
    assigned = ", ".join(
        f"{name} = coalesce(v.{name}::{kind}, t.{name})" for name, kind in types.items()
    )
    if values:
        execute_values(
            cursor,
            f"UPDATE {table.table} t SET {assigned}"
            f" FROM (VALUES %s) v (id, {', '.join(types)}) WHERE t.id = v.id",
            values,
            page_size=1_000,
        )
