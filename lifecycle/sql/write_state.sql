-- New and changed vehicle states: the day the level became high is kept from the row before.
WITH changed AS MATERIALIZED (
    SELECT n.vehicle_id, {own}, duty.high_on, duty.is_duty
    -- A subquery: of its columns those that are only read are not even computed.
    FROM ({state} OFFSET 0) n
    LEFT JOIN lifecycle_vehiclestate o ON o.vehicle_id = n.vehicle_id{at_home},
    LATERAL (
        -- RISK-2: the level becomes high, or a complaint or a low survey comes on a high one.
        SELECT n.risk_level = 'high' AS is_high,
               coalesce(o.risk_level, '') <> 'high'
                   OR n.complaint_id > coalesce(o.complaint_id, 0)
                   OR (n.is_critical AND n.survey_id IS DISTINCT FROM o.survey_id) AS rises
    ) AS turn,
    LATERAL (
        SELECT CASE WHEN is_high THEN CASE WHEN rises THEN %(as_of)s ELSE o.high_on END END
                   AS high_on,
               is_high AND CASE
                   WHEN rises THEN NOT (n.store_id = ANY(%(first_days)s) OR n.is_lost)
                   ELSE o.is_duty END AS is_duty
    ) AS duty
    WHERE o.vehicle_id IS NULL OR {differs}
)
INSERT INTO lifecycle_vehiclestate (vehicle_id, {columns})
SELECT vehicle_id, {columns} FROM changed
ON CONFLICT (vehicle_id) DO UPDATE SET {update}
