"""Counts of the month so far, and the replay of past month-ends after a first load."""

from collections.abc import Sequence
from datetime import date

from common.dates import month_end
from common.sql import column, execute
from lifecycle.services.compute import replay_sql
from lifecycle.services.scope import Scope

# Every dimension counts the rows of one relation; '' and NULL are not counted but 'none' is.
COUNTS = """
    SELECT s.store_id, d.dimension, k.key, count(*) AS count
    FROM {state} s
    CROSS JOIN (VALUES ('vehicles'), ('level'), ('risk'), ('phase')) AS d(dimension),
    LATERAL (
        SELECT CASE d.dimension WHEN 'vehicles' THEN 'all' WHEN 'level' THEN s.level
                                WHEN 'risk' THEN s.risk_level ELSE nullif(s.phase, '') END AS key
    ) AS k
    WHERE NOT s.is_gone AND k.key IS NOT NULL AND s.store_id = ANY(%(stores)s)
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT c.store_id, d.dimension, k.key, count(*)
    FROM {customers} c
    CROSS JOIN (VALUES ('customers'), ('stage'), ('rfm'), ('quadrant'), ('value_tier'))
        AS d(dimension),
    LATERAL (
        SELECT CASE d.dimension
                   WHEN 'customers' THEN 'all' WHEN 'stage' THEN c.stage
                   WHEN 'rfm' THEN nullif(c.rfm, '') WHEN 'quadrant' THEN nullif(c.quadrant, '')
                   ELSE c.value_tier END AS key
    ) AS k
    WHERE k.key IS NOT NULL AND c.store_id = ANY(%(stores)s)
    GROUP BY 1, 2, 3
"""
WRITE = """
    INSERT INTO lifecycle_monthsnapshot
        (store_id, month_end_on, dimension, key, count, is_reconstructed)
    SELECT store_id, %(month_end)s, dimension, key, count, %(is_reconstructed)s FROM counted
    ON CONFLICT (store_id, month_end_on, dimension, key) DO UPDATE SET count = EXCLUDED.count
    WHERE lifecycle_monthsnapshot.count <> EXCLUDED.count
"""


def record(scope: Scope) -> int:
    """Writes the counts of the month of the scope's date as they stand; returns the vehicles.

    Each night overwrites the month's row, so the last night of a month leaves its end. Vehicles
    are all states, gone ones included, for the run's counts to reconcile.
    """
    counted = COUNTS.format(state="lifecycle_vehiclestate", customers="lifecycle_customerstate")
    params = scope.params(month_end=month_end(scope.as_of), is_reconstructed=False)
    # Figures that fell to nothing today would otherwise stay.
    execute(
        """DELETE FROM lifecycle_monthsnapshot
           WHERE store_id = ANY(%(stores)s) AND month_end_on = %(month_end)s""",
        params,
    )
    execute(f"WITH counted AS MATERIALIZED ({counted}) {WRITE}", params)
    total: int = column(
        "SELECT count(*) FROM lifecycle_vehiclestate WHERE store_id = ANY(%(stores)s)", params
    )[0]
    return total


def reconstruct(scope: Scope, month_ends: Sequence[date]) -> int:
    """Replays the scope's stores at past month-ends, oldest first (DESIGN: history).

    Writes snapshots and stage transitions marked reconstructed; months that have a snapshot of
    their own keep it. Returns how many transitions were written.
    """
    execute("DROP TABLE IF EXISTS stage_before", {})
    execute("CREATE TEMP TABLE stage_before (customer_id bigint, stage text) ON COMMIT DROP", {})
    written = 0
    for day in month_ends:
        then = Scope(day, scope.sets)
        params = then.params(month_end=day, is_reconstructed=True)
        execute("DROP TABLE IF EXISTS stage_now", {})
        execute(
            f"""CREATE TEMP TABLE stage_now ON COMMIT DROP AS
                {replay_sql(then, _PEOPLE_AND_CARS)}""",
            params,
        )
        execute(f"WITH counted AS MATERIALIZED ({_COUNTS_OF_REPLAY}) {WRITE}", params)
        written += execute(_MOVES, params)
        execute("TRUNCATE stage_before", {})
        execute(
            """INSERT INTO stage_before
               SELECT customer_id, stage FROM stage_now WHERE stage IS NOT NULL""",
            {},
        )
    return written


_PEOPLE_AND_CARS = """
    SELECT store_id, NULL::bigint AS customer_id, is_gone, level, risk_level, phase,
           NULL AS stage, NULL AS rfm, NULL AS quadrant, NULL AS value_tier
    FROM state
    UNION ALL
    SELECT c.store_id, c.customer_id, false, NULL, NULL, NULL, c.stage, g.rfm, g.quadrant,
           c.value_tier
    FROM customer_state c
    LEFT JOIN segments g USING (customer_id)
    WHERE NOT c.is_gone
"""
_COUNTS_OF_REPLAY = COUNTS.format(
    state="(SELECT * FROM stage_now WHERE customer_id IS NULL)",
    customers="(SELECT * FROM stage_now WHERE customer_id IS NOT NULL)",
)
_MOVES = """
    INSERT INTO lifecycle_stagetransition
        (store_id, customer_id, changed_on, from_stage, to_stage, is_reconstructed)
    SELECT n.store_id, n.customer_id, %(as_of)s, b.stage, n.stage, true
    FROM stage_now n
    JOIN stage_before b USING (customer_id)
    WHERE n.stage <> b.stage
    ON CONFLICT (customer_id, changed_on) DO NOTHING
"""
