-- After warnings.sql closed what no longer stands: one open warning a vehicle and kind.
INSERT INTO alerts_warning (store_id, vehicle_id, kind, level, opened_on)
SELECT s.store_id, s.vehicle_id, l.kind, l.level, %(as_of)s
FROM lifecycle_vehiclestate s
CROSS JOIN LATERAL (VALUES ('due', CASE WHEN s.level <> 'none' THEN s.level END),
                           ('risk', CASE WHEN s.risk_level <> 'low' THEN s.risk_level END),
                           ('lost', nullif(s.phase, ''))) AS l(kind, level)
LEFT JOIN alerts_warning w
    ON w.vehicle_id = s.vehicle_id AND w.kind = l.kind AND w.closed_on IS NULL
WHERE NOT s.is_gone AND l.level IS NOT NULL AND w.id IS NULL AND {state_scope}
ON CONFLICT DO NOTHING
