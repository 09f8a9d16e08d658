"""A part of a file in one transaction: looked up, checked, written, its consequences drawn."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction

from common.sql import statement
from customers.choices import FindingKind
from exchange.importing import statements
from exchange.importing.settling import settle

if TYPE_CHECKING:
    from exchange.importing.columns import Kind
    from exchange.importing.context import Load
    from exchange.importing.reasons import Reason


@dataclass(frozen=True)
class Counts:
    """What became of a chunk's rows."""

    created: int
    updated: int
    unchanged: int


@dataclass(frozen=True)
class Chunk:
    """The lines of a file after `lo` up to `hi`, and what kinds may do with them."""

    load: "Load"
    lo: int = 0
    hi: int = 2_147_483_647

    @property
    def kind(self) -> "Kind":
        return self.load.kind

    def has(self, column: str) -> bool:
        """Whether the file has the column at all."""
        return column in self.load.present

    def run(self, sql: str, **params: Any) -> int:
        """Runs statements; returns the rows touched by the last one."""
        with connection.cursor() as cursor:
            cursor.execute(sql, self._params(params))
            return int(cursor.rowcount)

    def rows(self, sql: str, **params: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, self._params(params))
            return list(cursor.fetchall())

    def value(self, sql: str) -> int:
        return int(self.rows(sql)[0][0])

    def _params(self, more: dict[str, Any]) -> dict[str, Any]:
        return {"lo": self.lo, "hi": self.hi, "now": self.load.now, **self.load.params, **more}

    def file(self, name: str, **parts: str) -> int:
        """Runs `exchange/sql/<name>.sql` with its {parts} filled in."""
        sql = statement("exchange", name)
        for part, text in parts.items():
            sql = sql.replace("{" + part + "}", text)
        return self.run(sql)

    def touch(self, query: str) -> None:
        """The facts of these vehicles have changed."""
        self.run(f"INSERT INTO import_vehicle {query}")  # noqa: S608 - statements of the code

    def reject(self, query: str, column: str, reason: "Reason") -> int:
        """Takes the lines of `query` out of the file; returns how many."""
        return self.run(
            f"""
            WITH bad AS (
                DELETE FROM import_stage WHERE line IN ({query}) RETURNING line
            )
            INSERT INTO import_reject SELECT line, %(column)s, %(reason)s FROM bad""",  # noqa: S608
            column=column,
            reason=reason.value,
        )

    def keep_findings(self, kind: FindingKind, table: str, query: str) -> None:
        """Opens and closes lines of the fix list; `query` gives row_id, store_id and is_bad."""
        self.run(
            f"""
            WITH q AS MATERIALIZED ({query}), opened AS (
                INSERT INTO customers_finding (store_id, kind, "table", row_id, found_at)
                SELECT store_id, %(kind)s, %(table)s, row_id, %(now)s FROM q WHERE is_bad
                ON CONFLICT (kind, "table", row_id) DO UPDATE
                    SET resolved_at = NULL, found_at = EXCLUDED.found_at,
                        store_id = EXCLUDED.store_id
                    WHERE customers_finding.resolved_at IS NOT NULL
            )
            UPDATE customers_finding f SET resolved_at = %(now)s
            FROM q
            WHERE f.kind = %(kind)s AND f."table" = %(table)s AND f.row_id = q.row_id
                AND NOT q.is_bad AND f.resolved_at IS NULL""",  # noqa: S608
            kind=kind.value,
            table=table,
        )


def run_chunk(chunk: Chunk) -> Counts:
    """The whole chunk or nothing of it."""
    with transaction.atomic():
        _look_up(chunk)
        _write(chunk, chunk.load.present)
        chunk.kind.after(chunk)
        _pass_on(chunk)
        return _counts(chunk)


def _look_up(chunk: Chunk) -> None:
    chunk.run(
        """
        DROP VIEW IF EXISTS import_touched;
        DROP TABLE IF EXISTS import_work, import_changed, import_vehicle, import_readings;
        CREATE TEMP TABLE import_changed (id bigint PRIMARY KEY);
        CREATE TEMP TABLE import_vehicle (id bigint);
        CREATE TEMP TABLE import_readings (id bigint)"""
    )
    chunk.kind.before(chunk)
    chunk.run(statements.work(chunk.kind))
    chunk.run(
        """
        WITH bad AS (DELETE FROM import_work WHERE bad IS NOT NULL RETURNING line, bad)
        INSERT INTO import_reject SELECT line, split_part(bad, ':', 1), split_part(bad, ':', 2)
        FROM bad"""
    )
    chunk.run("ANALYZE import_work (id, old_id)")
    chunk.run(statements.TOUCHED)


def _write(chunk: Chunk, present: Collection[str]) -> None:
    kind = chunk.kind
    # Rows written by hand may have put off what the source sends.
    if chunk.value(_HAS_CORRECTIONS.format(table=kind.table)):
        from exchange.importing.corrections import keep_corrected

        keep_corrected(chunk)
    try:
        with transaction.atomic():
            chunk.run(statements.insert(kind))
    except IntegrityError:
        chunk.run(statements.insert_rest(kind))
        chunk.run(statements.overtaken(kind))
    if statements.can_update(kind, present):
        chunk.run(statements.changed(kind, present))
    kind.ready(chunk)
    if chunk.rows("SELECT FROM import_changed LIMIT 1"):
        chunk.run(statements.lock(kind))
        chunk.run(statements.update(kind, present))


_HAS_CORRECTIONS = """
    SELECT count(*) FROM (SELECT FROM customers_correction WHERE "table" = '{table}' LIMIT 1) c"""


def _pass_on(chunk: Chunk) -> None:
    """The cars whose facts changed are computed anew in the same transaction."""
    found = chunk.rows("SELECT DISTINCT id FROM import_vehicle WHERE id IS NOT NULL ORDER BY id")
    settle([row[0] for row in found])


def _counts(chunk: Chunk) -> Counts:
    total = chunk.value("SELECT count(*) FROM import_work")
    created = chunk.value("SELECT count(*) FROM import_work WHERE is_new")
    updated = chunk.value("SELECT count(*) FROM import_changed")
    return Counts(created, updated, total - created - updated)
