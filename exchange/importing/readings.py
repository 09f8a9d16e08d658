"""Keeps owner, counting and accepted readings of work orders in step with their vehicles."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from customers.choices import FindingKind
from customers.rules import MAX_KM_A_DAY, Reading, accepted_readings
from exchange.importing.chunk import Chunk

BATCH = 5_000
TABLE = "customers_visit"


def keep_visits(chunk: Chunk, scope: str) -> None:
    """Owner of the day and counting of the visits `o` in `scope`; their cars are to be read."""
    chunk.file("visits_kept", scope=scope)


def refresh(chunk: Chunk) -> None:
    """Accepts or sets aside the readings of the vehicles in `import_readings`.

    Vehicles whose readings only ever rise as they may are recognised in SQL; the others are gone
    through one reading after the other.
    """
    chunk.run("ANALYZE import_readings")
    sql = chunk.rows(_suspects(), max_km=MAX_KM_A_DAY)
    vehicles = [row[0] for row in sql]
    for start in range(0, len(vehicles), BATCH):
        some = vehicles[start : start + BATCH]
        _judge(chunk, some)
        _keep_findings(chunk, some)


def _suspects() -> str:
    return """
        SELECT DISTINCT vehicle_id FROM (
            SELECT vehicle_id, odometer_km, arrived_on, is_valid, is_reading_ok, is_counted, id,
                   lag(odometer_km) OVER arrivals AS km, lag(arrived_on) OVER arrivals AS on_date
            FROM (
                SELECT o.*, o.is_counted AND o.status <> 'void' AS is_valid
                FROM customers_visit o
                WHERE o.vehicle_id IN (SELECT id FROM import_readings)
            ) o
            WINDOW arrivals AS (PARTITION BY vehicle_id, is_valid ORDER BY arrived_at, id)
        ) r
        WHERE is_reading_ok <> is_valid OR NOT is_counted
            OR is_valid AND (odometer_km < km
                OR odometer_km > km + %(max_km)s::bigint * greatest(arrived_on - on_date, 1))
            OR id IN (SELECT id FROM import_changed)
        ORDER BY 1"""


def _judge(chunk: Chunk, vehicles: Sequence[int]) -> None:
    rows = chunk.rows(
        """
        SELECT vehicle_id, id, arrived_on, odometer_km, is_counted AND status <> 'void',
               is_reading_ok
        FROM customers_visit WHERE vehicle_id = ANY(%(vehicles)s)
        ORDER BY vehicle_id, arrived_at, id""",
        vehicles=list(vehicles),
    )
    wrong = list(_wrong(rows))
    if wrong:
        chunk.run(
            """
            UPDATE customers_visit o SET is_reading_ok = NOT is_reading_ok
            WHERE o.id = ANY(%(wrong)s)""",
            wrong=wrong,
        )


def _wrong(rows: Sequence[tuple[int, ...]]) -> Iterator[int]:
    """Ids of the work orders whose flag is not what the rule says."""
    for _vehicle, visits in groupby(rows, key=lambda row: row[0]):
        own = list(visits)
        readings = [Reading(key, on, km) for _v, key, on, km, valid, _ok in own if valid]  # type: ignore[arg-type]
        accepted = accepted_readings(readings)
        yield from (row[1] for row in own if row[5] != (row[1] in accepted))


def _keep_findings(chunk: Chunk, vehicles: Sequence[int]) -> None:
    scope = ",".join(map(str, vehicles))
    query = (
        "SELECT o.id AS row_id, o.store_id, {bad} AS is_bad FROM customers_visit o"  # noqa: S608
        f" WHERE o.vehicle_id = ANY('{{{scope}}}'::bigint[])"
    )
    set_aside = "o.is_counted AND o.status <> 'void' AND NOT o.is_reading_ok"
    early = "NOT o.is_counted AND o.status <> 'void'"
    for kind, bad in ((FindingKind.ODOMETER, set_aside), (FindingKind.BEFORE_DELIVERY, early)):
        chunk.keep_findings(kind, TABLE, query.replace("{bad}", bad))
