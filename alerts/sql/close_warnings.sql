-- Warnings that no longer stand at their level. {scope} restricts `w`.
UPDATE alerts_warning w
SET closed_on = %(as_of)s
WHERE w.closed_on IS NULL AND {scope}
    AND NOT EXISTS (
        SELECT 1
        FROM lifecycle_vehiclestate s
        WHERE s.vehicle_id = w.vehicle_id AND s.store_id = w.store_id AND NOT s.is_gone
            -- A level `none`, `low` or no phase is no warning's.
            AND w.level = CASE w.kind WHEN 'due' THEN s.level WHEN 'risk' THEN s.risk_level
                               ELSE s.phase END)
