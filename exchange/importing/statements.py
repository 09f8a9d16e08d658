"""The upsert's statements, composed from a kind's description.

Tables of one load, all temporary: `import_stage` holds the whole file, `import_work` the chunk with
what it was looked up against, `import_changed` the rows that were there and differ,
`import_touched` those and the new ones, `import_vehicle`
the cars whose facts changed, `import_reject` the lines that were rejected and why.
"""

import re
from collections.abc import Collection, Mapping

from exchange.importing.columns import Field, Kind

BASE = [("line", "integer"), ("clears", "integer")]
OF_STORE = [("store_id", "bigint"), ("group_id", "bigint"), ("today", "date")]
TABLES = (
    "import_stage", "import_reject", "import_work", "import_changed", "import_vehicle",
    "import_readings", "import_pending", "import_owner",
)  # fmt: skip


# Rows that are new or changed; a row is in one of the two only.
TOUCHED = """
    CREATE TEMP VIEW import_touched AS
    SELECT id, false AS is_new FROM import_changed
    UNION ALL
    SELECT id, true FROM import_work WHERE is_new"""


def base_columns(kind: Kind) -> list[tuple[str, str]]:
    """Staged columns that no column of the file stands for."""
    uid = [("uid", "uuid")] if kind.has_uid else []
    return BASE + (OF_STORE if kind.has_store else []) + uid


def create(kind: Kind) -> str:
    """The tables of a load."""
    columns = ", ".join(f"{name} {sort}" for name, sort in base_columns(kind) + kind.staged)
    return f"""
        {drop()}
        CREATE TEMP TABLE import_stage ({columns});
        CREATE TEMP TABLE import_reject (line integer, "column" text, reason text);
        CREATE TEMP TABLE import_pending (line integer)"""


def drop() -> str:
    return f"DROP VIEW IF EXISTS import_touched; DROP TABLE IF EXISTS {', '.join(TABLES)};"


def duplicates(kind: Kind) -> str:
    """Lines whose key an earlier line has."""
    key = ", ".join(kind.distinct)
    return (
        "SELECT line FROM (SELECT line, row_number() OVER"  # noqa: S608
        f" (PARTITION BY {key} ORDER BY line) AS nth FROM import_stage) s WHERE nth > 1"
    )


def work(kind: Kind) -> str:
    """The chunk's rows with their present row, what they name, and the first reason against them.

    New rows take their ids in the order of the file: that order breaks ties of time.
    """
    there = " AND ".join(f"t.{real} = s.{staged}" for staged, real in kind.key)
    own = "" if " t ON " in kind.joins else f"LEFT JOIN {kind.table} t ON {there}"
    lookups = f", {kind.lookups}" if kind.lookups else ""
    is_open = f"t.id IS NULL OR {kind.guard}" if kind.guard else "true"
    return f"""
        CREATE TEMP TABLE import_work AS
        SELECT r.*, r.old_id IS NULL AS is_new, CASE WHEN r.old_id IS NOT NULL THEN r.old_id
               WHEN r.bad IS NULL
               -- Looked up once; without the brackets it is for every row.
               THEN nextval((SELECT pg_get_serial_sequence('{kind.table}', 'id')::regclass))
               END AS id
        FROM (
            SELECT s.*, t.id AS old_id, {is_open} AS is_open{lookups}, {_bad(kind)} AS bad
            FROM import_stage s {own} {kind.joins}
            WHERE s.line > %(lo)s AND s.line <= %(hi)s
            ORDER BY s.line
        ) r"""  # noqa: S608


def _bad(kind: Kind) -> str:
    needed = [
        (f"t.id IS NULL AND s.{column.staged[0][0]} IS NULL", column.name, "required")
        for column in kind.required
        if not column.is_key and column.staged
    ]
    checks = [(check.condition, check.column, check.reason.value) for check in kind.checks]
    cases = " ".join(f"WHEN {sql} THEN '{name}:{reason}'" for sql, name, reason in needed + checks)
    return f"CASE {cases} END" if cases else "NULL::text"


def insert(kind: Kind) -> str:
    """New rows; in the order of the key, so that two loads of one file wait and do not deadlock.

    Fails when another load came first; then `insert_rest` does the same at some more cost.
    """
    names = ", ".join(field.name for field in kind.fields)
    values = ", ".join(_inserted(field) for field in kind.fields)
    order = ", ".join(f"w.{staged}" for staged, _real in kind.key)
    return f"""
        INSERT INTO {kind.table} (id, {names})
        SELECT w.id, {values} FROM import_work w WHERE w.is_new ORDER BY {order}"""  # noqa: S608


