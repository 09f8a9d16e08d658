"""A value corrected by hand stays until the source sends another than the one it replaced."""

from exchange.importing.chunk import Chunk
from exchange.importing.columns import Column


def keep_corrected(chunk: Chunk) -> None:
    """Takes what a correction replaced out of the chunk; ends corrections of other values."""
    found = chunk.rows(
        'SELECT DISTINCT c."column" FROM customers_correction c'
        ' JOIN import_work w ON w.id = c.row_id WHERE c."table" = %(table)s',
        table=chunk.kind.table,
    )
    corrected = {row[0] for row in found}
    for column in chunk.kind.columns:
        fields = [field.name for field in chunk.kind.fields if field.column == column.name]
        names = corrected & {column.name, *fields}
        if names and column.name in chunk.load.present and column.staged and not column.is_key:
            _keep(chunk, column, sorted(names))


def _keep(chunk: Chunk, column: Column, names: list[str]) -> None:
    bit = chunk.kind.bit(column.name)
    first = column.staged[0][0]
    of_fields = [field.staged for field in chunk.kind.fields if field.column == column.name]
    staged = dict.fromkeys([name for name, _sort in column.staged] + of_fields)
    empty = ", ".join(f"{name} = NULL" for name in staged if name)
    sent = f"(w.{first} IS NOT NULL OR w.clears & {bit} <> 0)"
    match = (
        'c."table" = %(table)s AND c."column" = ANY(%(names)s) AND c.row_id = w.id'
        f" AND {sent} AND c.replaced {{sign}} coalesce({column.source_sql}, '')"
    )
    ended = f"DELETE FROM customers_correction c USING import_work w WHERE {match}"  # noqa: S608
    kept = f"""
        UPDATE import_work w SET clears = clears & ~{bit}, {empty}
        FROM customers_correction c WHERE {match}"""  # noqa: S608
    params = {"table": chunk.kind.table, "names": names}
    chunk.run(ended.replace("{sign}", "<>"), **params)
    chunk.run(kept.replace("{sign}", "="), **params)
