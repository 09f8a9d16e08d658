-- After close_warnings.sql: one open warning a vehicle and kind. {scope} restricts `s`.
-- Sorted, so that all is read before the first row is written: a small table that is searched row
-- by row must not grow meanwhile.
INSERT INTO alerts_warning (store_id, vehicle_id, kind, level, opened_on)
SELECT s.store_id, s.vehicle_id, k.kind, l.level, %(as_of)s
FROM lifecycle_vehiclestate s
CROSS JOIN (VALUES ('due'), ('risk'), ('lost')) AS k(kind)
CROSS JOIN LATERAL (
    SELECT CASE k.kind WHEN 'due' THEN nullif(s.level, 'none')
                       WHEN 'risk' THEN nullif(s.risk_level, 'low')
                       ELSE nullif(s.phase, '') END AS level
) AS l
WHERE NOT s.is_gone AND l.level IS NOT NULL AND {scope}
    AND NOT EXISTS (
        SELECT 1
        FROM alerts_warning w
        WHERE w.vehicle_id = s.vehicle_id AND w.kind = k.kind AND w.closed_on IS NULL)
ORDER BY s.vehicle_id, k.kind
ON CONFLICT DO NOTHING
