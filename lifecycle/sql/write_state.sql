-- New and changed vehicle states: the day the level became high is kept from the row before.
WITH fresh AS MATERIALIZED ({state}), new AS MATERIALIZED (
    SELECT n.*, o.vehicle_id IS NULL AS is_new,
           CASE WHEN n.risk_level <> 'high' THEN NULL
                WHEN rises THEN %(as_of)s ELSE o.high_on END AS high_on,
           CASE WHEN n.risk_level <> 'high' THEN false
                WHEN rises THEN NOT (n.store_id = ANY(%(first_days)s) OR n.is_lost)
                ELSE o.is_duty END AS is_duty
    FROM fresh n
    LEFT JOIN lifecycle_vehiclestate o ON o.vehicle_id = n.vehicle_id,
    LATERAL (
        -- RISK-2: the level becomes high, or a complaint or a low survey comes on a high one.
        SELECT coalesce(o.risk_level, '') <> 'high'
            OR n.complaint_id > coalesce(o.complaint_id, 0)
            OR (n.is_critical AND n.survey_id IS DISTINCT FROM o.survey_id) AS rises
    ) AS duty
), changed AS MATERIALIZED (
    SELECT n.*
    FROM new n
    LEFT JOIN lifecycle_vehiclestate o ON o.vehicle_id = n.vehicle_id
    WHERE n.is_new OR ROW({old}) IS DISTINCT FROM ROW({new})
)
INSERT INTO lifecycle_vehiclestate (vehicle_id, {columns})
SELECT vehicle_id, {columns} FROM changed
ON CONFLICT (vehicle_id) DO UPDATE SET {update}
