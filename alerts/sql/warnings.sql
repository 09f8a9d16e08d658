-- Closes warnings that no longer stand at their level and opens those that do.
WITH standing AS MATERIALIZED (
    SELECT s.vehicle_id, s.store_id, l.kind, l.level
    FROM lifecycle_vehiclestate s,
    LATERAL (VALUES ('due', CASE WHEN s.level <> 'none' THEN s.level END),
                    ('risk', CASE WHEN s.risk_level <> 'low' THEN s.risk_level END),
                    ('lost', nullif(s.phase, ''))) AS l(kind, level)
    WHERE NOT s.is_gone AND l.level IS NOT NULL AND {state_scope}
), closed AS (
    UPDATE alerts_warning t
    SET closed_on = %(as_of)s
    FROM (
        SELECT w.id
        FROM alerts_warning w
        LEFT JOIN standing USING (vehicle_id, kind)
        WHERE w.closed_on IS NULL AND {warning_scope}
            AND (standing.level IS NULL OR standing.level <> w.level)
    ) AS gone
    WHERE gone.id = t.id
    RETURNING t.vehicle_id, t.kind
)
SELECT count(*) FROM closed