def insert_rest(kind: Kind) -> str:
    """New rows that another load has not put in meanwhile."""
    return f"{insert(kind)} ON CONFLICT DO NOTHING"


def _inserted(field: Field) -> str:
    if field.insert:
        return field.insert
    return (
        f"w.{field.staged}"
        if field.default == "NULL"
        else (f"coalesce(w.{field.staged}, {field.default})")
    )


def overtaken(kind: Kind) -> str:
    """Rows that another load put in first are there now."""
    there = " AND ".join(f"t.{real} = w.{staged}" for staged, real in kind.key)
    return f"""
        UPDATE import_work w SET id = t.id, is_new = false FROM {kind.table} t
        WHERE w.is_new AND {there} AND t.id <> w.id"""  # noqa: S608


def changed(kind: Kind, present: Collection[str]) -> str:
    """Notes the rows that are there and differ; nothing is written for the others."""
    fields = [(field, sql) for field, sql in _updates(kind, present) if field.compared]
    old = ", ".join(f"t.{field.name}" for field, _sql in fields)
    new = ", ".join(sql for _field, sql in fields)
    return f"""
        INSERT INTO import_changed
        SELECT w.id FROM import_work w JOIN {kind.table} t ON t.id = w.id
        WHERE NOT w.is_new AND w.is_open AND ROW({old}) IS DISTINCT FROM ROW({new})
        ON CONFLICT DO NOTHING"""  # noqa: S608


def lock(kind: Kind) -> str:
    """The rows to be changed, locked in the order of their ids."""
    return f"""
        SELECT count(*) FROM (
            SELECT t.id FROM {kind.table} t JOIN import_changed i ON i.id = t.id
            ORDER BY t.id FOR NO KEY UPDATE OF t) locked"""  # noqa: S608


def update(kind: Kind, present: Collection[str]) -> str:
    """Writes the rows that differ."""
    assigned = ", ".join(f"{field.name} = {sql}" for field, sql in _updates(kind, present))
    return f"""
        UPDATE {kind.table} t SET {assigned}
        FROM import_work w JOIN import_changed i USING (id)
        WHERE t.id = w.id"""  # noqa: S608


def can_update(kind: Kind, present: Collection[str]) -> bool:
    return any(field.compared for field, _sql in _updates(kind, present))


def _updates(kind: Kind, present: Collection[str]) -> list[tuple[Field, str]]:
    """The fields the file has something to say about, and their new values."""
    new = {field.name: _updated(kind, field, present) for field in kind.fields}
    bits = {f"bit_{column.name}": str(kind.bit(column.name)) for column in kind.columns}
    found = []
    for field in kind.fields:
        sql = field.update or new[field.name]
        if (field.column and field.column not in present) or sql == f"t.{field.name}":
            continue
        found.append((field, _filled(sql, new | bits)))
    return found


def _filled(sql: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: known[match[1]], sql)


def _updated(kind: Kind, field: Field, present: Collection[str]) -> str:
    """The staged value, nothing when it was cleared, else what there is."""
    if not field.staged or field.column not in present:
        return f"t.{field.name}"
    value = f"w.{field.staged}"
    if kind.column(field.column).is_key:
        return f"t.{field.name}"
    return (
        f"CASE WHEN {value} IS NOT NULL THEN {value}"
        f" WHEN w.clears & {kind.bit(field.column)} <> 0 THEN {field.default}"
        f" ELSE t.{field.name} END"
    )


def warnings(kind: Kind) -> str:
    """Open lines of the fix list that belong to rows of the file."""
    there = " AND ".join(f"t.{real} = s.{staged}" for staged, real in kind.key)
    return f"""
        SELECT f.kind, count(*) FROM customers_finding f
        JOIN {kind.table} t ON t.id = f.row_id
        JOIN import_stage s ON {there}
        WHERE f."table" = %(table)s AND f.resolved_at IS NULL
            AND NOT EXISTS (SELECT FROM import_reject r WHERE r.line = s.line)
        GROUP BY 1 ORDER BY 1"""  # noqa: S608
