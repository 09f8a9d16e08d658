-- Who was flagged at the end of as_of, and what the days up to `until` showed. `rollup` and `state`
-- are replays of as_of and know nothing of later days; `later_rollup` and `later` are replays of
-- `until`, of the cars in `flagged` that were due. A car sold meanwhile did not come.
-- Indexes: as the rollup; visits by vehicle.
WITH rollup AS MATERIALIZED ({rollup}),
state AS MATERIALIZED ({state}),
flagged AS MATERIALIZED (
    -- Cars that could be warned of (DUE-6) and were not lost already: these had left the lists.
    SELECT s.vehicle_id, s.store_id, s.customer_id, s.risk_level, s.score,
           s.level <> 'none' AS is_due, s.days_overdue, s.inactive_days AS idle_days
    FROM state s
    WHERE NOT s.is_gone AND NOT s.is_lost AND s.customer_id IS NOT NULL AND s.due_on IS NOT NULL
        AND (s.level <> 'none' OR s.risk_level <> 'low')
), came AS MATERIALIZED (
    SELECT DISTINCT w.vehicle_id
    FROM flagged
    JOIN customers_visit w USING (vehicle_id)
    WHERE w.is_counted AND w.arrived_on > %(as_of)s AND w.arrived_on <= %(until)s
        AND (w.void_on IS NULL OR w.void_on > %(until)s)
), later_rollup AS MATERIALIZED ({later_rollup}),
later AS MATERIALIZED ({later_state})
SELECT f.store_id, f.vehicle_id, f.customer_id, %(as_of)s::date AS month_end_on, f.risk_level,
       f.score, f.is_due, f.days_overdue, f.idle_days, came.vehicle_id IS NOT NULL AS has_come,
       coalesce(later.is_lost, false) AS is_lost
FROM flagged f
LEFT JOIN came USING (vehicle_id)
LEFT JOIN later USING (vehicle_id)
