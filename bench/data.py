"""The made-up dealer group: PostgreSQL makes it itself, indexes and keys come after the rows."""

from datetime import date
from pathlib import Path

from django.db import connection

AS_OF = date(2026, 6, 29)
CARS_A_STORE = 5_000
TABLES = (
    "customer vehicle ownership visit survey complaint contact appointment appointmentchange"
    " engagement".split()
)
SQL = Path(__file__).parent / "sql"


def lay(vehicles: int) -> None:
    """Fills an empty database with `vehicles` cars, at least two stores, and analyses it."""
    stores = max(2, vehicles // CARS_A_STORE)
    cars = vehicles // stores
    figures = {"stores": stores, "cars": cars, "people": cars * 9 // 10, "as_of": AS_OF}
    with connection.cursor() as cursor:
        cursor.execute("SET work_mem = '512MB'; SET maintenance_work_mem = '1GB'")
        rest = _taken_off(cursor)
        for name in ("stores", "history"):
            text = (SQL / f"{name}.sql").read_text(encoding="utf-8").replace("{{}}", "{}")
            cursor.execute(text.replace("%(as_of)s", "%(as_of)s::date"), figures)
        for statement in rest:
            cursor.execute(statement)
        for table in [f"customers_{name}" for name in TABLES] + [
            "stores_group",
            "stores_store",
            "stores_staff",
        ]:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608
            )
        cursor.execute("RESET work_mem; RESET maintenance_work_mem")
        cursor.execute("VACUUM ANALYZE")


def _taken_off(cursor) -> list[str]:
    """Drops foreign keys, unique constraints and indexes; returns what makes them again."""
    names = [f"customers_{name}" for name in TABLES]
    cursor.execute(
        """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
           FROM pg_constraint
           WHERE contype IN ('f', 'u') AND conrelid::regclass::text = ANY(%s)
           ORDER BY contype = 'f'""",
        [names],
    )
    constraints = cursor.fetchall()
    # Keys that others refer to stay.
    for table, name, _ in reversed(constraints):
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    cursor.execute(
        """SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
           FROM pg_index i
           WHERE i.indrelid::regclass::text = ANY(%s) AND NOT i.indisprimary""",
        [names],
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    return [definition for _, definition in indexes] + [
        f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}'
        for table, name, definition in constraints
    ]
